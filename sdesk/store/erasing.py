"""Emptying tickets, people and events, inside a transaction of the writer.

A ticket's row stays, with its number, times, queue, category and verdicts, so that figures stay as
they were; what people wrote and are called goes. A payload of an event gives way to what is left of
it, its salt goes, and an event `erased` tells which ones did (see `told`).
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sdesk.rules.erasure import ERASED, emptied
from sdesk.store import spoken
from sdesk.store.chained import canonical
from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlmodel import Session

    from sdesk.store.transaction import Tx

AT_ONCE = 1_000
"""So many events are named by one event of an erasure."""

_MAIL = (
    "UPDATE mail SET author = '', subject = '', reason = '', message_id = '', sha256 = '', size = 0,"
    # Nobody can let it in any more.
    " outcome = CASE WHEN outcome IN ('hold', 'rejected') THEN 'drop' ELSE outcome END"
)
_TICKET = (
    # Mails, letters, notices and deliveries: that they were is kept, what stood in them is not.
    f"{_MAIL} WHERE ticket_id = :ticket",
    "DELETE FROM outbox WHERE ticket_id = :ticket AND sent_at IS NULL",
    "UPDATE letter SET state = CASE WHEN state = 'waiting' THEN 'dropped' ELSE state END,"
    " next_at = NULL, holder = '', held_until = NULL, recipients = '[]', cc = '[]', subject = '',"
    " body = '', refs = '', answer = '' WHERE ticket_id = :ticket",
    "UPDATE delivery SET state = CASE WHEN state = 'waiting' THEN 'dropped' ELSE state END,"
    " next_at = NULL, title = '', body = '', answer = '' WHERE ticket_id = :ticket",
    "UPDATE notice SET body = '' WHERE ticket_id = :ticket",
    "DELETE FROM participant WHERE ticket_id = :ticket",
    "UPDATE survey SET comment = '', token = '' WHERE ticket_id = :ticket",
    "UPDATE alarm SET title = '', payload = '{}' WHERE ticket_id = :ticket",
    f"UPDATE attachment SET name = '{ERASED}', media = '', size = 0, sha256 = '', withdrawn = 1"
    " WHERE ticket_id = :ticket",
    "DELETE FROM mention WHERE entry_id IN (SELECT id FROM entry WHERE ticket_id = :ticket)",
    f"UPDATE entry SET body = '{ERASED}', author = '', folds = ''"
    " WHERE ticket_id = :ticket",
    "DELETE FROM draft WHERE ticket_id = :ticket",
    "DELETE FROM watcher WHERE ticket_id = :ticket",
    f"UPDATE check_item SET body = '{ERASED}' WHERE ticket_id = :ticket",
    "UPDATE worked SET note = '' WHERE ticket_id = :ticket",
    "DELETE FROM field WHERE ticket_id = :ticket",
)  # fmt: skip
_UNLINK = ("UPDATE entry SET person_id = NULL WHERE ticket_id = :ticket",)
_ENTRY = (
    f"{_MAIL} WHERE entry_id = :entry",
    "DELETE FROM outbox WHERE entry_id = :entry AND sent_at IS NULL",
    "UPDATE letter SET state = CASE WHEN state = 'waiting' THEN 'dropped' ELSE state END,"
    " next_at = NULL, recipients = '[]', cc = '[]', subject = '', body = '', refs = '', answer = ''"
    " WHERE entry_id = :entry",
    f"UPDATE attachment SET name = '{ERASED}', media = '', size = 0, sha256 = '', withdrawn = 1"
    " WHERE entry_id = :entry",
    "DELETE FROM mention WHERE entry_id = :entry",
    f"UPDATE entry SET body = '{ERASED}', author = '', folds = '' WHERE id = :entry",
)  # fmt: skip
_TOLD = (
    "UPDATE delivery SET title = '', body = '', answer = '' WHERE event_id = :event"
    " OR notice_id IN (SELECT id FROM notice WHERE event_id = :event)",
    "UPDATE notice SET body = '' WHERE event_id = :event",
)
_USED = (
    "SELECT sha256 FROM attachment WHERE sha256 <> '' AND {0} UNION"
    " SELECT sha256 FROM mail WHERE sha256 <> '' AND {0}"
)
_UNUSED = """DELETE FROM blob WHERE sha256 = :sha
    AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.sha256 = :sha)
    AND NOT EXISTS (SELECT 1 FROM mail m WHERE m.sha256 = :sha)"""
_PERSON = """UPDATE person SET name = :name, name_fold = :fold, email = '', email_fold = '', phone = '',
    organization_id = NULL, vip = 0, external_id = '', language = '', verified_at = NULL, erased_at = :at
    WHERE id = :id"""
_EVENTS = "SELECT id, payload FROM event WHERE ticket_id = :ticket ORDER BY id"
_EMPTY = "UPDATE event SET payload = :payload, salt = '' WHERE id = :id"


def ticket(tx: Tx, number: int, *, unlinked: bool) -> dict[int, str]:
    """Empty a ticket, its files and its events; event → the digest of what is left in it.

    `unlinked` takes away who asked as well. A ticket's own row must be there.
    """
    row = tx.ticket(number)
    assert row is not None
    tx.session.flush()
    values = {"ticket": number}
    files = spoken.rows(tx.session, _USED.format("ticket_id = :ticket"), values)
    for sql in _TICKET + (_UNLINK if unlinked else ()):
        spoken.run(tx.session, sql, values)
    drop_files(tx.session, (sha for (sha,) in files))
    row.subject, row.wait_reason, row.external_id, row.external_source = ERASED, "", "", ""
    row.erased_at, row.version = tx.at, row.version + 1
    if unlinked:
        row.requester_id = None
    tx.session.flush()
    # What stands in the session is what stood there before.
    tx.session.expire_all()
    tx.reworded.add(number)
    return events(tx.session, spoken.rows(tx.session, _EVENTS, values), unlinked=unlinked)


def entry(tx: Tx, number: int) -> dict[int, str]:
    """Empty one message of a ticket that is not emptied itself, with its files, its mail and what its
    events say; event → the digest of what is left in it."""
    tx.session.flush()
    values = {"entry": number}
    own = spoken.row(tx.session, "SELECT ticket_id FROM entry WHERE id = :entry", values)
    if own is None:
        return {}
    attached = spoken.rows(tx.session, "SELECT id FROM attachment WHERE entry_id = :entry", values)
    files = spoken.rows(tx.session, _USED.format("entry_id = :entry"), values)
    for sql in _ENTRY:
        spoken.run(tx.session, sql, values)
    drop_files(tx.session, (sha for (sha,) in files))
    tx.reworded.add(int(own[0]))
    tx.session.expire_all()
    told_by = _events_of(tx.session, int(own[0]), number, {int(file) for (file,) in attached})
    for event, _ in told_by:
        for sql in _TOLD:
            spoken.run(tx.session, sql, {"event": event})
    return events(tx.session, told_by)


def _events_of(session: Session, ticket: int, entry: int, files: set[int]) -> list[tuple[int, str]]:
    """(number, payload) of what tells of the message or of its files."""
    found = []
    for number, payload in spoken.rows(session, _EVENTS, {"ticket": ticket}):
        said = json.loads(payload)
        details = said["details"]
        if (
            details.get("entry") == entry
            or details.get("attachment") in files
            or any(f"file.{file}" in said["changes"] for file in files)
        ):
            found.append((int(number), str(payload)))
    return found


def mail(session: Session, number: int) -> None:
    """Empty one mail."""
    values = {"mail": number}
    found = spoken.rows(session, "SELECT sha256 FROM mail WHERE id = :mail", values)
    spoken.run(session, f"{_MAIL} WHERE id = :mail", values)
    drop_files(session, (sha for (sha,) in found))


def person(session: Session, number: int, at: int) -> None:
    """Make a person nobody; the row stays, for the tickets that refer to it."""
    name = f"Erased person {number}"
    spoken.run(session, _PERSON, {"id": number, "name": name, "fold": fold(name), "at": at})


def drop_files(session: Session, keys: Iterable[str]) -> None:
    """The bytes of files that nothing uses any more."""
    for sha in set(filter(None, keys)):
        spoken.run(session, _UNUSED, {"sha": sha})


def events(
    session: Session, found: Iterable[tuple[Any, ...]], *, unlinked: bool = False
) -> dict[int, str]:
    """Empty the payloads of these (number, payload); number → the digest of what is left."""
    made = {}
    for number, payload in found:
        left = canonical(emptied(json.loads(payload), unlinked=unlinked))
        if left != payload:
            made[number] = left
    return put_payloads(session, made)


def put_payloads(session: Session, payloads: Mapping[int, str]) -> dict[int, str]:
    """Put these in place of what the events said; event → digest."""
    for number, payload in payloads.items():
        spoken.run(session, _EMPTY, {"id": number, "payload": payload})
    return {
        number: hashlib.sha256(payload.encode()).hexdigest() for number, payload in payloads.items()
    }


def told(tx: Tx, digests: Mapping[int, str], what: str, **details: Any) -> int:
    """Record that these events were emptied: without it, the history would count as tampered with.

    The number of the last event that says so.
    """
    left = list(digests.items())
    last = 0
    while left or not last:
        some, left = left[:AT_ONCE], left[AT_ONCE:]
        named = {str(number): digest for number, digest in some}
        last = tx.record("erased", details={"events": named, "what": what, **details})
    return int(last)

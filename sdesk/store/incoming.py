"""Mail that came in: its bytes are kept first; later one transaction judges it and marks the row.

Everything here runs inside a transaction of the writer. What a mail points at is looked up as it
stands in that transaction, so that of two processes with the same mail one sees what the other did.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.errors import Invalid, NotFound
from sdesk.model import PersonId
from sdesk.rules import mail as rules
from sdesk.rules.mail.clues import WEAK
from sdesk.rules.mail.words import USUAL_WINDOW, WINDOW
from sdesk.store import letters, spoken
from sdesk.store.apply.moving import survivors
from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlmodel import Session

    from sdesk.model import Instant
    from sdesk.store.transaction import Tx

HOUR, DAY, LATELY = 3_600, 86_400, 600
AUTHSERV, REQUIRE_AUTH = letters.AUTHSERV, letters.REQUIRE_AUTH
THANKS, LIMIT = "thanks_keeps_closed", "mail_sender_limit"
"""The desk's settings, beside those of `letters`."""
USUAL_LIMIT = 200
OFF = letters.OFF


class MailRow(NamedTuple):
    """A kept mail, without its bytes."""

    id: int
    at: Instant
    outcome: str
    sha256: str
    size: int
    ticket: int | None


# Keeping


def keep(session: Session, mailbox: str, spot: str, raw: bytes, size: int, at: Instant) -> int:
    """Keep a mail's bytes; its number. One spot of a mailbox is kept once.

    `size` is what the mail had: more than its bytes where it was too large to be kept whole.
    """
    if spot and (known := _at_spot(session, mailbox, spot)) is not None:
        return known
    digest = hashlib.sha256(raw).hexdigest()
    spoken.run(session, 
        "INSERT INTO blob (sha256, body) VALUES (:sha, :body) ON CONFLICT (sha256) DO NOTHING",
        {"sha": digest, "body": raw},
    )  # fmt: skip
    values = {"at": at, "mailbox": mailbox, "spot": spot, "sha": digest, "size": size}
    made = (
        "INSERT INTO mail (at, mailbox, spot, sha256, size) VALUES (:at, :mailbox, :spot, :sha, :size)"
        " RETURNING id"
    )
    return int(spoken.run(session, made, values).fetchone()[0])


def _at_spot(session: Session, mailbox: str, spot: str) -> int | None:
    query = "SELECT id FROM mail WHERE mailbox = :mailbox AND spot = :spot"
    row = spoken.row(session, query, {"mailbox": mailbox, "spot": spot})
    return None if row is None else int(row[0])


def adopt(session: Session, mailbox: str, spot: str, raw: bytes, generation: str) -> int | None:
    """The kept mail that these bytes are, which stood elsewhere before the mailbox was renumbered.

    `generation` begins every spot of the mailbox as it is now. None where they are new.
    """
    query = (
        "SELECT id FROM mail WHERE mailbox = :mailbox AND sha256 = :sha"
        " AND substr(spot, 1, :length) <> :generation ORDER BY id LIMIT 1"
    )
    values = {
        "mailbox": mailbox, "sha": hashlib.sha256(raw).hexdigest(), "length": len(generation),
        "generation": generation,
    }  # fmt: skip
    row = spoken.row(session, query, values)
    if row is None:
        return None
    spoken.run(session, "UPDATE mail SET spot = :spot WHERE id = :id", {"spot": spot, "id": row[0]})
    return int(row[0])


def set_mailbox(session: Session, name: str, values: Mapping[str, Any]) -> None:
    """How far a mailbox has been read; names are columns of `mailbox`."""
    spoken.run(
        session,
        "INSERT INTO mailbox (name) VALUES (:name) ON CONFLICT (name) DO NOTHING",
        {"name": name},
    )
    columns = ", ".join(f"{column} = :{column}" for column in values)
    spoken.run(
        session, f"UPDATE mailbox SET {columns} WHERE name = :name", {**values, "name": name}
    )


# Looking up


def row_of(session: Session, number: int) -> MailRow:
    """Raises `NotFound`."""
    query = "SELECT id, at, outcome, sha256, size, ticket_id FROM mail WHERE id = :id"
    if (row := spoken.row(session, query, {"id": number})) is None:
        raise NotFound(f"There is no mail {number}.", "See: sdesk mail log")
    return MailRow(*row)


def customs_of(tx: Tx) -> rules.Customs:
    """How the desk wants its mail judged. A setting that can't be read counts as its usual value."""
    settings = tx.settings
    queues = spoken.rows(tx.session, "SELECT address, key FROM queue WHERE address <> ''")
    agents = spoken.rows(tx.session, "SELECT email FROM agent WHERE email <> ''")
    limit = settings.get(LIMIT, "")
    return rules.Customs(
        prefix=tx.prefix,
        own=frozenset(letters.own_addresses(tx)),
        queues={str(address).casefold(): str(key) for address, key in queues},
        agents=frozenset(str(email).casefold() for (email,) in agents),
        authserv=settings.get(AUTHSERV, "").strip(),
        require_auth=settings.get(REQUIRE_AUTH, "").casefold() not in OFF,
        window=_window(settings.get(WINDOW, "")),
        thanks_keeps_closed=settings.get(THANKS, "").casefold() not in OFF,
        sender_limit=int(limit) if limit.isdecimal() else USUAL_LIMIT,
    )


def _window(value: str) -> int:
    try:
        return rules.seconds_of_window(value or USUAL_WINDOW)
    except Invalid:
        return rules.seconds_of_window(USUAL_WINDOW)


def world_of(
    tx: Tx, number: int, mail: rules.Incoming, clues: rules.Clues, customs: rules.Customs
) -> rules.World:
    """What the store knows of all that a mail points at."""
    author = mail.author.addr.casefold() if mail.author is not None else ""
    sent = _letters(tx, clues.ids)
    named = [found.ticket for found in sent.values() if found.ticket is not None]
    twin, was_held = _twin(tx, number, clues.key)
    return rules.World(
        now=tx.at,
        customs=customs,
        letters=sent,
        tickets=_standings(tx, [*named, *clues.numbers]),
        twin=twin,
        twin_held=was_held,
        namesake=_namesake(tx, number, clues),
        verified=bool(author) and _is_verified(tx, author),
        acknowledged=_acknowledged(tx, author) if author else 0,
        lately=_lately(tx, author) if author else 0,
        names=_names(tx, mail) if named or clues.numbers else frozenset(),
    )


def _count(tx: Tx, sql: str, **values: object) -> int:
    return int(spoken.run(tx.session, sql, values).fetchone()[0])


def _letters(tx: Tx, ids: Iterable[str]) -> dict[str, rules.Sent]:
    found: dict[str, rules.Sent] = {}
    query = "SELECT id, ticket_id, kind FROM letter WHERE message_id = :id"
    for one in ids:
        row = spoken.row(tx.session, query, {"id": f"<{one}>"})
        if row is not None:
            found[one] = rules.Sent(int(row[0]), row[1], str(row[2]))
    return found


def _standings(tx: Tx, numbers: Iterable[int]) -> dict[int, rules.Standing]:
    found: dict[int, rules.Standing] = {}
    for number in dict.fromkeys(numbers):
        if tx.ticket(number) is None:
            continue
        chain = survivors(tx, number)
        last = tx.ticket(chain[-1])
        assert last is not None
        merged = letters.merged_into(tx, last.number)
        who = {address for one in {number, *chain, *merged} for address in participants_of(tx, one)}
        found[number] = rules.Standing(
            number, last.number, last.category, last.resolved_at, frozenset(who), bool(last.binned),
            _requester(tx, last.requester_id),
        )  # fmt: skip
    return found


def _requester(tx: Tx, person: int | None) -> str:
    query = "SELECT email_fold FROM person WHERE id = :person"
    row = spoken.row(tx.session, query, {"person": person})
    return "" if row is None else str(row[0])


def participants_of(tx: Tx, ticket: int) -> list[str]:
    """Addresses, case-folded: the requester's, and those that take part in this ticket itself."""
    query = (
        "SELECT p.email_fold FROM ticket t JOIN person p ON p.id = t.requester_id"
        " WHERE t.id = :ticket AND p.email_fold <> ''"
        " UNION SELECT address FROM participant WHERE ticket_id = :ticket"
    )
    return [str(row[0]) for row in spoken.rows(tx.session, query, {"ticket": ticket})]


def _twin(tx: Tx, number: int, key: str) -> tuple[int | None, bool]:
    """The first mail with the same key, one that was let in before one that was held, and whether it
    was held. Where a key says little, of the last day only."""
    if not key:
        return None, False
    since = tx.at - DAY if key.startswith(WEAK) else 0
    query = (
        "SELECT id, outcome FROM mail WHERE dedupe = :key AND id <> :id"
        " AND outcome NOT IN ('', 'drop', 'duplicate') AND at >= :since"
        " ORDER BY CASE WHEN outcome IN ('hold', 'rejected') THEN 1 ELSE 0 END, id LIMIT 1"
    )
    row = spoken.row(tx.session, query, {"key": key, "id": number, "since": since})
    return (None, False) if row is None else (int(row[0]), row[1] in ("hold", "rejected"))


def _namesake(tx: Tx, number: int, clues: rules.Clues) -> int | None:
    if not clues.own_id:
        return None
    query = (
        "SELECT id FROM mail WHERE message_id = :message AND dedupe <> :key AND id <> :id"
        " AND outcome <> '' ORDER BY id LIMIT 1"
    )
    values = {"message": f"<{clues.own_id}>", "key": clues.key, "id": number}
    row = spoken.row(tx.session, query, values)
    return None if row is None else int(row[0])


def _is_verified(tx: Tx, author: str) -> bool:
    sql = "SELECT count(*) FROM person WHERE email_fold = :author AND verified_at IS NOT NULL"
    return _count(tx, sql, author=author) > 0


def _acknowledged(tx: Tx, author: str) -> int:
    """Acknowledgements of the last hour that answered a mail of the author."""
    sql = """SELECT count(DISTINCT l.id) FROM mail m JOIN letter l ON l.ticket_id = m.ticket_id
        WHERE m.author = :author AND m.outcome = 'new' AND m.at > :since
        AND l.kind = 'acknowledgement' AND l.at > :since"""
    return _count(tx, sql, author=author, since=tx.at - HOUR)


def _lately(tx: Tx, author: str) -> int:
    sql = """SELECT count(*) FROM mail WHERE author = :author AND at > :since
        AND outcome IN ('new', 'append')"""
    return _count(tx, sql, author=author, since=tx.at - LATELY)


_LETTERS = re.compile(r"[\W\d_]+")


def _names(tx: Tx, mail: rules.Incoming) -> frozenset[str]:
    """Words by which the author, the agents and the desk are called."""
    called = [tx.settings.get("name", ""), tx.settings.get(letters.NAME, "")]
    if mail.author is not None:
        called += [mail.author.name, _LETTERS.sub(" ", mail.author.addr.partition("@")[0])]
    called += [str(row[0]) for row in spoken.rows(tx.session, "SELECT name FROM agent")]
    return frozenset(word for name in called for word in fold(name).split())


# Marking


def person_of(tx: Tx, address: str) -> PersonId | None:
    """The person with that address; the first of several."""
    query = "SELECT id FROM person WHERE email_fold = :address ORDER BY id LIMIT 1"
    row = spoken.row(tx.session, query, {"address": address.casefold()})
    return None if row is None else PersonId(row[0])


def describe(
    tx: Tx, number: int, mail: rules.Incoming, clues: rules.Clues, *, damaged: bool
) -> None:
    """What the mail says of itself, for the lists."""
    values = {
        "id": number, "subject": mail.subject, "key": clues.key, "damaged": int(damaged),
        "message": f"<{clues.own_id}>" if clues.own_id else "",
        "author": mail.author.addr.casefold() if mail.author is not None else "",
    }  # fmt: skip
    spoken.run(
        tx.session,
        "UPDATE mail SET author = :author, subject = :subject, message_id = :message,"
        " dedupe = :key, damaged = :damaged WHERE id = :id",
        values,
    )


def mark(
    tx: Tx, number: int, verdict: rules.Verdict, *, ticket: int | None = None,
    entry: int | None = None,
) -> None:  # fmt: skip
    """Write down what became of it."""
    values = {
        "id": number, "outcome": str(verdict.outcome), "reason": verdict.told,
        "ticket": ticket if ticket is not None else verdict.ticket, "entry": entry,
        "hint": verdict.hint, "twin": verdict.duplicate_of, "letter": verdict.letter, "at": tx.at,
    }  # fmt: skip
    spoken.run(
        tx.session,
        "UPDATE mail SET outcome = :outcome, reason = :reason, ticket_id = :ticket,"
        " entry_id = :entry, hint = :hint, duplicate_of = :twin, letter_id = :letter,"
        " judged_at = :at WHERE id = :id",
        values,
    )


def handle(tx: Tx, number: int, outcome: str, *, by: str, reason: str) -> None:
    """An agent has decided about a held mail; what the rules said stays below it."""
    spoken.run(
        tx.session,
        "UPDATE mail SET outcome = :outcome, handled_by = :by, handled_at = :at,"
        " reason = :reason || reason WHERE id = :id",
        {"id": number, "outcome": outcome, "by": by, "at": tx.at, "reason": f"{reason}\n"},
    )

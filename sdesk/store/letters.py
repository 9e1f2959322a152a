"""Letters: mails of ours, written in the transaction of what they tell of.

Without the desk's own address (the setting `mail_address`) nothing is written to anybody. A letter's
text, recipients and Message-ID are made here, once; it leaves later (`sdesk.sending`).
"""

from __future__ import annotations

import json
import re
import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from sdesk.model import Channel
from sdesk.posted import BOUNCED, Composed, Posted
from sdesk.rules import letters
from sdesk.rules.letters import address
from sdesk.store import spoken
from sdesk.store.notices import recipients, tell
from sdesk.store.reads.base import among
from sdesk.store.reads.letters import COLUMNS, posted
from sdesk.store.reads.telling import STRANGER
from sdesk.store.tables import EntryTable, PersonTable, QueueTable
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdesk.model import Instant
    from sdesk.store.tables import TicketTable
    from sdesk.store.transaction import Tx

ADDRESS, NAME, ALIASES = "mail_address", "mail_name", "mail_aliases"
SIGNATURE, LANGUAGE = "mail_signature", "mail_language"
"""The desk's settings."""
AUTHSERV, REQUIRE_AUTH = "mail_authserv", "mail_require_auth"
OFF = ("off", "no", "false", "0")
REPLY, ACKNOWLEDGEMENT, ANNOUNCEMENT = "reply", "acknowledgement", "announcement"
TEMPLATE_OF = {REPLY: "update"}
"""Kinds of letters whose template has another name; an announcement names its own."""
MOST_COPIES = 20
MAX_ANSWER = 300
_REPLIED = re.compile(r"^(?:\s*(?:re|aw|antw|sv|vs|fwd?|wg|tr|rv)\s*(?:\[\d+\])?:)+", re.IGNORECASE)
_INSERT = (
    "INSERT INTO letter (ticket_id, entry_id, kind, queue, language, sender, recipients, cc, subject,"
    " body, message_id, refs, at, send_after, state, next_at) VALUES (:ticket, :entry, :kind, :queue,"
    " :language, :sender, :recipients, :cc, :subject, :body, :message_id, :refs, :at, :send_after,"
    " 'waiting', :send_after) RETURNING id"
)


def put(
    tx: Tx, kind: str, ticket: TicketTable | None = None, *, to: Iterable[str] | None = None,
    cc: Iterable[str] = (), template: str = "", values: Mapping[str, str] | None = None,
    entry: int | None = None, answers: Iterable[str] = (), language: str = "",
    send_after: Instant | None = None,
) -> int | None:  # fmt: skip
    """Write a letter that leaves at `send_after`, or at once; its number, None where none is written.

    To the ticket's requester, unless `to` says whom. `template` where it isn't the kind's own (an
    announcement's: planned, outage, restored). `values` go beside those of the ticket: `text`,
    `date`, `link`, `title` and so on. `answers` are Message-IDs beside those of the ticket's thread.
    None is written without the desk's address, and where nobody can be written to.
    """
    draft = compose(
        tx, kind, ticket, to=to, cc=cc, template=template, values=values or {}, language=language
    )
    if draft is None:
        return None
    number = None if ticket is None else ticket.number
    row: dict[str, Any] = {
        "ticket": number, "entry": entry, "kind": kind, "queue": draft.queue,
        "language": draft.language, "sender": draft.sender, "recipients": json.dumps(draft.to),
        "cc": json.dumps(draft.cc), "subject": draft.subject, "body": draft.body,
        "message_id": _new_id(tx, number or 0, draft.sender), "at": tx.at,
        "refs": address.thread([*(_thread(tx, number) if number else ()), *answers]),
        "send_after": tx.at if send_after is None else send_after,
    }  # fmt: skip
    return int(spoken.run(tx.session, _INSERT, row).fetchone()[0])


def reply(tx: Tx, entry: EntryTable) -> int | None:
    """The letter of a reply: to the requester, copies to who else has written in the ticket."""
    if not tx.settings.get(ADDRESS) or (ticket := tx.ticket(entry.ticket_id)) is None:
        return None
    return put(
        tx, REPLY, ticket, cc=writers(tx, ticket.number), entry=entry.id,
        values={"text": entry.body, "agent": entry.author}, send_after=tx.at + tx.grace,
    )  # fmt: skip


def is_here(tx: Tx, entry: int | None) -> bool:
    """Whether the reply goes by mail and its letter has not begun to leave."""
    query = text("SELECT state, tries FROM letter WHERE entry_id = :entry")
    rows = tx.session.execute(query, {"entry": entry}).all()
    return bool(rows) and all(state == "waiting" and not tries for state, tries in rows)


def take_back(tx: Tx, entry: int | None) -> None:
    """Forget the letter of a reply that is taken back."""
    query = "DELETE FROM letter WHERE entry_id = :entry AND state = 'waiting' AND tries = 0"
    tx.session.execute(text(query), {"entry": entry})


def compose(
    tx: Tx, kind: str, ticket: TicketTable | None = None, *, to: Iterable[str] | None = None,
    cc: Iterable[str] = (), template: str = "", values: Mapping[str, str], language: str = "",
) -> Composed | None:  # fmt: skip
    """The letter that `put` would write."""
    queue = tx.session.get(QueueTable, ticket.queue) if ticket is not None else None
    sender = _sender(tx, queue)
    if not sender:
        return None
    person = None
    if ticket is not None and ticket.requester_id is not None:
        person = tx.session.get(PersonTable, ticket.requester_id)
    if to is None:
        to = (person.email,) if person is not None else ()
    own = own_addresses(tx) | {sender.casefold()}
    recipients = _usable(to, own, automatic=kind != REPLY)
    if not recipients:
        return None
    copies = _usable(cc, own | {one.casefold() for one in recipients}, automatic=kind != REPLY)
    code = letters.language(
        language, person.language if person else "", queue.language if queue else "",
        tx.settings.get(LANGUAGE, ""),
    )  # fmt: skip
    known = _values(tx, ticket, queue, person, quotes=kind != ACKNOWLEDGEMENT) | dict(values)
    wording = letters.find(template or TEMPLATE_OF.get(kind, kind), code, tx.settings)
    subject, body = letters.write(wording, known)
    return Composed(
        kind, sender, recipients, copies[:MOST_COPIES], subject, body, code,
        ticket.queue if ticket is not None else "",
    )  # fmt: skip


def writers(tx: Tx, ticket: int) -> list[str]:
    """Participants who have written in the ticket themselves: being named in a Cc is not enough for
    being written to."""
    known = among("ticket_id", [ticket, *merged_into(tx, ticket)])
    query = f"""SELECT a.address FROM (SELECT address FROM participant WHERE {known}
            UNION SELECT p.email_fold FROM ticket t JOIN person p ON p.id = t.requester_id
            WHERE {known.replace("ticket_id", "t.id")} AND t.id <> :ticket) a
        WHERE EXISTS (SELECT 1 FROM mail m WHERE m.ticket_id = :ticket AND lower(m.author) = a.address
            AND m.outcome IN ('new', 'append')) ORDER BY a.address"""
    return [str(row[0]) for row in spoken.rows(tx.session, query, {"ticket": ticket})]


def merged_into(tx: Tx, ticket: int) -> list[int]:
    """The tickets that go on as this one. Who takes part in them takes part in it, as long as they do."""
    query = """WITH RECURSIVE merged (id) AS (SELECT id FROM ticket WHERE merged_into = :ticket
        UNION SELECT t.id FROM ticket t JOIN merged ON t.merged_into = merged.id)
        SELECT id FROM merged ORDER BY id LIMIT 500"""
    return [int(row[0]) for row in spoken.rows(tx.session, query, {"ticket": ticket})]


def is_stranger(tx: Tx, ticket: TicketTable) -> bool:
    """Whether its requester is one."""
    query = text(f"SELECT 1 FROM person p WHERE p.id = :person AND {STRANGER}")
    return tx.session.execute(query, {"person": ticket.requester_id}).first() is not None


def own_addresses(tx: Tx) -> set[str]:
    """The addresses at which the desk itself is reached, case-folded: nothing is written to them."""
    rows = spoken.rows(tx.session, "SELECT address FROM queue WHERE address <> ''")
    aliases = re.split(r"[\s,;]+", tx.settings.get(ALIASES, ""))
    found = [tx.settings.get(ADDRESS, ""), *aliases, *(str(row[0]) for row in rows)]
    return {one.casefold() for one in found if one}


def _sender(tx: Tx, queue: QueueTable | None) -> str:
    """Our address for letters of that queue; "" where the desk has none and writes to nobody."""
    own = address.usable(tx.settings.get(ADDRESS, ""))
    of_queue = address.usable(queue.address) if own and queue is not None else ""
    return of_queue or own


def _usable(addresses: Iterable[str], but: set[str], *, automatic: bool) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for one in addresses:
        plain = address.usable(one)
        if plain and plain.casefold() not in but and not (automatic and address.is_nobody(plain)):
            found.setdefault(plain.casefold(), plain)
    return tuple(found.values())


def _values(
    tx: Tx, ticket: TicketTable | None, queue: QueueTable | None, person: PersonTable | None,
    *, quotes: bool,
) -> dict[str, str]:  # fmt: skip
    desk = tx.settings.get(NAME) or tx.settings.get("name", "")
    signature = (queue.signature if queue else "") or tx.settings.get(SIGNATURE, "") or desk
    values = {"desk": desk, "signature": f"-- \n{signature}" if signature else ""}
    if ticket is None:
        return values
    values |= {"ref": tx.ref(ticket.number), "queue": queue.name if queue else ticket.queue}
    if quotes and _may_quote(tx, ticket, person):
        name = person.name if person is not None else ""
        values |= {
            "subject": _subject(tx, ticket.subject), "requester": name,
            "requester.first": name.partition(" ")[0],
        }  # fmt: skip
    return values


def _may_quote(tx: Tx, ticket: TicketTable, person: PersonTable | None) -> bool:
    """What came by mail goes back to addresses that are known to be their owners' only: whoever
    sends in somebody else's name must not be able to have us say something to them.

    Known are addresses that were proved, and the author of a ticket whose mail our own server
    vouched for: that one was acknowledged.
    """
    if ticket.channel != Channel.MAIL or (person is not None and person.verified_at is not None):
        return True
    settings = tx.settings
    if not settings.get(AUTHSERV) or settings.get(REQUIRE_AUTH, "").casefold() in OFF:
        return False
    query = text("SELECT 1 FROM letter WHERE ticket_id = :ticket AND kind = :kind LIMIT 1")
    values = {"ticket": ticket.number, "kind": ACKNOWLEDGEMENT}
    return tx.session.execute(query, values).first() is not None


def _subject(tx: Tx, subject: str) -> str:
    """Without what other programs put before it, and without ticket numbers: ours stands there."""
    plain = re.sub(rf"\[{re.escape(tx.prefix)}-R?\d+\]", " ", subject, flags=re.IGNORECASE)
    return _REPLIED.sub("", plain.strip()).strip()


def _new_id(tx: Tx, ticket: int, sender: str) -> str:
    row = spoken.run(tx.session, "SELECT coalesce(max(id), 0) + 1 FROM letter").fetchone()[0]
    return f"<sd.{ticket}.{row}.{secrets.token_hex(8)}@{sender.rpartition('@')[2]}>"


def _thread(tx: Tx, ticket: int) -> list[str]:
    """Message-IDs of what was written in a ticket, both ways, in order."""
    query = (
        "SELECT message_id, at, 0 AS way, id FROM mail WHERE ticket_id = :ticket"
        " AND message_id <> '' AND outcome IN ('new', 'append')"
        " UNION ALL SELECT message_id, at, 1, id FROM letter WHERE ticket_id = :ticket"
        " ORDER BY 2, 3, 4"
    )
    return [str(row[0]) for row in spoken.rows(tx.session, query, {"ticket": ticket})]


def of_ticket(tx: Tx, ids: Sequence[str]) -> list[tuple[int, int | None]]:
    """Our letters among Message-IDs that a mail names, as (letter, ticket): however it writes them."""
    known = {found for one in ids if (found := address.message_id(one))}
    rows: list[tuple[int, int | None]] = []
    for one in sorted(known):
        query = text("SELECT id, ticket_id FROM letter WHERE message_id = :id")
        rows += [(int(r[0]), r[1]) for r in tx.session.execute(query, {"id": one})]
    return rows


def bounced(tx: Tx, letter: int, words: str) -> bool:
    """A mail server has sent a letter of ours back; whether there is such a one."""
    row = tx.session.execute(
        text(f"SELECT {COLUMNS} FROM letter WHERE id = :id"), {"id": letter}
    ).first()
    if row is None:
        return False
    found, said = posted(tuple(row)), cut(clean_line(words), MAX_ANSWER)
    if found.state != BOUNCED:
        update = "UPDATE letter SET state = :state, answer = :said, next_at = NULL WHERE id = :id"
        tx.session.execute(text(update), {"state": BOUNCED, "said": said, "id": letter})
        tell_lost(tx, found, BOUNCED, said)
    return True


def tell_lost(tx: Tx, letter: Posted, state: str, answer: str) -> None:
    """Say on the ticket that a letter did not arrive, and tell whoever has the ticket, and the reply's
    author."""
    if letter.ticket is None or (row := tx.ticket(letter.ticket)) is None:
        return
    said = cut(clean_line(answer), MAX_ANSWER)
    details = {"letter": letter.id, "kind": letter.kind, "to": list(letter.to), "answer": said}
    event = tx.record(f"mail_{state}", row, details=details)
    entry = tx.session.get(EntryTable, letter.entry) if letter.entry is not None else None
    words = ("assignee", entry.agent) if entry is not None and entry.agent else ("assignee",)
    body = f"the mail to {', '.join(letter.to)} did not arrive: {said}"
    tell(tx, recipients(tx, row, words), row.number, event, "mail", body)
    row.version += 1


__all__ = [
    "ACKNOWLEDGEMENT", "ANNOUNCEMENT", "REPLY", "STRANGER", "bounced", "compose", "is_here", "is_stranger", "merged_into", "of_ticket", "own_addresses", "put", "reply", "take_back", "tell_lost", "writers",
]  # fmt: skip

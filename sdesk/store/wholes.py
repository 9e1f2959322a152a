"""A whole ticket as rows, taken from one store and put into another under new numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sdesk.store import erasing, spoken
from sdesk.store.chained import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlmodel import Session

    from sdesk.model import Event
    from sdesk.store.transaction import Tx

Row = dict[str, Any]
HANGING = (
    "tag", "field", "participant", "survey", "mail", "entry", "letter", "attachment", "worked",
    "check_item", "watcher", "outbox", "draft",
)  # fmt: skip
"""The tables that hang on a ticket and go with it, in an order in which each finds what it names. Links
and notices stay behind: they tell of other tickets, or of what has been told already."""
NUMBERED = ("mail", "entry", "letter", "attachment", "worked", "check_item", "draft")
"""Those that have numbers of their own; in the other store they get new ones."""
_REFERS = {"entry_id": "entry", "mail_id": "mail", "letter_id": "letter"}
_FORGOTTEN = {"from_ticket", "hint", "duplicate_of", "parent_id", "merged_into", "based_on"}
"""Columns that name what stays behind."""
_IN_EVENTS = {
    "entry": "entry", "entries": "entry", "mail": "mail", "letter": "letter",
    "attachment": "attachment", "worked": "worked", "item": "check_item",
}  # fmt: skip
"""What details of events name by number."""
_LEFT_WITHOUT = (
    "DELETE FROM tag WHERE ticket_id = :ticket",
    "DELETE FROM link WHERE ticket_id = :ticket OR to_id = :ticket",
    "UPDATE ticket SET parent_id = NULL WHERE parent_id = :ticket",
    "DELETE FROM stopwatch WHERE ticket_id = :ticket",
    "DELETE FROM survey WHERE ticket_id = :ticket",
)


@dataclass
class Whole:
    """A ticket with all that hangs on it."""

    ticket: Row
    tables: dict[str, list[Row]]
    mentions: list[Row]
    blobs: list[Row] = field(default_factory=list)


def read(session: Session, ticket: int) -> Whole:
    """The ticket as it is in this transaction."""
    session.flush()
    values = {"ticket": ticket}
    tables = {
        name: _rows(session, f"SELECT * FROM {name} WHERE ticket_id = :ticket", values)
        for name in HANGING
    }
    own = "SELECT id FROM entry WHERE ticket_id = :ticket"
    blobs = """SELECT * FROM blob WHERE sha256 IN (
        SELECT sha256 FROM attachment WHERE ticket_id = :ticket
        UNION SELECT sha256 FROM mail WHERE ticket_id = :ticket)"""
    return Whole(
        _rows(session, "SELECT * FROM ticket WHERE id = :ticket", values)[0],
        tables,
        _rows(session, f"SELECT * FROM mention WHERE entry_id IN ({own})", values),
        _rows(session, blobs, values),
    )


def obstacle(session: Session, ticket: int) -> str:
    """Why the ticket can't go anywhere now; empty where nothing is in the way."""
    session.flush()
    for said, sql in (
        ("a reply is on its way out", "SELECT 1 FROM outbox WHERE ticket_id = :ticket AND sent_at IS NULL"),
        ("a mail is on its way out", "SELECT 1 FROM letter WHERE ticket_id = :ticket AND state = 'waiting'"),
        ("other tickets were merged into it", "SELECT 1 FROM ticket WHERE merged_into = :ticket"),
        ("it was merged into another ticket", "SELECT 1 FROM ticket WHERE id = :ticket AND merged_into IS NOT NULL"),
        ("it was erased", "SELECT 1 FROM ticket WHERE id = :ticket AND erased_at IS NOT NULL"),
    ):  # fmt: skip
        if spoken.row(session, f"{sql} LIMIT 1", {"ticket": ticket}) is not None:
            return said
    return ""


class Arrival:
    """A ticket put into another store, inside a transaction there."""

    def __init__(self, tx: Tx, whole: Whole, person: Mapping[int, int], restricted: bool) -> None:
        self.tx, self.whole, self._person = tx, whole, person
        self._numbers: dict[str, dict[int, int]] = {name: {} for name in NUMBERED}
        self._restricted = restricted
        self.number = 0

    def put(self, events: Sequence[Event]) -> int:
        """All its rows, and its events as a history that came from elsewhere; its new number."""
        for blob in self.whole.blobs:
            self._insert("blob", blob, " ON CONFLICT (sha256) DO NOTHING")
        path = self.whole.ticket["path"]
        if path:
            self._insert("category", {"path": path}, " ON CONFLICT (path) DO NOTHING")
        self.number = self._insert("ticket", self._ticket())
        for name in HANGING:
            for row in self.whole.tables[name]:
                self._hang(name, row)
        for row in self.whole.mentions:
            self._insert("mention", {**row, "entry_id": self._numbers["entry"][row["entry_id"]]})
        self._tie_mails()
        self._tell(events)
        self.tx.reworded.add(self.number)
        return self.number

    def _ticket(self) -> Row:
        row = {**self.whole.ticket, "restricted": int(self._restricted), "last_event": 0}
        del row["id"]
        row |= {"parent_id": None, "merged_into": None, "erased_at": None}
        row["requester_id"] = self._known(row["requester_id"])
        return row

    def _known(self, person: int | None) -> int | None:
        return None if person is None else self._person[person]

    def _hang(self, name: str, row: Row) -> None:
        made = {**row, "ticket_id": self.number}
        for column in _FORGOTTEN & set(made):
            made[column] = None
        if "person_id" in made:
            made["person_id"] = self._known(made["person_id"])
        for column, table in _REFERS.items():
            # Mails come before the entries that came by them: they are tied together afterwards.
            if made.get(column) is not None:
                made[column] = self._numbers[table].get(made[column])
        if name not in NUMBERED:
            self._insert(name, made)
            return
        number = made.pop("id")
        self._numbers[name][number] = self._insert(name, made)

    def _tie_mails(self) -> None:
        for row in self.whole.tables["mail"]:
            entry = self._numbers["entry"].get(row["entry_id"] or 0)
            letter = self._numbers["letter"].get(row["letter_id"] or 0)
            values = {"id": self._numbers["mail"][row["id"]], "entry": entry, "letter": letter}
            sql = "UPDATE mail SET entry_id = :entry, letter_id = :letter WHERE id = :id"
            spoken.run(self.tx.session, sql, values)

    def _tell(self, events: Sequence[Event]) -> None:
        """The history, event by event, with its times and actors."""
        tx, row = self.tx, self.tx.ticket(self.number)
        assert row is not None
        updated, actor, source, rule = row.updated_at, tx.actor, tx.source, tx.rule
        tx.source = "import"
        for event in events:
            tx.actor, tx.rule = event.actor, event.rule
            details = {name: self._renumbered(name, value) for name, value in event.details.items()}
            tx.record(event.kind, row, changes=event.changes, details=details, at=event.at)
        tx.actor, tx.source, tx.rule, tx.batch = actor, source, rule, 0
        row.updated_at = updated

    def _renumbered(self, name: str, value: Any) -> Any:
        known = self._numbers.get(_IN_EVENTS.get(name, ""))
        if name == "requester_id" and isinstance(value, int):
            return self._person.get(value)
        if known is None:
            return value
        if isinstance(value, list):
            return [known.get(one, one) if isinstance(one, int) else one for one in value]
        return known.get(value, value) if isinstance(value, int) else value

    def _insert(self, table: str, row: Row, rest: str = "") -> int:
        columns = ", ".join(f'"{name}"' for name in row)
        named = ", ".join(f":{name}" for name in row)
        done = spoken.run(
            self.tx.session, f'INSERT INTO "{table}" ({columns}) VALUES ({named}){rest}', row
        )
        return int(done.lastrowid or 0)


_KEPT = frozenset({
    "state", "category", "live", "priority", "impact", "urgency", "queue", "policy", "calendar",
    "kind", "channel", "target", "level", "tier", "entry", "worked", "item", "seconds", "binned",
    "resolved_at", "closed_at", "first_answered_at", "state_until", "reopen_count",
})  # fmt: skip
"""What is left in the events of a ticket that has gone: what figures and clocks are counted by."""
_WORDS = (
    "SELECT tag FROM tag WHERE ticket_id = :ticket UNION SELECT path FROM ticket WHERE id = :ticket"
    " UNION SELECT service FROM ticket WHERE id = :ticket"
)
_UNUSED = """NOT EXISTS (SELECT 1 FROM tag WHERE tag = :word)
    AND NOT EXISTS (SELECT 1 FROM ticket WHERE path = :word OR service = :word)
    AND NOT EXISTS (SELECT 1 FROM queue WHERE site = :word)"""
_SET_UP = "SELECT payload FROM event WHERE ticket_id IS NULL AND kind = 'category_saved'"


def bare_events(tx: Tx, ticket: int) -> dict[int, str]:
    """Take out of the ticket's events whatever is no state, no time and no figure; event → the digest
    of what is left."""
    left = {}
    sql = "SELECT id, payload FROM event WHERE ticket_id = :ticket ORDER BY id"
    for number, payload in spoken.rows(tx.session, sql, {"ticket": ticket}):
        told = json.loads(payload)
        bare = canonical({
            part: {name: value for name, value in told[part].items() if name in _KEPT}
            for part in ("changes", "details")
        })  # fmt: skip
        if bare != payload:
            left[number] = bare
    return erasing.put_payloads(tx.session, left)


def leave_bare(tx: Tx, ticket: int) -> None:
    """Take away what an erasure leaves: where it stood, whose it was, and words that no other has."""
    words = [word for (word,) in spoken.rows(tx.session, _WORDS, {"ticket": ticket}) if word]
    _strip(tx, ticket)
    configured = " ".join(payload for (payload,) in spoken.rows(tx.session, _SET_UP))
    for word in words:
        # A category that somebody has set up is a word of the desk's, whoever uses it.
        if json.dumps(word, ensure_ascii=False) not in configured:
            for table, column in (("folded", "value"), ("category", "path")):
                sql = f"DELETE FROM {table} WHERE {column} = :word AND {_UNUSED}"
                spoken.run(tx.session, sql, {"word": word})


def _strip(tx: Tx, ticket: int) -> None:
    for sql in _LEFT_WITHOUT:
        spoken.run(tx.session, sql, {"ticket": ticket})
    row = tx.ticket(ticket)
    assert row is not None
    row.path = row.service = row.assignee = row.owner = row.policy = row.resolution_code = ""
    row.restricted = 0
    tx.session.flush()


def _rows(session: Session, sql: str, values: Mapping[str, object]) -> list[Row]:
    cursor = spoken.run(session, sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

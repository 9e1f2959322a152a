"""One write: the session, who and when, and the record of what changed, chained by hashes."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sdesk.errors import NotFound
from sdesk.model import Event, EventId, Instant, State, StateCategory, TicketId
from sdesk.numbering import base_of, reference
from sdesk.store import spoken
from sdesk.store.chained import canonical, chain, digest, head_of
from sdesk.store.search import document_asked, document_kept
from sdesk.store.tables import ClockTable, EventTable, TicketTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlmodel import Session, SQLModel


def insert_rows(session: Session, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Plain `executemany`: three times as quick as the ORM's bulk insert, and it is all we need."""
    if not rows:
        return
    session.flush()
    connection = session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    sql = (
        f'INSERT INTO "{table.__tablename__}" ({columns}) VALUES ({", ".join([mark] * len(names))})'
    )
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(sql, list(map(itemgetter(*names), rows)))
    finally:
        cursor.close()


def end_of_chain(session: Session) -> tuple[int, str]:
    """The number and the hash of the newest event, after which nobody else adds one before we commit.

    On PostgreSQL this takes the lock of the chain, and it sees events of tickets that the writer doesn't.
    """
    connection = session.connection()
    # Past the ORM, which would write out the ticket first, and once more afterwards.
    found = connection.exec_driver_sql(
        "SELECT id, hash FROM sdesk_chain_end()"
        if connection.dialect.name == "postgresql"
        else "SELECT id, hash FROM event ORDER BY id DESC LIMIT 1"
    ).first()
    return (found[0], found[1]) if found else (0, "")


def _insert(table: type[SQLModel], rows: list[dict[str, Any]]) -> spoken.Statement:
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join(f":{name}" for name in names)
    return f'INSERT INTO "{table.__tablename__}" ({columns}) VALUES ({marks})', rows


@dataclass
class Tx:
    """The transaction an applier works in: change rows through `session`, end in `record`."""

    session: Session
    at: Instant
    actor: str
    source: str
    states: Mapping[str, State]
    """Every state of the desk by key, in order."""
    may_follow: Callable[[State, State], None]
    """The lifecycle's verdict; raises `Refused`."""
    matrix: Mapping[tuple[int, int], int]
    """(impact, urgency) → priority."""
    intake: str = ""
    """The queue of tickets that name none."""
    rule: str = ""
    batch: int = 0
    cause: EventId | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    """Details that every event of the operation at hand carries."""
    events: list[dict[str, Any]] = field(default_factory=list)
    people: set[int] = field(default_factory=set)
    """People whose names changed: their tickets are found by them."""
    reworded: set[int] = field(default_factory=set)
    """Tickets whose words changed without an event of their own that says so."""
    prefix: str = "SD"
    grace: int = 0
    """Seconds for which a reply can be taken back."""
    on_call: Callable[[str], str] = lambda _: ""
    """A queue's key → who is on call for it now; empty for nobody."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """The desk's settings."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Login → name, of agents that are known already."""
    _last: tuple[int, str] | None = None
    _held: set[int] = field(default_factory=set)
    _later: list[spoken.Statement] = field(default_factory=list)

    def ticket(self, number: int) -> TicketTable | None:
        """The row, which nobody else changes before we commit."""
        held = self.session.info.get("held", ())
        if number in self._held or number in held or "beside" not in self.session.info:
            return self.session.get(TicketTable, number)
        self._held.add(number)
        return self.session.get(TicketTable, number, with_for_update={"key_share": True})

    def ref(self, number: int) -> str:
        """The ticket's number as people say it."""
        return reference(self.prefix, number)

    @property
    def base(self) -> int:
        """Above what the numbers of this file lie."""
        return base_of(self._end()[0])

    def begin_above(self, number: int) -> None:
        """The first event of a new file gets the number after this one."""
        if self._end()[0] == 0:
            self._last = (number, "")

    def record(
        self,
        kind: str,
        ticket: TicketTable | None = None,
        *,
        changes: Mapping[str, tuple[Any, Any]] | None = None,
        details: Mapping[str, Any] | None = None,
        at: Instant | None = None,
    ) -> EventId:
        """Append one event; the first of a transaction gives the batch its number."""
        last, before = self._end()
        number = last + 1
        self.batch = self.batch or number
        payload = canonical(
            {"changes": dict(changes or {}), "details": {**self.extra, **(details or {})}}
        )
        row: dict[str, Any] = {
            "id": number,
            "ticket_id": ticket.id if ticket is not None else None,
            "at": self.at if at is None else at,
            "actor": self.actor,
            "kind": kind,
            "payload": payload,
            "source": self.source,
            "batch": self.batch,
            "cause_id": self.cause,
            "rule": self.rule,
            "salt": secrets.token_hex(8),
        }
        row["digest"] = digest(row["salt"], payload)
        row["hash"] = chain(before, row)
        self.events.append(row)
        self._last = (number, row["hash"])
        if ticket is not None:
            ticket.last_event = number
            ticket.updated_at = max(ticket.updated_at, row["at"])
        return EventId(number)

    def state(self, key: str) -> State:
        """The state with that key. Raises `NotFound` naming the nearest."""
        if (found := self.states.get(key)) is None:
            raise NotFound.named("state", key, self.states)
        return found

    def state_of(self, category: StateCategory, key: str = "") -> State:
        """The state `key` if the desk has it, else the first one of the category."""
        if key in self.states:
            return self.states[key]
        for state in self.states.values():
            if state.category == category:
                return state
        raise NotFound(f"The desk has no state of the category '{category}'.", "See: sdesk doctor")

    def later(self, *statements: spoken.Statement) -> None:
        """To be done together with all else that nobody asks for before the end: at a server each
        round trip is waited for by everybody else who writes."""
        self._later += statements

    def send(self) -> None:
        """Do now what was left for later: somebody asks for it."""
        if self._later:
            spoken.together(self.session, self._later)
            self._later.clear()

    def finish(self) -> list[spoken.Statement]:
        """Write the events, and bring the search index up to what the transaction leaves behind. The
        last statements of all: they can go together with the commit."""
        self.session.flush()
        if self.events:
            last = self.events[-1]
            self.later(
                _insert(EventTable, self.events), head_of(last["id"], last["hash"], last["at"])
            )
        tickets = {row["ticket_id"] for row in self.events if _tells_words(row)} | self.reworded
        for person in self.people:
            sql = "SELECT id FROM ticket WHERE requester_id = :person"
            tickets |= {row[0] for row in spoken.rows(self.session, sql, {"person": person})}
        *first, last_ones = _chunks(sorted(tickets))
        for some in first:
            spoken.together(self.session, self._reworded(some))
        return self._reworded(last_ones)

    def _reworded(self, tickets: list[int]) -> list[spoken.Statement]:
        """What stands in the store of these tickets is asked together with what was left for later."""
        if not tickets:
            statements, self._later = self._later, []
            return statements
        dialect = self.session.connection().dialect.name
        asked = [statement for ticket in tickets for statement in document_asked(ticket)]
        answers = spoken.together(self.session, [*self._later, *asked])[len(self._later) :]
        self._later.clear()
        each = len(answers) // len(tickets)
        return [
            statement
            for place, ticket in enumerate(tickets)
            for statement in document_kept(
                ticket, answers[place * each : (place + 1) * each], dialect
            )
        ]

    def write_clocks(self, ticket: int, rows: list[dict[str, Any]]) -> None:
        """Put a ticket's clocks in place of those that stand there."""
        self.later(("DELETE FROM clock WHERE ticket_id = :id", {"id": ticket}))
        if rows:
            self.later(_insert(ClockTable, rows))

    def _end(self) -> tuple[int, str]:
        if self._last is None:
            self._last = end_of_chain(self.session)
        return self._last

    def change(
        self,
        ticket: TicketTable,
        kind: str,
        details: Mapping[str, Any] | None = None,
        /,
        **values: Any,
    ) -> EventId | None:
        """Set the ticket's columns and record those that really change; no change, no event."""
        changes = {}
        for name, after in values.items():
            before = getattr(ticket, name)
            if before != after:
                changes[name] = (before, after)
                setattr(ticket, name, after)
        if not changes:
            return None
        return self.record(kind, ticket, changes=changes, details=details)


AT_ONCE = 100
"""Tickets whose documents are made again together."""


def _chunks(tickets: list[int]) -> list[list[int]]:
    return [tickets[n : n + AT_ONCE] for n in range(0, len(tickets), AT_ONCE)] or [[]]


WORDY = ("opened", "replied", "received", "noted", "called", "chatted", "undone", "redone")
WORDS = ('"subject"', '"requester_id"', '"path"', '"service"', '"tags"')


def _tells_words(row: Mapping[str, Any]) -> bool:
    """Whether an event may change what search finds its ticket by."""
    if row["ticket_id"] is None:
        return False
    return row["kind"] in WORDY or any(word in row["payload"] for word in WORDS)


def event_value(row: Mapping[str, Any] | dict[str, Any]) -> Event:
    """The event as other rooms see it."""
    payload = json.loads(row["payload"])
    return Event(
        id=EventId(row["id"]),
        ticket=TicketId(row["ticket_id"]) if row["ticket_id"] is not None else None,
        at=row["at"],
        actor=row["actor"],
        kind=row["kind"],
        changes={name: (pair[0], pair[1]) for name, pair in payload["changes"].items()},
        details=payload["details"],
        source=row["source"],
        batch=row["batch"],
        cause=row["cause_id"],
        rule=row["rule"],
    )


def event_values(rows: Iterable[dict[str, Any]]) -> tuple[Event, ...]:
    return tuple(event_value(row) for row in rows)

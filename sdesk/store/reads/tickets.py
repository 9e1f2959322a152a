"""One ticket: its fields, conversation, history, drafts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sdesk.errors import Invalid, NotFound
from sdesk.model import (
    Draft,
    Entry,
    EntryId,
    EntryKind,
    Event,
    EventId,
    Leaving,
    Person,
    PersonId,
    Ticket,
    TicketId,
)
from sdesk.numbering import read_reference
from sdesk.store.reads.base import EVENT_COLUMNS, Base, among, event

if TYPE_CHECKING:
    from collections.abc import Iterable

MERGED = "SELECT merged_into FROM ticket WHERE id = :id"
TICKET = """
    SELECT t.id, t.version, t.last_event, t.kind, t.subject, t.state, t.category, t.state_until,
        t.wait_reason, t.impact, t.urgency, t.priority, t.priority_overridden, t.path, t.queue,
        coalesce(q.tier, 1), coalesce(q.site, ''), t.owner, t.assignee, t.service, t.channel,
        t.created_at, t.updated_at, t.first_answered_at, t.resolved_at, t.closed_at, t.reopen_count,
        t.resolution_code, t.restricted, t.parent_id, t.external_source, t.external_id,
        t.merged_into, t.binned, p.id, p.name, p.email, p.phone, o.name, p.vip, p.external_id,
        p.language, p.verified_at
    FROM ticket t
    LEFT JOIN queue q ON q.key = t.queue
    LEFT JOIN person p ON p.id = t.requester_id
    LEFT JOIN organization o ON o.id = p.organization_id
    WHERE t.id = :id
"""
ENTRY = "id, ticket_id, kind, at, author, agent, body, withdrawn, from_ticket, mail_id, folds"


_GONE = "SELECT id FROM entry WHERE {} AND withdrawn = 1"
WITHDRAWN = f"""{_GONE.format("ticket_id = :id AND from_ticket IS NULL")}
    UNION ALL {_GONE.format("from_ticket = :id")}"""
"""Entries written in a ticket, wherever they stand now, that an undo has taken back."""


class TicketReads(Base):
    def resolve(self, ref: str) -> TicketId:
        """The ticket people mean by SD-1042, sd1042, #1042 or 1042, and by SD-R42 or R42. Raises
        `Invalid` or `NotFound`."""
        number = read_reference(ref, self.prefix)
        if number is None:
            raise Invalid(f"'{ref}' is not a ticket.", f"Name one as {self.ref(1042)} or 1042.")
        there = self.reader.one("SELECT 1 FROM ticket WHERE id = :id", {"id": number})
        if there is None or self.is_unseen(number):
            raise NotFound(f"There is no ticket {self.ref(number)}.")
        return TicketId(number)

    def ticket(self, ticket: int) -> Ticket:
        row = self.reader.one(TICKET, {"id": ticket})
        if row is None or (row[28] and self.is_unseen(ticket)):
            raise NotFound(f"There is no ticket {self.ref(ticket)}.")
        by_id = {"id": ticket}
        tags = self.reader.all("SELECT tag FROM tag WHERE ticket_id = :id ORDER BY tag", by_id)
        fields = self.reader.all(
            "SELECT name, value FROM field WHERE ticket_id = :id ORDER BY name", by_id
        )
        values: list[Any] = [
            row[0], self.ref(row[0]), *row[1:12], bool(row[12]), *row[13:19], _person(row[34:]),
            *row[19:28], bool(row[28]), *row[29:32], tuple(tag for (tag,) in tags), dict(fields),
            self._links(ticket), row[32], bool(row[33]),
        ]  # fmt: skip
        return Ticket(*values)

    def _links(self, ticket: int) -> tuple[tuple[str, TicketId], ...]:
        """Links from both ends; those that point here read with a `<` before their kind."""
        sql = """
            SELECT kind, to_id FROM link WHERE ticket_id = :id
            UNION ALL SELECT '<' || kind, ticket_id FROM link WHERE to_id = :id
            UNION ALL SELECT 'child', id FROM ticket WHERE parent_id = :id
            ORDER BY 1, 2
        """
        return tuple((kind, TicketId(to)) for kind, to in self.reader.all(sql, {"id": ticket}))

    def conversation(self, ticket: int, *, limit: int = 500) -> tuple[Entry, ...]:
        """The newest `limit` entries, oldest first; what was taken back is left out."""
        if self.is_unseen(ticket):
            return ()
        sql = f"SELECT {ENTRY} FROM entry WHERE ticket_id = :id AND withdrawn = 0 ORDER BY id DESC LIMIT {int(limit)}"
        return tuple(_entry(row) for row in reversed(self.reader.all(sql, {"id": ticket})))

    def survivor(self, ticket: int) -> TicketId:
        """The ticket that goes on for a merged one; of any other ticket itself."""
        found = [ticket]
        while (row := self.reader.one(MERGED, {"id": found[-1]})) and row[0] not in (None, *found):
            found.append(row[0])
        return TicketId(found[-1])

    def family(
        self, ticket: int, *, limit: int = 30
    ) -> tuple[TicketId | None, tuple[TicketId, ...], tuple[TicketId, ...]]:
        """A ticket's parent, the parent's children (its siblings and itself), and its own children."""
        row = self.reader.one("SELECT parent_id FROM ticket WHERE id = :id", {"id": ticket})
        parent = row[0] if row else None
        return parent, self._children(parent, limit), self._children(ticket, limit)

    def _children(self, ticket: int | None, limit: int) -> tuple[TicketId, ...]:
        sql = f"SELECT id FROM ticket WHERE parent_id = :id ORDER BY id LIMIT {int(limit)}"
        return tuple(TicketId(row[0]) for row in self.reader.all(sql, {"id": ticket}))

    def leaving(self, ticket: int | None = None, *, limit: int = 50) -> tuple[Leaving, ...]:
        """The reading agent's replies that have not left yet, the first to leave first."""
        own = "" if ticket is None else " AND o.ticket_id = :ticket"
        sql = f"""SELECT o.entry_id, o.ticket_id, o.send_after, o.sent_at FROM outbox o
            JOIN entry e ON e.id = o.entry_id
            WHERE o.sent_at IS NULL AND e.agent = :me{own} ORDER BY o.send_after, o.entry_id"""
        rows = self.reader.all(f"{sql} LIMIT {int(limit)}", {"me": self.me, "ticket": ticket})
        return tuple(Leaving(*row) for row in rows)

    def leaving_due(self, now: int, *, limit: int = 100) -> list[TicketId]:
        """Tickets with replies whose time to leave has come."""
        sql = """SELECT ticket_id FROM outbox WHERE sent_at IS NULL AND send_after <= :now
            GROUP BY ticket_id ORDER BY min(send_after), ticket_id"""
        rows = self.reader.all(f"{sql} LIMIT {int(limit)}", {"now": now})
        return [TicketId(row[0]) for row in rows]

    def replies(self, entries: Iterable[int]) -> tuple[EntryId, ...]:
        """Which of these entries are replies."""
        sql = f"SELECT id FROM entry WHERE {among('id', entries)} AND kind = 'reply' ORDER BY id"
        return tuple(EntryId(row[0]) for row in self.reader.all(sql))

    def entry(self, number: int) -> Entry:
        """One entry, also one that was taken back. Raises `NotFound`."""
        row = self.reader.one(f"SELECT {ENTRY} FROM entry WHERE id = :id", {"id": number})
        if row is None:
            raise NotFound(f"There is no message {number}.")
        return _entry(row)

    def next_leaving_at(self) -> int | None:
        """When the next reply of anybody is to leave."""
        row = self.reader.one("SELECT min(send_after) FROM outbox WHERE sent_at IS NULL")
        return row[0] if row else None

    def history(self, ticket: int, *, limit: int = 1000) -> tuple[Event, ...]:
        """The newest `limit` events of the ticket, oldest first."""
        if self.is_unseen(ticket):
            return ()
        sql = f"SELECT {EVENT_COLUMNS} FROM event WHERE ticket_id = :id ORDER BY id DESC LIMIT {int(limit)}"
        return tuple(event(row) for row in reversed(self.reader.all(sql, {"id": ticket})))

    def withdrawn(self, ticket: int) -> frozenset[int]:
        """Entries written in the ticket, wherever they stand now, that an undo has taken back."""
        return frozenset(number for (number,) in self.reader.all(WITHDRAWN, {"id": ticket}))

    def events_since(self, number: int, *, limit: int = 200) -> tuple[Event, ...]:
        sql = f"SELECT {EVENT_COLUMNS} FROM event WHERE id > :id ORDER BY id LIMIT {int(limit)}"
        return tuple(event(row) for row in self.reader.all(sql, {"id": number}))

    def last_event(self) -> EventId:
        row = self.reader.one("SELECT coalesce(max(id), 0) FROM event")
        return EventId(row[0] if row else 0)

    def batches(self, actor: str, *, limit: int = 400) -> tuple[Event, ...]:
        """The first event of each of the actor's newest batches on tickets, oldest first; not what an
        import brought, nor what followed from an agreement that the actor edited."""
        sql = f"""
            SELECT {EVENT_COLUMNS} FROM event
            WHERE id IN (SELECT batch FROM event WHERE actor = :actor AND ticket_id IS NOT NULL
                AND source NOT IN ('import', 'rule') GROUP BY batch ORDER BY batch DESC LIMIT {int(limit)})
            ORDER BY id
        """
        return tuple(event(row) for row in self.reader.all(sql, {"actor": actor}))

    def batch(self, number: int) -> tuple[Event, ...]:
        sql = f"SELECT {EVENT_COLUMNS} FROM event WHERE batch = :batch ORDER BY id"
        return tuple(event(row) for row in self.reader.all(sql, {"batch": number}))

    def drafts(self, agent: str | None = None) -> tuple[Draft, ...]:
        """What an agent (by default the reading one) has begun to write, the newest first."""
        sql = """SELECT id, agent, ticket_id, kind, body, saved_at, based_on FROM draft
            WHERE agent = :agent AND body <> '' ORDER BY saved_at DESC, id DESC"""
        return tuple(_draft(row) for row in self.reader.all(sql, {"agent": agent or self.me}))

    def draft(self, ticket: int | None, kind: str) -> Draft | None:
        sql = """SELECT id, agent, ticket_id, kind, body, saved_at, based_on FROM draft
            WHERE agent = :agent AND ticket_id = :ticket AND kind = :kind AND body <> ''"""
        row = self.reader.one(sql, {"agent": self.me, "ticket": ticket or 0, "kind": kind})
        return _draft(row) if row else None

    def seen(self, ticket: int) -> int:
        """Up to which event the reading agent has looked at the ticket."""
        sql = "SELECT event_id FROM seen WHERE agent = :me AND ticket_id = :id"
        row = self.reader.one(sql, {"me": self.me, "id": ticket})
        return int(row[0]) if row else 0


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(
        EntryId(row[0]), TicketId(row[1]), EntryKind(row[2]), row[3], row[4], row[5], row[6],
        bool(row[7]), row[8], row[9],
        tuple((start, end) for start, end in json.loads(row[10])) if row[10] else (),
    )  # fmt: skip


def _person(row: tuple[Any, ...]) -> Person | None:
    if row[0] is None:
        return None
    return Person(PersonId(row[0]), row[1], row[2], row[3], row[4] or "", bool(row[5]), *row[6:])


def _draft(row: tuple[Any, ...]) -> Draft:
    return Draft(row[0], row[1], TicketId(row[2]) if row[2] else None, *row[3:])

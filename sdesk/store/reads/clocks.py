"""What the clocks of many tickets follow from, a few hundred tickets in a handful of reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.model import ClockRow
from sdesk.store.finding import compiled
from sdesk.store.packed import unpacked
from sdesk.store.reads.base import Base, among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sdesk.rules.query import Context, Query

CLOCK = "c.ticket_id, c.target, c.policy, c.started_at, c.stopped_at, c.budget, c.used, c.due_at, c.breach_at, c.paused, c.verdict, c.step, c.step_at"
CACHED = ("policy", "due_at", "due_target", "breach_at", "remaining", "breached")
"""Columns of `ticket` that follow from its clocks."""


class Told(NamedTuple):
    """An event as far as clocks care."""

    at: int
    kind: str
    changes: dict[str, Any]
    details: dict[str, Any]
    id: int = 0


class Held(NamedTuple):
    """A ticket as far as agreements and reports care."""

    queue: str
    assignee: str
    organization: str
    ended_at: int | None
    """When it was resolved or closed; None while it is open."""
    cached: dict[str, Any]


def clock_row(row: tuple[Any, ...]) -> ClockRow:
    return ClockRow(*[*row[:9], bool(row[9]), *row[10:]])


class ClockReads(Base):
    def stories(
        self, tickets: Sequence[int], *, without: Collection[str] = ()
    ) -> dict[int, list[Told]]:
        """The tickets' events, oldest first, but for kinds nobody asks for."""
        # Kinds are words of our own, so they may stand in the text.
        silent = ", ".join(f"'{kind}'" for kind in sorted(without)) or "''"
        sql = f"""SELECT id, ticket_id, at, kind, payload FROM event
            WHERE {among("ticket_id", tickets)} AND kind NOT IN ({silent}) ORDER BY ticket_id, id"""
        found: dict[int, list[Told]] = {ticket: [] for ticket in tickets}
        for number, ticket, at, kind, payload in self.reader.all(sql):
            told = unpacked(payload, f"event {number}")
            found[ticket].append(Told(at, kind, told["changes"], told["details"], number))
        return found

    def running(self) -> list[int]:
        """Tickets with a clock that has not stopped."""
        sql = "SELECT DISTINCT ticket_id FROM clock WHERE stopped_at IS NULL ORDER BY ticket_id"
        return [ticket for (ticket,) in self.reader.all(sql)]

    def withdrawn_among(self, tickets: Sequence[int]) -> dict[int, set[int]]:
        """Ticket → entries written in it that an undo has taken back."""
        gone = "SELECT {0}, id FROM entry WHERE {1} AND withdrawn = 1"
        here = gone.format("ticket_id", among("ticket_id", tickets)) + " AND from_ticket IS NULL"
        sql = f"{here} UNION ALL {gone.format('from_ticket', among('from_ticket', tickets))}"
        found: dict[int, set[int]] = {}
        for ticket, entry in self.reader.all(sql):
            found.setdefault(ticket, set()).add(entry)
        return found

    def clocks_among(self, tickets: Sequence[int]) -> dict[int, list[ClockRow]]:
        """Ticket → its clocks as last computed."""
        sql = f"SELECT {CLOCK} FROM clock c WHERE {among('c.ticket_id', tickets)}"
        found: dict[int, list[ClockRow]] = {ticket: [] for ticket in tickets}
        for row in self.reader.all(sql):
            found[row[0]].append(clock_row(row))
        return found

    def held(self, tickets: Sequence[int]) -> dict[int, Held]:
        sql = f"""SELECT t.id, t.queue, t.assignee, coalesce(o.name, ''),
            CASE WHEN t.live = 0 THEN coalesce(t.resolved_at, t.closed_at) END,
            {", ".join(f"t.{name}" for name in CACHED)} FROM ticket t
            LEFT JOIN person p ON p.id = t.requester_id
            LEFT JOIN organization o ON o.id = p.organization_id
            WHERE {among("t.id", tickets)}"""
        return {
            row[0]: Held(row[1], row[2], row[3], row[4], dict(zip(CACHED, row[5:], strict=True)))
            for row in self.reader.all(sql)
        }

    def first_matching(
        self, conditions: Mapping[str, Query], tickets: Sequence[int], context: Context
    ) -> dict[int, str]:
        """Ticket → the name of the first condition that holds of it."""
        left, found = list(tickets), dict[int, str]()
        for name, condition in conditions.items():
            if not left:
                break
            clause = compiled(self.reader, condition, context)
            sql = f"SELECT t.id FROM ticket t WHERE {among('t.id', left)} AND ({clause.where})"
            found |= {ticket: name for (ticket,) in self.reader.all(sql, clause.params)}
            left = [ticket for ticket in left if ticket not in found]
        return found

    def promised(self, start: int, end: int) -> Iterable[int]:
        """Tickets with a clock that can have been decided between two instants: something happened
        to them since, or a clock that nobody has touched ran out in between."""
        sql = """SELECT t.id FROM ticket t WHERE t.created_at < :end AND t.updated_at >= :start
                AND EXISTS (SELECT 1 FROM clock c WHERE c.ticket_id = t.id)
            UNION SELECT c.ticket_id FROM clock c WHERE c.stopped_at IS NULL AND c.due_at IS NOT NULL
                AND c.breach_at >= :start AND c.breach_at < :end
            ORDER BY 1"""
        return [ticket for (ticket,) in self.reader.all(sql, {"start": start, "end": end})]

    def touched(self, event: int) -> tuple[set[int], bool]:
        """The tickets that something happened to after an event, and whether agreements changed."""
        sql = "SELECT DISTINCT ticket_id, ticket_id IS NULL AND kind IN ('policy_saved', 'calendar_saved') FROM event WHERE id > :event"
        rows = self.reader.all(sql, {"event": event})
        return {row[0] for row in rows if row[0] is not None}, any(row[1] for row in rows)

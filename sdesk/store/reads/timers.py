"""What time alone makes due, who keeps it, and what agents are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.model import EventId, Notice, TicketId
from sdesk.store.reads.base import Base

if TYPE_CHECKING:
    from sdesk.model import Instant

STEPS = "SELECT {what} FROM clock WHERE step_at IS NOT NULL"
WAITS = "SELECT {what} FROM ticket WHERE state_until IS NOT NULL AND category = 'waiting'"


class TimerReads(Base):
    def steps_due(self, now: Instant, *, limit: int = 100) -> list[TicketId]:
        """Tickets of which a warning or a level of escalation is due, the longest overdue first."""
        sql = STEPS.format(what="ticket_id, min(step_at)")
        sql += " AND step_at <= :now GROUP BY ticket_id ORDER BY min(step_at), ticket_id"
        rows = self.reader.all(f"{sql} LIMIT {int(limit)}", {"now": now})
        return [TicketId(row[0]) for row in rows]

    def waits_over(self, now: Instant, *, limit: int = 100) -> list[TicketId]:
        """Tickets that waited until an instant that has come."""
        sql = WAITS.format(what="id") + " AND state_until <= :now ORDER BY state_until, id"
        return [
            TicketId(row[0]) for row in self.reader.all(f"{sql} LIMIT {int(limit)}", {"now": now})
        ]

    def resolved_before(
        self, instant: Instant, *, limit: int = 100
    ) -> list[tuple[TicketId, Instant]]:
        """Tickets that are resolved and not closed, and since when, the oldest first."""
        sql = """SELECT id, resolved_at FROM ticket WHERE category = 'resolved'
            AND resolved_at <= :instant ORDER BY resolved_at, id"""
        rows = self.reader.all(f"{sql} LIMIT {int(limit)}", {"instant": instant})
        return [(TicketId(row[0]), row[1]) for row in rows]

    def next_step_at(self) -> Instant | None:
        """When the next warning or level is due."""
        row = self.reader.one(STEPS.format(what="min(step_at)"))
        return row[0] if row else None

    def next_wait_at(self) -> Instant | None:
        row = self.reader.one(WAITS.format(what="min(state_until)"))
        return row[0] if row else None

    def notices(self, *, limit: int = 200, seen: bool = False) -> tuple[Notice, ...]:
        """What the reading agent is told, the newest first; without `seen` only what is new."""
        sql = f"""SELECT id, ticket_id, event_id, kind, body, at, seen_at FROM notice
            WHERE agent = :me AND show_at <= :now {"" if seen else "AND seen_at IS NULL"}
            ORDER BY id DESC LIMIT {int(limit)}"""
        rows = self.reader.all(sql, {"me": self.me, "now": self.now()})
        return tuple(
            Notice(row[0], row[1], EventId(row[2]), row[3], row[4], row[5], row[6]) for row in rows
        )

    def new_notices(self, *, of: int | None = None, at_most: int = 1_000) -> int:
        """How many notices the reading agent has not seen; `of` one ticket."""
        only = "" if of is None else f"AND ticket_id = {int(of)}"
        sql = f"""SELECT count(*) FROM (SELECT 1 FROM notice WHERE agent = :me AND seen_at IS NULL
            AND show_at <= :now {only} LIMIT {int(at_most)}) AS new"""
        row = self.reader.one(sql, {"me": self.me, "now": self.now()})
        return int(row[0]) if row else 0

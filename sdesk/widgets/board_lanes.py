"""The SLA board's rows: clocks in lanes by how soon they are due. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sdesk.model import ClockRow, Instant, TicketRow
from sdesk.rules.calendar import Calendar
from sdesk.rules.periods import days_back
from sdesk.widgets.next_step import NextStep

LANES = ("breached", "under 15 min", "under 1 h", "today", "later", "paused", "met today")
BREACHED, QUARTER, HOUR, TODAY, LATER, PAUSED, MET = range(len(LANES))
Key = tuple[int, str]
"""Ticket and target: what a row is known by."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A clock of a ticket."""

    ticket: TicketRow
    clock: ClockRow
    calendar: Calendar | None = None
    step: NextStep | None = None
    """Its next warning or level of escalation."""

    @property
    def key(self) -> Key:
        return (self.ticket.id, self.clock.target)


@dataclass(frozen=True, slots=True)
class LaneHead:
    """The heading of a lane that has rows."""

    lane: int
    count: int


def lane_of(clock: ClockRow, now: Instant, tomorrow: Instant) -> int:
    """The lane a clock stands in at that moment; `tomorrow` is when the day ends."""
    if clock.stopped_at is not None:
        return MET
    if clock.paused:
        return PAUSED
    if clock.due_at is None:
        return LATER
    left = clock.due_at - now
    if left < 0:
        # Between due and breach the office is closed: still in time, and next on the list.
        return QUARTER if clock.breach_at is not None and now < clock.breach_at else BREACHED
    if left < 900:
        return QUARTER
    if left < 3600:
        return HOUR
    return TODAY if clock.due_at < tomorrow else LATER


def board_lines(rows: Iterable[BoardRow], now: Instant, zone: str) -> list[LaneHead | BoardRow]:
    """Lane headings and rows from the top; lanes without rows are left out."""
    lanes: list[list[BoardRow]] = [[] for _ in LANES]
    tomorrow = days_back(now, zone, 1)[-1]
    for row in rows:
        lanes[lane_of(row.clock, now, tomorrow)].append(row)
    lines: list[LaneHead | BoardRow] = []
    for number, found in enumerate(lanes):
        if found:
            lines.append(LaneHead(number, len(found)))
            lines.extend(found)
    return lines


def first_row(lines: Sequence[LaneHead | BoardRow]) -> BoardRow | None:
    """The clock that is due, or was due, first."""
    return next((row for row in lines if isinstance(row, BoardRow)), None)

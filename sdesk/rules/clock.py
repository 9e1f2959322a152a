"""What goes into the clocks of a ticket and what comes out: moments, clocks, lines of a ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sdesk.rules.calendar import Calendar

Verdict = Literal["running", "paused", "met", "breached"]


@dataclass(frozen=True, slots=True)
class ByHand:
    """A due date that somebody has set, and since when it holds."""

    target: str
    due_at: int
    set_at: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Something the clocks care for, and the ticket's situation from that second on."""

    at: int
    """Epoch seconds."""
    kind: str
    """`opened` by or for a requester · `raised` by an agent on their own account · `answered`: a
    public message of an agent · `asked`: a message of the requester · `changed`: anything else."""
    state: str
    category: str
    priority: int
    policy: str | None
    """The name of the first matching policy."""
    cause: str = ""
    """Why, as the ledger says it: "waiting for customer"."""
    calendar: str = ""
    """The calendar of the ticket's queue, site or customer, for policies that leave it to them."""
    queue: str = ""
    tier: int = 0
    """The tier of the queue; 0 when it is not known."""
    assigned_at: int | None = None
    """When whoever has it now was given it; None while nobody has it."""
    by_hand: tuple[ByHand, ...] = ()
    number: int = 0
    """Of the event that tells of it; 0 when it has none."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A line of the ledger."""

    start: int
    end: int | None
    """None while it lasts."""
    kind: Literal["ran", "paused", "outside"]
    seconds: int
    """Working seconds, also of a pause."""
    cause: str
    state: str = ""
    """Of a pause: what the ticket was in; the cause may be something that came while it stood still."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One target of a ticket as it stands: of one that repeats, its current or latest cycle."""

    target: str
    policy: str
    calendar: str
    priority: int
    budget: int
    """Working seconds."""
    started_at: int
    stopped_at: int | None
    used: int
    due_at: int | None
    """The earliest moment at which the budget is worked; None while paused or stopped, and when
    the calendar has no more opening hours."""
    breach_at: int | None
    """The instant after which the worked time exceeds the budget: from a due at closing time it
    is the next opening. None when `due_at` is."""
    paused: bool
    verdict: Verdict
    """`breached` also while it still runs."""
    breached_at: int | None
    """When the budget was first exceeded; a later reopening leaves it on record."""
    ledger: tuple[Segment, ...] = ()
    by_hand: bool = False
    """Whether the due date was set by hand. Pauses don't move such a date; the budget is then the
    working time up to it."""
    past: tuple[Clock, ...] = ()
    """Earlier cycles, oldest first, each with the verdict it ended with."""

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None and not self.paused

    @property
    def remaining(self) -> int:
        """Working seconds left; negative once breached."""
        return self.budget - self.used

    @property
    def cycles(self) -> tuple[Clock, ...]:
        """Every time this promise was due, oldest first and this one last."""
        return (*self.past, self)

    @property
    def breaches(self) -> int:
        """In how many of its cycles it was broken."""
        return sum(clock.breached_at is not None for clock in self.cycles)


def worked_lines(moment: Moment, end: int, calendar: Calendar) -> list[Segment]:
    """A stretch that counts, by opening hours; its first line bears the moment's cause."""
    lines: list[Segment] = []

    def line(start: int, until: int, kind: Literal["ran", "outside"], otherwise: str) -> None:
        seconds = until - start if kind == "ran" else 0
        cause = moment.cause if start == moment.at else otherwise
        lines.append(Segment(start, until, kind, seconds, cause))

    at = moment.at
    for opening, closing in calendar.segments_s(at, end):
        if opening > at:
            line(at, opening, "outside", "outside hours")
        line(opening, closing, "ran", "open")
        at = closing
    if at < end or not lines:
        is_open = at == end and calendar.is_open_s(at)
        line(at, end, "ran" if is_open else "outside", "outside hours")
    return lines

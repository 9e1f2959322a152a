"""How well promises were kept: every cycle of every clock that was decided in some time. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdesk.rules.clock import Clock


Worked = Callable[[str, int, int], int]
"""The working seconds of a calendar, by its name, from one instant to another."""


class By(StrEnum):
    """What a report has a row for each of."""

    POLICY = "policy"
    QUEUE = "queue"
    ASSIGNEE = "assignee"
    ORGANIZATION = "organization"
    PRIORITY = "priority"


NONE = "none"
"""The group of what has no queue, assignee or organization."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A promise of which it is known whether it was kept: one cycle of a clock."""

    ticket: int
    at: int
    """When that was known: it was broken, or kept to the end."""
    target: str
    policy: str
    priority: int
    queue: str
    assignee: str
    organization: str
    is_met: bool
    over: int
    """Working seconds beyond the budget; 0 where it was kept."""
    share: float
    """How much of the budget was used; 1 is all of it."""
    pauses: tuple[tuple[str, int], ...] = ()
    """State and working seconds that the clock stood still in it."""

    def group(self, by: By) -> str:
        if by is By.PRIORITY:
            return f"P{self.priority}"
        return str(getattr(self, by.value)) or NONE


@dataclass(frozen=True, slots=True)
class Judged:
    """A ticket's decided promises, and when time alone may decide another."""

    ticket: int
    decided: tuple[Decided, ...]
    wakes_at: int | None
    """The first instant at which a running clock is broken; None where none can be."""


@dataclass(slots=True)
class Kept:
    """The promises of one kind to one group."""

    group: str
    target: str
    met: int = 0
    breached: int = 0
    worst: int = 0
    """Working seconds beyond the budget."""
    worst_ticket: int = 0
    shares: list[float] = field(default_factory=list)
    """How much of each budget was used; 1 is all of it."""
    pauses: Counter[str] = field(default_factory=Counter)
    """State → working seconds that clocks stood still in it."""

    @property
    def attainment(self) -> float:
        """The share of promises that were kept, 0 to 1."""
        return self.met / (self.met + self.breached)

    @property
    def median_use(self) -> float:
        return median(self.shares)

    def add(self, promise: Decided) -> None:
        if promise.is_met:
            self.met += 1
        else:
            self.breached += 1
            if promise.over > self.worst or not self.worst_ticket:
                self.worst, self.worst_ticket = promise.over, promise.ticket
        self.shares.append(promise.share)
        for state, seconds in promise.pauses:
            self.pauses[state] += seconds


def decided_at(clock: Clock) -> int | None:
    """When it was known whether the promise is kept; None while that is open."""
    return clock.stopped_at if clock.breached_at is None else clock.breached_at


def all_hours(_calendar: str, start: int, end: int) -> int:
    return end - start


def judge(
    ticket: int, clocks: Iterable[Clock], *, queue: str, assignee: str, organization: str,
    ended_at: int | None = None, worked: Worked = all_hours,
) -> Judged:  # fmt: skip
    """What a ticket's clocks, with their ledgers, have decided in all their cycles; what stands still
    only because the ticket has ended is no pause."""
    decided, wakes = [], []
    for latest in clocks:
        for clock in latest.cycles:
            at = decided_at(clock)
            if at is None:
                if clock.breach_at is not None:
                    wakes.append(clock.breach_at + 1)
                continue
            is_met = clock.breached_at is None
            decided.append(
                Decided(
                    ticket, at, clock.target, clock.policy, clock.priority, queue, assignee,
                    organization, is_met, 0 if is_met else max(0, clock.used - clock.budget),
                    clock.used / clock.budget, _pauses(clock, ended_at, worked),
                )
            )  # fmt: skip
    return Judged(ticket, tuple(decided), min(wakes, default=None))


def _pauses(clock: Clock, ended_at: int | None, worked: Worked) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for segment in clock.ledger:
        if ended_at is not None and segment.start >= ended_at:
            break
        seconds = segment.seconds
        if ended_at is not None and (segment.end is None or segment.end > ended_at):
            # It waited, and was then resolved without having run again.
            seconds = worked(clock.calendar, segment.start, ended_at)
        if segment.kind == "paused" and seconds:
            found[segment.state] = found.get(segment.state, 0) + seconds
    return tuple(found.items())


def attainment(judged: Iterable[Judged], by: By, start: int, end: int) -> list[Kept]:
    """What was decided from `start` until before `end`, by group and target."""
    found: dict[tuple[str, str], Kept] = {}
    for one in judged:
        for promise in one.decided:
            if start <= promise.at < end:
                key = (promise.group(by), promise.target)
                kept = found.get(key)
                if kept is None:
                    kept = found[key] = Kept(*key)
                kept.add(promise)
    return [found[key] for key in sorted(found)]

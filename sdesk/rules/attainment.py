"""How well promises were kept: every cycle of every clock that was decided in some time. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdesk.rules.clock import Clock


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
    """Cause → working seconds that clocks stood still for it."""

    @property
    def attainment(self) -> float:
        """The share of promises that were kept, 0 to 1."""
        return self.met / (self.met + self.breached)

    @property
    def median_use(self) -> float:
        return median(self.shares)

    def add(self, ticket: int, clock: Clock) -> None:
        if clock.breached_at is None:
            self.met += 1
        else:
            self.breached += 1
            over = clock.used - clock.budget
            if over > self.worst or not self.worst_ticket:
                self.worst, self.worst_ticket = max(over, 0), ticket
        self.shares.append(clock.used / clock.budget)
        for segment in clock.ledger:
            if segment.kind == "paused" and segment.seconds:
                self.pauses[segment.cause] += segment.seconds


def decided_at(clock: Clock) -> int | None:
    """When it was known whether the promise is kept; None while that is open."""
    return clock.stopped_at if clock.breached_at is None else clock.breached_at


def attainment(clocks: Iterable[tuple[str, int, Clock]], start: int, end: int) -> list[Kept]:
    """Of (group, ticket, clock): what was decided from `start` until before `end`, by group and target."""
    found: dict[tuple[str, str], Kept] = {}
    for group, ticket, latest in clocks:
        for clock in latest.cycles:
            at = decided_at(clock)
            if at is not None and start <= at < end:
                key = (group, clock.target)
                found.setdefault(key, Kept(*key)).add(ticket, clock)
    return [found[key] for key in sorted(found)]

"""What the dashboard reads, in worker threads: the desk's state now, and which promises were kept."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sdesk.rules.periods import Span, days_back

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdesk.desk import Desk
    from sdesk.rules.attainment import Judged

DAYS = 14
"""Days of tickets opened and resolved."""
TELL = 0.7
"""Seconds between two words on how far the reading is."""
LIVE = "state:open"
QUERIES = {
    "live": LIVE,
    "unassigned": f"{LIVE} is:unassigned",
    "at risk": f"{LIVE} is:at-risk",
    "breached": f"{LIVE} is:breached",
    "overdue": "state:waiting until<now",
}
"""What is counted now, and the query behind each count."""
Spread = dict[tuple[str, int], int]
"""(queue, priority) → how many."""


@dataclass(frozen=True, slots=True)
class Situation:
    """The desk as it is now."""

    counts: Mapping[str, Spread] = field(default_factory=dict)
    """By the names of `QUERIES`."""
    created: tuple[int, ...] = ()
    """Tickets opened on each of the last days, today's last."""
    resolved: tuple[int, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Queue key → the name people know."""
    scores: Mapping[int, int] = field(default_factory=dict)
    """From 1 to 5: how many requesters were so satisfied, of those that said it in the period."""


def situation(desk: Desk, span: Span) -> Situation:
    """Counts over indexes: some tenths of a second at a million tickets."""
    read, days = desk.read, days_back(desk.now(), desk.settings.zone, DAYS)
    return Situation(
        counts={name: read.spread(query) for name, query in QUERIES.items()},
        created=_by_day(read.moments_since("created_at", days[0]), days),
        resolved=_by_day(read.moments_since("resolved_at", days[0]), days),
        names={queue.key: queue.name for queue in read.queues()},
        scores=desk.scores(span.start, span.end),
    )


def _by_day(moments: list[int], days: list[int]) -> tuple[int, ...]:
    found = [0] * (len(days) - 1)
    for at in moments:
        if days[0] <= at < days[-1]:
            found[bisect_right(days, at) - 1] += 1
    return tuple(found)


class Record:
    """The judged tickets known so far. A longer period reads what is missing; a change of the store,
    or a clock that has run out since, only the tickets concerned."""

    def __init__(self) -> None:
        self._judged: dict[int, Judged] = {}
        self._event = 0
        self._reading = threading.Lock()

    def known(self) -> list[Judged]:
        """What has been judged; while a reading goes on, as far as it is."""
        return list(self._judged.values())

    def read(
        self, desk: Desk, span: Span, is_cancelled: Callable[[], bool]
    ) -> Iterator[tuple[int, int]]:
        """Judge what is missing of these days; tells (done, of all) now and then, and at the end."""
        with self._reading:
            self._forget_what_changed(desk)
            tickets = desk.read.promised(span.start, span.end)
            # The newest first: they are what is looked at, and the longest ago may not be waited for.
            missing = [ticket for ticket in tickets if ticket not in self._judged][::-1]
            told = time.monotonic()
            for done, one in enumerate(desk.judged(missing)):
                if is_cancelled():
                    return
                self._judged[one.ticket] = one
                if time.monotonic() - told > TELL:
                    yield done, len(missing)
                    told = time.monotonic()
            yield len(missing), len(missing)

    def _forget_what_changed(self, desk: Desk) -> None:
        event = desk.read.last_event()
        if event != self._event:
            touched, agreements = desk.read.touched(self._event) if self._judged else (set(), False)
            for ticket in list(self._judged) if agreements else touched:
                self._judged.pop(ticket, None)
            self._event = event
        now = desk.now()
        for one in self.known():
            if one.wakes_at is not None and one.wakes_at <= now:
                del self._judged[one.ticket]

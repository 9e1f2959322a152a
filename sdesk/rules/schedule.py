"""When something that is done again and again is due: "every day at 02:30", "every six hours".

Days are those of the desk's zone: on the day on which 02:30 comes twice it counts once, and on the day
on which there is none the moment an hour later takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from sdesk.model import Instant

DAY = 86_400
AHEAD = 3_600
"""Seconds by which the last time may lie in the future, as a clock leaves it that was set back a bit."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every so many seconds; in whole days, at a time of the clock."""

    every: int
    at: time
    zone: str = "UTC"

    def is_due(self, last: Instant | None, now: Instant) -> bool:
        """Whether it is to be done now, when it was last done then."""
        if last is None or last - now > AHEAD:
            # Never, or the clock was far ahead then.
            return True
        if last >= now:
            return False
        if self.every % DAY:
            return now - last >= self.every
        before, here = self._slot(last), self._slot(now)
        return (here - before).days >= self.every // DAY

    def late(self, last: Instant | None, now: Instant) -> bool:
        """Whether two periods have gone by without it."""
        return last is None or now - last > 2 * self.every

    def _slot(self, at: Instant) -> date:
        """The day whose turn it was at that moment: it begins when the clock strikes."""
        zone = ZoneInfo(self.zone)
        day = datetime.fromtimestamp(at, zone).date()
        begins = datetime.combine(day, self.at, zone).timestamp()
        return day if at >= begins else day - timedelta(days=1)

"""How long texts are kept: ages in calendar years, months, weeks and days. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from sdesk.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

ERASE = "erase"
ACTIONS = (ERASE,)
AHEAD = 30 * 86_400
"""Seconds without any event after which a host's clock is doubted."""
_AGE = re.compile(r"(\d{1,4})(y|m|w|d)(?:ears?|onths?|eeks?|ays?)?")
_MONTHS = {"y": 12, "m": 1}
_DAYS = {"w": 7, "d": 1}


class Age(NamedTuple):
    """So many whole months and days."""

    months: int
    days: int

    @classmethod
    def parse(cls, text: str) -> Age:
        """From "3y", "18 months", "1y6m" or "90d". Raises `Invalid`."""
        written = re.sub(r"\s+", "", text).lower()
        found = list(_AGE.finditer(written))
        if not found or "".join(part[0] for part in found) != written:
            raise Invalid(f"Age '{text}' can't be read.", "Write it like 3y, 18m, 6w or 90d.")
        months = sum(int(m[1]) * _MONTHS.get(m[2], 0) for m in found)
        days = sum(int(m[1]) * _DAYS.get(m[2], 0) for m in found)
        if not months and not days:
            raise Invalid(f"Age '{text}' is no time at all.", "Write it like 3y, 18m, 6w or 90d.")
        return cls(months, days)

    def before(self, now: int, zone: str) -> int:
        """The instant that is so old at `now`, by the calendar of that zone: three years before the
        29th of February is the 28th."""
        here = datetime.fromtimestamp(now, ZoneInfo(zone))
        whole = here.year * 12 + here.month - 1 - self.months
        if whole < 12:
            return 0
        year, month = divmod(whole, 12)
        day = min(here.day, monthrange(year, month + 1)[1])
        try:
            then = here.replace(year=year, month=month + 1, day=day) - timedelta(days=self.days)
        except OverflowError:
            return 0
        return max(0, int(then.timestamp()))


class Rule(NamedTuple):
    """What is erased by itself."""

    name: str
    query: str
    after: str
    action: str = ERASE


def doubt(moments: Sequence[int], now: int) -> int:
    """Seconds that the clock has jumped ahead, as far as the newest events (oldest first) tell; 0
    where it can be believed. A jump stays in doubt although somebody has worked since."""
    times = [*moments, now]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    worst = max(gaps, default=0)
    return worst if worst > AHEAD else 0

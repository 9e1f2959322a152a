"""Quiet hours: from and to which time of day nobody is disturbed. Pure."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sdesk.errors import Invalid

_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]):([0-5]\d)")


class Quiet(NamedTuple):
    """The hours between two times of day; "22:00-07:00" runs past midnight."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Quiet:
        """Read "22:00-07:00". Raises `Invalid`."""
        found = _HOURS.fullmatch(text.strip())
        if found is None:
            raise Invalid(f"'{text}' are no quiet hours.", "Write them like '22:00-07:00'.")
        start, end = (time(int(found[n]), int(found[n + 1])) for n in (1, 3))
        if start == end:
            raise Invalid(f"'{text}': quiet hours begin and end at two times.")
        return cls(start, end)

    def ends_at(self, now: int, zone: str) -> int:
        """When people may be told of what happens now: at once, or when the hours are over."""
        local = datetime.fromtimestamp(now, ZoneInfo(zone))
        at, (start, end) = local.time(), self
        inside = start <= at < end if start < end else at >= start or at < end
        if not inside:
            return now
        day = local.date() + timedelta(days=int(at >= end))
        return int(datetime.combine(day, end, ZoneInfo(zone)).timestamp())

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

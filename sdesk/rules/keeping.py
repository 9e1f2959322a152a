"""Which backups stay: "7d 4w 12m" keeps the newest of each of the last seven days, four weeks, twelve months.

Days, weeks and months are those of the calendar in UTC, as the names of backups are; the one that runs
counts. So what a backup holds is gone for good at a day that is known when it is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sdesk.errors import Invalid

if TYPE_CHECKING:
    from sdesk.model import Instant

_PART = re.compile(r"([1-9][0-9]{0,3})([dwmy])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Copied:
    """A backup, as far as keeping it goes."""

    name: str
    at: Instant
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Keep:
    """So many of each period."""

    days: int = 0
    weeks: int = 0
    months: int = 0
    years: int = 0

    @classmethod
    def parse(cls, text: str) -> Keep:
        """Raises `Invalid` naming the word that can't be read."""
        counts: dict[str, int] = {}
        for word in text.split():
            found = _PART.fullmatch(word)
            if found is None:
                raise Invalid(
                    f"'{word[:20]}' says not how many backups are kept.",
                    "Days, weeks, months, years: 7d 4w 12m.",
                )
            if found[2] in counts:
                raise Invalid(f"'{text[:40]}' has two counts of '{found[2]}'.")
            counts[found[2]] = int(found[1])
        if not counts:
            raise Invalid("Nothing would be kept.", "Days, weeks, months, years: 7d 4w 12m.")
        return cls(*(counts.get(unit, 0) for unit in "dwmy"))

    def __str__(self) -> str:
        pairs = zip((self.days, self.weeks, self.months, self.years), "dwmy", strict=True)
        return " ".join(f"{count}{unit}" for count, unit in pairs if count)

    def kept(self, copies: Iterable[Copied], now: Instant) -> set[str]:
        """The names of those that stay: the newest of each period, and always the newest verified one."""
        every = sorted(copies, key=lambda copy: (copy.at, copy.name), reverse=True)
        stays = {copy.name for copy in every if copy.at > now}
        if newest := next((copy for copy in every if copy.verified), None):
            stays.add(newest.name)
        for count, period in self._periods():
            oldest = _back(_day(now), period, count - 1)
            seen: set[date] = set()
            for copy in every:
                begin = period(_day(copy.at))
                if count and begin >= oldest and begin not in seen and copy.at <= now:
                    seen.add(begin)
                    stays.add(copy.name)
        return stays

    def expires(self, at: Instant) -> Instant:
        """When one that was made at that moment is kept no longer, at the latest and if others follow."""
        ends = [at]
        for count, period in self._periods():
            if count:
                end = period(_day(at))
                for _ in range(count):
                    end = _after(end, period)
                ends.append(int(datetime(end.year, end.month, end.day, tzinfo=UTC).timestamp()))
        return max(ends)

    def _periods(self) -> tuple[tuple[int, Callable[[date], date]], ...]:
        return (
            (self.days, lambda day: day),
            (self.weeks, lambda day: day - timedelta(days=day.weekday())),
            (self.months, lambda day: day.replace(day=1)),
            (self.years, lambda day: day.replace(month=1, day=1)),
        )


def _day(at: Instant) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def _back(day: date, period: Callable[[date], date], count: int) -> date:
    """The first day of the period so many before the one of that day."""
    begin = period(day)
    for _ in range(count):
        begin = period(begin - timedelta(days=1))
    return begin


def _after(begin: date, period: Callable[[date], date]) -> date:
    """The first day of the next period."""
    day = begin + timedelta(days=1)
    while period(day) == begin:
        day += timedelta(days=1)
    return day

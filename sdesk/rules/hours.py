"""Opening hours as written: reading them with clear complaints, and turning days into instants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sdesk.errors import Invalid, did_you_mean

Span = tuple[int, int]
"""Two epoch seconds, or two minutes of a day; half-open."""

FIRST_DAY, LAST_DAY = date(1800, 1, 1).toordinal(), date(2399, 12, 31).toordinal()
"""Nothing is open outside of these: a mistaken year must not compile thousands of them."""
CYCLE = 41 * 366
"""Days within which every weekday has met every date of the year, also over a year like 2100."""
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT = 24 * 60
_EPOCH = datetime(1970, 1, 1)
_EPOCH_DAY = _EPOCH.toordinal()
_SECOND = timedelta(seconds=1)
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_DATE = re.compile(r"(\d{4}|\*)-(\d{2})-(\d{2})")


class CalendarError(Invalid):
    """A calendar that can't be, or a question it has no answer to."""


class Hours:
    """Weekly hours, holidays, exceptions and breaks of one time zone, by day.

    Days are proleptic ordinals. A shift belongs to the day it starts on, so a holiday cancels the
    shifts that start on it; a break takes time out wherever it falls.
    """

    def __init__(
        self,
        zone: str,
        hours: Mapping[str, Sequence[Sequence[str]]],
        holidays: Iterable[str],
        exceptions: Mapping[str, Sequence[Sequence[str]]],
        breaks: Mapping[str, Sequence[Sequence[str]]],
    ) -> None:
        self.zone = _zone(zone)
        self._week = _week(hours)
        self._holidays, self._yearly = _holidays(holidays)
        self._exceptions = _dated(exceptions, "exceptions")
        self._breaks = _dated(breaks, "breaks")
        self._offsets: dict[int, int] = {}

    def to_json(self) -> dict[str, Any]:
        yearly = [f"*-{month:02}-{day:02}" for month, day in sorted(self._yearly)]
        once = [date.fromordinal(day).isoformat() for day in sorted(self._holidays)]
        return {
            "zone": self.zone.key,
            "hours": {d: _texts(s) for d, s in zip(WEEK, self._week, strict=True) if s},
            "holidays": once + yearly,
            "exceptions": _dates(self._exceptions),
            "breaks": _dates(self._breaks),
        }

    def on(self, day: int) -> list[Span]:
        """The open intervals of the shifts that start on a day, as epoch seconds, unmerged."""
        return self._without_breaks(self._shifts(day), range(day - 1, day + 3))

    def between(self, first: int, last: int) -> Iterator[Span]:
        """The open intervals of all shifts that start in these days, unmerged."""
        for day in range(first, last + 1):
            if spans := self._shifts(day):
                yield from self._without_breaks(spans, range(day - 1, day + 3))

    def instant(self, wall: datetime) -> int:
        """The epoch second of a local time.

        A time that DST skips is the moment of the change, a time that repeats is the first one.
        """
        naive = (wall - _EPOCH) // _SECOND
        before = _offset(wall.replace(tzinfo=self.zone))
        after = _offset(wall.replace(tzinfo=self.zone, fold=1))
        if before >= after:
            return naive - before
        return self._change(naive - after, naive - before)

    def may_never_open(self) -> bool:
        """Whether it takes a search to tell that there is any opening at all."""
        return not any(self._week) or len(self._yearly) > 300

    def ever_opens(self) -> bool:
        if any(self.on(day) for day in self._exceptions):
            return True
        if not any(self._week):
            return False
        start = min(self.closed_after(FIRST_DAY), LAST_DAY) - CYCLE
        return any(self.on(day) for day in range(start, min(start + CYCLE, LAST_DAY)))

    def closed_after(self, day: int) -> int:
        """The day that proves it: with no opening from `day` to there, none will follow."""
        latest = max(day, *self._exceptions, *self._holidays, *self._breaks, FIRST_DAY) + 2
        return latest + CYCLE if any(self._week) else latest

    def closed_before(self, day: int) -> int:
        """The same backwards: with no opening from there to `day`, none came earlier."""
        earliest = min(day, *self._exceptions, *self._holidays, *self._breaks, LAST_DAY) - 2
        return earliest - CYCLE if any(self._week) else earliest

    def _shifts(self, day: int) -> list[Span]:
        shifts = self._exceptions.get(day)
        if shifts is None:
            shifts = self._week[(day - 1) % 7]
            if not shifts or self._is_holiday(day):
                return []
        return self._instants(day, shifts)

    def _is_holiday(self, day: int) -> bool:
        if day in self._holidays:
            return True
        if not self._yearly:
            return False
        at = date.fromordinal(day)
        return (at.month, at.day) in self._yearly

    def _instants(self, day: int, shifts: Iterable[Span]) -> list[Span]:
        offset = self._steady_offset(day)
        if offset is not None:
            start = (day - _EPOCH_DAY) * 86_400 - offset
            return [(start + 60 * opening, start + 60 * closing) for opening, closing in shifts]
        midnight = datetime.fromordinal(day)
        found = []
        for opening, closing in shifts:
            start = self.instant(midnight + timedelta(minutes=opening))
            end = self.instant(midnight + timedelta(minutes=closing))
            if start < end:
                found.append((start, end))
        return found

    def _steady_offset(self, day: int) -> int | None:
        """The offset from UTC of every shift that starts on a day; None near a change of it."""
        offset = self._offset_of_day(day + 1)
        if self._offset_of_day(day - 1) == offset == self._offset_of_day(day + 3):
            return offset
        return None

    def _offset_of_day(self, day: int) -> int:
        """The offset at midnight UTC, remembered: a compilation asks for each several times."""
        offset = self._offsets.get(day)
        if offset is None:
            offset = self._offsets[day] = self._offset_at((day - _EPOCH_DAY) * 86_400)
        return offset

    def _without_breaks(self, spans: list[Span], days: Iterable[int]) -> list[Span]:
        if not self._breaks:
            return spans
        for day in days:
            for start, end in self._instants(day, self._breaks.get(day, ())):
                spans = [piece for span in spans for piece in _minus(span, start, end)]
        return spans

    def _change(self, early: int, late: int) -> int:
        """The first second after `early` that has another offset from UTC, by halving."""
        offset = self._offset_at(early)
        while late - early > 1:
            middle = (early + late) // 2
            if self._offset_at(middle) == offset:
                early = middle
            else:
                late = middle
        return late

    def _offset_at(self, second: int) -> int:
        return _offset(datetime.fromtimestamp(second, self.zone))


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Sorted spans as disjoint ones with a gap between any two."""
    current: Span | None = None
    for start, end in sorted(spans):
        if current is None:
            current = start, end
        elif start <= current[1]:
            current = current[0], max(current[1], end)
        else:
            yield current
            current = start, end
    if current is not None:
        yield current


def _offset(at: datetime) -> int:
    offset = at.utcoffset()
    assert offset is not None, "only zoned times come here"
    return offset // _SECOND


def _minus(span: Span, start: int, end: int) -> Iterator[Span]:
    if span[0] < min(span[1], start):
        yield span[0], min(span[1], start)
    if max(span[0], end) < span[1]:
        yield max(span[0], end), span[1]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        hint = did_you_mean(str(name), available_timezones()) or "Write it like 'Europe/Helsinki'."
        raise CalendarError(f"zone: {name!r} is not a time zone.", hint) from None


def _week(hours: Mapping[str, Sequence[Sequence[str]]]) -> tuple[tuple[Span, ...], ...]:
    if not isinstance(hours, Mapping):
        raise CalendarError(f"hours: {hours!r} does not give intervals by day of the week.")
    for day in hours:
        if day not in WEEK:
            raise CalendarError(
                f"hours: {day!r} is not a day of the week.", did_you_mean(str(day), WEEK)
            )
    return tuple(_shifts(hours.get(day, ()), f"hours.{day}") for day in WEEK)


def _dated(
    entries: Mapping[str, Sequence[Sequence[str]]], place: str
) -> dict[int, tuple[Span, ...]]:
    if not isinstance(entries, Mapping):
        raise CalendarError(f"{place}: {entries!r} does not give intervals by date.")
    return {_day(day, place): _shifts(spans, f"{place}.{day}") for day, spans in entries.items()}


def _holidays(entries: Iterable[str]) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    if isinstance(entries, str):
        raise CalendarError(f"holidays: {entries!r} is not a list of dates.")
    once, yearly = set(), set()
    for entry in entries:
        if str(entry).startswith("*"):
            # A leap year, so that every year's 29 February is a date.
            at = date.fromordinal(_day(entry, "holidays", year=2000))
            yearly.add((at.month, at.day))
        else:
            once.add(_day(entry, "holidays"))
    return frozenset(once), frozenset(yearly)


def _day(text: str, place: str, year: int | None = None) -> int:
    found = _DATE.fullmatch(str(text))
    try:
        if found is None:
            raise ValueError
        day = date(year or int(found[1]), int(found[2]), int(found[3])).toordinal()
        if not FIRST_DAY <= day <= LAST_DAY:
            raise CalendarError(f"{place}: {text!r} is not between 1800 and 2399.")
    except ValueError:
        raise CalendarError(
            f"{place}: {text!r} is not a date.", "Write it like '2026-12-24'."
        ) from None
    return day


def _shifts(spans: Sequence[Sequence[str]], place: str) -> tuple[Span, ...]:
    if isinstance(spans, str) or not isinstance(spans, Sequence):
        raise CalendarError(f"{place}: {spans!r} is not a list of intervals.")
    return tuple(_shift(span, place) for span in spans)


def _shift(span: Sequence[str], place: str) -> Span:
    if isinstance(span, str) or not isinstance(span, Sequence) or len(span) != 2:
        raise CalendarError(f"{place}: {span!r} is not an opening and a closing time.")
    opening, closing = _minutes(span[0], place), _minutes(span[1], place)
    if opening == _MIDNIGHT:
        raise CalendarError(
            f"{place}: '24:00' only closes a day.", "The next day opens at '00:00'."
        )
    return opening, closing if closing > opening else closing + _MIDNIGHT


def _minutes(text: str, place: str) -> int:
    found = _TIME.fullmatch(str(text))
    minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else -1
    if not 0 <= minutes <= _MIDNIGHT:
        raise CalendarError(f"{place}: {text!r} is not a time of day.")
    return minutes


def _texts(shifts: Iterable[Span]) -> list[list[str]]:
    return [[_time(opening), _time(closing)] for opening, closing in shifts]


def _time(minutes: int) -> str:
    # 24:00 stays 24:00; what runs past midnight closes at a time of the next day.
    minutes = minutes if minutes <= _MIDNIGHT else minutes - _MIDNIGHT
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _dates(entries: Mapping[int, Iterable[Span]]) -> dict[str, list[list[str]]]:
    return {date.fromordinal(day).isoformat(): _texts(entries[day]) for day in sorted(entries)}

"""Working time: when a desk is open, and where an amount of open time ends.

A calendar compiles its opening hours once into sorted arrays of epoch seconds with running totals,
and extends them by years when a question reaches further; every question is then a bisection.
Instants are UTC, intervals half-open, seconds physical: a night shift over the autumn change has
its extra hour. Methods ending in `_s` take and return epoch seconds, for bulk work.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sdesk.rules.hours import FIRST_DAY, LAST_DAY, WEEK, CalendarError, Hours, Span, merged

Interval = tuple[datetime, datetime]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY = 86_400
_YEAR = 366
_LOOK_BACK = 40
_EVER = 1 << 60
_LONGEST = 400 * _DAY


class Calendar:
    """The opening hours of a desk, and the arithmetic of working time on them."""

    def __init__(
        self,
        *,
        zone: str,
        hours: Mapping[str, Sequence[Sequence[str]]],
        holidays: Iterable[str] = (),
        exceptions: Mapping[str, Sequence[Sequence[str]]] | None = None,
        breaks: Mapping[str, Sequence[Sequence[str]]] | None = None,
        name: str = "",
    ) -> None:
        self.name = name
        self._hours = Hours(zone, hours, holidays, exceptions or {}, breaks or {})
        self._table = _NOTHING
        if self._hours.may_never_open() and not self._hours.ever_opens():
            raise CalendarError(
                f"{self._label()} never opens.", "Give it opening hours on a day of the week."
            )

    @classmethod
    def always(cls, name: str = "24/7") -> Calendar:
        """A calendar that never closes."""
        return cls(zone="UTC", hours={day: [("00:00", "24:00")] for day in WEEK}, name=name)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Calendar:
        """The calendar that `to_json` described."""
        unknown = set(values) - {"name", "zone", "hours", "holidays", "exceptions", "breaks"}
        if unknown:
            raise CalendarError(f"A calendar has no {sorted(unknown)[0]!r}.")
        if "zone" not in values or "hours" not in values:
            missing = "zone" if "zone" not in values else "hours"
            raise CalendarError(f"The calendar {values.get('name', '')!r} has no {missing}.")
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Plain values in a fixed order, so that equal calendars make equal text."""
        return {"name": self.name, **self._hours.to_json()}

    @property
    def zone(self) -> str:
        """The name of the time zone the hours are told in."""
        return self._hours.zone.key

    def __repr__(self) -> str:
        return f"Calendar({self.name!r}, zone={self.zone!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.name, self.zone))

    def due(self, start: datetime, seconds: int) -> datetime:
        """The earliest moment with `seconds` of working time since `start`.

        Work that ends at closing time is due at closing time, not at the next opening.
        """
        at = _seconds(start)
        if start.microsecond and seconds > 0 and self.is_open_s(at):
            return _moment(self.overrun_s(at, seconds), start)
        return _moment(self.due_s(at, seconds)) if seconds else start.astimezone(UTC)

    def due_back(self, start: datetime, seconds: int) -> datetime:
        """The latest moment from which `seconds` of working time lead up to `start`."""
        at = _seconds(start)
        if start.microsecond and seconds > 0 and self.is_open_s(at):
            return _moment(self.due_back_s(at, seconds), start)
        return _moment(self.due_back_s(at, seconds)) if seconds else start.astimezone(UTC)

    def elapsed(self, start: datetime, end: datetime) -> int:
        """Whole working seconds from `start` to `end`; 0 when the end comes first."""
        first, last = _seconds(start), _seconds(end)
        worked = self.elapsed_s(first, last)
        if worked and (start.microsecond or end.microsecond):
            begun = start.microsecond if self.is_open_s(first) else 0
            ended = end.microsecond if self.is_open_s(last) else 0
            return worked - (ended < begun)
        return worked

    def is_open(self, at: datetime) -> bool:
        """Whether the desk works at this moment; not any more at closing time itself."""
        return self.is_open_s(_seconds(at))

    def next_open(self, at: datetime) -> datetime:
        """The first working moment at or after `at`."""
        if self.is_open(at):
            return at.astimezone(UTC)
        return _moment(self.next_open_s(_seconds(at)))

    def prev_open(self, at: datetime) -> datetime:
        """The last moment at or before `at` that ends some working time: often a closing time."""
        if at.microsecond and self.is_open(at):
            return at.astimezone(UTC)
        return _moment(self.prev_open_s(_seconds(at)))

    def segments(self, start: datetime, end: datetime) -> list[Interval]:
        """The open intervals between two moments, clipped to them; adjoining ones are one."""
        found = self.segments_s(_seconds(start), _seconds(end))
        return [(_moment(opened), _moment(closed)) for opened, closed in found]

    def segments_after(self, start: datetime, count: int) -> list[Interval]:
        """The next `count` open intervals, the first one clipped to `start`.

        An interval of more than a year may come in pieces, in `segments_before` as well.
        """
        found: list[Interval] = []
        at = _seconds(start)
        while len(found) < count:
            opened = self.next_open_s(at)
            at = self._covering(opened, opened + _LONGEST).closing(opened)
            found.append((_moment(opened), _moment(at)))
        return found

    def segments_before(self, start: datetime, count: int) -> list[Interval]:
        """The last `count` open intervals, the latest first and clipped to `start`."""
        found: list[Interval] = []
        at = _seconds(start)
        while len(found) < count:
            closed = self.prev_open_s(at)
            at = self._covering(closed - _LONGEST, closed).opening(closed)
            found.append((_moment(at), _moment(closed)))
        return found

    def add_days(self, start: datetime, days: int, end_of_day: bool = False) -> datetime:
        """The same time of day `days` working days later (earlier when negative).

        A time outside hours moves on to the next opening (back to the last closing). With
        `end_of_day` the answer is the last closing of that working day.
        """
        return _moment(self.add_days_s(_seconds(start), days, end_of_day))

    def add_days_s(self, start: int, days: int, end_of_day: bool = False) -> int:
        if days == 0 and not end_of_day:
            return self.next_open_s(start)
        local = datetime.fromtimestamp(start, self._hours.zone).replace(tzinfo=None, fold=0)
        day = self._working_day(local.toordinal(), days)
        if end_of_day:
            return max(closed for _, closed in self._hours.on(day))
        same = self._hours.instant(local + timedelta(day - local.toordinal()))
        return self.next_open_s(same) if days > 0 else self.prev_open_s(same)

    def due_s(self, start: int, seconds: int) -> int:
        if seconds <= 0:
            return self._no_work(start, seconds)
        table = self._table
        if start < table.low or start > table.high:
            table = self._covering(start, start)
        target = table.worked(start) + seconds
        while table.total < target:
            table = self._later()
        totals = table.totals
        index = bisect_left(totals, target) - 1
        return table.starts[index] + target - totals[index]

    def overrun_s(self, start: int, seconds: int) -> int:
        """The instant after which the time worked since `start` exceeds `seconds`.

        It is `due_s`, except that work which ends at closing time is exceeded from the next
        opening on.
        """
        table = self._covering(start, start)
        target = table.worked(start) + seconds
        while table.total <= target:
            table = self._later()
        index = bisect_right(table.totals, target) - 1
        return max(start, table.starts[index] + target - table.totals[index])

    def due_back_s(self, start: int, seconds: int) -> int:
        if seconds <= 0:
            return self._no_work(start, seconds)
        table = self._covering(start, start)
        while (target := table.worked(start) - seconds) < table.base:
            table = self._earlier()
        index = bisect_right(table.totals, target) - 1
        return table.starts[index] + target - table.totals[index]

    def elapsed_s(self, start: int, end: int) -> int:
        if end <= start:
            return 0
        table = self._table
        if start < table.low or end > table.high:
            table = self._covering(start, end)
        starts, ends, totals = table.starts, table.ends, table.totals
        worked = 0
        # `table.worked` twice, written out: reports and imports ask this most.
        if (index := bisect_right(starts, end) - 1) >= 0:
            closed = ends[index]
            worked = totals[index] + (end if end < closed else closed) - starts[index]
        if (index := bisect_right(starts, start) - 1) >= 0:
            closed = ends[index]
            worked -= totals[index] + (start if start < closed else closed) - starts[index]
        return worked

    def is_open_s(self, at: int) -> bool:
        table = self._covering(at, at)
        index = bisect_right(table.starts, at) - 1
        return index >= 0 and at < table.ends[index]

    def next_open_s(self, at: int) -> int:
        table = self._covering(at, at)
        while (index := bisect_right(table.ends, at)) == len(table.ends):
            table = self._later()
        return max(at, table.starts[index])

    def prev_open_s(self, at: int) -> int:
        table = self._covering(at, at)
        while True:
            index = bisect_left(table.starts, at) - 1
            if index >= 0 and table.ends[index] > table.low:
                return min(at, table.ends[index])
            table = self._earlier()

    def segments_s(self, start: int, end: int) -> list[Span]:
        if end <= start:
            return []
        table = self._covering(start, end)
        first, last = bisect_right(table.ends, start), bisect_left(table.starts, end)
        return [
            (max(start, table.starts[index]), min(end, table.ends[index]))
            for index in range(first, last)
        ]

    def _no_work(self, start: int, seconds: int) -> int:
        if seconds < 0:
            raise CalendarError(f"{seconds} seconds is no amount of working time.")
        return start

    def _working_day(self, day: int, days: int) -> int:
        """The day that is `days` working days away; for 0 the day itself or the next one."""
        step = 1 if days >= 0 else -1
        left = abs(days)
        last = day
        while left or not self._hours.on(last):
            day += step
            if not self._may_open(last, day):
                raise self._closed(last, step)
            if self._hours.on(day):
                last, left = day, max(left - 1, 0)
        return last

    def _covering(self, start: int, end: int) -> _Table:
        """A table that is right from `start` to `end`.

        Tables are values and replaced as a whole, so threads may ask one calendar at once.
        """
        table = self._table
        if start >= table.low and end <= table.high:
            return table
        first, last = start // _DAY + _EPOCH_DAY, end // _DAY + _EPOCH_DAY
        if table is not _NOTHING:
            first, last = min(first, table.first_day), max(last, table.last_day)
        if table is _NOTHING or first < table.first_day:
            first -= _YEAR if table is not _NOTHING else _LOOK_BACK
        if table is _NOTHING or last > table.last_day:
            last += _YEAR
        return self._extend(first, last)

    def _later(self) -> _Table:
        table = self._table
        last = table.ends[-1] // _DAY + _EPOCH_DAY if table.ends else table.first_day
        if not self._may_open(last, table.last_day):
            raise self._closed(last, 1)
        return self._extend(table.first_day, table.last_day + max(_YEAR, table.days // 2))

    def _earlier(self) -> _Table:
        table = self._table
        first = table.starts[0] // _DAY + _EPOCH_DAY if table.starts else table.last_day
        if not self._may_open(first, table.first_day):
            raise self._closed(first, -1)
        return self._extend(table.first_day - max(_YEAR, table.days // 2), table.last_day)

    def _may_open(self, opened: int, reached: int) -> bool:
        """Whether days beyond `reached` can still work, when none does between it and `opened`."""
        if reached < opened:
            return reached > max(self._hours.closed_before(opened), FIRST_DAY)
        return reached < min(self._hours.closed_after(opened), LAST_DAY)

    def _extend(self, first: int, last: int) -> _Table:
        first, last = max(first, FIRST_DAY), min(last, LAST_DAY)
        table = self._table
        if table is _NOTHING:
            spans = list(self._hours.between(first, last))
        else:
            spans = list(self._hours.between(first, table.first_day - 1))
            spans += zip(table.starts, table.ends, strict=True)
            spans += self._hours.between(table.last_day + 1, last)
        self._table = table = _Table(first, last, merged(spans))
        return table

    def _closed(self, day: int, step: int) -> CalendarError:
        when = date.fromordinal(min(max(day, FIRST_DAY), LAST_DAY))
        side = "after" if step > 0 else "before"
        return CalendarError(
            f"{self._label()} never opens {side} {when}.",
            "Give it opening hours on a day of the week.",
        )

    def _label(self) -> str:
        return f"The calendar {self.name!r}" if self.name else f"The calendar in {self.zone}"


class _Table:
    """Open segments of a stretch of days: starts, ends, and the open seconds before each."""

    __slots__ = (
        "base", "ends", "first_day", "high", "last_day", "low", "starts", "total", "totals",
    )  # fmt: skip

    def __init__(self, first_day: int, last_day: int, spans: Iterable[Span]) -> None:
        self.first_day, self.last_day = first_day, last_day
        # Lists, as bisection halves its time on them against an array of machine integers.
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.totals: list[int] = []
        self.total = 0
        for start, end in spans:
            self.starts.append(start)
            self.ends.append(end)
            self.totals.append(self.total)
            self.total += end - start
        # A shift may run a day into the next, and a zone may be a day away from UTC.
        self.low = (first_day - _EPOCH_DAY + 3) * _DAY if first_day > FIRST_DAY else -_EVER
        self.high = (last_day - _EPOCH_DAY - 1) * _DAY if last_day < LAST_DAY else _EVER
        self.base = self.worked(self.low)

    @property
    def days(self) -> int:
        return self.last_day - self.first_day

    def worked(self, at: int) -> int:
        """Open seconds from the beginning of the table up to `at`."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0
        end = self.ends[index]
        return self.totals[index] + (at if at < end else end) - self.starts[index]

    def closing(self, at: int) -> int:
        return self.ends[bisect_right(self.starts, at) - 1]

    def opening(self, at: int) -> int:
        return self.starts[bisect_left(self.starts, at) - 1]


def _seconds(at: datetime) -> int:
    try:
        return (at - _EPOCH) // _SECOND
    except TypeError:
        raise CalendarError(f"{at} has no time zone.") from None


def _moment(seconds: int, fraction_of: datetime | None = None) -> datetime:
    at = datetime.fromtimestamp(seconds, UTC)
    return at.replace(microsecond=fraction_of.microsecond) if fraction_of else at


# Covers no moment at all, so the first question compiles.
_NOTHING = _Table(1, 0, ())
_NOTHING.low, _NOTHING.high = 1, 0

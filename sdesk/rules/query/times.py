"""Times in filters: durations, dates and the words for days, as stretches of seconds.

A moment is a stretch `[low, high)`: `2026-11` a month, `today` a day, `10:30` a minute, `now` a
second. So `created:2026-11-01` means within that day, and `created>2026-11-01` after its end.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.model import Instant

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}
_DURATION = re.compile(r"(?:[0-9]{1,7}[smhdwy])+")
_DURATION_PART = re.compile(r"([0-9]+)([smhdwy])")
_OFFSET = re.compile(r"[+-](?:[0-9]{1,7}[smhdwy])+")
_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})(?:[t ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?)?)?"
)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_DAYS = {day[:3]: day for day in DAYS}
NAMED = (
    "now", "today", "yesterday", "tomorrow", *DAYS,
    "week", "last-week", "next-week", "month", "last-month", "next-month", "year", "last-year", "next-year",
)  # fmt: skip
_MOST = 200 * 365 * 86400


def duration(text: str) -> int | None:
    """Seconds of `1h`, `2d`, `1h30m`; None when it is no duration, or one beyond two centuries."""
    if not _DURATION.fullmatch(text):
        return None
    seconds = sum(int(n) * _UNITS[unit] for n, unit in _DURATION_PART.findall(text))
    return seconds if seconds <= _MOST else None


def moment(text: str) -> str | None:
    """The moment in its one spelling, or None when it is none."""
    word = text.strip().lower()
    word = _SHORT_DAYS.get(word, word)
    if word in NAMED:
        return word
    if _OFFSET.fullmatch(word):
        return word if duration(word[1:]) is not None else None
    try:
        return word if _fields(word) else None
    except ValueError:
        return None


def _fields(word: str) -> tuple[int, ...] | None:
    """The numbers of a date or a time of day. Raises ValueError for the 31st of February."""
    if found := _DATE.fullmatch(word):
        numbers = tuple(int(n) for n in found.groups() if n is not None)
        if not 1970 <= numbers[0] <= 2999:
            raise ValueError(word)
        year, month, day, *clock = (*numbers, 1, 1)[: max(3, len(numbers))]
        date(year, month, day)
        _time(clock)
        return numbers
    if found := _CLOCK.fullmatch(word):
        numbers = tuple(int(n) for n in found.groups() if n is not None)
        _time(numbers)
        return numbers
    return None


def _time(numbers: Sequence[int]) -> time:
    hour, minute, second = (*numbers, 0, 0, 0)[:3]
    return time(hour, minute, second)


def span(text: str, now: Instant, zone: str, *, ahead: bool) -> tuple[Instant, Instant]:
    """The stretch `[low, high)` a moment stands for; `ahead` looks for the next `monday`, not the last."""
    if text == "now":
        return now, now + 1
    if text[0] in "+-" and text[1:2].isdigit():
        seconds = duration(text[1:]) or 0
        at = now + seconds if text[0] == "+" else now - seconds
        return at, at + 1
    place = _zone(zone)
    today = datetime.fromtimestamp(now, place).date()
    if ":" in text:
        return _minute(text, today, place)
    first, last = _days(text, today, ahead)
    return _start(first, place), _start(last, place)


def _minute(text: str, today: date, place: ZoneInfo) -> tuple[Instant, Instant]:
    numbers = _fields(text) or ()
    has_date = numbers[0] >= 1970
    clock = numbers[3:] if has_date else numbers
    day = date(*numbers[:3]) if has_date else today
    at = int(datetime.combine(day, _time(clock), place).timestamp())
    return at, at + (60 if len(clock) == 2 else 1)


def _days(text: str, today: date, ahead: bool) -> tuple[date, date]:
    """The first day, and the day after the last one."""
    day = timedelta(days=1)
    if text in DAYS:
        away = (
            (DAYS.index(text) - today.weekday()) % 7
            if ahead
            else -((today.weekday() - DAYS.index(text)) % 7)
        )
        return today + away * day, today + (away + 1) * day
    if text in ("today", "yesterday", "tomorrow"):
        first = today + {"today": 0, "yesterday": -1, "tomorrow": 1}[text] * day
        return first, first + day
    if not text[0].isdigit():
        return _named(text, today)
    numbers = _fields(text) or ()
    if len(numbers) == 3:
        first = date(*numbers)
        return first, first + day
    first = date(numbers[0], numbers[1] if len(numbers) > 1 else 1, 1)
    return first, _months(first, 1 if len(numbers) > 1 else 12)


def _named(text: str, today: date) -> tuple[date, date]:
    """`week`, `last-month`, `next-year` …"""
    unit = text.rpartition("-")[2]
    step = {"last": -1, "next": 1}.get(text.partition("-")[0], 0)
    if unit == "week":
        first = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return first, first + timedelta(weeks=1)
    length = 1 if unit == "month" else 12
    first = _months(today.replace(day=1, month=today.month if length == 1 else 1), step * length)
    return first, _months(first, length)


def _months(first: date, count: int) -> date:
    month = first.year * 12 + first.month - 1 + count
    return date(month // 12, month % 12 + 1, 1)


def _start(day: date, place: ZoneInfo) -> Instant:
    return int(datetime(day.year, day.month, day.day, tzinfo=place).timestamp())


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)

"""Closed days out of an iCalendar file: events of whole days, once or every year. Pure.

Only what tells a day: VEVENTs with a date as their start (RFC 5545, 3.6.1), over their length, and
yearly rules by date or by weekday ("the fourth Thursday of November"). Events with a time of day
close nothing; what can't be read is told, not guessed.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sdesk.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST = 60
"""Days of one event that are still believed."""
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NTH = re.compile(r"([+-]?[1-5])(MO|TU|WE|TH|FR|SA|SU)")
_KNOWN_RULE = {"FREQ", "INTERVAL", "UNTIL", "COUNT", "BYMONTH", "BYMONTHDAY", "BYDAY", "WKST"}


@dataclass(slots=True)
class ClosedDays:
    """What a file says."""

    days: dict[str, str] = field(default_factory=dict)
    """`2026-12-24`, or `*-12-25` for every year → what the day is called."""
    left_out: list[str] = field(default_factory=list)
    """A sentence for each event that closes no day."""


Lines = dict[str, list[tuple[str, str]]]
"""Property → its parameters and values."""


def closed_days(text: str, years: Iterable[int]) -> ClosedDays:
    """The closed days of a file; of rules that are no plain date, those in `years`. Raises `Invalid`."""
    if "BEGIN:VCALENDAR" not in text.upper():
        raise Invalid("That is no iCalendar file: it has no BEGIN:VCALENDAR.")
    found = ClosedDays()
    span = sorted(years)
    for event in _events(text):
        name = _unescaped(_value(event, "SUMMARY")) or "(no name)"
        if _value(event, "STATUS").upper() == "CANCELLED":
            continue
        try:
            for day in _closed(event, span):
                found.days.setdefault(day, name)
        except ValueError as error:
            found.left_out.append(f"{name}: {error}")
    return found


def _events(text: str) -> Iterator[Lines]:
    event: Lines | None = None
    # A line that begins with a space goes on where the one before it ended.
    unfolded = re.sub(r"\r?\n[ \t]", "", text.lstrip("\ufeff"))
    for line in unfolded.splitlines():
        head, _, value = line.partition(":")
        name, _, parameters = head.partition(";")
        match name.upper(), value.strip().upper():
            case "BEGIN", "VEVENT":
                event = {}
            case "END", "VEVENT":
                if event is not None:
                    yield event
                event = None
            case _:
                if event is not None:
                    event.setdefault(name.upper(), []).append((parameters.upper(), value.strip()))


def _value(event: Lines, name: str) -> str:
    return event[name][0][1] if name in event else ""


def _unescaped(text: str) -> str:
    return re.sub(r"\\([,;\\])", r"\1", text).replace("\\n", " ").replace("\\N", " ")


def _closed(event: Lines, years: list[int]) -> Iterator[str]:
    start = _day(_value(event, "DTSTART"), "DTSTART")
    days = _length(event, start)
    without = {
        _day(text, "EXDATE") for _, values in event.get("EXDATE", ()) for text in values.split(",")
    }
    rule = _value(event, "RRULE")
    if not rule:
        starts: Iterable[date] = (start,)
    else:
        parts = dict(part.partition("=")[::2] for part in rule.upper().split(";") if part)
        if _is_every_year(parts, start) and not without:
            yield from (f"*-{d:%m-%d}" for d in _days(start, days))
            return
        starts = _yearly(parts, start, years)
    for first in starts:
        if first not in without:
            yield from (d.isoformat() for d in _days(first, days))


def _day(text: str, what: str) -> date:
    found = _DATE.fullmatch(text)
    if found is None:
        timed = re.fullmatch(r"\d{8}T\d{6}Z?", text)
        raise ValueError("it has a time of day" if timed else f"its {what} is no date")
    return date(int(found[1]), int(found[2]), int(found[3]))


def _length(event: Lines, start: date) -> int:
    """In days. The end is the first day that is open again."""
    if "DTEND" in event:
        days = (_day(_value(event, "DTEND"), "DTEND") - start).days
    elif found := re.fullmatch(r"P(\d+)([DW])", _value(event, "DURATION") or "P1D"):
        days = int(found[1]) * (7 if found[2] == "W" else 1)
    else:
        raise ValueError("its DURATION is not of whole days")
    if days > LONGEST:
        raise ValueError(f"it lasts {days} days")
    return max(days, 1)


def _days(start: date, days: int) -> Iterator[date]:
    return (start + timedelta(n) for n in range(days))


def _is_every_year(parts: dict[str, str], start: date) -> bool:
    """Whether a rule says nothing but "this date every year", without an end."""
    same = {"BYMONTH": str(start.month), "BYMONTHDAY": str(start.day), "INTERVAL": "1"}
    rest = {k: v for k, v in parts.items() if k not in ("FREQ", "WKST") and same.get(k) != v}
    return parts.get("FREQ") == "YEARLY" and not rest


def _yearly(parts: dict[str, str], start: date, years: list[int]) -> Iterator[date]:
    """The starts that a yearly rule gives in `years`; its COUNT is counted from the first one."""
    unknown = set(parts) - _KNOWN_RULE
    if parts.get("FREQ") != "YEARLY" or unknown or not parts.get("INTERVAL", "1").isdigit():
        raise ValueError("its rule is not a yearly one that can be read")
    step, most = int(parts.get("INTERVAL", "1")) or 1, int(parts.get("COUNT", "0"))
    until = _day(parts["UNTIL"][:8], "UNTIL") if "UNTIL" in parts else date.max
    count = 0
    for year in range(start.year, (years[-1] if years else start.year) + 1, step):
        day = _in_year(parts, start, year)
        if day is None or day < start:
            continue
        count += 1
        if day > until or 0 < most < count:
            return
        if years and year >= years[0]:
            yield day


def _in_year(parts: dict[str, str], start: date, year: int) -> date | None:
    month = int(parts.get("BYMONTH", start.month))
    if "BYDAY" not in parts:
        try:
            return date(year, month, int(parts.get("BYMONTHDAY", start.day)))
        except ValueError:
            return None
    found = _NTH.fullmatch(parts["BYDAY"])
    if found is None or "BYMONTH" not in parts:
        raise ValueError("its rule names no day of a month")
    nth, weekday = int(found[1]), _DAYS.index(found[2])
    last = monthrange(year, month)[1]
    days = [d for d in range(1, last + 1) if date(year, month, d).weekday() == weekday]
    index = nth - 1 if nth > 0 else nth
    return date(year, month, days[index]) if -len(days) <= index < len(days) else None

"""The times people type for something that lies ahead: "2d", "tomorrow 9:00", "fri", "24 dec 14:30". Pure.

Strict on purpose: what can't be read is refused with an example, never guessed, and the caller shows
the time that was understood.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sdesk.errors import Invalid, Usage, did_you_mean
from sdesk.model import Instant

MORNING = time(8, 0)
"""The time meant by a day alone."""
EXAMPLES = (
    "30m, 2h, 2d, 1d 4h, 16:30, tomorrow, tomorrow 9:00, fri, mon 14:00, 24 dec, 2026-12-24 9:00"
)
FARTHEST = 5 * 366
"""Days ahead that are still believed."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPAN = re.compile(r"(\d{1,4})\s*(m|min|h|d|w)\b\s*")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_ISO = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)")
_WORDS = ("today", "tomorrow", *_DAYS)


def parse_any(text: str, *, now: Instant, zone: str) -> Instant:
    """A date with a time there, wherever it lies; else as `parse_until`. Raises `Invalid`, `Usage`."""
    if not _ISO.match(text.strip()):
        return parse_until(text, now=now, zone=zone)
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Usage(f"'{text}' is no time.", "Write it like '2026-12-24 15:00'.") from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(zone))
    return int(at.timestamp())


def parse_until(text: str, *, now: Instant, zone: str) -> Instant:
    """The instant meant, always after `now`; a day alone means eight in the morning there.

    Minutes and hours are physical; days and weeks keep the time on the wall clock. A weekday is the
    next one that lies ahead, a time alone the next one on the clock. Raises `Invalid`.
    """
    words = (
        " ".join(text.casefold().replace(",", " ").split())
        .removeprefix("until ")
        .removeprefix("in ")
    )
    if not words:
        raise Invalid("Until when?", f"For example {EXAMPLES}.")
    there = datetime.fromtimestamp(now, ZoneInfo(zone))
    found = _span(words, there)
    if found is None:
        found = _moment(words, there, text)
    at = int(found.timestamp())
    if at <= now:
        raise Invalid(f"'{text.strip()}' lies in the past.")
    if at > now + FARTHEST * 86_400:
        raise Invalid(f"'{text.strip()}' is more than five years away.")
    return at


def _span(words: str, there: datetime) -> datetime | None:
    """now + "1d 4h", or None when the words are no spans."""
    pieces = list(_SPAN.finditer(words))
    if not pieces or "".join(piece[0] for piece in pieces) != words:
        return None
    days = seconds = 0
    for piece in pieces:
        amount = int(piece[1])
        match piece[2]:
            case "w":
                days += 7 * amount
            case "d":
                days += amount
            case "h":
                seconds += 3600 * amount
            case _:
                seconds += 60 * amount
    # Days on the wall clock first, then physical time: 1d stays at the same hour across a change.
    wall = there + timedelta(days=min(days, 2 * FARTHEST))
    return datetime.fromtimestamp(int(wall.timestamp()) + seconds, there.tzinfo)


def _moment(words: str, there: datetime, text: str) -> datetime:
    clock, rest = _take_clock(words)
    if not rest:
        assert clock is not None
        at = _at(there, there.date(), clock)
        return at if at > there else _at(there, there.date() + timedelta(days=1), clock)
    day = _day(rest, there.date(), text)
    at = _at(there, day, clock or MORNING)
    if rest in _DAYS or rest[:3] in [name[:3] for name in _DAYS]:
        return at if at > there else _at(there, day + timedelta(days=7), clock or MORNING)
    if at <= there and rest[:1].isdigit() and not re.search(r"\d{4}", rest):
        return _at(there, _date(day.year + 1, day.month, day.day, rest), clock or MORNING)
    return at


def _take_clock(words: str) -> tuple[time | None, str]:
    """A time of day at the end of the words, and what stands before it."""
    before, _, last = words.rpartition(" ")
    if (found := _CLOCK.fullmatch(last)) is None:
        return None, words
    return time(int(found[1]), int(found[2])), before.removesuffix(" at").strip()


def _day(words: str, today: date, text: str) -> date:
    if words == "today":
        return today
    if words == "tomorrow":
        return today + timedelta(days=1)
    for index, name in enumerate(_DAYS):
        if len(words) >= 3 and name.startswith(words):
            return today + timedelta(days=(index - today.weekday()) % 7)
    if (named := _dated(words, today)) is not None:
        return named
    hint = did_you_mean(words.split()[0], _WORDS) if words.isalpha() else ""
    raise Invalid(
        f"'{text.strip()}' is no time.",
        hint if hint.startswith("Did") else f"For example {EXAMPLES}.",
    )


def _dated(words: str, today: date) -> date | None:
    """2026-12-24 · 24 dec · 24 december 2026, or None."""
    if iso := _ISO.fullmatch(words):
        return _date(int(iso[1]), int(iso[2]), int(iso[3]), words)
    parts = words.replace(".", " ").split()
    if len(parts) not in (2, 3) or not all(part.isdecimal() for part in parts[::2]):
        return None
    if parts[1][:3] not in _MONTHS:
        return None
    year = int(parts[2]) if len(parts) == 3 else today.year
    return _date(year, _MONTHS.index(parts[1][:3]) + 1, int(parts[0]), words)


def _date(year: int, month: int, day: int, words: str) -> date:
    if not 1970 <= year <= 2500:
        raise Invalid(f"'{words}': the year is out of reach.")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Invalid(f"There is no day '{words}'.") from error


def _at(there: datetime, day: date, clock: time) -> datetime:
    """That time on that day; in an hour that the clocks skip, the same distance after the change."""
    return (
        datetime.combine(day, clock, there.tzinfo)
        .astimezone(ZoneInfo("UTC"))
        .astimezone(there.tzinfo)
    )

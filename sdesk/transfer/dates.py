"""Dates as other programs write them, read with one order of day and month for a whole file.

`3/4/2016` alone is March or April. The file as a whole decides: one `29/2/2016` anywhere settles it
for all. A file without such a date is not guessed at.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sdesk.errors import Invalid
from sdesk.transfer.words import MONTHS, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdesk.model import Instant

ORDERS = ("dmy", "mdy")
_TIME = (
    r"(?:[ ,T]+([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]+)?)?\s*([ap]\.?\s?m\.?)?)?"
)
_OFFSET = r"\s*(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?"
_ISO = re.compile(rf"([0-9]{{4}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){_TIME}{_OFFSET}$", re.I)
_NUMERIC = re.compile(
    rf"([0-9]{{1,2}})([/.-])([0-9]{{1,2}})\2([0-9]{{4}}|[0-9]{{2}}){_TIME}{_OFFSET}$", re.I
)
_DAY_NAMED = re.compile(
    rf"([0-9]{{1,2}})[/. -]+([^\W\d_]+)\.?[/. ,-]+([0-9]{{4}}|[0-9]{{2}}){_TIME}{_OFFSET}$", re.I
)
_NAMED_DAY = re.compile(rf"([^\W\d_]+)\.?[ ]([0-9]{{1,2}}),?[ ]([0-9]{{4}}){_TIME}{_OFFSET}$", re.I)
_EPOCH = re.compile(r"[0-9]{10}([0-9]{3})?$")
_MOST_REMEMBERED = 200_000


def find_order(texts: Iterable[str]) -> str | None:
    """The order of day and month that all the texts allow; None when none of them depends on it.

    Raises `Invalid` where they contradict each other or leave it open.
    """
    day_first = month_first = undecided = ""
    for text in texts:
        match = _NUMERIC.match(text.strip())
        if match is None or match[2] == ".":
            continue
        first, second = int(match[1]), int(match[3])
        if first > 12:
            day_first = day_first or text
        elif second > 12:
            month_first = month_first or text
        elif first != second:
            undecided = undecided or text
    if day_first and month_first:
        raise Invalid(
            f"Dates: '{day_first}' has the day first and '{month_first}' the month.",
            "Say which one holds with --dates dmy or --dates mdy; rows that can't be read so are rejected.",
        )
    if undecided and not day_first and not month_first:
        raise Invalid(
            f"Dates: nothing in the file tells whether '{undecided}' begins with the day or the month.",
            "Say so with --dates dmy or --dates mdy.",
        )
    return "dmy" if day_first else "mdy" if month_first else None


class DateReader:
    """Text → instant. A time without a zone of its own is one of `zone`.

    In the hour that summer time repeats, the first is meant; one that it skips moves past the gap.
    """

    def __init__(self, zone: str, order: str | None = None) -> None:
        self.zone = ZoneInfo(zone)
        self.order = order
        self._known: dict[str, Instant] = {}

    def __call__(self, text: str) -> Instant:
        found = self._known.get(text)
        if found is None:
            found = self._read(text.strip())
            if len(self._known) < _MOST_REMEMBERED:
                self._known[text] = found
        return found

    def _read(self, text: str) -> Instant:
        if match := _EPOCH.match(text):
            return int(text) // (1000 if match[1] else 1)
        day = self._day(text)
        if day is None:
            raise Invalid(f"'{text[:40]}' is not a date that is understood.")
        year, month, of_month, rest = day
        try:
            return self._instant(year, month, of_month, rest)
        except (ValueError, OverflowError):
            raise Invalid(f"'{text[:40]}' is not a date of the calendar.") from None

    def _day(self, text: str) -> tuple[int, int, int, tuple[str | None, ...]] | None:
        if match := _ISO.match(text):
            return int(match[1]), int(match[2]), int(match[3]), match.groups()[3:]
        if match := _NUMERIC.match(text):
            first, second = int(match[1]), int(match[3])
            if self.order == "mdy" and match[2] != ".":
                first, second = second, first
            return _year(match[4]), second, first, match.groups()[4:]
        if (match := _DAY_NAMED.match(text)) and (month := MONTHS.get(plain(match[2]))):
            return _year(match[3]), month, int(match[1]), match.groups()[3:]
        if (match := _NAMED_DAY.match(text)) and (month := MONTHS.get(plain(match[1]))):
            return int(match[3]), month, int(match[2]), match.groups()[3:]
        return None

    def _instant(self, year: int, month: int, day: int, rest: tuple[str | None, ...]) -> Instant:
        hour, minute, second = (int(part or 0) for part in rest[:3])
        if rest[3]:
            if not 1 <= hour <= 12:
                raise ValueError
            hour = hour % 12 + (12 if rest[3][0] in "pP" else 0)
        # ServiceNow and others write midnight at the end of a day as 24:00.
        late = hour == 24 and minute == second == 0
        local = datetime(year, month, day, 0 if late else hour, minute, second)
        local = (local + timedelta(days=late)).replace(tzinfo=_offset(rest[4]) or self.zone)
        if not 1970 <= local.year <= 2200:
            raise ValueError
        return int(local.timestamp())


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    span = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-span if text[0] == "-" else span)


def iso(at: Instant) -> str:
    """2026-11-22T03:08:38Z: how instants leave the desk."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

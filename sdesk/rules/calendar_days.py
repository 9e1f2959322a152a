"""The days of a calendar as people see them: open, closed and why; and edits before they are saved. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sdesk.rules.calendar_file import with_day, with_weekday
from sdesk.rules.hours import WEEK, CalendarError

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Shifts = Sequence[Sequence[str]]


class Kind(StrEnum):
    """Why a day is open or closed."""

    OPEN = "open"
    WEEKEND = "closed weekday"
    HOLIDAY = "holiday"
    CLOSED = "closed that day"
    OWN = "hours of its own"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what it is, and what it would be without its own hours and without the holiday."""

    on: date
    kind: Kind
    hours: Shifts
    usual: Shifts
    is_holiday: bool
    has_own: bool
    breaks: Shifts

    @property
    def is_open(self) -> bool:
        return bool(self.hours)


class Days:
    """The days of a calendar's values (`Calendar.to_json`)."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self._week = [spec["hours"].get(day, []) for day in WEEK]
        self._holidays = frozenset(spec.get("holidays", ()))
        self._own = spec.get("exceptions", {})
        self._breaks = spec.get("breaks", {})
        self._known: dict[date, Day] = {}
        self._open: dict[int, int] = {}

    def on(self, day: date) -> Day:
        found = self._known.get(day)
        if found is None:
            found = self._known[day] = self._look_up(day)
        return found

    def _look_up(self, day: date) -> Day:
        text, usual = day.isoformat(), self._week[day.weekday()]
        holiday = text in self._holidays or f"*-{text[5:]}" in self._holidays
        own, breaks = self._own.get(text), self._breaks.get(text, [])
        hours = own if own is not None else ([] if holiday else usual)
        return Day(
            day, _kind(own, holiday, usual, breaks), hours, usual, holiday, own is not None, breaks
        )

    def weekday(self, number: int) -> Shifts:
        """The weekly hours of a day, 0 for Monday."""
        found: Shifts = self._week[number]
        return found

    def others(self, year: int) -> list[Day]:
        """The days of a year that are not as their weekday, by date."""
        named = {*self._own, *self._breaks, *(h.replace("*", f"{year:04}") for h in self._holidays)}
        found = []
        for text in sorted(text for text in named if text.startswith(f"{year:04}-")):
            with suppress(ValueError):  # 29 February of every year
                found.append(self.on(date.fromisoformat(text)))
        return found

    def open_days(self, year: int) -> int:
        """Days of a year on which work begins."""
        if year not in self._open:
            first, last = date(year, 1, 1), date(year, 12, 31)
            every = (first + timedelta(n) for n in range((last - first).days + 1))
            self._open[year] = sum(self.on(day).is_open for day in every)
        return self._open[year]


def _kind(own: Shifts | None, holiday: bool, usual: Shifts, breaks: Shifts) -> Kind:
    if own is not None:
        return Kind.OWN if own else Kind.CLOSED
    if holiday:
        return Kind.HOLIDAY
    if not usual:
        return Kind.WEEKEND
    return Kind.BREAK if breaks else Kind.OPEN


def said_hours(shifts: Shifts) -> str:
    """ "08:00–12:00 13:00–16:00", or "closed"."""
    return " ".join(f"{opening}–{closing}" for opening, closing in shifts) or "closed"


def weekly_lines(spec: dict[str, Any]) -> list[str]:
    """Weekly hours in few words, equal days that follow each other together: "Mon–Fri 08:00–16:00"."""
    days = Days(spec)
    found: list[list[int]] = []
    for number in range(7):
        if found and days.weekday(found[-1][0]) == days.weekday(number):
            found[-1].append(number)
        else:
            found.append([number])
    return [f"{_named(some)} {said_hours(days.weekday(some[0]))}" for some in found]


def _named(days: list[int]) -> str:
    first, last = WEEKDAYS[days[0]][:3], WEEKDAYS[days[-1]][:3]
    return first if len(days) == 1 else f"{first}–{last}" if len(days) > 2 else f"{first}, {last}"


def switched(day: Day) -> str:
    """The hours, as `with_day` takes them, that close an open day or open a closed one.

    Raises `CalendarError` for a weekday without hours to be open by.
    """
    follows = [] if day.is_holiday else day.usual
    if day.is_open:
        return "closed" if follows else "weekly"
    if day.has_own and follows:
        return "weekly"
    if not day.usual:
        name = WEEKDAYS[day.on.weekday()]
        raise CalendarError(
            f"{name}s have no hours to be open by.", "Give the day its own with Enter."
        )
    return "open"


@dataclass(frozen=True, slots=True)
class Step:
    """One edit: of a date, or (a number from 0) of a day of the week."""

    what: date | int
    hours: str

    def on(self, spec: dict[str, Any]) -> dict[str, Any]:
        change = with_weekday if isinstance(self.what, int) else with_day
        return change(spec, self.what, self.hours)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Difference:
    """What an edit comes to."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A calendar as stored, and the edits that are not saved yet."""

    base: dict[str, Any]
    steps: tuple[Step, ...] = ()
    spec: dict[str, Any] = field(default_factory=dict)
    """With the edits."""

    @classmethod
    def of(cls, base: dict[str, Any]) -> Draft:
        return cls(base, (), base)

    def edited(self, step: Step) -> Draft:
        """With one more edit. Raises `CalendarError`."""
        return replace(self, steps=(*self.steps, step), spec=step.on(self.spec))

    def without_last(self) -> Draft:
        made = Draft.of(self.base)
        for step in self.steps[:-1]:
            made = made.edited(step)
        return made

    def over(self, base: dict[str, Any]) -> Draft:
        """The same edits of what somebody else has saved; those that don't fit are left out."""
        made = Draft.of(base)
        for step in self.steps:
            try:
                made = made.edited(step)
            except CalendarError:
                continue
        return made

    def differences(self) -> list[Difference]:
        """What saving would change, weekdays first, then by date; edits that cancel out are none."""
        old, new = Days(self.base), Days(self.spec)
        found = [
            Difference(f"{WEEKDAYS[n]}s", said_hours(old.weekday(n)), said_hours(new.weekday(n)))
            for n in range(7)
            if old.weekday(n) != new.weekday(n)
        ]
        own = self.base.get("exceptions", {}), self.spec.get("exceptions", {})
        for text in sorted({*own[0], *own[1]}):
            if own[0].get(text) != own[1].get(text):
                at = date.fromisoformat(text)
                before, after = old.on(at), new.on(at)
                found.append(Difference(f"{at:%a} {at.day} {at:%b %Y}", _as(before), _as(after)))
        return found

    def touched(self) -> frozenset[date]:
        """The dates with an edit of their own."""
        own = self.base.get("exceptions", {}), self.spec.get("exceptions", {})
        return frozenset(
            date.fromisoformat(text)
            for text in {*own[0], *own[1]}
            if own[0].get(text) != own[1].get(text)
        )


def _as(day: Day) -> str:
    return f"holiday, {said_hours(day.hours)}" if day.is_holiday else said_hours(day.hours)

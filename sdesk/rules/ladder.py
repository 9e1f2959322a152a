"""The ladder of a promise: warnings before it is due, levels of escalation up to and after its breach. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sdesk import ops
from sdesk.errors import Invalid, did_you_mean
from sdesk.model import PRIORITIES
from sdesk.rules import acting
from sdesk.rules.budget import PolicyError, duration_text, parse_duration
from sdesk.rules.hours import CalendarError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sdesk.rules.calendar import Calendar
    from sdesk.rules.clock import Clock
    from sdesk.rules.situations import Happened

WARNED = "warned"
"""The event of a step. Its details: policy, target, cycle, level (the step's key), name, told."""
Step = tuple[str, str, int, str]
"""Policy, target, number of its cycle, key of the level: what is done once."""
BREACH = "breach"
WORDS = ("priority", "queue", "assign", "tag", "untag", "category", "note")
"""The acts that a clock may do by itself: nothing that speaks to the requester or ends a ticket."""
TELL = ("assignee",)
"""Whom a warning is for unless it says otherwise."""
_PERCENT = re.compile(r"(\d{1,3}) ?%")
_CLOCK_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_FORM = "Write '75%', '30m before', 'breach' or '1h after'."


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the way of a clock something happens: a share of the budget, or working time before
    it is used up or after. The breach is the first second beyond the budget."""

    percent: int | None = None
    offset: int | None = None
    """Working seconds, negative before the due moment; None with `percent` None is the breach."""

    @classmethod
    def parse(cls, text: str, place: str) -> Place:
        written = " ".join(str(text).split()).lower()
        if found := _PERCENT.fullmatch(written):
            if not 1 <= (percent := int(found[1])) <= 100:
                raise PolicyError(f"{place}: {percent}% is not between 1% and 100%.")
            return cls(percent=percent)
        if written == BREACH:
            return cls()
        amount, _, side = written.rpartition(" ")
        if side not in ("before", "after") or not amount:
            raise PolicyError(f"{place}: '{text}' is no place on a clock.", _FORM)
        seconds = parse_duration(amount, place)
        return cls(offset=-seconds if side == "before" else seconds)

    def __str__(self) -> str:
        if self.percent is not None:
            return f"{self.percent}%"
        if self.offset is None:
            return BREACH
        return f"{duration_text(abs(self.offset))} {'before' if self.offset < 0 else 'after'}"

    @property
    def is_before_due(self) -> bool:
        return self.percent is not None or (self.offset is not None and self.offset < 0)

    def worked(self, budget: int) -> int:
        """The working seconds at which a clock of that budget comes here."""
        if self.percent is not None:
            return -(-budget * self.percent // 100)
        return budget + 1 if self.offset is None else max(0, budget + self.offset)


@dataclass(frozen=True, slots=True)
class Level:
    """What happens at one place of the ladder: who is told, and what is done to the ticket."""

    at: Place
    name: str = ""
    tell: tuple[str, ...] = TELL
    """Logins, or "assignee", "owner", "oncall", "queue", "lead", "admin"."""
    do: tuple[str, ...] = ()
    """Acts in words: "priority up", "queue network", "assign ben", "tag late", "note …"."""
    quiet: tuple[str, str] | None = None
    """From and to which time of day nobody is told of it; it waits until the end."""

    def __post_init__(self) -> None:
        for act in self.do:
            operations_of(act, PRIORITIES[-1])
        if self.quiet is not None:
            for text in self.quiet:
                _time(text, "quiet")

    @property
    def key(self) -> str:
        return str(self.at)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.key

    @property
    def is_warning(self) -> bool:
        """Whether it only warns: before the time, and nothing is done to the ticket."""
        return self.at.is_before_due and not self.do

    def operations(self, priority: int) -> tuple[ops.Op, ...]:
        """What it does to a ticket of that priority."""
        return tuple(op for act in self.do for op in operations_of(act, priority))

    def show_at(self, now: int, zone: str) -> int:
        """When people may be told of what happens now: at once, or when the quiet hours end."""
        if self.quiet is None:
            return now
        start, end = (_time(text, "quiet") for text in self.quiet)
        local = datetime.fromtimestamp(now, ZoneInfo(zone))
        at = local.time()
        inside = start <= at < end if start < end else at >= start or at < end
        if not inside:
            return now
        day = local.date() + timedelta(days=int(at >= end))
        return int(datetime.combine(day, end, ZoneInfo(zone)).timestamp())


@dataclass(frozen=True, slots=True)
class Owed:
    """The next thing a clock has to do."""

    level: Level
    at: int
    """The instant, or `now` when it has passed."""


@dataclass(frozen=True, slots=True)
class Done:
    """A step that has been done: its title, when, and who was told."""

    title: str
    at: int
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Climb:
    """How far a clock has come on its ladder."""

    done: tuple[Done, ...] = ()
    ahead: tuple[Owed, ...] = ()


def operations_of(act: str, priority: int) -> tuple[ops.Op, ...]:
    """The operations that an act in words stands for. Raises `PolicyError`."""
    try:
        return acting.operations_of(act, acting.Circumstances(priority), only=WORDS)
    except Invalid as error:
        raise PolicyError(f"do: {error.message}", error.hint) from None


def next_owed(
    clock: Clock, ladder: Sequence[Level], calendar: Calendar, now: int, done: Collection[Step]
) -> Owed | None:
    """The first step of a running clock that has not been done; None while it doesn't run."""
    return next(iter(all_owed(clock, ladder, calendar, now, done)), None)


def all_owed(
    clock: Clock, ladder: Sequence[Level], calendar: Calendar, now: int, done: Collection[Step]
) -> list[Owed]:
    """All steps of a running clock that have not been done, in the order in which they come."""
    if not clock.is_running:
        return []
    found = [
        Owed(level, at)
        for level in ladder
        if step_of(clock, level) not in done
        and (at := _comes_at(clock, level.at, calendar, now)) is not None
    ]
    # What has passed already comes in the order of the ladder.
    return sorted(found, key=lambda owed: (owed.at, owed.level.at.worked(clock.budget)))


def _comes_at(clock: Clock, place: Place, calendar: Calendar, now: int) -> int | None:
    try:
        if place.percent is None and place.offset is None:
            return None if clock.breach_at is None else max(now, clock.breach_at + 1)
        worked = place.worked(clock.budget)
        if clock.by_hand:
            # Pauses don't move such a date, so they don't move the way there either.
            at = calendar.due_s(clock.started_at, worked) if worked else clock.started_at
            return max(now, at)
        return now if clock.used >= worked else calendar.due_s(now, worked - clock.used)
    except CalendarError:
        return None


def step_of(clock: Clock, level: Level) -> Step:
    return (clock.policy, clock.target, len(clock.past), level.key)


def warned_details(clock: Clock, level: Level, told: Sequence[str]) -> dict[str, Any]:
    """What the event of a step keeps."""
    return {
        "policy": clock.policy, "target": clock.target, "cycle": len(clock.past),
        "level": level.key, "name": level.name, "told": list(told),
    }  # fmt: skip


def done_steps(events: Iterable[Happened]) -> set[Step]:
    """The steps that a ticket's events tell of."""
    told = (event.details for event in events if event.kind == WARNED)
    return {(d["policy"], d["target"], d["cycle"], d["level"]) for d in told}


def done_of(clock: Clock, events: Iterable[Happened]) -> tuple[Done, ...]:
    """What was done for the clock's current cycle, oldest first."""
    found = []
    for event in events:
        told = event.details
        if event.kind == WARNED and (told["policy"], told["target"], told["cycle"]) == (
            clock.policy, clock.target, len(clock.past),
        ):  # fmt: skip
            title = str(told.get("name") or told["level"])
            found.append(Done(title, event.at, tuple(map(str, told.get("told", ())))))
    return tuple(found)


def levels_from(entry: Mapping[str, Any], place: str) -> tuple[Level, ...]:
    """The ladder of a target's specification: `warnings`, a list of places, and `levels`."""
    found = [
        Level(Place.parse(text, f"{place}: warnings"))
        for text in _list(entry, "warnings", place)
    ]  # fmt: skip
    levels = entry.get("levels", ())
    if not isinstance(levels, Sequence) or isinstance(levels, str):
        raise PolicyError(f"{place}: levels are a list.")
    found += [_level(one, f"{place}, level {n}") for n, one in enumerate(levels, 1)]
    keys = [level.key for level in found]
    for key in keys:
        if keys.count(key) > 1:
            raise PolicyError(f"{place}: there are two steps at '{key}'.")
    return tuple(sorted(found, key=lambda level: _order(level.at)))


def _order(at: Place) -> tuple[int, int]:
    """An order for people: shares, then what comes before the time, the breach, and what comes after."""
    if at.percent is not None:
        return (0, at.percent)
    return (2, 0) if at.offset is None else (1 if at.offset < 0 else 3, at.offset)


_KEYS = ("at", "name", "tell", "do", "quiet")


def _level(entry: object, place: str) -> Level:
    if not isinstance(entry, Mapping):
        raise PolicyError(f"{place}: '{entry}' is not a level.")
    for key in entry:
        if key not in _KEYS:
            raise PolicyError(f"{place}: '{key}' means nothing.", did_you_mean(str(key), _KEYS))
    if "at" not in entry:
        raise PolicyError(f"{place}: it doesn't say at which place.", _FORM)
    quiet = _list(entry, "quiet", place)
    if quiet and len(quiet) != 2:
        raise PolicyError(f"{place}: quiet hours have a start and an end, as ['22:00', '07:00'].")
    try:
        return Level(
            Place.parse(entry["at"], place),
            str(entry.get("name", "")),
            tuple(_list(entry, "tell", place)) if "tell" in entry else TELL,
            tuple(_list(entry, "do", place)),
            (quiet[0], quiet[1]) if quiet else None,
        )
    except PolicyError as error:
        if error.message.startswith(place):
            raise
        raise PolicyError(f"{place}: {error.message}", error.hint) from None


def levels_to_json(ladder: Sequence[Level]) -> dict[str, Any]:
    """The specification again; a target without a ladder has none of it."""
    plain = [level for level in ladder if level == Level(level.at) and level.at.is_before_due]
    values: dict[str, Any] = {}
    if plain:
        values["warnings"] = [level.key for level in plain]
    if rest := [level for level in ladder if level not in plain]:
        values["levels"] = [dict(_described(level)) for level in rest]
    return values


def _described(level: Level) -> Iterator[tuple[str, Any]]:
    yield "at", level.key
    if level.name:
        yield "name", level.name
    yield "tell", list(level.tell)
    if level.do:
        yield "do", list(level.do)
    if level.quiet is not None:
        yield "quiet", list(level.quiet)


def _list(entry: Mapping[str, Any], key: str, place: str) -> list[str]:
    values = entry.get(key, ())
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise PolicyError(f"{place}: {key} are a list.")
    return [str(value) for value in values]


def _time(text: str, place: str) -> time:
    if (found := _CLOCK_TIME.fullmatch(str(text))) is None:
        raise PolicyError(f"{place}: '{text}' is no time of day.", "Write it like '22:00'.")
    return time(int(found[1]), int(found[2]))

"""Who is on call for a queue: agents in turns, and covers that go before them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sdesk.errors import Invalid, did_you_mean

SETTING = "oncall."
"""The desk's settings of rotas begin so; the queue's key follows."""
WORD = "oncall"
"""Whom a level of escalation tells by it."""
MOST = 100
"""Agents of a rota, and covers."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_FORM = "Write 'weekly monday 09:00' or 'daily 08:00'."


class Turns(NamedTuple):
    """When the next agent takes over."""

    at: time
    weekday: int | None = None
    """Monday is 0; None: every day."""

    @classmethod
    def parse(cls, text: str) -> Turns:
        """Read "weekly monday 09:00" or "daily 08:00". Raises `Invalid`."""
        words = text.casefold().split()
        clock = _CLOCK.fullmatch(words[-1]) if words else None
        if clock is None:
            raise Invalid(f"Turns: '{text}' does not say at which time.", _FORM)
        at = time(int(clock[1]), int(clock[2]))
        if words[:-1] == ["daily"]:
            return cls(at)
        if len(words) != 3 or words[0] != "weekly":
            raise Invalid(f"Turns: '{text}' can't be read.", _FORM)
        for number, name in enumerate(_DAYS):
            if len(words[1]) >= 3 and name.startswith(words[1]):
                return cls(at, number)
        raise Invalid(f"Turns: '{words[1]}' is no weekday.", did_you_mean(words[1], _DAYS))

    def __str__(self) -> str:
        if self.weekday is None:
            return f"daily {self.at:%H:%M}"
        return f"weekly {_DAYS[self.weekday]} {self.at:%H:%M}"

    def began(self, there: datetime) -> date:
        """The day on which the turn began that runs then."""
        back = int(there.time() < self.at) if self.weekday is None else 0
        if self.weekday is not None:
            back = (there.weekday() - self.weekday) % 7
            if back == 0 and there.time() < self.at:
                back = 7
        return there.date() - timedelta(days=back)

    @property
    def days(self) -> int:
        return 1 if self.weekday is None else 7


class Cover(NamedTuple):
    """Somebody who is on call for a time, whoever's turn it is."""

    agent: str
    since: int
    until: int


class Shift(NamedTuple):
    """Who is on call, from when until when."""

    agent: str
    since: int
    until: int
    covers: str = ""
    """Whose turn it would be, where somebody stands in."""


class Rota(NamedTuple):
    """Agents in turns; the later of two covers counts."""

    agents: tuple[str, ...] = ()
    turns: Turns | None = None
    since: date = date(2026, 1, 5)
    """A day of the first agent's turn."""
    covers: tuple[Cover, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Rota:
        """Read what the setting keeps. Raises `Invalid`."""
        try:
            values = json.loads(text) if text else {}
            agents = tuple(str(agent) for agent in values.get("agents", ()))
            turns = Turns.parse(values["turns"]) if values.get("turns") else None
            since = date.fromisoformat(values.get("since", "2026-01-05"))
            covers = tuple(
                Cover(str(one["agent"]), int(one["since"]), int(one["until"]))
                for one in values.get("covers", ())
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Invalid(f"'{text[:60]}' is no rota.", "See: sdesk oncall --help") from None
        rota = cls(agents, turns, since, covers)
        rota.check()
        return rota

    def check(self) -> None:
        """Raises `Invalid` for one that says nothing, or too much."""
        if self.agents and self.turns is None:
            raise Invalid("A rota of agents needs turns.", _FORM)
        if max(len(self.agents), len(self.covers)) > MOST:
            raise Invalid(f"A rota has at most {MOST} agents and covers.")
        for cover in self.covers:
            if cover.until <= cover.since:
                raise Invalid("A cover ends after it begins.")

    def __str__(self) -> str:
        values: dict[str, Any] = {"agents": list(self.agents), "since": self.since.isoformat()}
        if self.turns is not None:
            values["turns"] = str(self.turns)
        values["covers"] = [cover._asdict() for cover in self.covers]
        return json.dumps(values, sort_keys=True)

    @property
    def everybody(self) -> tuple[str, ...]:
        """Each agent that it names, once."""
        return tuple(dict.fromkeys([*self.agents, *(cover.agent for cover in self.covers)]))

    def at(self, now: int, zone: str) -> Shift | None:
        """Who is on call at that instant; None for nobody."""
        shift = turn = self._turn(now, zone)
        for cover in reversed(self.covers):
            if cover.since <= now < cover.until:
                shift = Shift(*cover, covers=turn.agent if turn else "")
                break
        if shift is None:
            return None
        begin = [cover.since for cover in self.covers if now < cover.since < shift.until]
        return shift._replace(until=min(begin, default=shift.until))

    def _turn(self, now: int, zone: str) -> Shift | None:
        if self.turns is None or not self.agents:
            return None
        there = ZoneInfo(zone)
        began = self.turns.began(datetime.fromtimestamp(now, there))
        first = self.turns.began(datetime.combine(self.since, time.max, there))
        number = (began - first).days // self.turns.days
        since, until = (
            int(datetime.combine(day, self.turns.at, there).timestamp())
            for day in (began, began + timedelta(days=self.turns.days))
        )
        return Shift(self.agents[number % len(self.agents)], since, until)

    def ahead(self, now: int, zone: str, count: int) -> list[Shift]:
        """The shift that runs then, or the next one, and those after it."""
        found: list[Shift] = []
        while len(found) < count:
            if (shift := self.at(now, zone)) is None:
                later = [cover.since for cover in self.covers if cover.since > now]
                if not later:
                    break
                now = min(later)
            else:
                found.append(shift)
                now = shift.until
        return found


def on_call(settings: Mapping[str, str], queue: str, now: int, zone: str) -> str:
    """Who is on call for the queue; empty for nobody, and where the rota can't be read."""
    try:
        shift = Rota.parse(settings.get(f"{SETTING}{queue}", "")).at(now, zone)
    except Invalid:
        return ""
    return shift.agent if shift is not None else ""


def rotas(settings: Mapping[str, str]) -> dict[str, Rota]:
    """Queue → its rota, of the desk's settings; what can't be read is left out."""
    found: dict[str, Rota] = {}
    for queue, text in _written(settings.items()):
        try:
            found[queue] = Rota.parse(text)
        except Invalid:
            continue
    return found


def _written(settings: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return (
        (name.removeprefix(SETTING), value)
        for name, value in settings
        if name.startswith(SETTING) and value
    )

"""A week of a desk in seconds: agents work, two workers keep time, and one of them is killed now and then.

What should have happened is told from the ledger's segments and the history, by arithmetic of its
own. `make bench` runs it with a hundred kills, a test with fewer.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import SdeskError
from sdesk.model import Event, TicketId
from tests.conftest import ZONE, setup_operations
from tests.e2e.timekeeper import FileClock

ROOT = Path(__file__).parents[2]
MONDAY = int(datetime(2025, 11, 24, 8, tzinfo=ZoneInfo(ZONE)).timestamp())
WEEK = 7 * 86_400
PLACES = {
    "response": {"50%": 0.5, "75%": 0.75, "breach": None, "1h after": 3600},
    "update": {"50%": 0.5, "breach": None},
    "resolution": {"75%": 0.75, "30m before": -1800, "breach": None, "2h after": 7200},
}
"""Target → step → its share of the budget, or seconds off its end; None is the first second over it."""
LADDER = {
    "when": "",
    "calendar": "office",
    "targets": [
        {
            "kind": "response", "budgets": {"*": "2h"}, "warnings": ["50%", "75%"],
            "levels": [
                {"at": "breach", "tell": ["lead"], "do": ["tag late", "note it is late"]},
                {"at": "1h after", "tell": ["admin", "lead"]},
            ],
        },
        {
            "kind": "update", "budgets": {"*": "1h"}, "warnings": ["50%"],
            "levels": [{"at": "breach", "tell": ["owner"]}],
        },
        {
            "kind": "resolution", "budgets": {"*": "6h"}, "pauses": ["waiting-customer"],
            "warnings": ["75%", "30m before"],
            "levels": [{"at": "breach", "tell": ["lead"]}, {"at": "2h after", "tell": ["admin"]}],
        },
    ],
}  # fmt: skip
Step = tuple[int, str, int, str]
"""Ticket, target, cycle, step."""


@dataclass
class Week:
    """What came of it."""

    seed: int
    kills: int = 0
    steps: int = 0
    waits: int = 0
    closings: int = 0
    missed: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


class Keepers:
    """Two workers that can be killed and started again."""

    def __init__(self, store: Path, clock: Path) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.timekeeper", str(store), str(clock)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        self.alive = [self.start(), self.start()]

    def start(self) -> int:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write("\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    def kill(self, process: int) -> None:
        os.kill(process, signal.SIGKILL)
        self.alive.remove(process)

    def close(self) -> None:
        for process in list(self.alive):
            self.kill(process)
        self._parent.communicate(timeout=120)


def run(folder: Path, *, seed: int, tickets: int, kills: int) -> Week:
    """Live through the week and compare."""
    store, rng = folder / "week" / "desk.db", random.Random(seed)
    clock = FileClock(folder / "clock", MONDAY)
    setup = [
        *setup_operations(), ops.SavePolicy("Standard", LADDER), ops.SaveSetting("close_after", "2bd"),
    ]  # fmt: skip
    Desk.create(store, setup=setup, actor="ana", clock=clock).close()
    week = Week(seed)
    with Desk.open(store, actor="ben", clock=clock) as desk:
        keepers = Keepers(store, folder / "clock")
        try:
            _live(desk, keepers, clock, rng, week, tickets=tickets, kills=kills)
            _finish(desk, clock, MONDAY + WEEK)
        finally:
            keepers.close()
        _compare_steps(desk, week)
        _compare_waits(desk, week)
        _compare_closings(desk, week)
    return week


def _live(
    desk: Desk, keepers: Keepers, clock: FileClock, rng: random.Random, week: Week, *, tickets: int, kills: int
) -> None:  # fmt: skip
    moments = sorted(MONDAY + rng.randrange(WEEK) for _ in range(tickets * 9))
    opens = set(rng.sample(range(tickets * 5), tickets))
    killed = {int(len(moments) * (n + 0.5) / kills) for n in range(kills)}
    for number, at in enumerate(moments):
        clock.set(at)
        if number in opens:
            assignee = rng.choice(["ben", "ana", ""])
            desk.apply(None, ops.Open(f"Week {number}", "Help", requester=1, assignee=assignee))
        elif desk.read.count(""):
            _work(desk, rng, at)
        if number in killed:
            for _ in range(rng.randrange(25)):
                # Somewhere in whatever they are doing: nobody asks them where.
                desk.read.last_event()
            keepers.kill(rng.choice(keepers.alive))
            keepers.alive.append(keepers.start())
            week.kills += 1


def _work(desk: Desk, rng: random.Random, now: int) -> None:
    """Something an agent or a requester does; what the state forbids is refused, and left."""
    # Mostly on live ones: what is resolved should be left alone for long enough to close.
    live = desk.read.ids("state:open").tolist() if rng.random() < 0.85 else []
    ticket = TicketId(rng.choice(live or desk.read.ids("").tolist()))
    until = now + rng.choice([1_800, 7_200, 40_000])
    op = rng.choice(
        [
            ops.Reply("We look"), ops.Receive("And?"), *[ops.Wait(until=until, reason="a part")] * 2,
            ops.Wait(reason="an answer"), ops.EndWait(), ops.Resolve(), ops.Resolve(), ops.Reopen(),
            ops.AddNote("Hm"), ops.Take(),
        ]
    )  # fmt: skip
    try:
        desk.apply(ticket, op)
    except SdeskError:
        return


def _finish(desk: Desk, clock: FileClock, end: int) -> None:
    """Let time go on until nothing is due any more."""
    at = max(end, clock())
    while True:
        clock.set(at)
        due = [*desk.read.steps_due(at), *desk.read.waits_over(at)]
        if not due and not _closable(desk, at):
            return
        # A second each time: a dead holder's beat must grow old.
        at += 1


def _closable(desk: Desk, now: int) -> bool:
    return any(_closes_at(at) <= now for _, at in desk.read.resolved_before(now, limit=1_000))


# What should have happened


def _expected(desk: Desk) -> Iterator[Step]:
    """By the seconds that the ledger says each clock ran."""
    for ticket in desk.read.ids("").tolist():
        for clock in desk.ledger(ticket):
            for cycle, one in enumerate(clock.cycles):
                worked = sum(line.seconds for line in one.ledger if line.kind == "ran")
                for step, place in PLACES[one.target].items():
                    if worked >= _threshold(one.budget, place):
                        yield ticket, one.target, cycle, step


def _threshold(budget: int, place: float | None) -> float:
    if place is None:
        return budget + 1
    return budget * place if 0 < place < 1 else budget + place


def _compare_steps(desk: Desk, week: Week) -> None:
    fired: Counter[Step] = Counter()
    for event in _events(desk, "warned"):
        d = event.details
        fired[int(event.ticket or 0), d["target"], d["cycle"], d["level"]] += 1
        assert (event.actor, event.source) == ("sdesk", "timer")
    expected = set(_expected(desk))
    week.steps = len(expected)
    week.missed += [f"step {step}" for step in sorted(expected - set(fired))]
    week.doubled += [f"step {step}" for step, times in fired.items() if times > 1]
    week.doubled += [f"step {step} too early" for step in sorted(set(fired) - expected)]
    late = Counter(event.ticket for event in _events(desk, "noted") if event.actor == "sdesk")
    breaches = Counter(s[0] for s in expected if s[1] == "response" and s[3] == "breach")
    if late != breaches:
        week.missed.append(f"notes of a level: {late} instead of {breaches}")


def _compare_waits(desk: Desk, week: Week) -> None:
    """A wait that nobody ended or replaced was ended by the desk, once and not before its time."""
    for ticket in desk.read.ids("").tolist():
        until, ended = None, 0
        for event in _history(desk, ticket):
            if event.kind == "wait_ended" and event.actor == "sdesk":
                ended += 1
                if until is None or event.at < until:
                    week.doubled.append(f"wait of {ticket} at {event.at}")
            if "state" in event.changes or "state_until" in event.changes:
                until = event.changes.get("state_until", (None, None))[1]
        if until is not None and until <= MONDAY + WEEK:
            week.missed.append(f"wait of {ticket} until {until}")
        week.waits += ended


def _closes_at(resolved_at: int) -> int:
    """Two weekdays later at the same time of day, and not before the office opens."""
    at = datetime.fromtimestamp(resolved_at, ZoneInfo(ZONE))
    left = 2
    while left:
        at += timedelta(days=1)
        left -= at.weekday() < 5
    while not (at.weekday() < 5 and 8 <= at.hour < 16):
        at = at.replace(hour=8, minute=0, second=0) + timedelta(days=int(at.hour >= 8))
    return int(at.timestamp())


def _compare_closings(desk: Desk, week: Week) -> None:
    for ticket in desk.read.ids("").tolist():
        resolved: int | None = None
        for event in _history(desk, ticket):
            if event.kind == "closed":
                week.closings += 1
                if resolved is None or event.at < _closes_at(resolved):
                    week.doubled.append(f"closing of {ticket} at {event.at}")
            if "state" in event.changes:
                resolved = event.at if event.changes["state"][1] == "resolved" else None
        if resolved is not None and _closes_at(resolved) <= MONDAY + WEEK:
            week.missed.append(f"closing of {ticket}")


def _history(desk: Desk, ticket: int) -> list[Event]:
    return sorted(desk.read.history(ticket, limit=100_000), key=lambda event: event.id)


def _events(desk: Desk, kind: str) -> Iterator[Event]:
    for ticket in desk.read.ids("").tolist():
        yield from (event for event in _history(desk, ticket) if event.kind == kind)

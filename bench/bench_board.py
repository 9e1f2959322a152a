"""The SLA board: what it writes while nobody does anything, and a key among thousands of clocks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from bench import stores
from bench.bench_screens import presses
from bench.bench_start import SDESK
from bench.figures import Figure, percentile
from bench.meter import Terminal
from sdesk import ops
from sdesk.desk import Desk, system_user
from sdesk.loading import LoadedEvent, LoadedTicket

IN_SIGHT = 45
MANY = 5_000
CALM_SECONDS, HASTY_SECONDS = 60, 30
STATES = (("new", "New", "new"), ("open", "Open", "open"), ("resolved", "Resolved", "resolved"))


def measure(_tickets: int) -> Iterator[Figure]:
    """The board fills 120×40; each row has another second in which its minute changes. The floor of a
    key among thousands is the same key among a few."""
    calm = make("board-calm.db", IN_SIGHT, first=30 * 60, apart=61)
    yield from idle(calm, "all clocks above ten minutes", CALM_SECONDS, 200)
    hasty = make("board-hasty.db", IN_SIGHT, first=4 * 60, apart=7)
    yield from idle(hasty, "40 clocks in their last minutes", HASTY_SECONDS, 1_500)
    with board(calm) as desk:
        few = presses(desk, "j", 40)
    many = make("board-many.db", MANY, first=30 * 60, apart=13)
    with board(many) as desk:
        keys = presses(desk, "j", 60)
        where = f"board of {MANY:,} clocks"
        yield Figure(
            f"{where}: j to painted, p50",
            statistics.median(a.ms for a in keys),
            "ms",
            statistics.median(a.ms for a in few),
        )
        yield Figure(f"{where}: j to painted, p95", percentile((a.ms for a in keys), 0.95), "ms", percentile((a.ms for a in few), 0.95), most=16)  # fmt: skip


def idle(path: Path, what: str, seconds: int, most: int) -> Iterator[Figure]:
    with board(path) as desk:
        yield Figure(f"board 120×40, {what}", desk.idle(seconds) / seconds, "B/s", most=most)


def board(path: Path) -> Terminal:
    """The board of a store, at rest."""
    argv = [*SDESK, "--store", str(path)]
    desk = Terminal(argv, columns=120, rows=40, env={"SSH_CONNECTION": ""})
    desk.wait("SD-", 60)
    desk.settle(1.0)
    desk.send("g")
    desk.settle(0.3)
    desk.send("s")
    desk.wait("──", 60)
    desk.settle(0.5, at_most=3)
    return desk


def make(name: str, count: int, *, first: int, apart: int) -> Path:
    """A store of tickets whose one clock runs out in `first` seconds and then every `apart`."""
    path = stores.KEPT / name
    stores.remove(path)
    now, budget = int(time.time()), 100 * 3600
    with Desk.create(path, setup=_setup(budget), actor=system_user()) as desk:
        desk.loader().add([_ticket(n, now + first + apart * n - budget) for n in range(count)])
    return path


def _setup(budget: int) -> list[ops.Op]:
    targets = [{"kind": "resolution", "budgets": {"3": f"{budget}s"}}]
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    always = {"zone": "UTC", "hours": {day: [["00:00", "24:00"]] for day in week}}
    return [
        ops.SaveSetting("prefix", "SD"),
        *(ops.SaveState(key, name, kind, n) for n, (key, name, kind) in enumerate(STATES)),
        ops.SaveCalendar("always", always),
        ops.SaveQueue("desk", "Desk", 1, ""),
        ops.SaveSetting("intake_queue", "desk"),
        ops.SaveSetting("calendar", "always"),
        ops.SavePolicy("All", {"when": "", "calendar": "always", "targets": targets}),
        ops.SaveAgent(system_user(), "Bench", "admin", "", True, ("desk",)),
        ops.SavePerson("Mikko Korhonen", "mikko@acme.example", "", "ACME Oy"),
        ops.SaveView("All", "sort:due", shared=True, position=1),
    ]


def _ticket(number: int, opened_at: int) -> LoadedTicket:
    told = {"state": "open", "category": "open", "priority": 3, "requester_id": 1, "queue": "desk"}
    subject = f"VPN drops every ten minutes, number {number}"
    columns = {**told, "subject": subject, "created_at": opened_at, "updated_at": opened_at}
    return LoadedTicket(columns, [LoadedEvent(opened_at, "opened", "", {}, told)])

"""What a key costs a person behind a slow line: time until painted, bytes; silence; memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence

from bench import floors, stores
from bench.bench_start import SDESK
from bench.figures import Figure, percentile
from bench.meter import Answer, Terminal

SIZES = ((80, 24), (120, 40))
IDLE_SECONDS = 15
ALL = "All"


def measure(tickets: int) -> Iterator[Figure]:
    store = stores.store(tickets)
    _, textual = floors.programs(stores.KEPT / "floors")
    for columns, rows in SIZES:
        with Terminal(textual, columns=columns, rows=rows) as least:
            least.wait("SD-")
            least.settle()
            floor = presses(least, "j", 40)
        argv = [*SDESK, "--store", str(store)]
        with Terminal(argv, columns=columns, rows=rows, env={"SSH_CONNECTION": ""}) as desk:
            desk.wait("SD-", 60)
            desk.settle(1.0)
            memory = desk.memory_mb()
            yield from at_size(desk, floor, f"{columns}×{rows}", tickets)
            if rows == SIZES[0][1]:
                yield Figure("memory of the desk before its first write", memory, "MB", most=45)
                yield from silence(desk)


def presses(terminal: Terminal, key: str, times: int) -> list[Answer]:
    return [terminal.press(key) for _ in range(times)]


def at_size(desk: Terminal, floor: Sequence[Answer], size: str, tickets: int) -> Iterator[Figure]:
    yield Figure(f"{size}: bytes of the first screen", len(desk.raw), "B")
    show_all(desk)
    keys = presses(desk, "j", 60)
    least = statistics.median(answer.ms for answer in floor)
    where = f"{size} at {tickets:,}"
    yield Figure(f"{where}: j to painted, p50", statistics.median(a.ms for a in keys), "ms", least)
    yield Figure(
        f"{where}: j to painted, p95", percentile((a.ms for a in keys), 0.95), "ms",
        percentile((a.ms for a in floor), 0.95), most=16,
    )  # fmt: skip
    yield Figure(
        f"{where}: bytes a j", statistics.median(a.size for a in keys), "B",
        statistics.median(a.size for a in floor), most=800 if size == "80×24" else None,
    )  # fmt: skip
    pages = presses(desk, "ctrl+d", 15)
    yield Figure(f"{where}: page down", statistics.median(a.ms for a in pages), "ms")
    yield Figure(f"{where}: bytes a page down", statistics.median(a.size for a in pages), "B")


def show_all(desk: Terminal) -> None:
    """Every ticket there is, not only the live ones."""
    desk.send("/")
    desk.settle(0.3)
    desk.send("ctrl+u", "sort:created", "enter")
    desk.settle(1.0)


def silence(desk: Terminal) -> Iterator[Figure]:
    """Tickets that are over have no clock that ticks: nothing may be written."""
    desk.send("/")
    desk.settle(0.3)
    desk.send("ctrl+u", "state:closed", "enter")
    desk.settle(4.0)
    # The clock in the head changes with the minute, five cells: that is not idleness.
    while not 2 < time.time() % 60 < 57 - IDLE_SECONDS:
        desk.idle(0.5)
    yield Figure(
        "idle, no clock under ten minutes in sight",
        desk.idle(IDLE_SECONDS) / IDLE_SECONDS,
        "B/s",
        most=0,
    )

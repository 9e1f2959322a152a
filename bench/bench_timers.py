"""Keeping time: a week in which a worker is killed a hundred times, a takeover, what beats cost."""

from __future__ import annotations

import random
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, sleep

from bench import stores
from bench.bench_start import SDESK
from bench.figures import Figure, milliseconds
from sdesk.desk import Desk
from sdesk.store import lease
from sdesk.store.lease import Keeper
from tests.e2e import simulated_week

TICKETS, KILLS = 40, 100


def measure(tickets: int) -> Iterator[Figure]:  # noqa: ARG001 - its size is its own
    yield from week()
    path = stores.copy(stores.store(250), "timers.db")
    with Desk.open(path) as desk:
        yield beat(desk)
        yield takeover(desk)
    stores.remove(path)


def week() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        seed = random.randrange(1_000_000)
        lived = simulated_week.run(Path(folder), seed=seed, tickets=TICKETS, kills=KILLS)
    came_due = lived.steps + lived.waits + lived.closings
    yield Figure(f"a week, {lived.kills} kills (seed {seed}): came due", came_due, "", least=100)
    yield Figure("… missed", len(lived.missed), "", most=0)
    yield Figure("… done twice or too early", len(lived.doubled), "", most=0)
    for line in (*lived.missed, *lived.doubled):
        print("  ", line)


def beat(desk: Desk) -> Figure:
    spent = milliseconds(lambda: lease.take(desk.place, "bench", Keeper.ONCE, desk.now()))
    lease.drop(desk.place, "bench")
    return Figure("a beat of whoever keeps time, every 8 s", spent, "ms")


def takeover(desk: Desk) -> Figure:
    """Seconds from a SIGKILL of the holder until the other holds the lease."""
    argv = [*SDESK, "worker", "--store", str(desk.place)]
    running = [
        subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    try:
        first = wait_for(desk, "")
        holder = next(p for p in running if f":{p.pid}:" in first)
        sleep(random.random() * 9)
        holder.send_signal(signal.SIGKILL)
        begun = perf_counter()
        wait_for(desk, first)
        return Figure("a killed worker's work taken over", perf_counter() - begun, "s", most=30)
    finally:
        for process in running:
            process.terminate()
            process.wait()


def wait_for(desk: Desk, other_than: str) -> str:
    """Who holds the lease, once that is somebody else."""
    end = perf_counter() + 60
    while perf_counter() < end:
        held = lease.held(desk.read.reader)
        if held is not None and held.holder != other_than:
            return held.holder
        sleep(0.05)
    raise RuntimeError("Nobody took the lease.")

"""Several at once: a change seen in another window, eight writers, a draft saved while typing."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench import stores
from bench.bench_start import SDESK
from bench.figures import Figure
from bench.meter import Terminal
from sdesk import ops
from sdesk.desk import Desk, system_user
from sdesk.model import TicketId

WRITERS, UPDATES, TICKETS = 8, 1_000, 200


def measure(tickets: int) -> Iterator[Figure]:
    yield from windows(stores.copy(stores.store(min(tickets, 100_000)), "together.db"))
    yield from writers(stores.copy(stores.store(250), "writers.db"))


def windows(path: Path) -> Iterator[Figure]:
    with Desk.open(path) as other, Terminal([*SDESK, "--store", str(path)]) as desk:
        desk.wait("SD-", 60)
        desk.settle(1.0)
        ticket = TicketId(other.read.ids(other.read.views()[0].query, limit=1)[0])
        seen = []
        for turn in range(9):
            other.apply(ticket, ops.Edit("subject", f"Changed {turn} elsewhere"))
            begun = perf_counter()
            desk.wait(f"Changed {turn} elsewhere")
            seen.append(desk.last_byte_at - begun)
        yield Figure("change seen in another window", statistics.median(seen), "s", most=0.3)
        yield Figure("change seen in another window, worst", max(seen), "s", most=0.3)
        yield draft(desk, other)
    stores.remove(path)


def draft(desk: Terminal, other: Desk) -> Figure:
    """How long typed text is in nothing but memory."""
    desk.send("enter")
    desk.settle(0.5)
    desk.send("r")
    desk.settle(0.5)
    begun = perf_counter()
    desk.send("Please restart it")
    while not any("restart it" in kept.text for kept in other.read.drafts()):
        if perf_counter() > begun + 20:
            raise RuntimeError(f"No draft was saved. The screen:\n{desk.text}")
        desk.idle(0.02)
    return Figure("typing lost to a kill, at most", perf_counter() - begun, "s", most=2)


def writers(path: Path) -> Iterator[Figure]:
    begun = perf_counter()
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "sdesk.prove.writer", str(path), system_user(), str(i * UPDATES), str(UPDATES), str(TICKETS)],
            stdout=subprocess.PIPE, text=True, cwd=stores.ROOT,
        )
        for i in range(WRITERS)
    ]  # fmt: skip
    said = [writer.communicate()[0].split() for writer in running]
    seconds = perf_counter() - begun
    with Desk.open(path) as desk:
        kept = {f for n in range(1, TICKETS + 1) for f in desk.read.ticket(TicketId(n)).fields}
    lost = len({f"n{n}" for n in range(WRITERS * UPDATES)} - kept)
    locked = sum(int(words[0]) for words in said)
    name = f"{WRITERS} writers × {UPDATES:,}"
    yield Figure(f"{name}: updates lost", lost - locked, "", most=0)
    yield Figure(f"{name}: told that it is locked", locked, "", most=0)
    yield Figure(f"{name}: longest wait", max(float(words[1]) for words in said), "ms")
    yield Figure(f"{name}: updates", WRITERS * UPDATES / seconds, "/s")
    stores.remove(path)

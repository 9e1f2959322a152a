"""P1: eight processes write to the same twenty tickets at once; nothing is lost, nobody turned away."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.prove import children, desks, sound
from sdesk.prove.model import ENGINES, POSTGRESQL, Bench, Figures, Promise, Verdict

WRITERS, UPDATES, TICKETS = 8, 1_000, 20
LONGEST = 1_000.0
"""Milliseconds that nobody should wait longer than, on a disk that keeps up."""
BUSY = 0.25
"""Share of the processors that others may have without being named."""
SLOW_DISK = 8.0
"""Milliseconds for one fsync from which on the disk, and not the waiting in line, is what takes long."""


def run(bench: Bench) -> Verdict:
    desks.make(bench.store, TICKETS).close()
    each = bench.count(UPDATES)
    said, seconds, others = _crowd(bench, each)
    busy = sum(int(words.split()[0]) for words in said)
    longest = max(float(words.split()[1]) for words in said)
    lost, doubled, total = *_lost(bench.store, WRITERS * each), WRITERS * each
    broken, floor = sound.wrong(bench.store), _fsync_floor(bench.folder)
    slow = bench.engine != POSTGRESQL and floor > SLOW_DISK
    holds = not (lost or doubled or busy or broken) and (longest < LONGEST or slow)
    text = (
        f"{total:,} updates by {WRITERS} processes, {total / seconds:,.0f} a second: {lost} lost,"
        f" {busy} told that it is busy, worst wait {longest:.0f} ms"
        f" (this disk needs {floor:.1f} ms to keep one write)"
    )
    figures: Figures = {
        "updates": total, "lost": lost, "doubled": doubled, "busy": busy, "worst_ms": longest,
        "per_second": round(total / seconds), "fsync_ms": floor, "others": round(others, 2),
    }  # fmt: skip
    if others > BUSY:
        text += f"; other programs took {others:.0%} of the processors meanwhile"
    return Verdict(holds, text + (f"; {broken}" if broken else ""), figures)


def _crowd(bench: Bench, each: int) -> tuple[list[str], float, float]:
    """What the writers print, the seconds they took, and which share of the processors others had.

    All wait until all are ready.
    """
    started = [
        children.start(
            bench.folder, "sdesk.prove.writer", bench.store, login, str(i * each), str(each),
            str(TICKETS), "start", stdin=children.PIPE,
        )
        for i, login in enumerate(desks.AGENTS[:WRITERS])
    ]  # fmt: skip
    try:
        for writer in started:
            assert writer.stdout is not None
            writer.stdout.readline()
        bench.tell(f"{WRITERS} processes write {each:,} times each")
        begun, busy, whole = time.monotonic(), *_processors()
        said = children.finish(started)
        seconds, now = max(0.001, time.monotonic() - begun), _processors()
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        others = now[0] - busy - spent.ru_utime - spent.ru_stime
        return said, seconds, max(0.0, others) / max(0.001, now[1] - whole)
    finally:
        children.stop(started)


def _processors() -> tuple[float, float]:
    """Seconds that this host's processors have been at work, and seconds in all; nothing where it can't be told."""
    try:
        line = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0]
    except OSError:
        return 0.0, 0.0
    user, nice, system, idle, waiting, *more = (
        int(word) / os.sysconf("SC_CLK_TCK") for word in line.split()[1:9]
    )
    busy = user + nice + system + sum(more)
    return busy, busy + idle + waiting


def _lost(store: str, total: int) -> tuple[int, int]:
    """Updates that are not there, and updates that are recorded more than once."""
    kept: set[str] = set()
    with Desk.open(store, actor="ana") as desk:
        for number in range(1, TICKETS + 1):
            kept.update(desk.read.ticket(TicketId(number)).fields)
        row = desk.read.reader.one("SELECT count(*) FROM event WHERE kind = 'field_set'")
    lost = len({f"n{number}" for number in range(total)} - kept)
    return lost, int(row[0] if row else 0) - (total - lost)


def _fsync_floor(folder: Path, times: int = 40) -> float:
    """Milliseconds that this disk takes to keep one page: nothing that is kept can be quicker."""
    handle = os.open(folder / "floor", os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        taken = []
        for _ in range(times):
            os.pwrite(handle, b"x" * 4096, 0)
            begun = time.perf_counter()
            os.fsync(handle)
            taken.append(time.perf_counter() - begun)
    finally:
        os.close(handle)
    return round(sorted(taken)[times // 2] * 1e3, 2)


PROMISE = Promise(
    "locks",
    1,
    "Eight processes update twenty tickets 1,000 times each: none lost, nobody told that the store is"
    " busy, the worst wait under a second.",
    run,
    ENGINES,
    alone=True,
)

"""A minute in which nobody reads what the desk writes: what goes on meanwhile, and what is there after."""

from __future__ import annotations

import os
import sqlite3
import termios
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bench import stores
from bench.bench_start import SDESK
from bench.figures import Figure
from bench.meter import Terminal

TICKETS = 10_000
SECONDS = 60
WORDS = [f"word{number:03}" for number in range(SECONDS)]
SETTLES = 5.0
"""Seconds within which a draft is in the store, and a desk keeps time."""


def measure(_tickets: int) -> Iterator[Figure]:
    """The line is stopped as by a terminal that takes nothing; a word a second is typed all the while."""
    store = stores.copy(stores.store(TICKETS), "stalled.db")
    with Terminal([*SDESK, "--store", str(store)], env={"SSH_CONNECTION": ""}) as desk:
        desk.wait("SD-", 60)
        desk.settle(3.0)
        desk.send("enter")
        desk.settle(1.5)
        desk.send("c")
        desk.settle(1.5)
        desk.send("begun ")
        desk.idle(6.0)  # the first draft loads what writes
        before = desk.memory_mb()
        behind, presence, lease = [], [], []
        with stopped(desk.pid):
            for count, word in enumerate(WORDS, 1):
                desk.send(f"{word} ")
                time.sleep(1)
                typed = written(store).count("word")
                behind.append(count - typed)
                presence.append(age(store, "presence"))
                lease.append(age(store, "lease"))
            silent = desk.pump(0) <= 0
            grown = desk.memory_mb() - before
            size = len(desk.raw)
        desk.settle(1.0)
        held = len(desk.raw) - size
        lost = len(WORDS) - sum(word in desk.text or word in written(store) for word in WORDS)
        unseen = sum(word not in desk.text for word in WORDS[-10:])
    where = f"{SECONDS} s without a reader"
    yield Figure(f"{where}: bytes that came", 0 if silent else 1, "", most=0)
    yield Figure(f"{where}: words the kept draft is behind", max(behind), "", most=SETTLES)
    yield Figure(f"{where}: oldest beat of who is here", max(presence), "s", most=28)
    yield Figure(f"{where}: oldest beat of who keeps time", max(lease), "s", most=20)
    yield Figure(f"{where}: memory grown", max(0.0, grown), "MB", most=10)
    yield Figure(f"{where}: bytes when it is read again", held, "B", most=16_384)
    yield Figure(f"{where}: typed words lost", lost, "", most=0)
    yield Figure(f"{where}: of the last ten, not on the screen", unseen, "", most=0)
    stores.remove(store)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """The program's terminal takes no output, as after Ctrl+S or on a link that hangs."""
    line = os.open(f"/proc/{pid}/fd/0", os.O_RDWR | os.O_NOCTTY)
    termios.tcflow(line, termios.TCOOFF)
    try:
        yield
    finally:
        termios.tcflow(line, termios.TCOON)
        os.close(line)


def written(store: Path) -> str:
    """The draft that the store has."""
    rows = ask(store, "SELECT body FROM draft ORDER BY saved_at")
    return str(rows[-1][0]) if rows else ""


def age(store: Path, table: str) -> float:
    """Seconds since the newest beat; a long time where there is none."""
    ((newest,),) = ask(store, f"SELECT coalesce(max(beat_at), 0) FROM {table}")
    return time.time() - int(newest)


def ask(store: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as reader:
        return reader.execute(sql).fetchall()

"""How long until a person sees something: commands, and the queue's first rows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter

from bench import floors, stores
from bench.figures import Figure, side_by_side
from bench.meter import Terminal

SDESK = [sys.executable, "-m", "sdesk"]
LS_TICKETS = 100_000


def run(argv: Sequence[str]) -> float:
    """Milliseconds of a command from start to end, its output read."""
    begun = perf_counter()
    done = subprocess.run(argv, capture_output=True, check=False)
    spent = (perf_counter() - begun) * 1e3
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr.decode()}")
    return spent


def painted(argv: Sequence[str], until: str | Callable[[str], bool]) -> float:
    """Milliseconds until it stands on the screen of a terminal."""
    with Terminal(argv, env={"SSH_CONNECTION": ""}) as terminal:
        return terminal.wait(until, 60) * 1e3


def measure(tickets: int) -> Iterator[Figure]:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    typer, textual = floors.programs(stores.KEPT / "floors")
    listing = stores.store(min(tickets, LS_TICKETS))
    for words, name in (
        (["--version"], "sdesk --version"),
        (["--help"], "sdesk --help"),
        (["--store", str(listing), "ls"], f"sdesk ls, one page of {min(tickets, LS_TICKETS):,}"),
        (["--store", str(listing), "show", "1"], "sdesk show"),
    ):
        run([*SDESK, *words])
        ours, floor = side_by_side(lambda w=words: run([*SDESK, *w]), lambda: run(typer), 11)
        yield Figure(name, ours, "ms", floor, most_ratio=2.0)
    yield first_rows(stores.store(tickets), textual, tickets)


def first_rows(store: Path, textual: list[str], tickets: int) -> Figure:
    desk = [*SDESK, "--store", str(store)]
    painted(desk, "SD-")
    ours, floor = side_by_side(lambda: painted(desk, "SD-"), lambda: painted(textual, "SD-"), 9)
    return Figure(f"first rows on screen, {tickets:,}", ours, "ms", floor, most_ratio=1.5)

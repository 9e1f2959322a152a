"""`python -m bench [--tickets N] [--only NAME]`: every figure beside its floor and its target.

`python -m bench load` puts many agents to work on one store, see `bench/load.py`.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import (
    bench_alerts,
    bench_board,
    bench_clocks,
    bench_driver,
    bench_import,
    bench_mail,
    bench_screens,
    bench_stalled,
    bench_start,
    bench_store,
    bench_suggest,
    bench_timers,
    bench_together,
    bench_triage,
    stores,
)
from bench.figures import HEADS, Figure, line, row

GROUPS: dict[str, Callable[[int], Iterator[Figure]]] = {
    "start": bench_start.measure,
    "screens": bench_screens.measure,
    "board": bench_board.measure,
    "store": bench_store.measure,
    "together": bench_together.measure,
    "timers": bench_timers.measure,
    "import": bench_import.measure,
    "clocks": bench_clocks.measure,
    "mail": bench_mail.measure,
    "alerts": bench_alerts.measure,
    "driver": bench_driver.measure,
    "suggest": bench_suggest.measure,
    "triage": bench_triage.measure,
    "stalled": bench_stalled.measure,
}
SCRIPTS = ("bench_calendar", "bench_search")
"""Benches that print lines of their own, with floors of their own."""


def main() -> int:
    if sys.argv[1:2] == ["load"]:
        from bench.load import main as load

        return load(sys.argv[2:])
    known = [*GROUPS, *SCRIPTS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000, help="size of the large store")
    parser.add_argument("--only", choices=known, action="append", help="may be given again")
    options = parser.parse_args()
    wanted = options.only or known
    stores.KEPT.mkdir(exist_ok=True)
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {options.tickets:,} tickets\n")  # fmt: skip
    print(line(HEADS))
    missed = 0
    for name, measure in GROUPS.items():
        if name in wanted:
            for figure in measure(options.tickets):
                missed += figure.verdict == "MISSED"
                print(row(figure), flush=True)
    for name in SCRIPTS:
        if name in wanted:
            run_script(name, words(name, options.tickets))
    print(f"\n{missed} targets missed." if missed else "\nEvery target is met.")
    return 0


def words(script: str, tickets: int) -> list[str]:
    """What a script is told: the search bench needs a store."""
    return [str(stores.store(tickets))] if script == "bench_search" else []


def run_script(name: str, words: list[str]) -> None:
    """Another bench as a program of its own; its lines below its name."""
    if not (Path(__file__).parent / f"{name}.py").exists():
        return
    print(f"\n{name}", flush=True)
    subprocess.run([sys.executable, "-m", f"bench.{name}", *words], cwd=stores.ROOT, check=False)


if __name__ == "__main__":
    sys.exit(main())

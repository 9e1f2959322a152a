"""The real event log, where it lies beside the repository: seconds and memory of its import."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench import floors, stores
from bench.bench_start import SDESK
from bench.figures import Figure
from sdesk.desk import Desk

LOG = stores.ROOT.parent / "shared" / "data" / "servicenow-eventlog" / "incident_event_log.csv.gz"
ROWS = 119_998


def measure(_tickets: int) -> Iterator[Figure]:
    if not LOG.exists():
        print(f"No {LOG.name} beside the repository: import is not measured.", file=sys.stderr)
        return
    path = stores.KEPT / "import.db"
    stores.remove(path)
    sdesk = [*SDESK, "--store", str(path)]
    subprocess.run([*sdesk, "init", "--yes"], check=True, capture_output=True)
    floor = floors.insert_seconds(stores.KEPT, [(ROWS, tuple("x" * 12 for _ in range(20)))])
    seconds, memory = bring_in(sdesk)
    with Desk.open(path) as desk:
        yield Figure("event log: tickets", desk.read.count(""), "", 20_769, most_ratio=1.0)
    yield Figure("event log: import", seconds, "s", floor, most=20)
    yield Figure("event log: memory", memory, "MB", most=400)
    again, _ = bring_in(sdesk)
    yield Figure("event log: import again, nothing new", again, "s")
    yield from round_trip(sdesk, path)
    stores.remove(path)


def bring_in(sdesk: list[str]) -> tuple[float, float]:
    """(seconds, peak memory in MB) of one import."""
    begun = perf_counter()
    child = subprocess.Popen(
        [*sdesk, "import", str(LOG), "--preset", "servicenow-eventlog"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"The import ended with {child.returncode}.")
    return perf_counter() - begun, _megabytes(usage)


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss * 1024 / 1e6


def round_trip(sdesk: list[str], path: Path) -> Iterator[Figure]:
    first, second = stores.KEPT / "first.jsonl", stores.KEPT / "second.jsonl"
    other = path.with_name("restored.db")
    stores.remove(other)
    begun = perf_counter()
    subprocess.run([*sdesk, "dump", str(first)], check=True, capture_output=True)
    yield Figure("event log: dump", perf_counter() - begun, "s")
    begun = perf_counter()
    subprocess.run(
        [*SDESK, "restore", str(first), "--store", str(other)], check=True, capture_output=True
    )
    yield Figure("event log: restore", perf_counter() - begun, "s")
    subprocess.run(
        [*SDESK, "--store", str(other), "dump", str(second)], check=True, capture_output=True
    )
    same = first.read_bytes() == second.read_bytes()
    yield Figure("dump → restore → dump: bytes that differ", 0 if same else 1, "", most=0)
    for file in (first, second):
        file.unlink()
    stores.remove(other)

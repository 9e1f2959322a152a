"""The demo stores that the figures are taken on, made once and kept under .bench/."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from time import perf_counter

from sdesk.demo.making import make
from sdesk.demo.mark import made_of
from sdesk.desk import Desk, system_user

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".bench"
SEED = 1
_DAY = 24 * 3600


def store(tickets: int) -> Path:
    """A demo store of that size, from today where it is small enough to be made again."""
    path = KEPT / f"demo-{tickets}.db"
    if path.exists() and not _is_stale(path, tickets):
        return path
    print(
        f"Making a store of {tickets:,} tickets, kept in {path.relative_to(ROOT)} …",
        file=sys.stderr,
    )
    make_store(path, tickets)
    return path


def _is_stale(path: Path, tickets: int) -> bool:
    with Desk.open(path) as desk:
        made = made_of(desk)
    return (
        made is None or made[0] != tickets or (tickets <= 10_000 and time.time() - made[2] > _DAY)
    )


def make_store(path: Path, tickets: int) -> float:
    """Make it anew; seconds it took."""
    remove(path)
    begun = perf_counter()
    make(path, tickets=tickets, seed=SEED, caller=system_user(), caller_name="Bench").close()
    return perf_counter() - begun


def remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", ".lock"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def copy(path: Path, name: str) -> Path:
    """A copy to write in, so that the kept store stays as it was made."""
    target = KEPT / name
    remove(target)
    with Desk.open(path):
        shutil.copyfile(path, target)
        wal = path.with_name(path.name + "-wal")
        if wal.exists() and wal.stat().st_size:
            shutil.copyfile(wal, target.with_name(target.name + "-wal"))
    target.chmod(0o660)
    return target

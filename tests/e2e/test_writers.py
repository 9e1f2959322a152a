"""Several processes writing at once: nothing lost, nobody turned away. `make bench` runs 8 × 1,000."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk

ROOT = Path(__file__).parents[2]
WRITERS, TICKETS = 4, 20


@pytest.fixture
def home(either_home: Path | str) -> Path | str:
    return either_home


def test_four_writers_lose_no_update_and_are_never_told_locked(home: Path | str, ben: Desk) -> None:
    # At a server each takes many times as long, and a few show the same.
    updates = 40 if isinstance(home, Path) else 10
    for number in range(ben.read.count(""), TICKETS):
        ben.apply(None, ops.Open(f"Update me, number {number}"))
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "sdesk.prove.writer", str(home), login, str(i * updates), str(updates), str(TICKETS)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )
        for i, login in enumerate(("ana", "ben", "lea", "mia"))
    ]  # fmt: skip
    for writer in running:
        said, complaint = writer.communicate(timeout=600)
        assert writer.returncode == 0, complaint
        assert said.split()[0] == "0", "told that the store is busy"
    kept = {name for number in range(1, TICKETS + 1) for name in ben.read.ticket(number).fields}
    assert kept >= {f"n{number}" for number in range(WRITERS * updates)}
    events = [
        e for n in range(1, TICKETS + 1) for e in ben.read.history(n) if e.kind == "field_set"
    ]
    assert len(events) == WRITERS * updates

"""P3: six operations, each killed before every line that has to do with the store, and many others.

Lines that only think (rules, values, sentences) leave the files as the line before them left them:
one in ten of those is tried, all of them with `--scale 10`.
"""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdesk.prove import forking, lines
from sdesk.prove.jobs import JOBS, Job, state
from sdesk.prove.model import Bench, Figures, Promise, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.prove.jobs import State
    from sdesk.prove.lines import Point

AT_ONCE = 2
THINKING = (
    "rules/",
    "ops/",
    "present/",
    "model.py",
    "text.py",
    "levels.py",
    "looks.py",
    "errors.py",
)
THINKING_SHARE = 0.1


def run(bench: Bench, jobs: Sequence[Job] = JOBS) -> Verdict:
    forking.warm()
    total = kills = 0
    wrong: list[str] = []
    each: list[str] = []
    for job in jobs:
        round_ = _Round(job, bench.room(job.name))
        points = round_.points()
        chosen = _chosen(points, bench.scale)
        bench.tell(f"{job.name}: {len(chosen):,} kills")
        wrong += round_.kill(chosen)
        total, kills = total + len(points), kills + len(chosen)
        each.append(f"{job.name} {len(points):,}")
    text = (
        f"{kills:,} kills at {total:,} lines ({', '.join(each)}): {len(wrong)} left something lost,"
        " doubled or half done"
    )
    figures: Figures = {"lines": total, "kills": kills, "wrong": len(wrong)}
    return Verdict(not wrong, text + "".join(f"; {said}" for said in wrong[:3]), figures)


def _chosen(points: list[Point], scale: float) -> list[Point]:
    thinks = [point for point in points if point.said.startswith(THINKING)]
    stores = [point for point in points if not point.said.startswith(THINKING)]
    return lines.some(stores, scale) + lines.some(thinks, scale * THINKING_SHARE)


class _Round:
    """One operation, killed again and again, each time on a fresh copy of what it begins with."""

    def __init__(self, job: Job, folder: Path) -> None:
        self._job, self._folder, self._fresh = job, folder, folder / "fresh"
        self._fresh.mkdir()
        self._child(lambda: job.prepare(self._fresh))
        # What is imported late is imported now, in the process that all children are forked from.
        self._learn()
        self._files = _files(self._fresh)

    def _child(self, act: Any) -> None:
        ended = forking.in_child(act)
        assert ended == 0, f"{self._job.name}: its own process ended with {ended}"

    def _copy(self, name: str) -> Path:
        there = self._folder / name
        shutil.rmtree(there, ignore_errors=True)
        return Path(shutil.copytree(self._fresh, there))

    def _learn(self) -> None:
        self._before = self._state(self._fresh)
        there = self._copy("after")
        self._job.act(there)
        self._after = self._state(there)

    def _state(self, folder: Path) -> State:
        from sdesk.store import place

        store = folder / "desk.db"
        from sdesk.store.reader import schema_version

        return state(store) if schema_version(store) == place.SCHEMA else {}

    def points(self) -> list[Point]:
        """Every line that the operation executes."""
        there, notes = self._copy("points"), self._folder / "points.json"

        def run() -> None:
            notes.write_text(json.dumps(lines.executed(lambda: self._job.act(there))))

        self._child(run)
        return [lines.Point(*row) for row in json.loads(notes.read_text())]

    def kill(self, points: Sequence[Point]) -> list[str]:
        """Kill it at each of them, in some processes at once; what was wrong afterwards."""
        workers = [
            forking.fork(lambda n=n: self._worker(n, points[n::AT_ONCE]))  # type: ignore[misc]
            for n in range(AT_ONCE)
        ]
        ended = [forking.wait(worker) for worker in workers]
        assert not any(ended), f"{self._job.name}: a process ended with {ended}"
        found = [(self._folder / f"wrong-{n}").read_text() for n in range(AT_ONCE)]
        return [line for text in found for line in text.splitlines()]

    def _worker(self, number: int, points: Sequence[Point]) -> None:
        with (self._folder / f"wrong-{number}").open("w") as out:
            for point in points:
                if said := self._killed(point, f"run-{number}"):
                    print(f"{self._job.name} at {point.said}: {said}", file=out)

    def _killed(self, point: Point, name: str) -> str:
        there = self._copy(name)
        ended = forking.in_child(lambda: lines.killed_at(point, lambda: self._job.act(there)))
        if ended != -signal.SIGKILL:
            return f"not reached ({ended})"
        if _files(there) == self._files:
            return ""  # byte for byte what it began with: there is nothing to look for
        return self._job.wrong(there, self._before, self._after)


def _files(folder: Path) -> dict[str, bytes]:
    """What is in the folder; a lock, an empty log and SQLite's shared memory say nothing."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith((".lock", "-shm")):
            content = path.read_bytes()
            if content or not path.name.endswith("-wal"):
                found[str(path.relative_to(folder))] = content
    return found


PROMISE = Promise(
    "killpoints",
    3,
    "Saving, merging, undoing, importing, migrating and backing up, each killed at every line that has"
    " to do with the store, and at one in ten of the others: nothing lost, doubled or half done.",
    run,
)

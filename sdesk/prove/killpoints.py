"""P3: what a kill at any line that six operations execute would leave behind, and kills to show that it does.

Each operation is run once, line by line. A kill leaves what the process has handed to the kernel, so
the files as they are before a line are what a kill at that line leaves (`remains`). They go through a
few states; each of them is looked at as on the morning after. Then the operation is killed with
SIGKILL on a fresh copy, at the first line in each of those states and at one in ten of all others.
"""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sdesk.prove import forking, lines, remains
from sdesk.prove.jobs import JOBS, Job, state
from sdesk.prove.model import Bench, Figures, Promise, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sdesk.prove.jobs import State
    from sdesk.prove.lines import Point

AT_ONCE = 2
T = TypeVar("T")
FIRST, KILLED_SHARE = 10, 0.1
"""Of the first lines in a state all, also at a tenth of the scale; of the others a tenth."""


class Found(NamedTuple):
    """What one operation's lines and kills have shown."""

    lines: int
    times: int
    states: int
    kills: int
    wrong: list[str]


def run(bench: Bench, jobs: Sequence[Job] = JOBS) -> Verdict:
    forking.warm()
    found = {job.name: _tried(bench, job) for job in jobs}
    wrong = [said for one in found.values() for said in one.wrong]
    every, times, states, kills = (
        sum(column) for column in tuple(zip(*found.values(), strict=True))[:4]
    )
    each = ", ".join(f"{name} {one.lines:,}" for name, one in found.items())
    text = (
        f"{every:,} lines ({each}), executed {times:,} times, leave {states} states of the files, all"
        f" looked at; {kills:,} kills: {len(wrong)} times something lost, doubled or half done"
    )
    figures: Figures = {
        "lines": every, "executed": times, "states": states, "kills": kills, "wrong": len(wrong),
    }  # fmt: skip
    return Verdict(not wrong, text + "".join(f"; {said}" for said in wrong[:3]), figures)


def _tried(bench: Bench, job: Job) -> Found:
    round_ = _Round(job, bench.room(job.name))
    bench.tell(f"{job.name}: line by line")
    points, states, times = round_.watched()
    wrong = round_.look(points, states)
    chosen = _chosen(points, bench.scale)
    bench.tell(f"{job.name}: {len(chosen):,} kills")
    wrong += round_.kill(chosen)
    return Found(len(points), times, states, len(chosen), wrong)


def _chosen(points: dict[Point, int], scale: float) -> list[Point]:
    """The first line in every state, and some of the others, evenly."""
    first, others = lines.by_state(points)
    return [*lines.some(first, scale * FIRST), *lines.some(others, scale * KILLED_SHARE)]


class _Round:
    """One operation, done line by line and killed again and again, each time on a fresh copy."""

    def __init__(self, job: Job, folder: Path) -> None:
        self._job, self._folder, self._fresh = job, folder, folder / "fresh"
        self._fresh.mkdir()
        self._child(lambda: job.prepare(self._fresh))
        # What is imported late is imported now, in the process that all children are forked from.
        self._before = self._state(self._fresh)
        there = self._copy("after")
        self._job.act(there)
        self._after = self._state(there)

    def _child(self, act: Callable[[], object]) -> None:
        ended = forking.in_child(act)
        assert ended == 0, f"{self._job.name}: its own process ended with {ended}"

    def _copy(self, name: str) -> Path:
        return remains.fresh_copy(self._fresh, self._folder / name)

    def _state(self, folder: Path) -> State:
        from sdesk.store import place
        from sdesk.store.reader import schema_version

        store = folder / "desk.db"
        return state(store) if schema_version(store) == place.SCHEMA else {}

    def watched(self) -> tuple[dict[Point, int], int, int]:
        """Every line that the operation executes and the state before it; how many states; how many
        times a line was executed."""
        there, notes = self._copy("watched"), self._folder / "points.json"

        def run() -> None:
            files = remains.Remains(there, self._folder / "states")
            points = lines.executed(lambda: self._job.act(there), look=files.look)
            files.look()
            notes.write_text(json.dumps([list(points.items()), files.states, files.looks]))

        self._child(run)
        rows, states, looks = json.loads(notes.read_text())
        return {lines.Point(*point): number for point, number in rows}, states, looks

    def look(self, points: dict[Point, int], states: int) -> list[str]:
        """Look at each state as somebody finds it after the kill; what is wrong with them."""
        where = {number: point.said for point, number in reversed(points.items())}

        def morning(number: int, name: str) -> str:
            there = remains.fresh_copy(self._folder / "states" / str(number), self._folder / name)
            said = self._wrong(there)
            return f"{self._job.name} before {where.get(number, 'its end')}: {said}" if said else ""

        return self._at_once(list(range(states)), morning)

    def kill(self, points: Sequence[Point]) -> list[str]:
        """Kill it at each of them; what was wrong afterwards."""

        def killed(point: Point, name: str) -> str:
            there = self._copy(name)
            ended = forking.in_child(lambda: lines.killed_at(point, lambda: self._job.act(there)))
            said = self._wrong(there) if ended == -signal.SIGKILL else f"not reached ({ended})"
            return f"{self._job.name} killed at {point.said}: {said}" if said else ""

        return self._at_once(points, killed)

    def _wrong(self, there: Path) -> str:
        if remains.same(there, self._fresh):
            return ""  # byte for byte what it began with: there is nothing to look for
        return self._job.wrong(there, self._before, self._after)

    def _at_once(self, work: Sequence[T], act: Callable[[T, str], str]) -> list[str]:
        """Do it with each, in some processes at once, each with a folder's name of its own."""

        def some(number: int) -> None:
            with (self._folder / f"wrong-{number}").open("w") as out:
                for one in work[number::AT_ONCE]:
                    if said := act(one, f"run-{number}"):
                        print(said, file=out)

        workers = [forking.fork(lambda n=n: some(n)) for n in range(AT_ONCE)]  # type: ignore[misc]
        ended = [forking.wait(worker) for worker in workers]
        assert not any(ended), f"{self._job.name}: a process ended with {ended}"
        found = [(self._folder / f"wrong-{n}").read_text() for n in range(AT_ONCE)]
        return [line for text in found for line in text.splitlines()]


PROMISE = Promise(
    "killpoints",
    3,
    "Saving, merging, undoing, importing, migrating and backing up: a kill at any line that they execute"
    " leaves nothing lost, doubled or half done.",
    run,
    on_disk=False,
)

"""Proving: each promise in a process of its own, in a private folder that is removed afterwards.

As many at once as the host has processors; one that measures how long something takes is alone.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sdesk.errors import SdeskError
from sdesk.prove import databases, promise
from sdesk.prove.children import environment, last_line
from sdesk.prove.model import (
    FAILS,
    HOLDS,
    POSTGRESQL,
    SKIPPED,
    SQLITE,
    Bench,
    Promise,
    Proof,
    Skipped,
)
from sdesk.surroundings import python

AT_MOST = 900.0
"""Seconds for one promise at scale 1; who takes longer has stopped, and does not hold."""
MOST_AT_ONCE = 4
MEMORY, ROOM = Path("/dev/shm"), 1 << 30
"""Where files lie in memory, and how many bytes must be free there to be used."""
NEEDED = 512 << 20
"""Bytes that must be free on the disk at scale 1."""
_PATIENCE = 5.0


@dataclass(frozen=True)
class Wish:
    """How the promises are to be proved."""

    scale: float = 1.0
    engine: str = SQLITE
    server: str = ""
    """The PostgreSQL server in which throw-away databases are made; "" starts one of our own."""
    seed: int = 1
    folder: str = ""
    """The disk that is meant: where the private folders are made; "" for temporary files' place, or
    memory where the disk has no part in it."""
    keep: bool = False
    cases: str = ""
    """A folder of more hostile cases, for `corpus`."""
    at_once: int = 0
    """So many promises at once; 0 for as many as there are processors."""
    tell: Callable[[str, str], None] = lambda _key, _text: None
    """A promise's key and what is being done, in a few words; "" when it is over."""


def prove(key: str, wish: Wish) -> Proof:
    """Prove one promise."""
    (proof,) = prove_each([key], wish)
    return proof


def prove_each(keys: Sequence[str], wish: Wish) -> Generator[Proof, None, None]:
    """Each verdict in the order asked for, as soon as it and those before it are known.

    `KeyboardInterrupt`, or closing the generator, ends all processes and removes all folders first.
    """
    with _server(wish) as wish:
        crowd = _Crowd(keys, wish)
        try:
            yield from crowd.proofs()
        finally:
            crowd.end()


@contextmanager
def _server(wish: Wish) -> Iterator[Wish]:
    """The same wish with a server for all, where they need one."""
    if wish.engine != POSTGRESQL:
        yield wish
        return
    with ExitStack() as stack:
        try:
            named = databases.server(wish.server, wish.folder, lambda text: wish.tell("", text))
            wish = replace(wish, server=stack.enter_context(named))
        except Skipped as reason:
            wish = replace(wish, server=_NONE + str(reason))
        wish.tell("", "")
        yield wish


_NONE = "none: "
"""Begins what stands in the place of a server's address where there is none: the reason."""


class _Crowd:
    """The promises that are still to be proved, those that are being proved, and what came of others."""

    def __init__(self, keys: Sequence[str], wish: Wish) -> None:
        self._order = list(keys)
        self._waiting = [promise(key) for key in keys]
        self._wish, self._running = wish, list[_Attempt]()
        self._done: dict[str, Proof] = {}
        here = len(os.sched_getaffinity(0))
        self._most = wish.at_once or max(1, min(MOST_AT_ONCE, here))

    def proofs(self) -> Iterator[Proof]:
        while self._order:
            while self._waiting and self._has_room(self._waiting[0]):
                self._begin(self._waiting.pop(0))
            self._listen()
            while self._order and self._order[0] in self._done:
                yield self._done[self._order.pop(0)]

    def _has_room(self, one: Promise) -> bool:
        if one.alone or any(attempt.promise.alone for attempt in self._running):
            return not self._running
        return len(self._running) < self._most

    def _begin(self, one: Promise) -> None:
        self._wish.tell(one.key, "…")
        attempt = _Attempt(one, self._wish)
        self._running.append(attempt)
        attempt.begin()

    def _listen(self) -> None:
        """Until something is told or over, or somebody is late."""
        over = [one for one in self._running if one.is_over]
        if not over and self._running:
            wait = max(0.0, min(one.ends for one in self._running) - time.monotonic())
            heard = select.select([one.reading for one in self._running], [], [], wait)[0]
            for one in self._running:
                if one.reading in heard:
                    one.hear()
                elif time.monotonic() >= one.ends:
                    one.stop()
            over = [one for one in self._running if one.is_over]
        for one in over:
            one.end()
            self._running.remove(one)
            self._done[one.promise.key] = one.proof()
            self._wish.tell(one.promise.key, "")

    def end(self) -> None:
        for attempt in self._running:
            attempt.stop()
        for attempt in self._running:
            attempt.end()
            self._wish.tell(attempt.promise.key, "")


class _Attempt:
    """One promise that is being proved."""

    def __init__(self, one: Promise, wish: Wish) -> None:
        self.promise, self._wish = one, wish
        self.reading, self.is_over = -1, False
        self._begun = time.monotonic()
        self.ends = self._begun + AT_MOST * max(1.0, wish.scale)
        """When it has taken too long."""
        self._stack = ExitStack()
        self._child: subprocess.Popen[bytes] | None = None
        self._report: dict[str, Any] = {}
        self._rest, self._kept = b"", ""
        self._complaints = Path()

    def begin(self) -> None:
        missing = [name for name in self.promise.needs if find_spec(name) is None]
        try:
            if missing:
                raise Skipped(f"needs {', '.join(missing)}, which is not installed")
            folder = self._stack.enter_context(self._folder())
            self._start(folder, self._stack.enter_context(_store(self._wish, folder)))
        except Skipped as reason:
            self._report = {"verdict": SKIPPED, "said": str(reason), "figures": {}}
            self.is_over = True

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        place = self._wish.folder or ("" if self.promise.on_disk else _memory())
        _check_room(place or tempfile.gettempdir(), self._wish.scale)
        folder = Path(tempfile.mkdtemp(prefix="sdesk-prove-", dir=place or None))
        try:
            yield folder
        finally:
            if self._wish.keep:
                self._kept = str(folder)
            else:
                remove(folder)

    def _start(self, folder: Path, store: str) -> None:
        wish = self._wish
        self.reading, writing = os.pipe()
        self._stack.callback(os.close, self.reading)
        words = [
            self.promise.key, "--folder", str(folder), "--store", store, "--engine", wish.engine,
            "--scale", repr(wish.scale), "--seed", str(wish.seed), "--report", str(writing),
            "--cases", wish.cases,
        ]  # fmt: skip
        self._complaints = folder / "complaints"
        with self._complaints.open("wb") as errors:
            self._child = subprocess.Popen(
                python("-m", "sdesk.prove", *words), env=environment(folder), cwd=folder,
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, pass_fds=[writing],
                start_new_session=True,
            )  # fmt: skip
        os.close(writing)

    def hear(self) -> None:
        """Take what has come: progress is passed on, the verdict or the end of it all ends it."""
        chunk = os.read(self.reading, 1 << 16)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            said: dict[str, Any] = json.loads(line)
            if "verdict" in said:
                self._report = said
            else:
                self._wish.tell(self.promise.key, said["tell"])
        self.is_over = not chunk or bool(self._report)

    def stop(self) -> None:
        """End its processes; those in terminals end with their line."""
        self.is_over = True
        if self._child is not None:
            _end(self._child, has_told=bool(self._report))
            self._child = None

    def end(self) -> None:
        """Take away what it leaves: processes, database, folder."""
        self.stop()
        if not self._report:
            said = "it took too long" if time.monotonic() >= self.ends else self._complaint()
            self._report = {"verdict": FAILS, "said": f"the proof itself broke off: {said}", "figures": {}}  # fmt: skip
        self._stack.close()

    def _complaint(self) -> str:
        if not self._complaints.is_file():
            return "it did not begin"
        return last_line(self._complaints.read_text(encoding="utf-8", errors="replace"))

    def proof(self) -> Proof:
        seconds = round(time.monotonic() - self._begun, 1)
        return Proof(
            self.promise.key, self.promise.number, self._wish.engine, self._report["verdict"],
            self._report["said"], seconds, self._report["figures"], self._kept,
        )  # fmt: skip


def _check_room(place: str, scale: float) -> None:
    """Raises `Skipped` where the disk is too full to be proved on: that would look like a fault."""
    found, needed = os.statvfs(place), NEEDED * max(0.05, min(1.0, scale))
    if (free := found.f_bavail * found.f_frsize) < needed:
        raise Skipped(
            f"{place} has {free >> 20:,} MB left where {round(needed) >> 20:,} may be needed:"
            " choose another --folder"
        )


def _memory() -> str:
    """A place whose files lie in memory, with room to spare; "" where there is none."""
    try:
        room = os.statvfs(MEMORY)
    except OSError:
        return ""
    has_room = room.f_bavail * room.f_frsize >= ROOM
    return str(MEMORY) if has_room and os.access(MEMORY, os.W_OK | os.X_OK) else ""


def remove(folder: Path) -> None:
    """Remove it with all that is in it, folders that were made read-only too.

    Again, for a moment: a desk whose terminal was taken away writes down what it has still to keep.
    """
    ends = time.monotonic() + _PATIENCE
    while folder.exists() and time.monotonic() < ends:
        for place, folders, _ in os.walk(folder):
            for name in folders:
                inner = Path(place, name)
                if not inner.is_symlink():
                    with suppress(OSError):
                        inner.chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            time.sleep(0.05)


@contextmanager
def _store(wish: Wish, folder: Path) -> Iterator[str]:
    if wish.engine == POSTGRESQL:
        if wish.server.startswith(_NONE):
            raise Skipped(wish.server.removeprefix(_NONE))
        with databases.database(wish.server) as address:
            yield address
    else:
        desk = folder / "desk"
        desk.mkdir(mode=0o700)
        yield str(desk / "sdesk.db")


def _end(child: subprocess.Popen[bytes], *, has_told: bool) -> None:
    """End the process and all that it has started; one that has told its verdict ends by itself."""
    if has_told:
        _wait(child, _PATIENCE)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, sign)
        except ProcessLookupError:
            break
        _wait(child, _PATIENCE)
    child.wait()


def _wait(child: subprocess.Popen[bytes], seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        child.wait(seconds)


def run_here(key: str, bench: Bench) -> dict[str, Any]:
    """Prove it in this very process; the report as a child sends it."""
    try:
        verdict = promise(key).run(bench)
    except Skipped as reason:
        return {"verdict": SKIPPED, "said": str(reason), "figures": {}}
    except (SdeskError, AssertionError, OSError) as error:
        return {"verdict": FAILS, "said": f"{type(error).__name__}: {error}", "figures": {}}
    said = HOLDS if verdict.holds else FAILS
    return {"verdict": said, "said": verdict.said, "figures": verdict.figures}

"""What a kill would leave behind, line by line: the files of a folder while a process works on them.

SIGKILL takes memory, locks and connections; what the process has handed to the kernel stays, and
nothing else. So the files as they are before a line are what a kill at that line leaves. Each state
of them that is met is kept in a folder of its own, to be looked at; between two states a kill at any
line leaves the same bytes.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SILENT = (".lock", "-shm")
"""Files that say nothing: a lock, and SQLite's shared memory, which the next process makes anew."""
_SETTLED = 200_000_000
"""Nanoseconds after which a file whose times are the same has not been written to: kernels tell the
time in ticks, so that two writes may bear the same."""


class _Met(NamedTuple):
    """One file as it was when last looked at."""

    number: int
    size: int
    changed: int
    content: bytes


class Remains:
    """The states that a folder goes through, numbered from 0, each kept below `into`.

    Belongs into the process that does the work. Descriptors stay open to its end: closing one of a
    file of SQLite's would let go of all locks that this process holds on it.
    """

    def __init__(self, folder: Path, into: Path) -> None:
        self._folder, self._into = folder, into
        self._open: dict[int, int] = {}
        self._met: dict[str, _Met] = {}
        self._rooms: set[str] = set()
        self.states = self.looks = 0
        self.look()

    def look(self) -> int:
        """The number of the state that the files are in now; a new one is kept."""
        self.looks += 1
        found = dict(self._files(self._folder))
        rooms = {name for name, status in found.items() if status is None}
        changed = rooms != self._rooms or bool(self._gone(found))
        met: dict[str, _Met] = {}
        for name, status in found.items():
            if status is not None:
                before = self._met.get(name)
                met[name] = now = self._read(name, status, before)
                same = before is not None and before.content == now.content
                changed = changed or not (same or _is_silent(name, now.content))
        self._met, self._rooms = met, rooms
        if changed or not self.states:
            self._keep()
        return self.states - 1

    def _gone(self, found: dict[str, os.stat_result | None]) -> list[str]:
        return [
            name for name, met in self._met.items()
            if name not in found and not _is_silent(name, met.content)
        ]  # fmt: skip

    def _files(
        self, folder: Path | str, above: str = ""
    ) -> Iterator[tuple[str, os.stat_result | None]]:
        """Every file below, with what is known of it; folders with None."""
        with os.scandir(folder) as entries:
            for entry in entries:
                name = above + entry.name
                if entry.is_dir(follow_symlinks=False):
                    yield name, None
                    yield from self._files(entry.path, name + "/")
                elif entry.is_file(follow_symlinks=False) and not entry.name.endswith(".lock"):
                    yield name, entry.stat()

    def _read(self, name: str, status: os.stat_result, before: _Met | None) -> _Met:
        looks = status.st_ino, status.st_size, status.st_mtime_ns
        if before is not None and looks == before[:3] and time.time_ns() - looks[2] > _SETTLED:
            return before
        if status.st_ino not in self._open:
            self._open[status.st_ino] = os.open(self._folder / name, os.O_RDONLY)
        content = os.pread(self._open[status.st_ino], status.st_size, 0)
        return _Met(*looks, content)

    def _keep(self) -> None:
        there = self._into / str(self.states)
        there.mkdir(parents=True)
        for name in sorted(self._rooms):
            (there / name).mkdir(exist_ok=True)
        for name, met in self._met.items():
            (there / name).write_bytes(met.content)
        self.states += 1


def _is_silent(name: str, content: bytes) -> bool:
    """Whether it says nothing that this file is there, or what is in it."""
    return name.endswith(SILENT) or (name.endswith("-wal") and not content)


def same(one: Path, other: Path) -> bool:
    """Whether both folders hold the same, what says nothing set aside."""
    return _telling(one) == _telling(other)


def _telling(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(SILENT):
            content = path.read_bytes()
            if not _is_silent(path.name, content):
                found[str(path.relative_to(folder))] = content
    return found


def fresh_copy(folder: Path, there: Path) -> Path:
    """A copy of the folder in the place of whatever stood there."""
    shutil.rmtree(there, ignore_errors=True)
    return Path(shutil.copytree(folder, there))

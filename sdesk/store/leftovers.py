"""What a killed run left of copies of a store: found by name, swept by the next one.

Such a file holds everything, whoever was erased since. Whoever makes one holds the folder shared;
whoever finds that nobody does, sweeps.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = 86_400
"""Seconds after which an unfinished file is left over, where the file system knows no locks on folders."""
_BESIDE = r"(?:-journal|-wal|-shm|\.lock)?"
_PARTS = re.compile(
    r"\.[^/]+-\d{4}-\d{2}-\d{2}T\d{6}Z(?:-\d+)?\.(?:db|jsonl\.gz)(?:\.json)?(?:\.\d+)?\.part(?:\.gz(?:\.\d+\.part)?)?" + _BESIDE
    + r"|\.[^/]+\.\d+\.restoring" + _BESIDE,
    re.ASCII,
)  # fmt: skip
REHEARSAL = ".rehearsal-"
_ROOM = re.compile(re.escape(REHEARSAL) + "[a-z0-9_]{8}", re.ASCII)


@contextmanager
def swept(folder: Path) -> Iterator[None]:
    """Sweep what is left over in the folder, then keep others from sweeping what is made in here."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        # Whatever is wrong with it, making something in it will tell.
        yield
        return
    try:
        if (least := _least_age(handle)) is not None:
            sweep(folder, least)
        _hold(handle)
        yield
    finally:
        os.close(handle)


def _least_age(handle: int) -> int | None:
    """How old what is left over must be in this folder; None while somebody makes a copy there."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    except OSError:
        return DAY
    return 0


def _hold(handle: int) -> None:
    """Whoever sweeps at this moment is done soon; somebody else's lock is waited for no longer."""
    for _ in range(50):
        try:
            return fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.1)
        except OSError:
            return None
    return None


def sweep(folder: Path, least: int = 0) -> list[str]:
    """Remove this user's unfinished copies that nobody has touched for so many seconds; their names."""
    gone = []
    for path in _found(folder):
        with suppress(OSError):
            status = path.lstat()
            if status.st_uid != os.geteuid() or time.time() - status.st_mtime < least:
                continue
            if stat.S_ISREG(status.st_mode) and _PARTS.fullmatch(path.name):
                path.unlink()
            elif stat.S_ISDIR(status.st_mode) and _ROOM.fullmatch(path.name):
                shutil.rmtree(path)
            else:
                continue
            gone.append(path.name)
    return gone


def _found(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.name.startswith(".")]
    except OSError:
        return []

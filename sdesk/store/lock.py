"""The lock beside a store's file that every writer holds, over all processes. Needs no SQLModel."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.errors import Busy, StoreFault
from sdesk.store import place

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCKS = Path("/proc/locks")
PATIENCE = 20.0
"""Seconds a write waits for the other writers before it gives up with `Busy`."""
TURN = 2.0
"""Seconds in the queue after which one tries the lock itself: who stands before may have been stopped
(Ctrl-Z, a debugger), and then neither takes a turn nor leaves the queue."""
LOOK = 0.02
"""Seconds between two such tries."""


class FileLock:
    """An advisory lock beside the store: one writer or checkpoint at a time over all processes.

    With it no write ever overlaps a checkpoint (SQLite 3.7.0 to 3.51.2 can corrupt a WAL then). Who waits
    for it stands in a queue (`_line_up`). The kernel frees it on any exit.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        handle = self._open()
        ahead = _line_up(handle)
        if not _has_its_turn(handle, ahead):
            _Wait(handle, ahead).finish()
        try:
            yield
        finally:
            _leave(handle, ahead)

    def _open(self) -> int:
        while True:
            try:
                return os.open(self.path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError:
                pass
            except OSError as error:
                raise StoreFault(
                    f"The lock {self.path} can't be opened: {error.strerror}.", "See: sdesk doctor"
                ) from None
            try:
                self._make()
            except OSError as error:
                raise StoreFault(
                    f"The lock {self.path} can't be made: {error.strerror}.", "See: sdesk doctor"
                ) from None

    def _make(self) -> None:
        """Make the file under a name of its own, and give it the right one when it is ready.

        A umask cuts the mode of what is made, and the other members of the group need it whole: one
        that comes in between would find a lock that it may not open.
        """
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}-{os.urandom(4).hex()}")
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
        handle = os.open(fresh, flags, place.FILE_MODE)
        try:
            os.fchmod(handle, place.FILE_MODE)
            # A link steps on nobody's lock, which a rename would.
            with suppress(FileExistsError):
                os.link(fresh, self.path)
        finally:
            os.close(handle)
            fresh.unlink(missing_ok=True)


_LAST, _PLACES = 0, 64
"""Where the file says which place was taken last, and where the places begin: each a byte that nobody
writes, locked by whoever has it."""
_HAS_QUEUES = hasattr(fcntl, "F_OFD_SETLKW") and sys.maxsize > 2**32
_TRIES = 200


def _byte(kind: int, at: int) -> bytes:
    """What the kernel wants to know of a lock on one byte (`struct flock`)."""
    return struct.pack("hhqqi4x", kind, os.SEEK_SET, at, 1, 0)


def _line_up(handle: int) -> int:
    """Take the last place in the queue; the byte of whoever stands there before, 0 where there is no queue.

    The lock alone is nobody's turn: who lets go of it takes it again before the others have woken up,
    and all of them wake up for one. So each waits for whoever came just before, and nobody else. A place
    ends with its process; whoever comes too early by that waits for the lock itself.
    """
    if not _HAS_QUEUES:
        return 0
    for _ in range(_TRIES):
        try:
            fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _byte(fcntl.F_WRLCK, _LAST))
            break
        except BlockingIOError:
            # Somebody else does just this: a few microseconds, unless they were stopped in it.
            time.sleep(0.0005)
        except OSError:
            return 0
    else:
        return 0
    try:
        last = int.from_bytes(os.pread(handle, 8, 0), "little") % 2**40
        os.pwrite(handle, (last + 1).to_bytes(8, "little"), 0)
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _byte(fcntl.F_WRLCK, _PLACES + last + 1))
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _byte(fcntl.F_UNLCK, _LAST))
    except OSError:
        return 0
    return _PLACES + last


def _has_its_turn(handle: int, ahead: int) -> bool:
    try:
        if ahead:
            fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _byte(fcntl.F_RDLCK, ahead))
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _leave(handle: int, ahead: int) -> None:
    """Let go of the lock and of the place: a thread that still waits has the same file open."""
    with suppress(OSError):
        if ahead:
            fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _byte(fcntl.F_UNLCK, ahead + 1))
        fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)


class _Wait:
    """Waiting for one's turn in the kernel, yet not for ever.

    A blocked lock can't be given up, so a thread blocks, with a handle of its own on the same open file:
    what one of them has locked, both have. It ends by itself when its turn comes.
    """

    def __init__(self, handle: int, ahead: int) -> None:
        self._handle, self._ahead = handle, ahead
        self._own = os.dup(handle)
        self._turn = threading.Event()
        self._guard = threading.Lock()
        self._is_over = False
        threading.Thread(target=self._block, daemon=True, name="sdesk-lock").start()

    def _block(self) -> None:
        try:
            if self._ahead:
                fcntl.fcntl(self._own, fcntl.F_OFD_SETLKW, _byte(fcntl.F_RDLCK, self._ahead))
            if not self._is_over:
                fcntl.flock(self._own, fcntl.LOCK_EX)
            with self._guard:
                if not self._is_over:
                    self._turn.set()
        finally:
            # The last one to close it lets go of what is locked.
            os.close(self._own)

    def finish(self) -> None:
        """Return with the lock held, or raise `Busy`."""
        until = time.monotonic() + PATIENCE
        if self._turn.wait(min(TURN, PATIENCE)):
            return
        while time.monotonic() < until:
            if self._has_gone_ahead() or self._turn.wait(LOOK):
                return
        with self._guard:
            if self._turn.is_set():
                return
            self._is_over = True
        number = holder(os.fstat(self._handle).st_ino)
        _leave(self._handle, self._ahead)
        who = f"process {number} ({program(number)})" if number else "another process"
        raise Busy(
            f"The store is busy: {who} has it, and for {PATIENCE:.0f} seconds it was nobody else's turn.",
            f"Try again; if it stays so: ps {number}" if number else "Try again; see: sdesk doctor",
        )

    def _has_gone_ahead(self) -> bool:
        """Nobody has the lock, though the turn has not come."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        with self._guard:
            self._is_over = not self._turn.is_set()
        return True


def holder(file: int) -> int:
    """The process that holds the lock whose file has this number, by the kernel's own table; 0 for
    nobody, and for one that can't be seen from here."""
    with suppress(OSError, ValueError):
        for line in LOCKS.read_text(encoding="ascii").splitlines():
            columns = line.split()
            if len(columns) > 5 and columns[1] == "FLOCK" and columns[5].endswith(f":{file}"):
                return max(0, int(columns[4]))
    return 0


def program(process: int) -> str:
    """What a process runs."""
    try:
        return Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "of another user"

"""The lock beside a store's file that every writer holds, over all processes. Needs no SQLModel."""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sdesk.errors import Busy, StoreFault
from sdesk.store import place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 20.0
"""Seconds a write waits for the other writers before it gives up with `Busy`."""


class FileLock:
    """An advisory lock beside the store: one writer or checkpoint at a time over all processes.

    With it no write ever overlaps a checkpoint (SQLite 3.7.0 to 3.51.2 can corrupt a WAL then), and
    writers queue more evenly than in SQLite's own busy handler. The kernel frees it on any exit.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        handle = self._open()
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _Wait(handle).finish()
        try:
            yield
        finally:
            os.close(handle)

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


class _Wait:
    """Waiting for the lock in the kernel's own queue, yet not for ever.

    Looking again and again would be unfair: who has just let go takes it again before the others
    look. A blocked `flock` can't be given up, so a thread blocks, and after `PATIENCE` it is left
    behind to close the handle whenever its turn comes.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._turn = threading.Event()
        self._guard = threading.Lock()
        self._abandoned = False
        threading.Thread(target=self._block, daemon=True, name="sdesk-lock").start()

    def _block(self) -> None:
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        with self._guard:
            self._turn.set()
            if self._abandoned:
                os.close(self._handle)

    def finish(self) -> None:
        """Return with the lock held, or raise `Busy`."""
        if self._turn.wait(PATIENCE):
            return
        with self._guard:
            self._abandoned = not self._turn.is_set()
        if self._abandoned:
            raise Busy(
                f"The store is busy: another process has held it for {PATIENCE:.0f} seconds.",
                "Try again; sdesk doctor says who holds it.",
            )

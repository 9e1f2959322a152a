"""Writing to the terminal at the terminal's pace, so that nobody waits for it.

While the terminal takes everything, whoever has drawn writes it himself; what it doesn't take at once,
and all that follows, is a thread's.
"""

from __future__ import annotations

import os
import select
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 5.0
"""Seconds that leaving waits for a terminal that doesn't take the last bytes."""


class Outlet:
    """Asks for what there is to send whenever the terminal has taken what was sent before.

    So a stalled line costs no memory and no frame waits in a queue: once the line moves again, the
    next question is answered with the newest picture.
    """

    def __init__(self, file: int, ask: Callable[[], bytes]) -> None:
        """`ask` returns what to send, b"" for nothing; it is called in the thread."""
        self._file = file
        self._ask = ask
        self._wake = threading.Event()
        self._ends = False
        self._own = _opened(file)
        self._turn = threading.Lock()
        """Held by who writes."""
        self._left = b""
        """What the terminal has not taken of what was written at once."""
        self._hurries = False
        self.is_broken = False
        """The terminal is gone."""
        self._thread = threading.Thread(target=self._run, name="sdesk-output", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def hurry(self) -> None:
        """There is something to send: now and here, if the terminal takes it; handing it to the
        thread takes as long as making it."""
        if self._own is None or self.is_broken or not self._turn.acquire(blocking=False):
            self.wake()
            return
        try:
            self._hurries = True
            if not self._left:
                self._left = self._at_once(self._own, self._ask())
        finally:
            self._hurries = False
            self._turn.release()
        if self._left:
            self.wake()

    def _at_once(self, file: int, data: bytes) -> bytes:
        """Write without waiting; what is left."""
        try:
            return data[os.write(file, data) :] if data else b""
        except BlockingIOError:
            return data
        except OSError:
            self.is_broken = True
            return b""

    def stop(self) -> None:
        """Send what is left, and end; a terminal that takes nothing is waited for a while only."""
        self._ends = True
        self._wake.set()
        if self._thread is not threading.current_thread():
            # A signal may have come in the middle of `hurry`: then the thread can't have its turn.
            self._thread.join(0.1 if self._hurries else PATIENCE)
        with suppress(OSError):
            if self._own is not None and not self._thread.is_alive():
                os.close(self._own)
                self._own = None

    def _run(self) -> None:
        while not self.is_broken:
            self._wake.wait()
            self._wake.clear()
            ends = self._ends
            with self._turn:
                data, self._left = self._left, b""
                while not self.is_broken and (data := data or self._ask()):
                    self._write(data)
                    data = b""
            if ends:
                return

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._file, left) :]
            except BlockingIOError:
                select.select([], [self._file], [])
            except OSError:
                self.is_broken = True
                return


def _opened(file: int) -> int | None:
    """The same terminal once more, for writing without waiting; the one at hand is shared with others.

    None where there is no terminal, or it is somebody else's.
    """
    try:
        return os.open(os.ttyname(file), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None

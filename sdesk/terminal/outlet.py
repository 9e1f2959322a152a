"""A thread that writes to the terminal at the terminal's pace, so that nobody else waits for it."""

from __future__ import annotations

import os
import select
import threading
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
        self.is_broken = False
        """The terminal is gone."""
        self._thread = threading.Thread(target=self._run, name="sdesk-output", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def stop(self) -> None:
        """Send what is left, and end; a terminal that takes nothing is waited for a while only."""
        self._ends = True
        self._wake.set()
        if self._thread is not threading.current_thread():
            self._thread.join(PATIENCE)

    def _run(self) -> None:
        while not self.is_broken:
            self._wake.wait()
            self._wake.clear()
            ends = self._ends
            while not self.is_broken and (data := self._ask()):
                self._write(data)
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

"""A program behind a pseudo-terminal: keys go in, and what it draws is seen as a person sees it.

The pseudo-terminal answers the questions that a modern terminal answers. The end-to-end tests and the
measurements drive the desk by this as well (`bench/meter.py`).
"""

from __future__ import annotations

import fcntl
import gc
import os
import pty
import select
import signal
import struct
import termios
import time
from typing import TYPE_CHECKING, Any

from sdesk.prove import forking
from sdesk.prove.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

KEYS = {
    "enter": b"\r", "esc": b"\x1b", "tab": b"\t", "space": b" ", "backspace": b"\x7f",
    "up": b"\x1b[A", "down": b"\x1b[B", "right": b"\x1b[C", "left": b"\x1b[D",
    "home": b"\x1b[H", "end": b"\x1b[F", "pgup": b"\x1b[5~", "pgdn": b"\x1b[6~",
}  # fmt: skip
_QUESTIONS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[c": b"\x1b[?62;22c",
}


class GoneSilent(AssertionError):
    """What was waited for never came; the message shows the screen."""


class Terminal:
    """One run of a program; leaving the context ends it."""

    def __init__(
        self, program: Sequence[str] | Callable[[], object], env: Mapping[str, str], *,
        columns: int = 100, rows: int = 30,
    ) -> None:  # fmt: skip
        """`program` is a command line, or what a child forked from this very process does."""
        self.columns, self.rows = columns, rows
        self.screen = Screen(columns, rows)
        self._status: int | None = None
        self.last_byte_at = self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                _become(program, {"TERM": "xterm-256color", "LANG": "C.UTF-8", **env})
            finally:
                os._exit(127)
        os.set_blocking(self._fd, False)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    @property
    def text(self) -> str:
        return self.screen.text

    def pump(self, timeout: float) -> int:
        """Read what has come, waiting so long for it: bytes read, 0 on silence, -1 at the end."""
        if self._fd < 0 or not select.select([self._fd], [], [], max(0.0, timeout))[0]:
            return 0 if self._fd >= 0 else -1
        try:
            chunk = os.read(self._fd, 1 << 20)
        except BlockingIOError:
            return 0
        except OSError:
            return -1
        if not chunk:
            return -1
        self.last_byte_at = time.perf_counter()
        for question, answer in _QUESTIONS.items():
            if question in chunk:
                os.write(self._fd, answer)
        self.take(chunk)
        return len(chunk)

    def take(self, chunk: bytes) -> None:
        """Draw what has come."""
        self.screen.feed(chunk)

    def wait(self, what: str | Callable[[str], bool], timeout: float = 120.0) -> float:
        """Seconds from the start until the text, or the condition, stands on the screen.

        Raises `GoneSilent`.
        """
        holds = what if callable(what) else lambda text: what in text
        end = time.perf_counter() + timeout
        while not holds(self.text):
            left = end - time.perf_counter()
            if left <= 0 or self.pump(left) < 0:
                raise GoneSilent(f"{what!r} never came. The screen:\n{self.text}")
        return self.last_byte_at - self.started

    def settle(self, quiet: float = 0.4, at_most: float = 120.0) -> None:
        """Until nothing has come for so long."""
        end = time.perf_counter() + at_most
        while time.perf_counter() < end and self.pump(quiet) > 0:
            pass

    def send(self, *keys: str) -> None:
        """Keys by name, or text as it is."""
        for key in keys:
            os.write(self._fd, encode(key))

    def hang_up(self) -> None:
        """Close the line, as a dropped connection does: the program gets SIGHUP."""
        os.close(self._fd)
        self._fd = -1

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def ended(self, timeout: float = 60.0) -> int | None:
        """Its exit status once it has ended (negative: by a signal), all that it wrote being read; None
        if it has not."""
        end = time.perf_counter() + timeout
        while self._status is None and time.perf_counter() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
                while self.pump(0) > 0:  # what it wrote last may still lie in the terminal
                    pass
            elif self.pump(0.02) < 0:
                select.select([], [], [], 0.02)
        return self._status

    def close(self) -> None:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self._status is not None:
                break
            os.kill(self.pid, sign)
            self.ended(5)
        if self._fd >= 0:
            self.hang_up()


def desk(*words: str) -> Callable[[], object]:
    """The desk itself, or a command, in a child that has everything imported by then."""

    def run() -> None:
        import sys

        from sdesk.__main__ import main

        sys.argv = ["sdesk", *words]
        forking.own_streams()
        main()

    return run


def warm() -> None:
    """Import what the desk's screens need, so that a forked child begins at once."""
    import sdesk.app
    import sdesk.cli.start
    import sdesk.screens.queue
    import sdesk.screens.ticket
    import sdesk.terminal.driver  # noqa: F401

    forking.warm()
    gc.collect()
    gc.freeze()


def _become(program: Sequence[str] | Callable[[], object], env: Mapping[str, str]) -> None:
    if not callable(program):
        os.execvpe(program[0], list(program), dict(env))
    os.environ.clear()
    os.environ.update(env)
    program()


def encode(key: str) -> bytes:
    """The bytes a terminal sends for "enter", "ctrl+d", "alt+x", "j" or a whole text."""
    if key in KEYS:
        return KEYS[key]
    if key.startswith("ctrl+") and len(key) == 6:
        return bytes([ord(key[5]) & 0x1F])
    if key.startswith("alt+"):
        return b"\x1b" + encode(key[4:])
    return key.encode("utf-8", "replace")

"""A program behind a pseudo-terminal: keys go in, and what it draws is seen as a person sees it."""

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

_KEYS = {"enter": b"\r", "esc": b"\x1b", "tab": b"\t", "pgdn": b"\x1b[6~", "home": b"\x1b[H"}
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
        self.screen = Screen(columns, rows)
        self._status: int | None = None
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                _become(program, {**env, "TERM": "xterm-256color", "LANG": "C.UTF-8"})
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
            chunk = os.read(self._fd, 1 << 18)
        except BlockingIOError:
            return 0
        except OSError:
            return -1
        if not chunk:
            return -1
        for question, answer in _QUESTIONS.items():
            if question in chunk:
                os.write(self._fd, answer)
        self.screen.feed(chunk)
        return len(chunk)

    def wait(self, what: str | Callable[[str], bool], timeout: float = 120.0) -> None:
        """Until the text, or the condition, stands on the screen. Raises `GoneSilent`."""
        holds = what if callable(what) else lambda text: what in text
        end = time.monotonic() + timeout
        while not holds(self.text):
            left = end - time.monotonic()
            if left <= 0 or self.pump(left) < 0:
                raise GoneSilent(f"{what!r} never came. The screen:\n{self.text}")

    def settle(self, quiet: float = 0.3, at_most: float = 30.0) -> None:
        """Until nothing has come for so long."""
        end = time.monotonic() + at_most
        while time.monotonic() < end and self.pump(quiet) > 0:
            pass

    def send(self, *keys: str) -> None:
        """Keys by name, or text as it is."""
        for key in keys:
            os.write(self._fd, _encoded(key))

    def hang_up(self) -> None:
        """Close the line, as a dropped connection does: the program gets SIGHUP."""
        os.close(self._fd)
        self._fd = -1

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def ended(self, timeout: float = 60.0) -> int | None:
        """Its exit status once it has ended (negative: by a signal); None if it has not."""
        end = time.monotonic() + timeout
        while self._status is None and time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
            elif self.pump(0.02) < 0:
                time.sleep(0.02)
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
        os.execve(program[0], list(program), dict(env))
    os.environ.clear()
    os.environ.update(env)
    program()


def _encoded(key: str) -> bytes:
    if key in _KEYS:
        return _KEYS[key]
    if key.startswith("ctrl+") and len(key) == 6:
        return bytes([ord(key[5]) & 0x1F])
    return key.encode("utf-8", "replace")

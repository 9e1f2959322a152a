"""A program behind a pseudo-terminal: what stands on its screen, and what it costs to get there.

The pseudo-terminal answers the questions that a modern terminal answers, `pyte` draws, and every
chunk that arrives is kept with its time. The end-to-end tests drive the desk by this as well.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyte

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
_NOT_FOR_PYTE = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]+|\x1b[P\]_^].*?(?:\x1b\\|\x07)", re.S)


class GoneSilent(AssertionError):
    """What was waited for never came; the message shows the screen."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What followed a key: milliseconds until the last byte, and how many bytes."""

    ms: float
    size: int


class Terminal:
    """One run of a program. Use it as a context manager: leaving ends the program."""

    def __init__(
        self, argv: Sequence[str], *, columns: int = 80, rows: int = 24,
        env: Mapping[str, str] | None = None, draws: bool = True,
    ) -> None:  # fmt: skip
        """`draws` off keeps the bytes only: drawing hundreds of kilobytes takes its time."""
        self._draws = draws
        self.columns, self.rows = columns, rows
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = bytearray()
        self.last_byte_at = self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            _become(argv, columns, rows, env or {})
        os.set_blocking(self._fd, False)
        self._status: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    @property
    def text(self) -> str:
        """What a person sees."""
        return "\n".join(line.rstrip() for line in self._screen.display)

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
        self.raw += chunk
        for question, answer in _QUESTIONS.items():
            if question in chunk:
                os.write(self._fd, answer)
        if self._draws:
            self._stream.feed(_NOT_FOR_PYTE.sub(b"", chunk))
        return len(chunk)

    def wait(self, what: str | Callable[[str], bool], timeout: float = 120.0) -> float:
        """Seconds from the start until the text, or the condition, stands on the screen."""
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

    def press(self, key: str, *, quiet: float = 0.08, at_most: float = 60.0) -> Answer:
        """One key, and everything that comes of it until silence."""
        while self.pump(0) > 0:
            pass
        before, sent = len(self.raw), time.perf_counter()
        self.last_byte_at = sent
        self.send(key)
        while time.perf_counter() < sent + at_most:
            if self.pump(quiet if len(self.raw) > before else 0.5) <= 0:
                break
        return Answer((self.last_byte_at - sent) * 1e3, len(self.raw) - before)

    def idle(self, seconds: float) -> int:
        """Bytes that come while nothing is done."""
        before, end = len(self.raw), time.perf_counter() + seconds
        while time.perf_counter() < end and self.pump(end - time.perf_counter()) >= 0:
            pass
        return len(self.raw) - before

    def memory_mb(self) -> float:
        """Resident memory of the program."""
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def hang_up(self) -> None:
        """Close the line, as a dropped connection does: the program gets SIGHUP."""
        os.close(self._fd)
        self._fd = -1

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def ended(self, timeout: float = 60.0) -> int | None:
        """The program's exit status once it has ended (negative: by a signal); None if it has not."""
        end = time.perf_counter() + timeout
        while self._status is None and time.perf_counter() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
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


def _become(argv: Sequence[str], columns: int, rows: int, env: Mapping[str, str]) -> None:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    kept = {k: v for k, v in os.environ.items() if k not in ("LINES", "COLUMNS", "NO_COLOR")}
    os.execvpe(argv[0], list(argv), kept | {"TERM": "xterm-256color", "LANG": "C.UTF-8", **env})


def encode(key: str) -> bytes:
    """The bytes a terminal sends for "enter", "ctrl+d", "alt+x", "j" or a whole text."""
    if key in KEYS:
        return KEYS[key]
    if key.startswith("ctrl+") and len(key) == 6:
        return bytes([ord(key[5]) & 0x1F])
    if key.startswith("alt+"):
        return b"\x1b" + encode(key[4:])
    return key.encode()

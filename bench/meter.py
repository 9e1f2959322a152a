"""What it costs a program behind a pseudo-terminal to show something.

The shipped pseudo-terminal (`sdesk.prove.ptys`), with every byte kept, drawn by `pyte`, which is
nobody's of ours. The end-to-end tests drive the desk by this as well.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyte

from sdesk.prove import ptys
from sdesk.prove.ptys import KEYS, GoneSilent, encode

__all__ = ["KEYS", "Answer", "GoneSilent", "Terminal", "encode"]

_NOT_FOR_PYTE = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]+|\x1b[P\]_^].*?(?:\x1b\\|\x07)", re.S)


@dataclass(frozen=True, slots=True)
class Answer:
    """What followed a key: milliseconds until the last byte, and how many bytes."""

    ms: float
    size: int


class Terminal(ptys.Terminal):
    """One run of a program. Use it as a context manager: leaving ends the program."""

    def __init__(
        self, argv: Sequence[str], *, columns: int = 80, rows: int = 24,
        env: Mapping[str, str] | None = None, draws: bool = True,
    ) -> None:  # fmt: skip
        """`draws` off keeps the bytes only: drawing hundreds of kilobytes takes its time."""
        self._draws = draws
        self._drawn = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._drawn)
        self.raw = bytearray()
        left_out = ("LINES", "COLUMNS", "NO_COLOR", "TERM", "LANG")
        kept = {name: value for name, value in os.environ.items() if name not in left_out}
        super().__init__(argv, {**kept, **(env or {})}, columns=columns, rows=rows)

    @property
    def text(self) -> str:
        """What a person sees."""
        return "\n".join(line.rstrip() for line in self._drawn.display)

    def take(self, chunk: bytes) -> None:
        self.raw += chunk
        if self._draws:
            self._stream.feed(_NOT_FOR_PYTE.sub(b"", chunk))

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

"""Clocks that are set by hand: one for a process, one that several processes see."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

START = 1_764_150_000
"""Wednesday 2025-11-26 09:40:00 UTC, 11:40 in Helsinki: a desk with office hours is open."""

TICK = {"sqlite": 0.01, "postgresql": 0.05}
"""Seconds of real time between two looks at what such a clock has made due: a server is asked each time."""


@dataclass
class Clock:
    """A clock that stands until it is set."""

    at: int = START

    def __call__(self) -> int:
        return self.at

    def forward(self, seconds: int) -> int:
        self.at += seconds
        return self.at


class SharedClock:
    """An instant that several processes see and one sets."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(START.to_bytes(8, "big"))
        with path.open("r+b") as file:
            self._held = mmap.mmap(file.fileno(), 8)

    def __call__(self) -> int:
        return int.from_bytes(self._held[:8], "big")

    def set(self, at: int) -> None:
        self._held[:8] = at.to_bytes(8, "big")


__all__ = ["START", "TICK", "Clock", "SharedClock"]

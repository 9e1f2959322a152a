"""An instant that several processes see and one sets."""

from __future__ import annotations

import mmap
from pathlib import Path

from tests.conftest import START


class SharedClock:
    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(START.to_bytes(8, "big"))
        with path.open("r+b") as file:
            self._held = mmap.mmap(file.fileno(), 8)

    def __call__(self) -> int:
        return int.from_bytes(self._held[:8], "big")

    def set(self, at: int) -> None:
        self._held[:8] = at.to_bytes(8, "big")

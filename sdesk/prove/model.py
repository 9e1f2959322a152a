"""What a promise is, what it is given to prove itself with, and what comes of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ENGINES = (SQLITE, POSTGRESQL)
HOLDS, FAILS, SKIPPED = "holds", "fails", "skipped"
Figures = dict[str, int | float | str]


class Skipped(Exception):
    """What the proof needs is not here: an extra, a server, the right to act for other users.

    Said aloud. A promise that was skipped has not been shown to hold.
    """


def _silent(text: str) -> None:
    del text


@dataclass(frozen=True)
class Bench:
    """Where and how a promise is proved."""

    folder: Path
    """Fresh, private to this user, removed afterwards."""
    store: str
    """The place of a store to make: a path inside the folder, or an empty database of its own."""
    engine: str = SQLITE
    scale: float = 1.0
    """1.0 is what the promise names; a hundredth is enough to see that the proof itself works."""
    seed: int = 1
    cases: str = ""
    """A folder of more hostile cases with an index.json; "" for none."""
    tell: Callable[[str], None] = _silent
    """Progress, in a few words; shown in a terminal only."""

    def count(self, number: int) -> int:
        """So many at scale 1, at least one at any."""
        return max(1, round(number * self.scale))

    def room(self, name: str) -> Path:
        """A folder of its own inside the folder, made when it is first asked for."""
        path = self.folder / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def chance(self) -> random.Random:
        """The same numbers at every run with this seed."""
        return random.Random(self.seed)


@dataclass(frozen=True)
class Verdict:
    """Whether it holds, one line with the numbers, and the numbers by name."""

    holds: bool
    said: str
    figures: Figures = field(default_factory=dict)


@dataclass(frozen=True)
class Promise:
    """One of the eighteen, and how it is proved."""

    key: str
    number: int
    title: str
    """What is promised, in one sentence with its numbers."""
    run: Callable[[Bench], Verdict]
    """Raises `Skipped`. Any other exception is a promise that does not hold."""
    engines: tuple[str, ...] = (SQLITE,)
    needs: tuple[str, ...] = ()
    """Modules of extras without which it can't be proved."""
    alone: bool = False
    """Whether it measures how long something takes, so that nothing else may be proved beside it."""
    on_disk: bool = True
    """Whether the disk has a part in it; else it may be proved in memory, which waits for no disk."""


@dataclass(frozen=True)
class Proof:
    """What came of proving one promise on one engine."""

    key: str
    number: int
    engine: str
    verdict: str
    said: str
    seconds: float
    figures: Figures = field(default_factory=dict)
    kept: str = ""
    """The folder that was left to be looked into, where that was wished."""

    def values(self) -> dict[str, Any]:
        return asdict(self)

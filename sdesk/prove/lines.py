"""Dying at a line: which lines of sdesk an act executes, and the same act killed before one of them."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sdesk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

ROOT = str(Path(sdesk.__file__).parent)
_OWN = str(Path(__file__).parent)


class Point(NamedTuple):
    """A line, met the first time that it is executed."""

    file: str
    line: int
    begins: int
    """The line at which its function begins: no other function need be traced to meet it."""

    @property
    def said(self) -> str:
        return f"{self.file.removeprefix(ROOT).lstrip('/')}:{self.line}"


def executed(
    act: Callable[[], object], wanted: Iterable[str] = (), look: Callable[[], int] = lambda: 0
) -> dict[Point, int]:
    """The lines of sdesk that the act executes, in their order; of files whose name has one of `wanted`.

    `look` is called before every execution of every one of them; what it said the first time stands
    beside the line.
    """
    parts, seen = tuple(wanted), dict[Point, int]()

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            code, said = frame.f_code, look()
            seen.setdefault(Point(code.co_filename, frame.f_lineno, code.co_firstlineno), said)
        return local

    def begin(frame: FrameType, _event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        ours = name.startswith(ROOT) and not name.startswith(_OWN)
        return local if ours and (not parts or any(part in name for part in parts)) else None

    sys.settrace(begin)
    try:
        act()
    finally:
        sys.settrace(None)
    return seen


def killed_at(point: Point, act: Callable[[], object]) -> None:
    """Do it, and kill this very process before the line; returns where the line is never met."""

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line" and frame.f_lineno == point.line:
            os.kill(os.getpid(), signal.SIGKILL)
        return local

    def begin(frame: FrameType, _event: str, _: Any) -> Any:
        code = frame.f_code
        met = code.co_firstlineno == point.begins and code.co_filename == point.file
        return local if met else None

    sys.settrace(begin)
    try:
        act()
    finally:
        sys.settrace(None)


def some(points: list[Point], share: float) -> list[Point]:
    """So much of the points, evenly."""
    return points if share >= 1 else points[:: max(1, round(1 / share))]


def by_state(points: dict[Point, int]) -> tuple[list[Point], list[Point]]:
    """The first line in each state, and the others; `points` says before each line which state there is."""
    first = {number: point for point, number in reversed(points.items())}
    return list(first.values()), [one for one, number in points.items() if first[number] != one]

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


def executed(act: Callable[[], object], wanted: Iterable[str] = ()) -> list[Point]:
    """The lines of sdesk that the act executes, in their order; of files whose name has one of `wanted`."""
    parts, seen = tuple(wanted), dict[Point, None]()

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            code = frame.f_code
            seen.setdefault(Point(code.co_filename, frame.f_lineno, code.co_firstlineno))
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
    return list(seen)


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

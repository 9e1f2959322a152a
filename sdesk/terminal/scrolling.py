"""Which rows of a screen have moved: one block, up or down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import ne
from typing import NamedTuple

LEAST_ROWS = 3
"""Fewer moved rows are written again."""
LEAST_CELLS = 60
"""A scroll must spare so many cells to be worth its sequences."""

Rows = Sequence[Sequence[str]]
Styles = Sequence[Sequence[int]]


class Scroll(NamedTuple):
    """The rows from top to bottom, both included, move up by so many; a negative number moves them down."""

    top: int
    bottom: int
    by: int


def find(old: tuple[Rows, Styles], new: tuple[Rows, Styles], dirty: Sequence[int]) -> Scroll | None:
    """The move that brings the old screen nearest to the new one, if it is worth it."""
    by = _most_likely(old[0], new[0], dirty)
    if not by:
        return None
    height = len(new[0])
    gains = [0] * height
    dirty_rows = set(dirty)
    for y in range(max(0, -by), min(height, height - by)):
        if y in dirty_rows or y + by in dirty_rows:
            stays = _differing(old, y, new, y) if y in dirty_rows else 0
            gains[y] = stays - _differing(old, y + by, new, y)
        else:
            gains[y] = -_differing(old, y + by, new, y)
    first, last, gain = _best_stretch(gains)
    if gain < LEAST_CELLS or last - first + 1 < LEAST_ROWS:
        return None
    scroll = Scroll(min(first, first + by), max(last, last + by), by)
    bare = range(last + 1, last + 1 + by) if by > 0 else range(first + by, first)
    lost = sum(_written(new[0][y]) for y in bare if y not in dirty_rows)
    return scroll if gain - lost >= LEAST_CELLS else None


def _most_likely(old: Rows, new: Rows, dirty: Sequence[int]) -> int:
    """The distance by which most rows of text have moved up; 0 when none stands out."""
    places: dict[str, list[int]] = {}
    for y in dirty:
        text = "".join(old[y])
        if text.strip():
            places.setdefault(text, []).append(y)
    votes: Counter[int] = Counter()
    for y in dirty:
        for was in places.get("".join(new[y]), ()):
            votes[was - y] += 1
    del votes[0]
    if not votes:
        return 0
    by, count = votes.most_common(1)[0]
    return by if count >= LEAST_ROWS else 0


def _differing(old: tuple[Rows, Styles], y: int, new: tuple[Rows, Styles], at: int) -> int:
    """How much of a row would have to be written: its changed characters and styles."""
    chars, styles, wanted, looks = old[0][y], old[1][y], new[0][at], new[1][at]
    if chars == wanted and styles == looks:
        return 0
    found: int = sum(map(ne, chars, wanted)) + sum(map(ne, styles, looks))
    return found


def _written(chars: Sequence[str]) -> int:
    return sum(char != " " for char in chars)


def _best_stretch(gains: Sequence[int]) -> tuple[int, int, int]:
    """First and last index of the consecutive numbers with the greatest sum, and the sum."""
    best = (0, -1, 0)
    start, total = 0, 0
    for index, gain in enumerate(gains):
        if total <= 0:
            start, total = index, 0
        total += gain
        if total > best[2]:
            best = (start, index, total)
    return best

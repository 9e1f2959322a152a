"""A screen as cells: what stands where, and in which style.

A cell holds one character with whatever combines with it. A wide character stands in its first
cell; the second is empty. Widths are Rich's, which Textual lays out with.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import split_graphemes

from sdesk.terminal.styles import PLAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

BLANK = " "
MOST_KNOWN = 4_096
MOST_COMBINED = 9
"""Characters in one cell; more are dropped."""
_PLAIN_LETTERS = (
    # Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Georgian, Latin with more accents
    " -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u0531-\u058a\u05d0-\u05ea\u0620-\u064a\u10a0-\u10ff\u1e00-\u1fff"
    # punctuation, currencies, letterlike signs, arrows, mathematics
    "\u2000-\u200a\u2010-\u2027\u202f-\u205f\u20a0-\u20c0\u2100-\u22ff"
    # technical signs, circled letters, boxes, blocks, shapes, stars, ticks, Braille, without what is drawn wide
    "\u2300-\u2319\u231c-\u2328\u232b-\u23e8\u2400-\u2426\u2460-\u25fc\u2600-\u2612\u2616-\u262f\u2639-\u2647"
    "\u2654-\u267e\u2690-\u2692\u2701-\u2704\u2706-\u2709\u270c-\u2727\u2729-\u274b\u2758-\u2794\u2798-\u27af\u27c0-\u28ff"
)
_MORE_LETTERS = "\u3001-\u3029\u3041-\u3096\u30a1-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
_MARKS = "\u0300-\u034e\u0350-\u036f"


class Letters(dict[str, bool]):
    """Character → whether it is one of these, found once. (The pattern for so many takes ten times as
    long to compile as a desk has different characters.)"""

    def __init__(self, ranges: str) -> None:
        super().__init__()
        firsts = [at for at in range(len(ranges)) if ranges[at] != "-" and ranges[at - 1] != "-"]
        self._firsts = [ranges[at] for at in firsts]
        self._lasts = [
            ranges[at + 2] if ranges[at + 1 : at + 2] == "-" else ranges[at] for at in firsts
        ]

    def __missing__(self, char: str) -> bool:
        if len(self) > MOST_KNOWN:
            self.clear()
        at = bisect_right(self._firsts, char) - 1
        self[char] = found = at >= 0 and char <= self._lasts[at]
        return found


_NARROW = Letters(_PLAIN_LETTERS)
"""One cell each, everywhere."""
_SURE = Letters(_PLAIN_LETTERS + _MORE_LETTERS)
"""What every terminal gives the width that Textual expects. Of emoji, flags and joined characters they differ."""
_COMBINING = Letters(_MARKS)


class Cells:
    """Rows of cells, a cursor, and which rows were touched since somebody last asked."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.chars = [[BLANK] * width for _ in range(height)]
        self.styles = [[PLAIN] * width for _ in range(height)]
        self.unsure: set[int] = set()
        """Rows that hold, or held, a character of doubtful width."""
        self.touched: set[int] = set()
        self.x = self.y = 0

    def resize(self, width: int, height: int) -> None:
        """Keep what still has a place."""
        chars, styles, old = self.chars, self.styles, self.width
        rows = min(height, self.height)
        self.__init__(width, height)  # type: ignore[misc]
        for y in range(rows):
            self.chars[y][: min(old, width)] = chars[y][:width]
            self.styles[y][: min(old, width)] = styles[y][:width]
            if width < old and chars[y][width] == "":
                self.chars[y][-1] = BLANK
        self.unsure = set(range(height))
        self.touched = set(range(height))

    def move(self, x: int, y: int) -> None:
        """As a terminal does: no further than its last cell."""
        self.x = min(max(x, 0), self.width - 1)
        self.y = min(max(y, 0), self.height - 1)

    def put(self, text: str, style: int, blank: int) -> None:
        """Write at the cursor; `blank` is the style of blanks in it. What has no room is dropped."""
        if (text.isascii() and text.isprintable()) or all(map(_NARROW.__getitem__, text)):
            parts = list(text[: self.width - self.x])
        else:
            parts = self._parts(text)
        if not parts:
            return
        x, end = self.x, self.x + len(parts)
        chars = self.chars[self.y]
        if chars[x] == "" and parts[0] != "":
            chars[x - 1] = BLANK
        if end < self.width and chars[end] == "":
            chars[end] = BLANK
        chars[x:end] = parts
        if style == blank or BLANK not in parts:
            self.styles[self.y][x:end] = [style] * len(parts)
        else:
            self.styles[self.y][x:end] = [blank if c == BLANK else style for c in parts]
        self.touched.add(self.y)
        self.x = end

    def lay(self, chars: Sequence[str], styles: Sequence[int], *, sure: bool) -> bool:
        """Write cells at the cursor; False, and nothing is done, where they don't all fit."""
        x, y = self.x, self.y
        end = x + len(chars)
        if end > self.width or not chars:
            return False
        row = self.chars[y]
        if row[x] == "":
            row[x - 1] = BLANK
        if end < self.width and row[end] == "":
            row[end] = BLANK
        row[x:end] = chars
        self.styles[y][x:end] = styles
        if not sure:
            self.unsure.add(y)
        self.touched.add(y)
        self.x = end
        return True

    def _parts(self, text: str) -> list[str]:
        """The text cell by cell."""
        parts: list[str] = []
        room = self.width - self.x
        for start, end, cells in split_graphemes(text)[0]:
            part = text[start : min(end, start + MOST_COMBINED)]
            if len(parts) + cells > room:
                parts += [BLANK] * (room - len(parts))
                break
            if not cells:
                continue
            if not is_sure(part):
                self.unsure.add(self.y)
            parts += [part, *[""] * (cells - 1)]
        return parts


@lru_cache(maxsize=4096)
def is_sure(char: str) -> bool:
    """Whether every terminal gives it the width that Textual expects."""
    return not char or (_SURE[char[0]] and all(map(_COMBINING.__getitem__, char[1:])))

"""A row's changed cells as the fewest pieces: runs of text in one style, and stretches to erase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sdesk.terminal.cells import BLANK, is_sure
from sdesk.terminal.styles import PLAIN, Styles

BRIDGE = 4
"""Unchanged cells up to so many are written again rather than jumped over."""
ERASE_TO_END = 4
"""Blanks at the end of a row from which erasing is shorter; three bytes."""
ERASE_INSIDE = 11
"""The same between two texts, where the cursor has to jump behind them."""
ERASE_LAST = 6
"""The same where it jumps anyway."""
GAP = 3
JUMP = 5
"""Bytes of getting to a run, about."""
UNKNOWN = -1
GROUND, ERASE, BLANKS, TEXT = range(4)


class Run(NamedTuple):
    """Something to write in one go."""

    y: int
    x: int
    text: str
    """Empty: erase."""
    style: int
    end: int
    """The column behind it; UNKNOWN where a terminal may see it differently."""
    kind: int
    """GROUND before ERASE before text: one may lie over the other."""
    gap: int = 0
    """Blanks behind it, up to GAP, that may be written in its style to get to the next run."""


def cost(runs: Sequence[Run]) -> int:
    """Bytes without colours, about; to compare two ways of writing one row."""
    return sum(len(run.text) or 4 for run in runs) + JUMP * len(runs)


def can_erase(styles: Styles, style: int, erases_coloured: bool) -> bool:
    """Whether erasing leaves blanks of that style."""
    return styles.is_even(style) and (style == PLAIN or erases_coloured)


class RowRuns:
    """Collects the runs of one row. Columns are given in ascending order."""

    def __init__(
        self, y: int, chars: Sequence[str], looks: Sequence[int], styles: Styles,
        *, erases_coloured: bool, sure: bool,
    ) -> None:  # fmt: skip
        self._y, self._chars, self._looks = y, chars, looks
        self._styles = styles
        self._erases_coloured = erases_coloured
        self._sure = sure
        self._tail = self._tail_begins()
        self.found: list[Run] = []

    def _erasable(self, style: int) -> bool:
        return can_erase(self._styles, style, self._erases_coloured)

    def _tail_begins(self) -> int:
        """Where the blanks begin that the row ends with; behind the row if they can't be erased."""
        chars, looks = self._chars, self._looks
        style, tail = looks[-1], len(chars)
        if not self._erasable(style):
            return tail
        while tail and chars[tail - 1] == BLANK and looks[tail - 1] == style:
            tail -= 1
        return tail

    def erase_from(self, x: int, style: int) -> None:
        """Begin with bare ground from there to the end of the row."""
        self.found.append(Run(self._y, x, "", style, len(self._chars), GROUND, GAP))

    def collect(self, changed: Sequence[int]) -> list[Run]:
        """The runs that write these columns."""
        chars, looks, blanks = self._chars, self._looks, self._styles.blanks
        start = end = inked = (
            UNKNOWN  # the run so far; `inked` is the column behind its last character
        )
        style = PLAIN
        for x in changed:
            char = chars[x]
            if char == BLANK:
                look = looks[x]
                if x != end or blanks[style] != look:
                    self._finish(start, inked, end, style)
                    start, inked, style = x, x, look
                end = x + 1
                continue
            if char == "":
                continue
            look = looks[x]
            if not self._sure and not is_sure(char):
                self._finish(start, inked, end, style)
                start = end = inked = UNKNOWN
                self._doubtful(x, char, look)
                continue
            if x == end and look == style and x - inked < ERASE_INSIDE:
                pass  # as mostly: the run goes on
            elif start == UNKNOWN or not self._goes_on(start, inked, end, x, style, look):
                self._finish(start, inked, end, style)
                start = x
            style = look
            inked = end = x + 2 if x + 1 < len(chars) and chars[x + 1] == "" else x + 1
        self._finish(start, inked, end, style)
        return self.found

    def _goes_on(self, start: int, inked: int, end: int, x: int, style: int, look: int) -> bool:
        """Whether a character belongs to the run that ends before it."""
        if x == end:
            if look != style and not (inked == start and self._styles.blanks[look] == style):
                return False
            return x - inked < ERASE_INSIDE or not self._erasable(self._styles.blanks[look])
        if look != style or x - end > BRIDGE or inked == start:
            return False
        blank = self._styles.blanks[style]
        return all(
            self._chars[at].isascii() and self._chars[at] != ""
            and (self._looks[at] == style or (self._chars[at] == BLANK and self._looks[at] == blank))
            for at in range(end, x)
        )  # fmt: skip

    def _finish(self, start: int, inked: int, end: int, style: int) -> None:
        """Write the run down: its text, and the blanks behind it with it or erased."""
        if start == UNKNOWN:
            return
        blank = self._styles.blanks[style]
        if inked >= self._tail and end - inked >= ERASE_TO_END:
            erased = Run(self._y, inked, "", blank, len(self._chars), ERASE)
        elif end - inked >= ERASE_LAST and self._erasable(blank):
            erased = Run(self._y, inked, "", blank, end, ERASE)
        else:
            self._note(start, end, style, BLANKS if inked == start else TEXT)
            return
        if inked > start:
            self._note(start, inked, style, TEXT)
        self.found.append(erased)

    def _note(self, start: int, end: int, style: int, kind: int) -> None:
        chars, looks = self._chars, self._looks
        text = "".join(chars[start:end])
        if end == len(chars):
            self.found.append(Run(self._y, start, text, style, UNKNOWN, kind))
            return
        blank, gap = self._styles.blanks[style], 0
        while gap < GAP and chars[end + gap] == BLANK and looks[end + gap] == blank:
            gap += 1
            if end + gap == len(chars):
                break
        self.found.append(Run(self._y, start, text, style, end, kind, gap))

    def _doubtful(self, x: int, char: str, style: int) -> None:
        """Its cells are made blank first, in case the terminal draws it narrower."""
        wide = x + 1 < len(self._chars) and self._chars[x + 1] == ""
        text = f"{BLANK * (1 + wide)}\x1b[{x + 1}G{char}"
        self.found.append(Run(self._y, x, text, style, UNKNOWN, TEXT))

"""From what a terminal shows to what it should show, in few bytes."""

from __future__ import annotations

from collections import Counter
from itertools import compress
from operator import ne, or_
from typing import TYPE_CHECKING, TypeVar

from sdesk.terminal import scrolling
from sdesk.terminal.cells import BLANK, is_sure
from sdesk.terminal.pen import Pen, times
from sdesk.terminal.runs import UNKNOWN, RowRuns, Run, can_erase, cost
from sdesk.terminal.styles import PLAIN

if TYPE_CHECKING:
    from sdesk.terminal.cells import Cells
    from sdesk.terminal.scrolling import Scroll
    from sdesk.terminal.styles import Styles

ANEW_CHANGED = 16
"""Changed cells from which it is tried whether a row is shorter written anew, on erased ground."""
ANEW_BLANKS = 6
T = TypeVar("T")


class Difference:
    """What the terminal shows, and the way from there."""

    def __init__(
        self, styles: Styles, *, erases_coloured: bool = True, scrolls: bool = True
    ) -> None:
        """`erases_coloured`: erased cells get the current background, as on most terminals ("bce")."""
        self._table = styles
        self._erases_coloured = erases_coloured
        self._scrolls = scrolls
        self._pen = Pen(styles, 0)
        self._chars: list[list[str]] = []
        self._styles: list[list[int]] = []

    def lose(self) -> None:
        """The terminal shows nobody knows what: all is written again."""
        self._chars, self._styles = [], []

    def to(self, cells: Cells) -> str:
        """The sequence after which the terminal shows these cells. It takes what was touched as seen."""
        if len(self._chars) != cells.height or len(self._chars[0]) != cells.width:
            self._begin(cells)
            dirty = list(range(cells.height))
        else:
            dirty = sorted(y for y in cells.touched if self._differs(cells, y))
            if self._scrolls and len(dirty) * 3 >= cells.height:
                dirty = self._scroll(cells, dirty)
        runs: list[Run] = []
        for y in dirty:
            runs += self._row(cells, y)
        self._pen.write_shortest(runs)
        cells.touched.clear()
        self._pen.move(min(cells.x, cells.width - 1), cells.y)
        return self._pen.take()

    def _differs(self, cells: Cells, y: int) -> bool:
        return cells.chars[y] != self._chars[y] or cells.styles[y] != self._styles[y]

    def _begin(self, cells: Cells) -> None:
        """Clear the screen, in the colour that most of its blanks have."""
        pen = self._pen
        pen.lose(cells.width)
        blanks: Counter[int] = Counter()
        for chars, styles in zip(cells.chars, cells.styles, strict=True):
            blanks.update(s for c, s in zip(chars, styles, strict=True) if c == BLANK)
        ground = next((s for s, _ in blanks.most_common(1) if self._erasable(s)), PLAIN)
        pen.use(ground)
        pen.say("\x1b[H\x1b[J")
        pen.x = pen.y = 0
        self._chars = [[BLANK] * cells.width for _ in range(cells.height)]
        self._styles = [[ground] * cells.width for _ in range(cells.height)]

    def _erasable(self, style: int) -> bool:
        return can_erase(self._table, style, self._erases_coloured)

    def _scroll(self, cells: Cells, dirty: list[int]) -> list[int]:
        """Move what has moved; the rows that still differ."""
        found = scrolling.find((self._chars, self._styles), (cells.chars, cells.styles), dirty)
        if found is None:
            return dirty
        self._say_scroll(found, cells.height)
        top, bottom, by = found
        _shift(self._chars, top, bottom, by, [BLANK] * cells.width)
        _shift(self._styles, top, bottom, by, [PLAIN] * cells.width)
        moved = set(range(top, bottom + 1))
        if cells.unsure:
            cells.unsure |= moved
        return sorted(y for y in moved.union(dirty) if self._differs(cells, y))

    def _say_scroll(self, scroll: Scroll, height: int) -> None:
        """Delete or insert lines at the top of the region; the bared ones are plain on every terminal."""
        pen = self._pen
        pen.use(PLAIN)
        top, bottom, by = scroll
        region = bottom < height - 1
        # Terminals don't agree where setting and leaving a region puts the cursor.
        if region:
            pen.say(f"\x1b[{top + 1 if top else ''};{bottom + 1}r")
            pen.x = pen.y = UNKNOWN
        pen.move(0, top)
        pen.say(f"\x1b[{times(abs(by))}{'M' if by > 0 else 'L'}")
        if region:
            pen.say("\x1b[r")
            pen.x = pen.y = UNKNOWN

    def _row(self, cells: Cells, y: int) -> list[Run]:
        chars, styles = cells.chars[y], cells.styles[y]
        texts, looks = map(ne, chars, self._chars[y]), map(ne, styles, self._styles[y])
        changed = list(compress(range(cells.width), map(or_, texts, looks)))
        if not changed:
            return []
        sure = True
        if y in cells.unsure:
            sure, changed = self._doubtful(cells, y, changed)
        self._chars[y], self._styles[y] = chars[:], styles[:]
        return self._shorter(cells, y, changed, sure)

    def _doubtful(self, cells: Cells, y: int, changed: list[int]) -> tuple[bool, list[int]]:
        """From a character of doubtful width on, a row is written to its end, or not at all."""
        both = enumerate(zip(cells.chars[y], self._chars[y], strict=True))
        first = next((x for x, (a, b) in both if not (is_sure(a) and is_sure(b))), None)
        if first is None:
            cells.unsure.discard(y)
            return True, changed
        if changed[-1] >= first:
            changed = [x for x in changed if x < first] + list(range(first, cells.width))
        return False, changed

    def _shorter(self, cells: Cells, y: int, changed: list[int], sure: bool) -> list[Run]:
        """The row in place, or anew on erased ground from the first change on: whichever is shorter."""
        in_place = self._runs(cells, y, sure).collect(changed)
        if len(changed) < ANEW_CHANGED or len(in_place) < 2:
            return in_place
        first, chars, styles = changed[0], cells.chars[y], cells.styles[y]
        blanks = Counter(
            s for c, s in zip(chars[first:], styles[first:], strict=True) if c == BLANK
        )
        ground, count = blanks.most_common(1)[0] if blanks else (PLAIN, 0)
        if count < ANEW_BLANKS or not self._erasable(ground):
            return in_place
        runs = self._runs(cells, y, sure)
        runs.erase_from(first, ground)
        both = range(first, cells.width)
        anew = runs.collect([x for x in both if chars[x] != BLANK or styles[x] != ground])
        return anew if cost(anew) < cost(in_place) else in_place

    def _runs(self, cells: Cells, y: int, sure: bool) -> RowRuns:
        return RowRuns(
            y, cells.chars[y], cells.styles[y], self._table,
            erases_coloured=self._erases_coloured, sure=sure,
        )  # fmt: skip


def _shift(rows: list[list[T]], top: int, bottom: int, by: int, bare: list[T]) -> None:
    """Move the rows of a region as a terminal does; `bare` is a row that comes in."""
    count = abs(by)
    block = rows[top : bottom + 1]
    fresh = [bare[:] for _ in range(count)]
    rows[top : bottom + 1] = block[count:] + fresh if by > 0 else fresh + block[:-count]

"""Writing to a terminal with few bytes: where its cursor stands, in which style, and how to get on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.terminal.runs import BLANKS, ERASE, GROUND, TEXT, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sdesk.terminal.runs import Run
    from sdesk.terminal.styles import Styles

MOST_COMPARED = 20
State = tuple[int, int, int | None]


class Pen:
    """The terminal's cursor and style, and what has been written with them."""

    def __init__(self, styles: Styles, width: int) -> None:
        self._styles = styles
        self._width = width
        self.x = self.y = UNKNOWN
        self.style: int | None = None
        """None: any."""
        self.out: list[str] = []

    @property
    def state(self) -> State:
        return self.x, self.y, self.style

    @state.setter
    def state(self, state: State) -> None:
        self.x, self.y, self.style = state

    def lose(self, width: int) -> None:
        """The terminal's cursor may be anywhere, its style anything."""
        self._width = width
        self.state = UNKNOWN, UNKNOWN, None

    def say(self, sequence: str) -> None:
        self.out.append(sequence)

    def take(self) -> str:
        """What was written since the last time."""
        written = "".join(self.out)
        self.out.clear()
        return written

    def move(self, x: int, y: int) -> None:
        """The shortest way to a cell."""
        if x == self.x and y == self.y:
            return
        row = y + 1 if y else ""
        ways = [f"\x1b[{row};{x + 1}H" if x else f"\x1b[{row}H"]
        if y == self.y:
            ways += self._along(x)
        elif y == self.y + 1 and self.y != UNKNOWN and x < 3:
            ways.append("\r\n" + ("", "\x1b[C", "\x1b[2C")[x])
        self.out.append(min(ways, key=len))
        self.x, self.y = x, y

    def _along(self, x: int) -> list[str]:
        ways = ["\r"] if x == 0 else [f"\x1b[{x + 1}G"]
        if self.x != UNKNOWN and self.x < x:
            ways.append(f"\x1b[{times(x - self.x)}C")
        elif self.x != UNKNOWN:
            ways.append(f"\x1b[{times(self.x - x)}D")
        return ways

    def use(self, style: int) -> None:
        if style != self.style:
            self.out.append(self._styles.change(self.style, style))
            self.style = style

    def use_blank(self, style: int) -> None:
        """Any style whose blanks look like this one's."""
        if self.style is None or self._styles.blanks[self.style] != style:
            self.use(style)

    def write(self, runs: Iterable[Run]) -> None:
        """Write them in that order."""
        out = self.out
        room = 0
        for y, x, text, style, end, kind, gap in runs:
            if y == self.y and 0 < x - self.x <= room and self.x != UNKNOWN:
                out.append(" " * (x - self.x))
                self.x = x
            elif x != self.x or y != self.y:
                self.move(x, y)
            if kind != TEXT:
                self.use_blank(style)
            elif style != self.style:
                self.use(style)
            room = gap
            if kind >= BLANKS:
                out.append(text)
                self.x = end
            elif end >= self._width:
                out.append("\x1b[K")
            else:
                out.append(f"\x1b[{times(end - x)}X")

    def write_shortest(self, runs: Sequence[Run]) -> None:
        """In reading order, row by row as colours suggest, or colour by colour: whichever is the shortest."""
        begun, before = self.state, self.out
        ways: list[tuple[int, list[str], State]] = []
        orders = [runs]
        if len(runs) > 2:
            orders += [self._by_row(runs), self._by_style(runs)]
        for ordered in orders:
            self.out, self.state = [], begun
            self.write(ordered)
            ways.append((sum(map(len, self.out)), self.out, self.state))
        _, written, self.state = min(ways, key=lambda way: way[0])
        self.out = before + written

    def _by_row(self, runs: Sequence[Run]) -> list[Run]:
        """Each row as a whole; next the one that begins nearest to the style at hand."""
        rows: dict[int, list[Run]] = {}
        for run in runs:
            rows.setdefault(run.y, []).append(run)
        ordered: list[Run] = []
        style = self.style
        while rows:
            y = min(rows, key=lambda each: self._step(style, rows[each][0]))
            row = rows.pop(y)
            ordered += row
            style = row[-1].style
        return ordered

    def _step(self, style: int | None, run: Run) -> int:
        """Bytes of the change of style before a run."""
        if run.kind != TEXT and style is not None and self._styles.blanks[style] == run.style:
            return 0
        return len(self._styles.change(style, run.style))

    def _by_style(self, runs: Sequence[Run]) -> list[Run]:
        """Erasing first, then text; each style once, the one that is the cheapest to get to next."""
        groups: dict[tuple[int, int], list[Run]] = {}
        for run in runs:
            stage = min(run.kind, BLANKS)
            groups.setdefault((stage, run.style), []).append(run)
        ordered: list[Run] = []
        style = self.style
        for stage in (GROUND, ERASE, BLANKS):
            waiting = [each for at, each in groups if at == stage]
            while waiting:
                # With more styles than a desk has, the best order isn't worth its search.
                near = waiting[:MOST_COMPARED]
                nearest = min(near, key=lambda each: len(self._styles.change(style, each)))
                waiting.remove(nearest)
                ordered += groups[stage, nearest]
                style = nearest
        return ordered


def times(count: int) -> str:
    """A sequence's count; 1 goes without saying."""
    return "" if count == 1 else str(count)

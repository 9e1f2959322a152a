"""The top line: the desk's name, what burns, who I am and what time it is."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from sdesk.text import clean_line
from sdesk.widgets.cells import cut_cells
from sdesk.widgets.letters import Letters
from sdesk.widgets.line_view import line


class Burning(NamedTuple):
    """How many tickets are live, at risk and breached; None while nobody has counted."""

    live: int | None = None
    risk: int | None = None
    breached: int | None = None
    held: int = 0
    """Mails that wait for somebody to let them in."""


class HeaderBar(Letters):
    """One line; the numbers come when they are counted."""

    DEFAULT_CSS = """
    HeaderBar {
        height: 1;
        background: $panel;
    }
    """

    def __init__(self, name: str, agent: str, *, read_only: bool = False) -> None:
        super().__init__()
        self.read_only = read_only
        self.desk_name = clean_line(name)
        self.agent = clean_line(agent)
        self.burning = Burning()
        self.clock = ""

    def show(self, burning: Burning | None = None, clock: str | None = None) -> None:
        """Other numbers or another time."""
        self.burning = burning or self.burning
        self.clock = self.clock if clock is None else clock
        self.repaint()

    def draw(self, y: int) -> Strip:
        width = self.size.width
        base = self.rich_style
        middle = self._numbers()
        middle_width = sum(cell_len(text) for text, _ in middle)
        right = f"{self.agent}  {self.clock} "
        room = width - cell_len(right) - middle_width - 10
        letters = f"{told}  " if (told := self.letters(room)) else ""
        right = letters + right
        room = width - cell_len(right) - middle_width - 4
        name = f" sdesk · {self.desk_name}" if self.desk_name else " sdesk"
        if cell_len(name) > room:
            name = cut_cells(" sdesk" if self.letters() else name, max(0, room))
        start = max(cell_len(name) + 2, (width - middle_width) // 2)
        start = min(start, width - cell_len(right) - middle_width - 2)
        gap = " " * max(0, start - cell_len(name))
        rest = " " * max(0, width - start - middle_width - cell_len(right))
        parts = [
            (name, self.ink("key")),
            (gap, base),
            *middle,
            (rest, base),
            (letters, self.ink("risk")),
            (right[len(letters) :], self.ink("text")),
        ]
        return line(parts, width, base)

    def _numbers(self) -> list[tuple[str, Style]]:
        """Each with its sign; none of them stands for zero."""
        counted = self.burning
        parts = []
        if self.read_only:
            parts.append(("read only  ", self.ink("breached")))
        if counted.live is not None:
            parts.append((f"● {capped(counted.live)} open", self.ink("good")))
        if counted.risk:
            parts.append((f"  ! {capped(counted.risk)} at risk", self.ink("risk")))
        if counted.breached:
            parts.append((f"  !! {capped(counted.breached)} breached", self.ink("breached")))
        if counted.held:
            parts.append((f"  ? {capped(counted.held)} held", self.ink("risk")))
        return parts


def capped(count: int, at_most: int = 10_000) -> str:
    """A count as far as it was counted: 12, 1,204, 10k+."""
    return "10k+" if count >= at_most else f"{count:,}"

"""The views as tabs on one line, each with its number and its live count."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from sdesk.text import clean_line, cut
from sdesk.widgets.header_bar import capped
from sdesk.widgets.line_view import LineView, line


class Tab(NamedTuple):
    """One view; `holds`, how many tickets, is None while nobody has counted."""

    name: str
    holds: int | None = None


class ViewTabs(LineView):
    """One line of tabs; the active one is always in sight."""

    DEFAULT_CSS = """
    ViewTabs {
        height: 1;
    }
    """

    class Clicked(Message):
        """A tab was clicked; `index` counts from 0."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self) -> None:
        super().__init__()
        self.tabs: tuple[Tab, ...] = ()
        self.active: int | None = None
        self._first = 0

    def show(self, tabs: tuple[Tab, ...] | None = None, active: int | None = -1) -> None:
        """Other tabs, or another active one (None: the query is no view's)."""
        self.tabs = self.tabs if tabs is None else tabs
        self.active = self.active if active == -1 else active
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        at = 0
        for index in range(self._first, len(self.tabs)):
            at += self._width(index)
            if event.x < at:
                self.post_message(self.Clicked(index))
                return

    def draw(self, y: int) -> Strip:
        width = self.size.width
        self._first = self._first_in_sight(width)
        parts: list[tuple[str, Style]] = []
        used = 0
        for index in range(self._first, len(self.tabs)):
            size = self._width(index)
            if used + size > width - (0 if index == len(self.tabs) - 1 else 2):
                parts.append((" …", self.ink("muted")))
                break
            parts += self._tab(index)
            used += size
        return line(parts, width, self.rich_style)

    def _width(self, index: int) -> int:
        return sum(cell_len(text) for text, _ in self._tab(index))

    def _first_in_sight(self, width: int) -> int:
        """The first tab: the first of all, or as far to the right as the active one needs."""
        last = min(self.active or 0, len(self.tabs) - 1)
        room = width - (0 if last == len(self.tabs) - 1 else 2)
        used = 0
        for index in range(last, -1, -1):
            used += self._width(index)
            if used > room:
                return min(index + 1, last)
        return 0

    def _tab(self, index: int) -> list[tuple[str, Style]]:
        tab = self.tabs[index]
        number = f" {index + 1} " if index < 9 else " "
        name = cut(clean_line(tab.name), 24)
        count = "" if tab.holds is None else f" {capped(tab.holds)}"
        if index == self.active:
            return [(f"{number}{name}{count} ", self.ink("active"))]
        return [
            (number, self.ink("muted")),
            (name, self.ink("text")),
            (f"{count} ", self.ink("muted")),
        ]

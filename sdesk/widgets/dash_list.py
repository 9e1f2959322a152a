"""The dashboard's list of lines, and its head; only lines that look different are repainted."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from sdesk.widgets.cells import fit
from sdesk.widgets.clock_bar import bar
from sdesk.widgets.dash_lines import DashLine
from sdesk.widgets.letters import Letters
from sdesk.widgets.line_view import LineView, line


class DashHead(Letters):
    """What is counted, and how far the reading is."""

    DEFAULT_CSS = "DashHead { height: 1; background: $panel; }"

    def __init__(self) -> None:
        super().__init__()
        self.title, self.done, self.total = "", 0, 0

    def show(self, title: str | None = None, done: int | None = None, total: int = 0) -> None:
        """Another title, or another progress."""
        self.title = self.title if title is None else title
        if done is not None:
            self.done, self.total = done, total
        self.repaint()

    def draw(self, y: int) -> Strip:
        width, right = self.size.width, ""
        if self.done < self.total:
            right = f"reading {self.done:,} of {self.total:,} {bar(self.done / self.total, 10)} "
        letters = f" {told} " if (told := self.letters()) else ""
        title = fit(f" {self.title}", max(0, width - len(right) - cell_len(letters)))
        parts = [(title, self.ink("key")), (right, self.ink("muted")), (letters, self.ink("risk"))]
        return line(parts, width, self.rich_style)


class DashList(LineView, can_focus=True):
    """The cursor is held by a line's key, so that no refresh moves it."""

    DEFAULT_CSS = "DashList { height: 1fr; }"

    class Resized(Message):
        """The lines must be made for another width."""

    def __init__(self) -> None:
        super().__init__()
        self.content: list[DashLine] = []
        self.cursor = 0
        self.top = 0
        self.is_moved = False
        """Whether anybody has moved the cursor: before that it stays on the first line."""

    def show(self, content: Sequence[DashLine]) -> None:
        """Show these lines; the cursor stays on its line where it is still there."""
        row = self.current()
        held = row.key if row is not None and self.is_moved else ""
        self.content = list(content)
        stays = self.cursor if self.is_moved else 0
        here = next((i for i, row in enumerate(self.content) if row.key == held), stays)
        if here != self.cursor and held:
            self.top += here - self.cursor
        self._place(here)
        self.repaint()

    def current(self) -> DashLine | None:
        """The line under the cursor, unless that is a heading."""
        row = self.content[self.cursor] if self.cursor < len(self.content) else None
        return row if row is not None and row.query else None

    def _place(self, index: int, way: int = 1) -> None:
        choices = [i for i, row in enumerate(self.content) if row.query]
        if choices:
            ahead = [i for i in choices if (i >= index if way > 0 else i <= index)]
            index = (ahead[0] if way > 0 else ahead[-1]) if ahead else choices[-1 if way > 0 else 0]
        self.cursor = max(0, min(index, len(self.content) - 1))
        tall = max(1, self.size.height)
        # The headings above the first row of a section come into sight with it.
        upper = self.cursor
        while upper and not self.content[upper - 1].query:
            upper -= 1
        if upper < self.top:
            self.top = upper
        elif self.cursor >= self.top + tall:
            self.top = self.cursor - tall + 1
        self.top = max(0, min(self.top, len(self.content) - tall))

    def move_to(self, index: int, way: int = 1) -> None:
        """Put the cursor on a line, or on the next one that way with something behind it."""
        before, top, self.is_moved = self.cursor, self.top, True
        self._place(index, way)
        if self.top != top:
            self.repaint()
        elif self.cursor != before:
            self.repaint((before - top, self.cursor - top))

    def move(self, by: int) -> None:
        """So many lines down, or up."""
        self.move_to(self.cursor + by, 1 if by > 0 else -1)

    def move_section(self, by: int) -> None:
        """To the first line of the next section, or of this one and then the one before."""
        heads = [i for i, row in enumerate(self.content) if row.key.startswith("head ")]
        first = [
            next((j for j in range(i, len(self.content)) if self.content[j].query), i)
            for i in heads
        ]
        there = [i for i in first if (i > self.cursor if by > 0 else i < self.cursor)]
        if there:
            self.move_to(there[0] if by > 0 else there[-1])

    def draw(self, y: int) -> Strip:
        width, index = self.size.width, self.top + y
        if index >= len(self.content):
            return line([], width, self.rich_style)
        row = self.content[index]
        if index == self.cursor and row.query:
            base = self.ink("cursor")
            text = "".join(text for text, _ in row.parts)
            return line([("▌" + fit(text[1:], width - 1), base)], width, base)
        return line([(text, self.ink(tone)) for text, tone in row.parts], width, self.rich_style)

    def on_resize(self) -> None:
        super().on_resize()
        self._place(self.cursor)
        self.repaint()
        self.post_message(self.Resized())

    def on_click(self, event: events.Click) -> None:
        self.move_to(self.top + event.y)

"""Choose the columns of a view: which, in which order, how wide."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from sdesk.looks import COLUMNS, FIELD, MOST_WIDTH, Wanted, usual
from sdesk.present import counted
from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.widgets.cells import fit
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.ticket_row import Column, title

KEYS = "space on/off · J K move · + - width · * what is left · enter take · esc close"


def standing(columns: Sequence[Column]) -> tuple[Wanted, ...]:
    """The columns that stand in the list."""
    return tuple(Wanted(c.name, 0 if COLUMNS.get(c.name) == 0 else c.width - 1) for c in columns)


class ColumnRows(LineView, can_focus=True):
    """One line a column: those that are shown first, in their order."""

    BINDINGS = [
        Binding("j,down", "step(1)", show=False),
        Binding("k,up", "step(-1)", show=False),
        Binding("J,shift+down", "carry(1)", show=False),
        Binding("K,shift+up", "carry(-1)", show=False),
        Binding("space", "switch", show=False),
        Binding("plus", "widen(1)", show=False),
        Binding("minus", "widen(-1)", show=False),
        Binding("asterisk", "rest", show=False),
        Binding("enter", "take", show=False),
    ]
    DEFAULT_CSS = "ColumnRows { height: auto; }"

    def __init__(self, shown: Sequence[Wanted], fields: Sequence[str]) -> None:
        super().__init__()
        names = [*COLUMNS, *(FIELD + name for name in fields)]
        on = {column.name for column in shown}
        self.rows = [*shown, *(usual(name) for name in names if name not in on)]
        self.on = on
        self.cursor = 0
        self._top = 0

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return min(len(self.rows), 12)

    def draw(self, y: int) -> Strip:
        width, index = self.size.width, self._top + y
        if index >= len(self.rows):
            return Strip.blank(width)
        column = self.rows[index]
        is_cursor, is_on = index == self.cursor, column.name in self.on
        cells = counted(column.width, "cell") if column.width else "what is left"
        words = f"{'▌' if is_cursor else ' '}{'✓' if is_on else ' '} {fit(title(column.name), 18)}"
        part = "cursor" if is_cursor else "text" if is_on else "muted"
        return line([(words + (cells if is_on else ""), self.ink(part))], width, self.ink(part))

    def action_step(self, by: int) -> None:
        self.cursor = (self.cursor + by) % len(self.rows)
        height = max(1, self.size.height)
        self._top = max(min(self._top, self.cursor), self.cursor - height + 1)
        self.repaint()

    def action_carry(self, by: int) -> None:
        to = self.cursor + by
        if 0 <= to < len(self.rows):
            self.rows[self.cursor], self.rows[to] = self.rows[to], self.rows[self.cursor]
            self.action_step(by)

    def action_switch(self) -> None:
        self.on ^= {self.rows[self.cursor].name}
        self.action_step(1)

    def action_widen(self, by: int) -> None:
        """Of a column that takes what is left: from the width that it has by itself."""
        column = self.rows[self.cursor]
        width = (column.width or 20) + by
        self.rows[self.cursor] = Wanted(column.name, max(1, min(width, MOST_WIDTH)))
        self.repaint()

    def action_rest(self) -> None:
        self.rows[self.cursor] = Wanted(self.rows[self.cursor].name, 0)
        self.repaint()

    def action_take(self) -> None:
        self.screen.dismiss(tuple(column for column in self.rows if column.name in self.on))


class ColumnsDialog(BottomDialog[tuple[Wanted, ...] | None]):
    """Returns the columns; none where all are switched off, which stands for the usual ones."""

    def __init__(self, shown: Sequence[Wanted], fields: Sequence[str] = ()) -> None:
        super().__init__()
        self.shown = shown
        self.fields = fields

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel") as panel:
            panel.border_title = Content("Columns · :save NAME keeps them")
            yield ColumnRows(self.shown, self.fields)
            yield Static(Content(KEYS), classes="hint")

    def on_mount(self) -> None:
        self.query_one(ColumnRows).focus()

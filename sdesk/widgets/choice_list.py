"""The list under a picker's input: only the rows in sight are rendered, one strip each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from sdesk.text import clean_line
from sdesk.widgets.cells import fit


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to pick. Label, help and keys are plain text from anywhere; they are cleaned when shown."""

    value: Any
    label: str
    help: str = ""
    keys: str = ""
    lead: str = ""
    """Stands before the label, in a column of its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """A choice in the list, with the label's characters that the query met."""

    choice: Choice
    hits: tuple[int, ...] = ()


class ChoiceList(Widget):
    """Rows with a cursor; the picker that owns it holds the input and the keys."""

    COMPONENT_CLASSES = {
        "choice--row",
        "choice--cursor",
        "choice--hit",
        "choice--help",
        "choice--keys",
        "choice--marked",
    }
    DEFAULT_CSS = """
    ChoiceList {
        height: auto;
        & > .choice--row { color: $foreground; }
        & > .choice--cursor { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
        & > .choice--hit { color: $accent; text-style: bold underline; }
        & > .choice--help { color: $text-muted; }
        & > .choice--keys { color: $warning; }
        & > .choice--marked { color: $success; text-style: bold; }
    }
    """

    cursor: reactive[int] = reactive(0)

    class Chosen(Message):
        """A row was clicked."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, *, most: int = 10, empty: str = "nothing fits") -> None:
        super().__init__()
        self.most = most
        self.empty = empty
        """What stands there without rows."""
        self.tallest = 1
        self.rows: tuple[Row, ...] = ()
        self.marked: set[Any] = set()
        self._top = 0
        self._label_width = 0
        self._lead_width = 0

    def show(self, rows: tuple[Row, ...], cursor: int = 0) -> None:
        """Replace the rows and put the cursor on one of them."""
        taller = self.tallest < min(self.most, len(rows))
        self.tallest = max(self.tallest, min(self.most, len(rows)))
        self.rows = rows
        self._top = 0
        # Measured on the first screens' worth: a thousand people need no exact column.
        self._label_width = max(
            (cell_len(clean_line(row.choice.label[:200])) for row in rows[:200]), default=0
        )
        leads = [cell_len(clean_line(row.choice.lead)) for row in rows[:200]]
        self._lead_width = max([lead + 2 for lead in leads if lead], default=0)
        self.set_reactive(ChoiceList.cursor, max(0, min(cursor, len(rows) - 1)))
        self._keep_in_sight()
        self.refresh(layout=taller)

    @property
    def current(self) -> Choice | None:
        return self.rows[self.cursor].choice if self.rows else None

    def move(self, by: int) -> None:
        """Move the cursor; it goes round at the ends only by single steps."""
        if not self.rows:
            return
        to = self.cursor + by
        if abs(by) == 1:
            to %= len(self.rows)
        self.cursor = max(0, min(to, len(self.rows) - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        top = self._top
        self._keep_in_sight()
        if top != self._top:
            self.refresh()
            return
        for index in (before, after):
            self.refresh(Region(0, index - top, self.size.width, 1))

    def _keep_in_sight(self) -> None:
        tall = self.size.height or self.most
        if self.cursor < self._top:
            self._top = self.cursor
        elif self.cursor >= self._top + tall:
            self._top = self.cursor - tall + 1
        # No empty line below while there are rows above: the list has grown, or lost some.
        self._top = max(0, min(self._top, len(self.rows) - tall))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        # Never shrinks while the dialog stands: a list that jumps up and down repaints what is above it.
        return self.tallest

    def on_resize(self) -> None:
        self._keep_in_sight()
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        index = self._top + event.y
        if 0 <= index < len(self.rows):
            self.cursor = index
            self.post_message(self.Chosen(self.rows[index].choice))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        index = self._top + y
        if not self.rows and y == 0:
            return Strip([Segment(fit(f"  {self.empty}", width), self._style("help"))], width)
        if index >= len(self.rows):
            return Strip.blank(width, self._style("row"))
        return self._render_row(self.rows[index], index == self.cursor, width)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"choice--{part}")

    def _render_row(self, row: Row, is_cursor: bool, width: int) -> Strip:
        choice = row.choice
        keys = clean_line(choice.keys)
        lead = self._lead_width
        label_width = min(self._label_width, max(16, width - lead - cell_len(keys) - 6))
        base = self._style("cursor" if is_cursor else "row")
        marked = choice.value in self.marked if self.marked else False
        mark = ("▌" if is_cursor else " ") + ("✓" if marked else " ")
        segments = [Segment(mark, base if is_cursor else self._style("marked"))]
        if lead:
            segments.append(
                Segment(
                    fit(clean_line(choice.lead), lead), base if is_cursor else self._style("keys")
                )
            )
        segments += self._label(row, label_width, base, is_cursor)
        left = width - 2 - lead - label_width
        keys_width = cell_len(keys) + 1 if keys else 0
        help_width = max(0, left - keys_width)
        segments.append(
            Segment(
                fit("  " + clean_line(choice.help[:1000]) if help_width > 7 else "", help_width),
                base if is_cursor else self._style("help"),
            )
        )
        if keys_width:
            segments.append(
                Segment(
                    fit(keys, min(keys_width, left)), base if is_cursor else self._style("keys")
                )
            )
        return Strip(segments).adjust_cell_length(width, base)

    def _label(self, row: Row, width: int, base: Style, is_cursor: bool) -> list[Segment]:
        label = clean_line(row.choice.label)
        shown = fit(label, width)
        # Cleaning can only shift the characters of a label that held harmful ones: then no hits are shown.
        if is_cursor or not row.hits or label != row.choice.label:
            return [Segment(shown, base)]
        hit = base + self._style("hit")
        where = set(row.hits)
        return [Segment(char, hit if at in where else base) for at, char in enumerate(shown)]

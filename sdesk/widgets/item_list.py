"""A list of things that have a number: notices, held mails, announcements. Cursor and marks are held by it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Generic, Protocol, TypeVar

from textual import events
from textual.strip import Strip

from sdesk.keys import bindings_for
from sdesk.model import Instant
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.list_keys import ListKeys
from sdesk.widgets.list_state import ListState
from sdesk.widgets.seen import Seen

WHEN = 12
"""Cells of a moment in such a list."""


class Numbered(Protocol):
    @property
    def id(self) -> int: ...


Item = TypeVar("Item", bound=Numbered)


class ItemList(Seen, LineView, ListKeys, Generic[Item], can_focus=True):
    """One line a thing; a list of its kind says what stands in it (`parts`)."""

    BINDINGS = bindings_for("list")
    DEFAULT_CSS = "ItemList { height: 1fr; }"

    def __init__(self, clock: Callable[[], Instant], zone: str) -> None:
        super().__init__()
        self.clock, self.zone = clock, zone
        self.state = ListState()
        self.items: Mapping[int, Item] = {}
        self.empty = ""
        """What stands there instead of lines."""

    def put(self, items: Sequence[Item], empty: str) -> None:
        """Show these; the cursor stays on its own."""
        held, line = self.current(), self.state.cursor
        self.items, self.empty = {item.id: item for item in items}, empty
        self.state.marks &= set(self.items)
        self.state.replace(array("q", self.items), whole=True, keep=True)
        if held is not None and held.id not in self.items:
            self.lost(partial(self._show_again, held, line))
        self.repaint()

    def _show_again(self, item: Item, index: int) -> None:
        self.items = {**self.items, item.id: item}
        self.state.put_back(item.id, index)
        self.repaint()

    def current(self) -> Item | None:
        number = self.state.cursor_id
        return self.items.get(number) if number is not None else None

    def targets(self) -> tuple[int, ...]:
        """The marked ones, else the one under the cursor."""
        return tuple(int(number) for number in self.state.targets())

    def parts(self, item: Item, marks: str, width: int) -> list[tuple[str, str]]:
        """The texts of a line, cleaned, each with the name of its ink; `marks` begins it."""
        raise NotImplementedError

    def repaint(self, lines: Sequence[int] | None = None, *, width: int | None = None) -> None:
        super().repaint(lines, width=width)

    def on_resize(self) -> None:
        super().on_resize()
        self.state.height = max(1, self.size.height)
        self.state.fit()
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()
        self.move_to(self.state.top + event.y)

    def draw(self, y: int) -> Strip:
        inks, width, index = self.inks(), self.size.width, self.state.top + y
        if index >= len(self.state.ids):
            words = f"   {self.empty}" if not self.state.ids and y == 1 else ""
            return line([(words, inks["muted"])], width, inks["text"])
        item = self.items[self.state.ids[index]]
        here = index == self.state.cursor
        marks = ("▌" if here else " ") + ("✓" if item.id in self.state.marks else " ")
        base = inks["cursor"] if here else inks["text"]
        parts = self.parts(item, marks, width)
        return line([(text, base if here else inks[ink]) for text, ink in parts], width, base)

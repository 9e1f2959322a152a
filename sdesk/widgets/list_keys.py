"""What the keys and the mouse do in a ticket list."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.widget import Widget

from sdesk.messages import TicketOpened
from sdesk.model import TicketId
from sdesk.widgets.list_state import ListState

NEAR_END = 1_000
"""Rows before the end of a vector at which more of it is asked for."""


class CursorMoved(Message):
    """The cursor stands on another ticket (None: the list is empty)."""

    def __init__(self, ticket: TicketId | None) -> None:
        super().__init__()
        self.ticket = ticket


class ColumnsChanged(Message):
    """The columns stand elsewhere: the heading over them is to follow."""


class MarksChanged(Message):
    """Other rows are marked."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count


class MoreWanted(Message):
    """The cursor nears the end of a vector that isn't whole, or (`to_end`) wants to go to its last row."""

    def __init__(self, *, to_end: bool) -> None:
        super().__init__()
        self.to_end = to_end


class ListKeys(Widget):
    """The actions of a list over a `ListState`; the list itself repaints."""

    state: ListState

    def repaint(self, lines: Sequence[int] | None = None) -> None:
        """Draw lines again."""
        raise NotImplementedError

    def scrolled(self, by: int, lines: Sequence[int]) -> None:
        """Draw again after the window has moved by so many rows; these of its lines look different."""
        self.repaint()

    def move_to(self, index: int) -> None:
        """Put the cursor on a row; the list follows by a row, or from farther away by half a page."""
        before, top = self.state.cursor, self.state.top
        self.state.move_to(index)
        self._moved(before, top)

    def _moved(self, before: int, top: int) -> None:
        state = self.state
        if (state.cursor, state.top) == (before, top):
            return
        if state.top == top:
            self.repaint((before - top, state.cursor - top))
        else:
            self.scrolled(state.top - top, (before - state.top, state.cursor - state.top))
        if state.cursor != before:
            self.post_message(CursorMoved(state.cursor_id))
        if not state.whole and state.cursor > len(state.ids) - NEAR_END:
            self.post_message(MoreWanted(to_end=False))

    def action_cursor_down(self) -> None:
        self.move_to(self.state.cursor + 1)

    def action_cursor_up(self) -> None:
        self.move_to(self.state.cursor - 1)

    def action_page_down(self) -> None:
        self.turn(1)

    def action_page_up(self) -> None:
        self.turn(-1)

    def turn(self, pages: int) -> None:
        """Turn pages; the cursor keeps its line."""
        before, top = self.state.cursor, self.state.top
        self.state.turn(pages)
        self._moved(before, top)

    def action_cursor_first(self) -> None:
        self.move_to(0)

    def action_cursor_last(self) -> None:
        if self.state.whole:
            self.move_to(len(self.state.ids) - 1)
        else:
            self.post_message(MoreWanted(to_end=True))

    def action_mark(self) -> None:
        before, top = self.state.cursor, self.state.top
        self.state.toggle()
        self._moved(before, top)
        self._marked((before - top,))

    def action_mark_range(self) -> None:
        self.state.mark_range()
        self._marked()

    def action_mark_all(self) -> None:
        self.state.mark_all()
        self._marked()

    def mark_also(self, tickets: set[int], *, gone: bool = False) -> None:
        """Mark these as well, or (`gone`) no longer."""
        marks = self.state.marks
        self.state.marks = marks - tickets if gone else marks | tickets
        self._marked()

    def clear_marks(self) -> bool:
        """Take all marks away; False when there were none."""
        had = bool(self.state.marks)
        self.state.marks = set()
        self._marked()
        return had

    def _marked(self, lines: Sequence[int] | None = None) -> None:
        self.repaint(lines)
        self.post_message(MarksChanged(len(self.state.marks)))

    def on_click(self, event: events.Click) -> None:
        if self.state.top + event.y < len(self.state.ids):
            self.move_to(self.state.top + event.y)
            if event.chain == 2 and (ticket := self.state.cursor_id) is not None:
                self.post_message(TicketOpened(ticket, self.state.ids))

    def on_mouse_scroll_down(self) -> None:
        self.move_to(self.state.cursor + 3)

    def on_mouse_scroll_up(self) -> None:
        self.move_to(self.state.cursor - 3)

"""The ticket list: a million rows as numbers, a window of them as rows, the lines in sight as strips.

Cursor and marks are held by ticket number, so that no refresh moves them. A line is repainted only
when its strip differs from the one that stands there; when the cursor leaves the window the list
moves on by a line, which the terminal does itself.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.timer import Timer

from sdesk.keys import bindings_for
from sdesk.looks import Wanted
from sdesk.model import Instant, TicketId, TicketRow
from sdesk.present import next_change
from sdesk.widgets.cells import fit
from sdesk.widgets.line_view import LineView
from sdesk.widgets.list_keys import ColumnsChanged, CursorMoved, ListKeys
from sdesk.widgets.list_state import ListState
from sdesk.widgets.seen import Seen
from sdesk.widgets.ticket_row import Column, Look, Telling, columns_for, due_end, render_row

WINDOW = 90
"""Rows read before and after the lines in sight."""
NEAR = 45
"""Rows that are to be known there before the next key."""


class Source(Protocol):
    """Where rows come from: `desk.read` is one."""

    def rows(self, ids: Sequence[int]) -> list[TicketRow]:
        """The rows of these tickets; those that are gone are left out."""


class TicketList(Seen, LineView, ListKeys, can_focus=True):
    """A list over a vector of ticket numbers."""

    BINDINGS = bindings_for("list")
    DEFAULT_CSS = """
    TicketList {
        height: 1fr;
    }
    """

    def __init__(
        self, source: Source, clock: Callable[[], Instant], *, empty: str = "nothing here"
    ) -> None:
        super().__init__()
        self.source = source
        self.clock = clock
        self.empty = empty
        self.state = ListState()
        self.writing: Mapping[int, str] = {}
        """Tickets that somebody else is writing on, and who."""
        self.names: Mapping[str, str] = {}
        """State key → the desk's name for it."""
        self.zone = "UTC"
        self.wanted: tuple[Wanted, ...] = ()
        """The columns of the view; none: the usual ones, by width."""
        self.columns: tuple[Column, ...] = ()
        self._rows: dict[int, TicketRow | None] = {}
        self._ref_width = 7
        self._timer: Timer | None = None
        self._reads_until: float = 0
        """When the first countdown in sight reads differently."""

    @property
    def cursor_id(self) -> TicketId | None:
        return self.state.cursor_id

    def current(self) -> TicketRow | None:
        """The row under the cursor; None when the list is empty or the ticket is gone."""
        return self._row(self.state.cursor) if self.state.ids else None

    def window(self) -> list[int]:
        """The numbers whose rows are worth reading again: those in sight and their neighbours."""
        start, stop = self.state.window(WINDOW)
        return list(self.state.ids[start:stop])

    def show(
        self,
        ids: array[int],
        rows: Sequence[TicketRow] | None = None,
        *,
        whole: bool = True,
        keep: bool = True,
    ) -> None:
        """Show this vector. `rows` are fresh ones for the window; without `keep` the cursor goes first."""
        held, line = self.cursor_id, self.state.cursor
        self.state.replace(ids, whole=whole, keep=keep)
        self._rows = {row.id: row for row in rows or ()}
        self._ref_width = 7
        if self.size.width and self._make_room(rows or ()):
            self._move_columns()
        self.repaint()
        if keep and held is not None and held != self.cursor_id:
            self.lost(partial(self._show_again, held, line))
        elif not keep:
            self.lost(None)
        if self.cursor_id != held or not keep:
            self.post_message(CursorMoved(self.cursor_id))

    def _show_again(self, ticket: int, index: int) -> None:
        self.state.put_back(ticket, index)
        self.repaint()

    def wear(self, wanted: tuple[Wanted, ...]) -> None:
        """Other columns."""
        if wanted != self.wanted:
            self.wanted = wanted
            if self.size.width:
                self._move_columns()

    def forget_rows(self) -> None:
        """What has been read of the rows is not what is to be shown."""
        self._rows = {}

    def extend(self, ids: array[int], *, whole: bool) -> None:
        """The same vector, longer: nothing in sight changes."""
        self.state.ids, self.state.whole = ids, whole

    def _row(self, index: int) -> TicketRow | None:
        ticket = self.state.ids[index]
        if ticket not in self._rows:
            start, stop = self.state.window(WINDOW)
            self._read(*((start, stop) if start <= index < stop else (index, index + 1)))
        return self._rows.get(ticket)

    def _read(self, start: int, stop: int) -> None:
        """Read the rows between two indexes that aren't known."""
        if len(self._rows) > 20 * WINDOW:
            self._rows.clear()
        wanted = [i for i in self.state.ids[start:stop] if i not in self._rows]
        self._rows.update(dict.fromkeys(wanted))
        rows = self.source.rows(wanted)
        self._rows.update((row.id, row) for row in rows)
        if self._make_room(rows):
            # Not in the middle of a line.
            self.call_later(self._move_columns)

    def _look_ahead(self) -> None:
        """Once this is painted, read the rows of the next pages: then no key waits for them."""
        start, stop = self.state.window(NEAR)
        ends = self.state.ids[start : start + 1] + self.state.ids[stop - 1 : stop]
        if any(ticket not in self._rows for ticket in ends):
            self.call_after_refresh(lambda: self._read(*self.state.window(WINDOW)))

    # Painting

    def on_resize(self) -> None:
        self._lay_out()
        self.state.height = max(1, self.size.height)
        self.state.fit()
        self.repaint()

    def _make_room(self, rows: Sequence[TicketRow]) -> bool:
        """Whether longer numbers than there were want a wider column."""
        wide = max((cell_len(row.ref) for row in rows), default=0)
        self._ref_width = max(self._ref_width, wide)
        return columns_for(self.size.width, self._ref_width, self.wanted) != self.columns

    def _move_columns(self) -> None:
        self._lay_out()
        self.post_message(ColumnsChanged())
        self.repaint()

    def _lay_out(self) -> None:
        self.columns = columns_for(self.size.width, self._ref_width, self.wanted)
        self.forget_lines()

    def repaint(self, lines: Sequence[int] | None = None, *, width: int | None = None) -> None:
        super().repaint(lines, width=width)
        self._await_change()

    def scrolled(self, by: int, lines: Sequence[int]) -> None:
        """Lines that stay in sight stand elsewhere as they are, unless their countdown is over."""
        if self.clock() >= self._reads_until or not self.shift(by, lines):
            self.repaint()
        else:
            self._await_change()
        self._look_ahead()

    def draw(self, y: int) -> Strip:
        width = self.size.width
        if not self.columns:
            self.columns = columns_for(width, self._ref_width, self.wanted)
        styles = self.inks()
        index = self.state.top + y
        if index >= len(self.state.ids):
            words = f"   {self.empty}" if not self.state.ids and y == 1 else ""
            return Strip([Segment(fit(words, width), styles["muted"])], width)
        row = self._row(index)
        if row is None:
            return Strip([Segment(fit("   · gone", width), styles["muted"])], width)
        look = Look(
            index == self.state.cursor, row.id in self.state.marks, self.writing.get(row.id, "")
        )
        telling = Telling(self.clock(), self.names, self.zone)
        return render_row(row, self.columns, width, styles, look=look, telling=telling)

    def _await_change(self) -> None:
        """Wake up when the next countdown in sight will read differently, and not before."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._reads_until = sys.maxsize
        if not due_end(self.columns):
            return
        now = self.clock()
        shown = (self._rows.get(i) for i in self.state.in_sight())
        changes = [
            at
            for row in shown
            if row is not None and row.remaining is None
            if (at := next_change(row.due_at, now, breach_at=row.breach_at)) is not None
        ]
        if changes:
            self._reads_until = min(changes)
            self._timer = self.set_timer(max(0.2, self._reads_until - now), self._tick)

    def _tick(self) -> None:
        self.repaint(width=due_end(self.columns))

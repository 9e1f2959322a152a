"""Where a long list stands: its numbers, the cursor, the first line in sight, the marks. No terminal."""

from __future__ import annotations

from array import array

from sdesk.model import TicketId

MOST_MARKS = 10_000


class ListState:
    """A vector of ticket numbers seen through a window of `height` lines.

    The cursor is an index for speed, and a ticket number whenever the vector changes.
    """

    def __init__(self) -> None:
        self.ids: array[int] = array("q")
        self.whole = True
        """Whether the vector holds every row of the view."""
        self.cursor = 0
        self.top = 0
        self.height = 1
        self.marks: set[int] = set()
        self._anchor: int | None = None

    @property
    def cursor_id(self) -> TicketId | None:
        return TicketId(self.ids[self.cursor]) if self.ids else None

    def targets(self) -> tuple[TicketId, ...]:
        """The marked tickets, those of the list in its order first, else the one under the cursor."""
        if self.marks:
            here = [TicketId(i) for i in self.ids if i in self.marks]
            return (*here, *(TicketId(i) for i in sorted(self.marks.difference(here))))
        return (TicketId(self.ids[self.cursor]),) if self.ids else ()

    def window(self, margin: int) -> tuple[int, int]:
        """The indexes of the rows in sight, and of some on both sides."""
        return max(0, self.top - margin), min(len(self.ids), self.top + self.height + margin)

    def in_sight(self) -> array[int]:
        """The numbers in sight."""
        return self.ids[self.top : self.top + self.height]

    def replace(self, ids: array[int], *, whole: bool, keep: bool) -> None:
        """Another vector; with `keep` the cursor stays on its ticket and on its line."""
        held, line = self.cursor_id, self.cursor - self.top
        self.ids, self.whole = ids, whole
        if keep and held is not None:
            self.cursor = self.find(held)
            self.top = self.cursor - line
        else:
            self.cursor = self.top = 0
        self.fit()

    def put_back(self, ticket: int, index: int) -> None:
        """A ticket that a refresh has left out stands where it stood, and the cursor on it."""
        if ticket not in self.ids:
            self.ids = self.ids[:]  # not of the vector that was read
            self.ids.insert(index, ticket)
        self.move_to(self.find(ticket))

    def find(self, ticket: int) -> int:
        """Where a ticket stands; where the cursor is, when the ticket is gone."""
        last = max(0, len(self.ids) - 1)
        if self.ids and self.cursor <= last and self.ids[self.cursor] == ticket:
            return self.cursor
        try:
            return self.ids.index(ticket)
        except ValueError:
            return min(self.cursor, last)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row; the window follows by a row, or from farther away by half a page."""
        self.cursor = max(0, min(index, len(self.ids) - 1))
        self.fit()

    def turn(self, pages: int) -> None:
        """Turn pages: the cursor keeps its line, and goes to the end where there is no page left."""
        by = pages * max(1, self.height - 1)
        line = self.cursor - self.top
        last_top = max(0, len(self.ids) - self.height)
        if self.top == (last_top if by > 0 else 0):
            self.move_to(len(self.ids) - 1 if by > 0 else 0)
            return
        self.top = max(0, min(self.top + by, last_top))
        self.cursor = max(0, min(self.top + line, len(self.ids) - 1))

    def fit(self) -> None:
        """Bring the cursor into sight and the window into the list."""
        self.cursor = max(0, min(self.cursor, len(self.ids) - 1))
        if self.cursor in (self.top - 1, self.top + self.height):
            # The driver has the terminal move the lines: 20 bytes more than within the window.
            self.top += 1 if self.cursor > self.top else -1
        elif not self.top <= self.cursor < self.top + self.height:
            self.top = self.cursor - self.height // 2
        self.top = max(0, min(self.top, len(self.ids) - self.height))

    def toggle(self) -> None:
        """Mark or unmark the row, and move down."""
        if (ticket := self.cursor_id) is not None:
            self._anchor = ticket
            self.marks = self.marks ^ {ticket}
            self.move_to(self.cursor + 1)

    def mark_range(self) -> None:
        """Mark from the last mark (without one, from the cursor) to the cursor."""
        if self.ids:
            start = self.find(self._anchor) if self._anchor is not None else self.cursor
            low, high = sorted((start, self.cursor))
            self._anchor = self.cursor_id
            self.marks = self.marks.union(self.ids[low : high + 1][:MOST_MARKS])

    def mark_all(self) -> None:
        """Mark all of the view, up to a bound; with marks there, take them away."""
        self.marks = set() if self.marks else set(self.ids[:MOST_MARKS])

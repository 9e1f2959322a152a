"""A year as twelve months of days, each with a sign for what it is; only the lines in sight are drawn."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from rich.style import Style
from textual.events import Click
from textual.message import Message
from textual.strip import Strip

from sdesk.rules.calendar_days import Days, Kind
from sdesk.rules.hours import FIRST_DAY, LAST_DAY
from sdesk.widgets.line_view import LineView, line

SIGNS = {
    Kind.OPEN: " ", Kind.WEEKEND: "·", Kind.HOLIDAY: "×", Kind.CLOSED: "-", Kind.OWN: "*",
    Kind.BREAK: "~",
}  # fmt: skip
"""After the number of the day, so that no kind is told by colour alone."""
INKS = {
    Kind.OPEN: "text", Kind.WEEKEND: "muted", Kind.HOLIDAY: "breached", Kind.CLOSED: "risk",
    Kind.OWN: "good", Kind.BREAK: "warn",
}  # fmt: skip
CELL, WEEKS = 3, 6
WIDE = 7 * CELL
GAP = 2
TALL = WEEKS + 3
"""The name, the days of the week, the weeks, and a blank line."""
_UNDER = Style(underline=True)
_HEAD = "".join(f"{day:<{CELL}}" for day in ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"))


class DayMoved(Message):
    """The cursor is on another day."""


class YearView(LineView, can_focus=True):
    """The months of the year of the cursor."""

    DEFAULT_CSS = """
    YearView { width: 1fr; height: 1fr; }
    """

    def __init__(self, today: date) -> None:
        super().__init__()
        self.today = self.cursor = today
        self.days: Days | None = None
        self.touched: frozenset[date] = frozenset()
        self._first_row = 0

    def show(self, days: Days | None, touched: frozenset[date], today: date) -> None:
        """Show the days of this calendar; the cursor stays."""
        if (days, touched, today) != (self.days, self.touched, self.today):
            self.days, self.touched, self.today = days, touched, today
            self.repaint()

    def move_to(self, day: date) -> None:
        """Put the cursor on a day, as far as there are calendars."""
        first, last = date.fromordinal(FIRST_DAY), date.fromordinal(LAST_DAY)
        before, top = self.cursor, self._first_row
        self.cursor = max(first, min(day, last))
        self._fit()
        same = before.year == self.cursor.year and top == self._first_row
        self.repaint([*self._lines_of(before), *self._lines_of(self.cursor)] if same else None)
        self.post_message(DayMoved())

    def _lines_of(self, day: date) -> tuple[int, int]:
        """Where a day stands, and the name of its month."""
        name = ((day.month - 1) // self.columns - self._first_row) * TALL
        return name, name + 2 + (day.day + day.replace(day=1).weekday() - 1) // 7

    def move(self, *, days: int = 0, months: int = 0) -> None:
        """Move by days, or by months to the same day there or the month's last."""
        at = self.cursor
        if days:
            number = max(FIRST_DAY, min(at.toordinal() + days, LAST_DAY))
            at = date.fromordinal(number)
        if months:
            total = max(1800 * 12, min(at.year * 12 + at.month - 1 + months, 2399 * 12 + 11))
            year, month = total // 12, total % 12 + 1
            at = date(year, month, min(at.day, monthrange(year, month)[1]))
        self.move_to(at)

    @property
    def columns(self) -> int:
        """Months beside each other: 4, 3, 2 or 1, so that rows are whole."""
        fits = (self.size.width - 1 + GAP) // (WIDE + GAP)
        return next((n for n in (6, 4, 3, 2) if n <= fits), 1)

    def _fit(self) -> None:
        """Bring the month of the cursor into sight."""
        rows = 12 // self.columns
        seen = max(1, (self.size.height + 1) // TALL)
        row = (self.cursor.month - 1) // self.columns
        first = max(row - seen + 1, min(self._first_row, row))
        self._first_row = max(0, min(first, rows - seen))

    def on_resize(self) -> None:
        super().on_resize()
        self._fit()
        self.repaint()

    # Painting

    def draw(self, y: int) -> Strip:
        row, within = divmod(y, TALL)
        row += self._first_row
        width, inks = self.size.width, self.inks()
        if self.days is None or row * self.columns >= 12 or within == TALL - 1:
            return Strip.blank(width, inks["text"])
        parts: list[tuple[str, Style]] = [(" ", inks["text"])]
        for month in range(row * self.columns + 1, (row + 1) * self.columns + 1):
            parts += self._month_line(month, within)
            parts.append((" " * GAP, inks["text"]))
        return line(parts, width, inks["text"])

    def _month_line(self, month: int, within: int) -> list[tuple[str, Style]]:
        inks = self.inks()
        if within == 0:
            name = f"{date(self.cursor.year, month, 1):%B}"
            here = month == self.cursor.month
            return [(f"{name:^{WIDE - 1}} ", inks["key" if here else "strong"])]
        if within == 1:
            return [(_HEAD, inks["muted"])]
        return [cell for day in range(7) for cell in self._cell(month, 7 * (within - 2) + day)]

    def _cell(self, month: int, place: int) -> list[tuple[str, Style]]:
        """The day at a place of a month's grid, counted from the Monday of its first week."""
        inks, year = self._inks, self.cursor.year
        number = place - date(year, month, 1).weekday() + 1
        if not 1 <= number <= monthrange(year, month)[1]:
            return [(" " * CELL, inks["text"])]
        on = date(year, month, number)
        assert self.days is not None
        kind = self.days.on(on).kind
        style = inks[INKS[kind]]
        if on == self.today:
            style = inks["key"]
        if on in self.touched:
            style += _UNDER
        if on == self.cursor:
            style = inks["cursor"]
        # An underlined or coloured blank before a single digit would look like a part of the day before.
        return [(f"{number:2}{SIGNS[kind]}", style)]

    def on_click(self, event: Click) -> None:
        """The day under the mouse."""
        row, within = divmod(event.y, TALL)
        column, cells = divmod(event.x - 1, WIDE + GAP)
        month = (row + self._first_row) * self.columns + column + 1
        if column < self.columns and 1 <= month <= 12 and within >= 2 and cells // CELL < 7:
            first = date(self.cursor.year, month, 1)
            at = first + timedelta(7 * (within - 2) + cells // CELL - first.weekday())
            if at.month == month:
                self.move_to(at)

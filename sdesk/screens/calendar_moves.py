"""The keys that move over a year, and between calendars."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sdesk.screens.calendar_reading import CalendarPage
    from sdesk.widgets.year_view import YearView


class CalendarMoves:
    """Mixed into the calendar screen."""

    if TYPE_CHECKING:
        year: YearView
        page: CalendarPage
        name_shown: str

        def show(self) -> None: ...

    def action_cursor_left(self) -> None:
        self.year.move(days=-1)

    def action_cursor_right(self) -> None:
        self.year.move(days=1)

    def action_cursor_up(self) -> None:
        self.year.move(days=-7)

    def action_cursor_down(self) -> None:
        self.year.move(days=7)

    def action_page_up(self) -> None:
        self.year.move(months=-1)

    def action_page_down(self) -> None:
        self.year.move(months=1)

    def action_previous_year(self) -> None:
        self.year.move(months=-12)

    def action_next_year(self) -> None:
        self.year.move(months=12)

    def action_cursor_first(self) -> None:
        self.year.move_to(date(self.year.cursor.year, 1, 1))

    def action_cursor_last(self) -> None:
        self.year.move_to(date(self.year.cursor.year, 12, 31))

    def action_go_first(self) -> None:
        self.action_cursor_first()

    def action_today(self) -> None:
        self.year.move_to(self.year.today)

    def action_next_calendar(self, by: int = 1) -> None:
        names = list(self.page.specs)
        if self.name_shown in names:
            self.name_shown = names[(names.index(self.name_shown) + by) % len(names)]
            self.show()

    def action_previous_calendar(self) -> None:
        self.action_next_calendar(-1)

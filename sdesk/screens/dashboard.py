"""The dashboard: how much lies on the desk now, what came and went, and which promises were kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.worker import get_current_worker

from sdesk.errors import SdeskError
from sdesk.keys import bindings_for
from sdesk.rules.attainment import By, Kept, attainment
from sdesk.rules.periods import PERIODS, Span, span
from sdesk.rules.policy import TARGET_KINDS
from sdesk.screens.dashboard_reading import QUERIES, Record, Situation, situation
from sdesk.screens.desk_screen import DeskScreen
from sdesk.widgets.dash_lines import Paper, Sheet, dash_lines
from sdesk.widgets.dash_list import DashHead, DashList

if TYPE_CHECKING:
    from sdesk.model import TicketId, TicketRow

REFRESH = 3.0
"""Seconds in which changes of the store are gathered before they are read."""
MINUTE = 60.0
"""Seconds after which time alone may have changed something: what is at risk, what ran out."""
GROUPS = (By.QUEUE, By.ASSIGNEE, By.PRIORITY, By.POLICY, By.ORGANIZATION)
ALL_TARGETS = ""


class DashboardKeys(DeskScreen):
    """Moving over the lines, and choosing what they count."""

    listed: DashList
    by = By.QUEUE
    period = "30 days"
    target = ALL_TARGETS

    def regroup(self) -> None:
        """Count again what has been read."""
        raise NotImplementedError

    def action_cursor_down(self) -> None:
        self.listed.move(1)

    def action_cursor_up(self) -> None:
        self.listed.move(-1)

    def action_page_down(self) -> None:
        self.listed.move(max(1, self.listed.size.height - 1))

    def action_page_up(self) -> None:
        self.listed.move(-max(1, self.listed.size.height - 1))

    def action_cursor_first(self) -> None:
        self.listed.move_to(0)

    def action_cursor_last(self) -> None:
        self.listed.move_to(len(self.listed.content), -1)

    def action_go_first(self) -> None:
        self.listed.move_to(0)

    def action_next_section(self) -> None:
        self.listed.move_section(1)

    def action_previous_section(self) -> None:
        self.listed.move_section(-1)

    def action_group(self, number: int) -> None:
        self.by = GROUPS[number - 1]
        self.regroup()

    def action_period(self, step: int) -> None:
        self.period = PERIODS[(PERIODS.index(self.period) + step) % len(PERIODS)]
        self.regroup()
        self.reload()

    def action_target(self) -> None:
        """The next kind of target, and after the last all of them."""
        kinds = (ALL_TARGETS, *TARGET_KINDS)
        self.target = kinds[(kinds.index(self.target) + 1) % len(kinds)]
        self.regroup()


class DashboardScreen(DashboardKeys):
    """Comes up with what is known, and fills in from worker threads."""

    CSS_PATH = "dashboard.tcss"
    NAME = "dashboard"
    BINDINGS = bindings_for("dashboard")
    AUTO_FOCUS = "DashList"
    HOLDS_KEYS = False

    def __init__(self) -> None:
        super().__init__()
        self.record = Record()
        self.situation = Situation()
        self.rows: Sequence[Kept] = ()
        self.is_known = False

    def compose(self) -> ComposeResult:
        self.head, self.listed = DashHead(), DashList()
        yield self.head
        yield self.listed
        yield self.status_line()

    def on_mount(self) -> None:
        self.set_interval(MINUTE, self.take_news)
        self.regroup()
        self.reload()

    def targets(self) -> tuple[TicketId, ...]:
        return ()

    def current(self) -> TicketRow | None:
        return None

    def span(self) -> Span:
        """The days that are counted."""
        desk = self.desk_app.desk
        return span(self.period, desk.now(), desk.settings.zone)

    # Reading

    def reload(self) -> None:
        """Read what changed since the last time; cursor and choices stay."""
        days = self.span()
        self._look(days)
        self._judge(days)

    def rest(self) -> float:
        return REFRESH

    def on_screen_resume(self) -> None:
        if self.is_known:
            self.reload()

    def take_news(self) -> None:
        if self.is_current:
            self.reload()

    @work(thread=True, exclusive=True, group="now")
    def _look(self, days: Span) -> None:
        worker = get_current_worker()
        try:
            found = situation(self.desk_app.desk, days)
        except SdeskError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.desk_app.complain, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_situation, found)

    @work(thread=True, exclusive=True, group="judge")
    def _judge(self, days: Span) -> None:
        worker = get_current_worker()
        try:
            for done, total in self.record.read(
                self.desk_app.desk, days, lambda: worker.is_cancelled
            ):
                self.app.call_from_thread(self._show_progress, done, total)
        except SdeskError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.desk_app.complain, error)

    @work(thread=True, exclusive=True, group="count")
    def _count(self, by: By, target: str, days: Span) -> None:
        worker = get_current_worker()
        found = attainment(self.record.known(), by, days.start, days.end)
        rows = [row for row in found if target in (ALL_TARGETS, row.target)]
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_rows, rows)

    # Showing

    def regroup(self) -> None:
        days = self.span()
        ends = dict.fromkeys(f"{day.day} {day:%b}" for day in (days.first, days.last))
        dates = " – ".join(ends)
        kind = self.target or "all targets"
        self.head.show(f"Dashboard · promises by {self.by} · {kind} · {self.period} ({dates})")
        self._count(self.by, self.target, days)
        self._draw()

    def _show_situation(self, found: Situation) -> None:
        self.situation = found
        self._draw()

    def _show_progress(self, done: int, total: int) -> None:
        self.is_known = self.is_known or done == total
        self.head.show(done=done, total=total)
        self._count(self.by, self.target, self.span())

    def _show_rows(self, rows: Sequence[Kept]) -> None:
        self.rows = rows
        self._draw()

    @on(DashList.Resized)
    def _draw(self) -> None:
        now, desk = self.situation, self.desk_app.desk
        sheet = Sheet(
            now.counts, now.created, now.resolved, now.names, self.rows, self.by, self.span(),
            QUERIES, self.is_known, now.scores,
        )  # fmt: skip
        width = self.listed.size.width
        if width:
            self.listed.show(
                dash_lines(sheet, Paper(width, self.desk_app.ability.unicode, desk.ref))
            )

    # Acting

    def action_open(self) -> None:
        """The queue, with the tickets behind the line."""
        if (row := self.listed.current()) is not None:
            self.desk_app.action_go_queue()
            self.desk_app.queue_screen.open_query(row.query)

    def action_back(self) -> None:
        self.desk_app.pop_screen()

"""The SLA board: every running clock, the soonest first, in lanes, with a big countdown for the first."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult

from sdesk.keys import bindings_for
from sdesk.messages import CompanyChanged
from sdesk.model import TicketId, TicketRow
from sdesk.present import person_or_nobody
from sdesk.screens.board_reading import read_board
from sdesk.screens.company import writers
from sdesk.screens.desk_screen import DeskScreen
from sdesk.screens.ledger import LedgerScreen
from sdesk.screens.news import read_away
from sdesk.widgets.board_lanes import BoardRow, first_row
from sdesk.widgets.board_list import BoardList
from sdesk.widgets.clock_bar import clock_sign, clock_words, tone_of
from sdesk.widgets.countdown import Countdown
from sdesk.widgets.list_keys import CursorMoved, MarksChanged
from sdesk.widgets.status_line import StatusLine


class SlaScreen(DeskScreen):
    """Acts work on the ticket under the cursor, or on the marked ones."""

    CSS_PATH = "sla.tcss"
    NAME = "sla"
    BINDINGS = bindings_for("sla")
    AUTO_FOCUS = "BoardList"

    def __init__(self) -> None:
        super().__init__()

    def compose(self) -> ComposeResult:
        desk = self.desk_app.desk
        yield Countdown()
        yield BoardList(desk.now, desk.settings.zone, self._show_first)
        yield self.status_line()

    def on_mount(self) -> None:
        self.show_company()
        self.reload()

    @property
    def listed(self) -> BoardList:
        return self.query_one(BoardList)

    def targets(self) -> tuple[TicketId, ...]:
        return self.listed.targets()

    def current(self) -> TicketRow | None:
        row = self.listed.current_row()
        return row.ticket if row is not None else None

    # Showing

    def on_company_changed(self, event: CompanyChanged) -> None:
        self.show_company()

    def show_company(self) -> None:
        """Who writes on a ticket stands in its rows."""
        writing = writers(self.desk_app.company)
        if writing != self.listed.writing:
            self.listed.writing = writing
            self.listed.repaint()

    def reload(self) -> None:
        """Read the clocks again; cursor and marks stay."""
        read_away(self, read_board, self._show)

    def _show(self, rows: Sequence[BoardRow]) -> None:
        if len(self.query("Countdown, BoardList")) == 2:
            self.listed.show(rows)
            self._show_first()

    def _show_first(self) -> None:
        """The big countdown: of the clock that is due first."""
        desk = self.desk_app.desk
        row, now = first_row(self.listed.content), desk.now()
        if row is None:
            self.query_one(Countdown).show("", "", "running", ("", "No clock is running.", ""))
            return
        sign, text = clock_sign(row.clock, now)
        ticket = row.ticket
        self.query_one(Countdown).show(
            sign, text, tone_of(sign),
            (
                f"{row.clock.target} · {clock_words(row.clock, desk.settings.zone, now)} · {row.clock.policy}",
                f"{ticket.ref} P{ticket.priority} {ticket.subject}",
                f"{person_or_nobody(ticket.assignee)} · {ticket.queue} · {ticket.requester} {ticket.organization}",
            ),
        )  # fmt: skip

    @on(CursorMoved)
    def keep_quiet(self, event: CursorMoved) -> None:
        event.stop()

    @on(MarksChanged)
    def show_marks(self, event: MarksChanged) -> None:
        event.stop()
        self.query_one(StatusLine).show_count(f"{event.count:,} marked" if event.count else "")

    # Acting

    def action_open(self) -> None:
        self.listed.open_current()

    def action_back(self) -> None:
        if not self.listed.clear_marks():
            self.desk_app.pop_screen()

    def action_clock(self) -> None:
        """The ledger of the clock under the cursor."""
        if (row := self.listed.current_row()) is not None:
            self.desk_app.push_screen(LedgerScreen(row.ticket.id, row.clock.target))

    def clock_in_sight(self) -> str:
        row = self.listed.current_row()
        return row.clock.target if row is not None and row.clock.stopped_at is None else ""

    def action_next_section(self) -> None:
        self.listed.move_lane(1)

    def action_previous_section(self) -> None:
        self.listed.move_lane(-1)

    def action_go_first(self) -> None:
        self.listed.action_cursor_first()

"""Triage: the unassigned tickets one after the other, each with what decides it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import work
from textual.app import ComposeResult
from textual.containers import Container
from textual.worker import get_current_worker

from sdesk.errors import SdeskError
from sdesk.keys import bindings_for
from sdesk.messages import StoreChanged
from sdesk.model import StateCategory, TicketId, TicketRow
from sdesk.present import counted
from sdesk.rules.suggestion import Suggestions
from sdesk.rules.triage import Round, kept_of
from sdesk.screens.ticket import TicketScreen
from sdesk.screens.triage_acts import TriageActs
from sdesk.screens.triage_reading import (
    Gone,
    News,
    Sight,
    came_to,
    read_news,
    read_sight,
    usual_query,
)
from sdesk.widgets.ticket_head import TicketHead
from sdesk.widgets.timeline import Timeline
from sdesk.widgets.triage_lines import summary_lines
from sdesk.widgets.triage_panel import TriageBar, TriagePanel, TriageSummary

NOTHING = TicketId(0)
LARGE = "large"
"""How the panel stands when it has most of the room."""
AHEAD = 2
"""Tickets that are read before they are at hand."""
LATER = 1.0
"""Seconds after which it is looked again, when the ticket at hand had to stay."""
LEARNING = 2.0
"""Seconds after which a model that is being learned is asked for again."""


class TriageScreen(TriageActs, TicketScreen):
    """Shows the tickets that `wanted` finds; empty: what the Unassigned view shows."""

    CSS_PATH = ["ticket.tcss", "triage.tcss"]
    NAME = "triage"
    BINDINGS = bindings_for("triage")

    def __init__(self, wanted: str = "") -> None:
        super().__init__(NOTHING)
        self.wanted = wanted
        self.round = Round(0)
        self.own_ticks = {}
        self._sights: dict[int, Sight] = {}
        """Tickets at hand and near it, as they were last read."""
        self._suggested: dict[int, Suggestions] = {}
        """Ticket → what was suggested first."""
        self._looking = self._look_again = self._has_looked = self._is_postponed = False

    def compose(self) -> ComposeResult:
        desk = self.desk_app.desk
        yield TriageBar()
        yield TicketHead(desk.settings.zone)
        yield TriageSummary()
        with Container(id="around"):
            yield Timeline(self._manner)
            yield TriagePanel(desk.now, desk.settings.zone)
        yield self.status_line()

    def on_mount(self) -> None:
        self.round = Round(self.desk_app.desk.now())
        self.query_one(Timeline).folded = True
        self.desk_app.warm_up()

    def on_screen_resume(self) -> None:
        self._look()

    def on_store_changed(self, event: StoreChanged) -> None:
        event.prevent_default()
        self._look()

    # Knowing

    def targets(self) -> tuple[TicketId, ...]:
        return () if self.is_behind else (self.number,)

    def current(self) -> TicketRow | None:
        return None if self.is_behind else super().current()

    @property
    def is_behind(self) -> bool:
        """What stands on the screen is not the ticket at hand, or there is none."""
        return self.page is None or self.page.ticket.id != self.number

    @property
    def is_opening(self) -> bool:
        """Keys wait until it is clear which ticket they mean."""
        is_unclear = self._looking or self.desk_app.writing_lock.locked()
        return super().is_opening or is_unclear or (self.number != NOTHING and self.is_behind)

    def _is_busy(self) -> bool:
        """Something is being written or chosen for the ticket at hand: it stays."""
        return (
            self.app.screen is not self or self.draft is not None or self.chat_field() is not None
        )

    # The round

    def reload(self) -> None:
        """Look at what is left, and read the ticket at hand again."""
        self._look()
        if self.number != NOTHING:
            self._see()

    def _look(self) -> None:
        if self._looking:
            self._look_again = True
            return
        self._looking = True
        self._read_news(list(self.round.left), self.round.at)

    @work(thread=True, group="look")
    def _read_news(self, left: Sequence[int], at: int | None) -> None:
        worker, desk = get_current_worker(), self.desk_app.desk
        try:
            self.wanted = self.wanted or usual_query(desk)
            news: News | SdeskError = read_news(desk, self.wanted, left, at)
        except SdeskError as error:
            news = error
        if not worker.is_cancelled:
            self.app.call_from_thread(self._looked, news)

    def _looked(self, news: News | SdeskError) -> None:
        self._looking = self._is_postponed = False
        if not self.is_attached:
            return
        if isinstance(news, SdeskError):
            self.desk_app.complain(news)
        elif not self._is_busy():
            self._take_in(news)
        elif not self._is_postponed:
            self._is_postponed = True
            self.set_timer(LATER, self._look)
        if self._look_again:
            self._look_again = False
            self._look()

    def _take_in(self, news: News) -> None:
        """Tickets that are settled leave the round, new ones join it, and what was undone comes back."""
        run = self.round
        for ticket, gone in news.gone.items():
            if ticket in run.left:
                self._let_go(ticket, gone)
        for ticket in run.finished() & set(news.ids):
            run.come_back(ticket, at_hand=ticket in self.returning)
        self.returning = frozenset()
        fresh = run.join(news.ids)
        if fresh and self._has_looked:
            self.desk_app.tell(f"{counted(fresh, 'new ticket')} came in")
        self._has_looked = True
        if (run.at or NOTHING) != self.number or run.at is None:
            self._arrive()
        elif news.at == run.at and self.page and news.newest != self.page.ticket.last_event:
            self._see()
        self._show_bar()

    def _let_go(self, ticket: int, gone: Gone) -> None:
        desk, run = self.desk_app.desk, self.round
        suggested = self._suggested.pop(ticket, None)
        if gone.by != desk.actor:
            run.lose(ticket)
            self.desk_app.tell(f"{desk.ref(ticket)}: {gone.words()}")
            return
        right: dict[str, bool] = {}
        # A ticket that was cancelled or merged says nothing of where it belonged.
        if suggested and gone.row and gone.row.category != StateCategory.CLOSED:
            right = kept_of(suggested, came_to(gone.row))
        run.finish(ticket, desk.now(), right)

    def _show_bar(self) -> None:
        run = self.round
        words = f"{len(run.left):,} of {run.total:,} left · {len(run.done):,} done"
        if pace := self._pace():
            words += f" · {pace} a ticket"
        for head in self.query(TriageBar):
            head.show(words, len(run.done) / run.total if run.total else 1.0)

    def _pace(self) -> str:
        """Minutes and seconds: "0:38"."""
        pace = self.round.pace()
        return "" if pace is None else f"{pace // 60}:{pace % 60:02d}"

    # The ticket at hand

    def _arrive(self) -> None:
        """Show another ticket, at once where it was read ahead; or that none is left."""
        at = self.round.at
        self.number, self.own_ticks = TicketId(at or NOTHING), {}
        self.set_class(at is None, "-finished")
        if at is None:
            self.page = self.sight = None
            self._show_summary()
            return
        self.desk_app.tell_whereabouts()
        self.show_company()
        if (known := self._sights.get(at)) is not None:
            self._show_sight(known)
        self._see()

    def _see(self) -> None:
        if self.number != NOTHING and self.is_attached:
            self._read_sight(self.number)

    @work(thread=True, exclusive=True, group="read")
    def _read_sight(self, number: TicketId) -> None:
        worker = get_current_worker()
        try:
            sight = read_sight(self.desk_app.desk, number)
        except SdeskError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.desk_app.complain, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._seen, sight)

    def _seen(self, sight: Sight) -> None:
        number = int(sight.page.ticket.id)
        if number != self.number or not self.is_attached:
            return
        ahead = self.round.ahead(AHEAD)
        self._sights = {one: held for one, held in self._sights.items() if one in ahead}
        self._sights[number] = sight
        self._show_sight(sight)
        if sight.advice.learning:
            self.set_timer(LEARNING, self._see)
        if missing := [one for one in ahead if one not in self._sights]:
            self._read_ahead(missing)

    @work(thread=True, exclusive=True, group="ahead")
    def _read_ahead(self, numbers: Sequence[int]) -> None:
        """Read what comes next, so that moving on waits for nothing."""
        worker = get_current_worker()
        for number in numbers:
            try:
                sight = read_sight(self.desk_app.desk, number)
            except SdeskError:
                continue  # whoever comes to it is told
            if worker.is_cancelled:
                return
            self.app.call_from_thread(self._sights.setdefault, number, sight)

    def _show_sight(self, sight: Sight) -> None:
        page = sight.page
        afresh = self.is_behind
        self.page, self.sight = page, sight
        self._suggested.setdefault(int(page.ticket.id), sight.advice.suggestions)
        self.query_one(TicketHead).show(page)
        self.query_one(TriagePanel).show(sight, self.ticked())
        self.query_one(Timeline).show(page.entries, page.events, afresh=afresh)
        if afresh:
            self._offer_draft(page)
            self._mark_seen(page.ticket.id)

    def _show_summary(self) -> None:
        run = self.round
        names = ("u takes my last act back", "g q the queue", "what comes in is shown here")
        lines = summary_lines(len(run.done), self._pace(), run.lost, run.kept(), names)
        self.query_one(TriageSummary).show(lines)

    # Acting

    def _scrolled(self) -> Timeline | TriagePanel:
        """What the keys scroll: the text, or the panel where that has taken its place."""
        is_panel = self.panel == LARGE and self.has_class("-narrow")
        return self.query_one(TriagePanel) if is_panel else self.timeline

    def action_cursor_down(self) -> None:
        self._scrolled().scroll_lines(1)

    def action_cursor_up(self) -> None:
        self._scrolled().scroll_lines(-1)

    def action_page_down(self) -> None:
        self._scrolled().scroll_pages(1)

    def action_page_up(self) -> None:
        self._scrolled().scroll_pages(-1)

    def action_next_ticket(self) -> None:
        self._step(1)

    def action_previous_ticket(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        """Skip: the ticket stays in the round."""
        if not self.round.step(by):
            self.desk_app.tell("there is no other ticket left")
            return
        self.leave_writing()
        self.leave_chat()
        self._arrive()

    def action_survivor(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """The ticket whole, with its clocks and fields."""
        if not self.is_behind:
            self.desk_app.open_ticket(self.number, self.round.left)

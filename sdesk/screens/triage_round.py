"""How a round of triage goes on: what is settled leaves it, what comes in joins it, what is undone returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import work
from textual.worker import get_current_worker

from sdesk.errors import SdeskError
from sdesk.model import StateCategory
from sdesk.present import counted
from sdesk.rules.suggestion import Suggestions
from sdesk.rules.triage import Round, kept_of
from sdesk.screens.triage_reading import Gone, News, came_to, read_news, usual_query
from sdesk.widgets.triage_panel import TriageBar

if TYPE_CHECKING:
    from textual.timer import Timer

    from sdesk.app import SdeskApp
    from sdesk.model import TicketId

LATER = 1.0
"""Seconds after which it is looked again, when the ticket at hand had to stay."""


class Rounds:
    """Mixed into the triage screen. No `DOMNode`: the first of those is whose styles are inherited."""

    if TYPE_CHECKING:
        app: Any
        query: Any
        desk_app: SdeskApp
        number: TicketId
        page: Any
        draft: Any
        returning: frozenset[int]
        set_timer: Any

        @property
        def stands(self) -> bool: ...
        def chat_field(self) -> Any: ...
        def arrive(self) -> None: ...
        def see(self) -> None: ...

    wanted = ""
    """The query whose tickets are triaged; empty until it is known."""
    round = Round(0)
    suggested: dict[int, Suggestions]
    """Ticket → what was suggested first."""
    is_looking = has_looked = _look_again = False
    _later: Timer | None = None

    def _is_busy(self) -> bool:
        """Something is being written or chosen for the ticket at hand: it stays."""
        above: Any = self.app.screen
        return above is not self or self.draft is not None or self.chat_field() is not None

    def look(self) -> None:
        """Ask the store how the round stands, in a worker; one at a time."""
        if self.is_looking:
            self._look_again = True
            return
        self.is_looking = True
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
        self.is_looking = False
        if not self.stands:
            return
        if isinstance(news, SdeskError):
            self.desk_app.complain(news)
        elif not self._is_busy():
            self._take_in(news)
        elif self._later is None:
            self._later = self.set_timer(LATER, self._look_later)
        if self._look_again:
            self._look_again = False
            self.look()

    def _look_later(self) -> None:
        self._later = None
        self.look()

    def _take_in(self, news: News) -> None:
        """Tickets that are settled leave the round, new ones join it, and what was undone comes back."""
        run = self.round
        for ticket, gone in news.gone.items():
            if ticket in run.left:
                self._let_go(ticket, gone)
        for ticket in run.finished() & set(news.ids):
            run.come_back(ticket, at_hand=ticket in self.returning)
        fresh = run.join(news.ids)
        if fresh and self.has_looked:
            self.desk_app.tell(f"{counted(fresh, 'new ticket')} came in")
        self.has_looked = True
        if (run.at or 0) != self.number or run.at is None:
            self.arrive()
        elif news.at == run.at and self.page and news.newest != self.page.ticket.last_event:
            self.see()
        self._show_bar()

    def _let_go(self, ticket: int, gone: Gone) -> None:
        desk, run = self.desk_app.desk, self.round
        suggested = self.suggested.pop(ticket, None)
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
        if pace := self.pace():
            words += f" · {pace} a ticket"
        for head in self.query(TriageBar):
            head.show(words, len(run.done) / run.total if run.total else 1.0)

    def pace(self) -> str:
        """Minutes and seconds: "0:38"."""
        pace = self.round.pace()
        return "" if pace is None else f"{pace // 60}:{pace % 60:02d}"

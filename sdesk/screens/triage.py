"""Triage: the unassigned tickets one after the other, each with what decides it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual import work
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.timer import Timer
from textual.worker import get_current_worker

from sdesk.errors import SdeskError
from sdesk.keys import bindings_for
from sdesk.messages import StoreChanged
from sdesk.model import TicketId, TicketRow
from sdesk.rules.triage import Round
from sdesk.screens.news import read_away
from sdesk.screens.ticket import TicketScreen
from sdesk.screens.triage_acts import TriageActs
from sdesk.screens.triage_reading import Sight, read_sight
from sdesk.screens.triage_round import Rounds
from sdesk.widgets.ticket_head import TicketHead
from sdesk.widgets.timeline import Timeline
from sdesk.widgets.triage_lines import summary_lines
from sdesk.widgets.triage_panel import TriageBar, TriagePanel, TriageSummary

NOTHING = TicketId(0)
WRITING = ("write", "send")
"""Groups of workers that may settle the ticket at hand."""
AHEAD = 2
"""Tickets that are read before they are at hand."""
SOON = 0.15
"""Seconds after which more is read: whoever is quick doesn't wait for it."""
FRESH = 10
"""Seconds for which what was read ahead holds; a change of the ticket itself is seen at once."""
LEARNING = 2.0
"""Seconds after which a model that is being learned is asked for again."""


class TriageScreen(TriageActs, Rounds, TicketScreen):
    """Shows the tickets that `wanted` finds; empty: what the Unassigned view shows."""

    CSS_PATH = ["ticket.tcss", "triage.tcss"]
    NAME = "triage"
    BINDINGS = bindings_for("triage")
    _has_news = False

    def __init__(self, wanted: str = "") -> None:
        super().__init__(NOTHING)
        self.wanted = wanted
        self.own_ticks, self.suggested = {}, {}
        self._sights: dict[int, Sight] = {}
        """Tickets at hand and near it, as they were last read."""
        self._seeing: Timer | None = None

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
        self.look()

    def post_message(self, message: Message) -> bool:
        # Known at once, so that no key slips in before the message is answered.
        self._has_news |= isinstance(message, StoreChanged)
        return super().post_message(message)

    def on_store_changed(self, event: StoreChanged) -> None:
        event.prevent_default()
        self._has_news = False
        self.look()

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
        is_unclear = (
            self._has_news or self.is_looking or (self.number != NOTHING and self.is_behind)
        )
        return self._is_writing() or is_unclear or super().is_opening

    def _is_writing(self) -> bool:
        return any(w.group in WRITING and not w.is_finished for w in self.app.workers)

    def give_up(self, late: bool) -> bool | None:
        return None if self._is_writing() else super().give_up(late)

    def reload(self) -> None:
        """Look at what is left, and read the ticket at hand again."""
        self.look()
        if self.number != NOTHING:
            self.see()

    # The ticket at hand

    def arrive(self) -> None:
        """Show another ticket, at once where it was read ahead; or that none is left."""
        at = self.round.at
        self.number, self.own_ticks = TicketId(at or NOTHING), {}
        self.returning = frozenset()
        self.set_class(at is None, "-finished")
        if at is None:
            self.page = self.sight = None
            self._show_summary()
            return
        self.desk_app.tell_whereabouts()
        self.show_company()
        known = self._sights.get(at)
        if known is None:
            self.see()
        else:
            self._show_sight(known)
            self._soon(SOON, self._catch_up)

    def _soon(self, seconds: float, what: Callable[[], None]) -> None:
        if self._seeing is not None:
            self._seeing.stop()
        self._seeing = self.set_timer(seconds, what)

    def _catch_up(self) -> None:
        """What was read ahead long ago is read again; and what comes next is read ahead."""
        sight = self.sight
        if sight is None or sight.advice.learning or self.desk_app.desk.now() - sight.page.read_at > FRESH:  # fmt: skip
            self.see()
        else:
            self._look_ahead()

    def see(self) -> None:
        if self.number != NOTHING and self.is_attached:
            read_away(self, partial(read_sight, number=self.number), self._seen)

    def _seen(self, sight: Sight) -> None:
        number = int(sight.page.ticket.id)
        if number != self.number or not self.is_attached:
            return
        self._sights[number] = sight
        self._show_sight(sight)
        if sight.advice.learning:
            self._soon(LEARNING, self.see)
        self._look_ahead()

    def _look_ahead(self) -> None:
        near = self.round.ahead(AHEAD)
        kept = {*near, self.round.at}
        self._sights = {one: sight for one, sight in self._sights.items() if one in kept}
        if missing := [one for one in near if one not in self._sights]:
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
            self.app.call_from_thread(self._sights.__setitem__, number, sight)

    @property
    def stands(self) -> bool:
        """Whether it still has its parts: what was read may come while the desk is being left."""
        return len(self.query("TicketHead, TriagePanel, Timeline, TriageSummary")) == 4

    def _show_sight(self, sight: Sight) -> None:
        if not self.stands:
            return
        page = sight.page
        afresh = self.is_behind
        self.page, self.sight = page, sight
        self.suggested.setdefault(int(page.ticket.id), sight.advice.suggestions)
        self.query_one(TicketHead).show(page)
        self.query_one(TriagePanel).show(sight, self.ticked())
        self.query_one(Timeline).show(page.entries, page.events, afresh=afresh)
        if afresh:
            self._offer_draft(page)
            self._mark_seen(page.ticket.id)

    def _show_summary(self) -> None:
        run = self.round
        names = ("u takes my last act back", "g q the queue", "what comes in is shown here")
        lines = summary_lines(len(run.done), self.pace(), run.lost, run.kept(), names)
        self.query_one(TriageSummary).show(lines)

    # Acting

    def action_next_ticket(self) -> None:
        self._step(1)

    def action_previous_ticket(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        """Skip: the ticket stays in the round."""
        if not self.leave_writing():
            return
        if not self.round.step(by):
            self.desk_app.tell("there is no other ticket left")
            return
        self.leave_chat()
        self.arrive()

    def action_survivor(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """The ticket whole, with its clocks and fields."""
        if not self.is_behind:
            self.desk_app.open_ticket(self.number, self.round.left)

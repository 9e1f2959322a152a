"""The queue: the home screen, where tickets are found, looked at and worked by the row or by the marks."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.worker import get_current_worker

from sdesk.errors import QueryError, SdeskError
from sdesk.keys import bindings_for
from sdesk.messages import CompanyChanged, StoreChanged
from sdesk.model import TicketId, TicketRow
from sdesk.present import local
from sdesk.screens.company import writers
from sdesk.screens.desk_screen import is_typing
from sdesk.screens.queue_reading import (
    COUNT_AT_MOST,
    VECTOR,
    Glance,
    Listing,
    Rows,
    burning,
    first_page,
    glance,
    listing,
)
from sdesk.screens.queue_views import QueueViews
from sdesk.widgets.header_bar import Burning, HeaderBar
from sdesk.widgets.list_keys import ColumnsChanged, CursorMoved, MarksChanged, MoreWanted
from sdesk.widgets.preview import Preview
from sdesk.widgets.query_bar import ListHeading, QueryBar
from sdesk.widgets.tabs import ViewTabs
from sdesk.widgets.ticket_list import TicketList

REST = 0.15
"""Seconds the cursor rests before the preview follows it: a held key moves on without it."""


class QueueScreen(QueueViews):
    """Views, query, list, preview."""

    NAME = "queue"
    BINDINGS = bindings_for("queue")
    AUTO_FOCUS = "TicketList"

    def compose(self) -> ComposeResult:
        desk = self.desk_app.desk
        self.header = HeaderBar(desk.settings.name, desk.actor, read_only=desk.is_read_only)
        self.tabs, self.query_bar, self.heading = ViewTabs(), QueryBar(), ListHeading()
        self.source = Rows(desk)
        self.listed = TicketList(self.source, desk.now, empty="no ticket fits this query")
        self.listed.zone = desk.settings.zone
        self.pane = Preview(desk.now, desk.settings.zone)
        self.place_preview()
        yield from (self.header, self.tabs, self.query_bar)
        yield Container(Vertical(self.heading, self.listed, id="left"), self.pane, id="body")
        yield self.status_line()

    def on_screen_resume(self) -> None:
        self.desk_app.tell_whereabouts()

    def on_mount(self) -> None:
        desk = self.desk_app.desk
        self.listed.names = {state.key: state.name for state in desk.read.states()}
        self.load_views()
        self._show_clock()
        # So little is read here that the first paint has its rows; the rest comes from workers.
        self.open_first()
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        self.reload()

    def on_resize(self) -> None:
        self.place_preview()

    # Knowing

    def targets(self) -> tuple[TicketId, ...]:
        return () if self.impatient else self.listed.state.targets()

    def current(self) -> TicketRow | None:
        return self.listed.current()

    @property
    def is_opening(self) -> bool:
        """Keys for the list mean the answer to the query, not what stood there before it came."""
        waits = self.awaited is not None and not self.impatient
        return waits and not is_typing(self.focused)

    def give_up(self, late: bool) -> bool | None:
        """Esc while the rows are read: keys are taken again, but none for a ticket until they stand."""
        if not late:
            return None
        self.impatient = True
        self.desk_app.tell("the rows are not read yet: no key is for them until they are")
        return True

    # Showing

    def read_now(self, query: str) -> None:
        try:
            found = first_page(self.desk_app.desk, query, self.source)
        except QueryError as fault:
            self._show_fault(query, fault)
        except SdeskError as error:
            self._tell_fault(error)
        else:
            self._show_listing(found, keep=False)

    def ask(self, query: str, *, keep: bool = False) -> None:
        """Show the answer to a query; with `keep` the cursor stays on its ticket."""
        self.query_text = query
        self.impatient = False
        if not keep:
            self.awaited, self.afresh = query, True
        self._read(query, keep, None)

    def reload(self) -> None:
        """Read the rows, the counts and the preview again; cursor and marks stay."""
        # What came in meanwhile takes nothing from a query that was asked: its cursor goes first.
        self._read(self.query_text, not self.afresh, None)
        self._count()
        self._glance(self.listed.cursor_id)

    @work(thread=True, exclusive=True, group="read")
    def _read(self, query: str, keep: bool, then: Callable[[], None] | None) -> None:
        worker = get_current_worker()
        wanted = max(VECTOR, len(self.listed.state.ids) if keep else 0)
        limit = None if then is not None else wanted
        try:
            known = self.listed.window() if keep else []
            found = listing(self.desk_app.desk, query, known, limit, self.source)
        except QueryError as fault:
            if not worker.is_cancelled:
                self.app.call_from_thread(self._show_fault, query, fault)
            return
        except SdeskError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self._tell_fault, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_listing, found, keep=keep)
            if then is not None:
                self.app.call_from_thread(then)

    def _show_listing(self, found: Listing, *, keep: bool) -> None:
        if not self.is_attached or found.query != self.query_text:
            return
        if keep and self.is_commanding:
            self.post_message(StoreChanged())  # read again when the command is given
            return
        self._arrived()
        self.listed.show(found.ids, found.rows, whole=found.whole, keep=keep)
        self.heading.show(fault=None, columns=self.listed.columns)
        self._show_place()

    def _show_fault(self, query: str, fault: QueryError) -> None:
        if query == self.query_text:
            self._arrived()
            self.heading.show(fault=fault)

    def _arrived(self) -> None:
        """What was asked is answered: keys may come."""
        self.awaited = None
        self.afresh = self.impatient = False

    def _tell_fault(self, error: SdeskError) -> None:
        self._arrived()
        self.desk_app.complain(error)

    def on_company_changed(self, event: CompanyChanged) -> None:
        """Who writes stands in the list, who only looks in the preview."""
        company = self.desk_app.company
        writing = writers(company)
        if writing != self.listed.writing:
            self.listed.writing = writing
            self.listed.repaint()
        self.pane.show_company(company)

    @work(thread=True, exclusive=True, group="count")
    def _count(self) -> None:
        worker = get_current_worker()
        desk = self.desk_app.desk
        burns = burning(desk)
        if worker.is_cancelled:
            return
        self.app.call_from_thread(self._show_burning, burns)
        counts = dict(self.counts)
        for view in self.views:
            with suppress(QueryError):
                counts[view.name, view.owner] = desk.read.count(view.query, at_most=COUNT_AT_MOST)
            # Asked anew: mypy believes that what was not cancelled stays so.
            if get_current_worker().is_cancelled:
                return
        self.app.call_from_thread(self._show_counts, counts)

    def _show_counts(self, counts: dict[tuple[str, str], int]) -> None:
        self.counts = counts
        if self.is_attached:
            self.show_tabs()

    def _show_burning(self, burns: Burning) -> None:
        if self.is_attached:
            self.header.show(burns)

    def _show_clock(self) -> None:
        """The time of day; wakes up when the minute is over, and writes five cells."""
        now = self.desk_app.desk.now()
        there = local(now, self.desk_app.desk.settings.zone)
        self.header.show(clock=f"{there:%H:%M}")
        self.set_timer(60 - time.time() % 60 + 0.05, self._show_clock)

    @work(thread=True, exclusive=True, group="glance")
    def _glance(self, ticket: TicketId | None) -> None:
        worker = get_current_worker()
        if self.place == "off":
            return
        found = None
        if ticket is not None:
            found = glance(self.desk_app.desk, ticket, entries=6 if self.place == "right" else 1)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_glance, ticket, found)

    def _show_glance(self, ticket: TicketId | None, found: Glance | None) -> None:
        if self.is_attached and ticket == self.listed.cursor_id:
            self.pane.show(found)

    def _show_place(self) -> None:
        state = self.listed.state
        total = short(len(state.ids)) + ("" if state.whole else "+")
        self.heading.show(place=f"{state.cursor + 1:,}/{total}" if state.ids else "")

    @on(ColumnsChanged)
    def move_titles(self, event: ColumnsChanged) -> None:
        event.stop()
        self.heading.show(columns=self.listed.columns)

    @on(CursorMoved)
    def follow(self, event: CursorMoved) -> None:
        """The preview and the place follow when the cursor rests."""
        event.stop()
        self.later("follow", REST, self._follow)

    def _follow(self) -> None:
        self._show_place()
        self._glance(self.listed.cursor_id)

    @on(MarksChanged)
    def show_marks(self, event: MarksChanged) -> None:
        event.stop()
        self.bottom.show_count(f"{event.count:,} marked" if event.count else "")

    @on(MoreWanted)
    def read_more(self, event: MoreWanted) -> None:
        event.stop()
        if event.to_end:
            self.desk_app.tell("reading on to the end …")
        self._read(
            self.query_text, True, self.listed.action_cursor_last if event.to_end else _nothing
        )


def short(count: int) -> str:
    """A total in few cells: 9,999 · 10k · 1.2M."""
    if count < 10_000:
        return f"{count:,}"
    return f"{count // 1_000}k" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"


def _nothing() -> None:
    """The vector is whole: there is nothing to do with it."""

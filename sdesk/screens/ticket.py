"""One ticket: its head, the thread with the newest message in sight, and what stands around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import var

from sdesk.errors import SdeskError
from sdesk.keys import bindings_for
from sdesk.messages import CompanyChanged, StoreChanged
from sdesk.model import EventId, TicketId, TicketRow
from sdesk.present import counted, moment
from sdesk.screens.chatting import Chatting
from sdesk.screens.desk_screen import DeskScreen
from sdesk.screens.news import read_away
from sdesk.screens.reading import TicketPage, read_page
from sdesk.screens.thread_keys import ThreadKeys
from sdesk.screens.writing import Writing
from sdesk.widgets.post_lines import statuses
from sdesk.widgets.properties import Properties
from sdesk.widgets.review_line import NOTE
from sdesk.widgets.thread_lines import Manner
from sdesk.widgets.ticket_head import TicketHead
from sdesk.widgets.timeline import Timeline

CHAT = "chat"


class TicketScreen(Writing, Chatting, ThreadKeys, DeskScreen):
    """Shows `number`; `among` are the numbers of the list it was opened from, for J and K."""

    CSS_PATH = ["ticket.tcss"]
    NAME = "ticket"
    BINDINGS = bindings_for("ticket")
    AUTO_FOCUS = ""

    page: var[TicketPage | None] = var(None, init=False)
    """What was last read of the ticket."""

    def __init__(self, number: TicketId, among: Sequence[int] = (), *, compose: str = "") -> None:
        super().__init__()
        self.number = number
        self.among = among
        self._compose_at_once = compose
        self._newest_wanted = False

    def compose(self) -> ComposeResult:
        desk = self.desk_app.desk
        self.make_room(self.app.size.width)  # laid out once, and not beside before it is below
        yield TicketHead(desk.settings.zone)
        with Container(id="around"):
            yield Timeline(self._manner)
            yield Properties(desk.now, desk.settings.zone)
        yield self.status_line()

    def on_mount(self) -> None:
        self.reload()

    def on_screen_resume(self) -> None:
        self.desk_app.tell_whereabouts()
        self.show_company()

    def on_company_changed(self, event: CompanyChanged) -> None:
        self.show_company()

    def show_company(self) -> None:
        """Say in the head who else is here."""
        for head in self.query(TicketHead):
            head.show_company(self.desk_app.company.get(self.number, ()))

    # Knowing

    def targets(self) -> tuple[TicketId, ...]:
        return (self.number,)

    def current(self) -> TicketRow | None:
        return self.page.row if self.page is not None else None

    def based_on(self) -> EventId | None:
        is_read = self.page is not None and self.page.ticket.id == self.number
        return self.page.ticket.last_event if self.page is not None and is_read else None

    def writing_to(self) -> tuple[TicketId, str]:
        """The ticket, and the name of who reads a reply."""
        person = self.page.ticket.requester if self.page is not None else None
        return self.number, (person.name or person.email) if person is not None else ""

    def _manner(self, width: int) -> Manner:
        desk = self.desk_app.desk
        names = self.page.names if self.page is not None else {}
        posts = statuses(self.page.around.letters) if self.page is not None else {}
        return Manner(width, desk.now(), desk.settings.zone, names=names, posts=posts, ref=desk.ref)

    @property
    def is_opening(self) -> bool:
        """The ticket isn't read yet, a composer was asked for and hasn't the focus yet, or its text is
        being sent: keys wait."""
        field = self.composer() or self.chat_field()
        is_before = self.page is None or self.page.ticket.id != self.number
        return (
            bool(self._compose_at_once)
            or (field is not None and not field.is_ready)
            or (is_before and self.works_at("read"))
            or self.works_at("send")
        )

    def give_up(self, late: bool) -> bool | None:
        """Esc while the ticket is read: away from it. A text on its way is waited for."""
        if self.composer() or self.chat_field() or self.works_at("send"):
            return None
        self._compose_at_once = ""
        return False

    # Showing

    def reload(self) -> None:
        """Read the ticket again; the thread stays where it is."""
        read_away(self, partial(read_page, number=self.number), self._show)

    def _show(self, page: TicketPage) -> None:
        if page.ticket.id != self.number or len(self.query("TicketHead, Timeline, Properties")) < 3:
            return
        afresh = self.page is None or self.page.ticket.id != page.ticket.id
        self.page = page
        self.query_one(TicketHead).show(page, self._place())
        self.query_one(Properties).show(page)
        self.query_one(Timeline).show(page.entries, page.events, afresh=afresh)
        if afresh:
            self._offer_draft(page)
        self._mark_seen(page.ticket.id)

    def _offer_draft(self, page: TicketPage) -> None:
        """Open the composer where that was asked for; else tell of a text that waits."""
        if self._compose_at_once:
            kind, self._compose_at_once = self._compose_at_once, ""
            self.compose_text(kind)
        elif page.drafts and self.composer() is None:
            draft = page.drafts[0]
            when = moment(draft.saved_at, self.desk_app.desk.settings.zone, page.read_at)
            key = "c" if draft.kind == NOTE else "r"
            words = counted(len(draft.text), "character")
            self.desk_app.tell(
                f"✎ draft of {when}, a {draft.kind} of {words}: {key} goes on with it"
            )

    @work(thread=True, exclusive=True, group="seen")
    def _mark_seen(self, number: TicketId) -> None:
        try:
            is_news = self.desk_app.desk.mark_seen(number)
        except SdeskError:
            # Whether I have read it matters less than showing it: the next look marks it.
            return
        if is_news:
            self.desk_app.queue_screen.post_message(StoreChanged())

    def _place(self) -> str:
        index = self._index()
        return f"{index + 1:,}/{len(self.among):,}" if index is not None else ""

    def _index(self) -> int | None:
        try:
            return self.among.index(self.number)
        except ValueError:
            return None

    @on(Timeline.LaidOut)
    def tell_of_news(self, event: Timeline.LaidOut) -> None:
        event.stop()
        timeline = self.query_one(Timeline)
        if self._newest_wanted:
            self._newest_wanted = False
            timeline.go(timeline.newest_top())
        elif event.below:
            self.desk_app.tell("something new stands below: G")

    def show_newest(self) -> None:
        """After the next reading, bring the newest message into sight."""
        self._newest_wanted = True

    # Acting

    def compose_text(self, kind: str) -> None:
        """Write in place; a ticket that isn't read yet is written in when it is."""
        if self.page is None or self.page.ticket.id != self.number:
            self._compose_at_once = kind
        elif kind == CHAT:
            self.chat()
        else:
            self.write(kind)

    def action_back(self) -> None:
        if not self.leave_writing():
            return
        self.desk_app.pop_screen()
        self.desk_app.tell_whereabouts()

    def action_next_ticket(self) -> None:
        self._step(1)

    def action_previous_ticket(self) -> None:
        self._step(-1)

    def go_on_from(self, ticket: TicketId) -> Callable[[], None] | None:
        """To the next ticket of the view, and the way back."""
        index = self._index()
        if ticket != self.number or index is None or index + 1 >= len(self.among):
            return None
        self._step(1)
        now = self.number
        return lambda: self._step(-1) if self.number == now else None

    def _step(self, by: int) -> None:
        index = self._index()
        if index is None or not 0 <= index + by < len(self.among):
            self.desk_app.tell(
                "that was the last ticket of the view"
                if by > 0
                else "that was the first ticket of the view"
            )
            return
        if not self.leave_writing():
            return
        self.leave_chat()
        self.number = TicketId(self.among[index + by])
        self.desk_app.tell_whereabouts()
        self.show_company()
        self.reload()

"""Announcements: what does not work, what is planned, whom it is told to; made, updated and ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult

from sdesk.errors import SdeskError
from sdesk.keys import bindings_for
from sdesk.present import counted, stamp
from sdesk.screens.desk_screen import DeskScreen
from sdesk.screens.dialogs.reader import Reader
from sdesk.screens.news import read_away
from sdesk.screens.notices import NoticesHead
from sdesk.text import clean, clean_line
from sdesk.widgets.announcement_list import AnnouncementList, told_to
from sdesk.widgets.cells import wrap
from sdesk.widgets.list_keys import CursorMoved, MarksChanged

if TYPE_CHECKING:
    from sdesk.announced import Announcement
    from sdesk.desk import Desk
    from sdesk.model import TicketId, TicketRow
    from sdesk.ops import Announce, EndAnnouncement, ReviseAnnouncement
    from sdesk.widgets.thread_lines import Line

    Telling = Announce | ReviseAnnouncement | EndAnnouncement

MINUTE = 60.0
MOST_LINES = 500
SEND, SHOW = "y", "d"


class AnnouncementReader(Reader):
    """Its whole text, to read."""

    def __init__(self, title: str, content: Sequence[Line]) -> None:
        super().__init__(title)
        self._content = content

    def on_mount(self) -> None:
        self.show(self.heading, self._content)


class AnnouncementsScreen(DeskScreen):
    """Those that are open; with `old` also the past ones."""

    NAME = "announcements"
    BINDINGS = bindings_for("announcements")
    AUTO_FOCUS = "AnnouncementList"

    def __init__(self) -> None:
        super().__init__()
        self.old = False

    def compose(self) -> ComposeResult:
        desk = self.desk_app.desk
        self.head = NoticesHead()
        self.listed = AnnouncementList(desk.now, desk.settings.zone, desk.ref)
        yield self.head
        yield self.listed
        yield self.status_line()

    def on_mount(self) -> None:
        # They begin and end without anybody writing.
        self.set_interval(MINUTE, self.listed.repaint)
        self.reload()

    def targets(self) -> tuple[TicketId, ...]:
        return ()

    def current(self) -> TicketRow | None:
        return None

    # Showing

    def reload(self) -> None:
        """Read them again; cursor and marks stay."""
        old = self.old
        read_away(self, lambda desk: desk.announcements(all_of_them=old), self._show)

    def _show(self, found: Sequence[Announcement]) -> None:
        if not self.is_attached:
            return
        what = counted(len(found), "announcement")
        self.head.show(f"{what}, past ones too" if self.old else what)
        past = "" if self.old else " · z shows past ones"
        self.listed.put(found, f"nothing is announced · n makes one{past}")

    @on(CursorMoved)
    def keep_quiet(self, event: CursorMoved) -> None:
        event.stop()

    @on(MarksChanged)
    def show_marks(self, event: MarksChanged) -> None:
        event.stop()
        self.bottom.show_count(f"{event.count:,} marked" if event.count else "")

    # Acting

    @work(exclusive=True, group="dialog")
    async def action_open(self) -> None:
        """Its text, who wrote it and when."""
        if (one := self.listed.current()) is not None:
            content = lines_of(one, self.desk_app.desk, self.size.width - 4)
            await self.app.push_screen_wait(AnnouncementReader(clean_line(one.title), content))

    @work(exclusive=True, group="dialog")
    async def action_new(self) -> None:
        from sdesk.ops import Announce
        from sdesk.screens.dialogs.announce import AnnounceForm, reach

        desk = self.desk_app.desk
        if self._may(Announce("outage", "any", "any")):
            await self._tell(
                lambda op: AnnounceForm(desk, op),
                lambda op: reach(desk, op.scope, op.target or desk.ref(op.ticket or 0)),
            )

    @work(exclusive=True, group="dialog")
    async def action_revise(self) -> None:
        from sdesk.ops import ReviseAnnouncement
        from sdesk.screens.dialogs.announce import ReviseForm

        desk, one = self.desk_app.desk, self.listed.current()
        if one is not None and self._may(ReviseAnnouncement(one.id, "any")):
            await self._tell(lambda op: ReviseForm(desk, one, op), lambda _: reached_by(desk, one))

    @work(exclusive=True, group="dialog")
    async def action_end(self) -> None:
        from sdesk.ops import EndAnnouncement
        from sdesk.screens.dialogs.announce import EndForm

        desk = self.desk_app.desk
        chosen = tuple(self.listed.items[number] for number in self.listed.targets())
        if chosen and self._may(EndAnnouncement(chosen[0].id)):
            await self._tell(
                lambda op: EndForm(desk, chosen, op),
                lambda op: sum(reached_by(desk, one) for one in chosen if is_news(one, op)),
                [one.id for one in chosen],
            )

    def _may(self, op: Telling) -> bool:
        """Whether the reader may; they are told before they write anything."""
        from sdesk.rules.access import check

        app = self.desk_app
        try:
            check(app.desk.read.agent(app.desk.actor), app.desk.actor, op)
        except SdeskError as error:
            app.complain(error)
            return False
        app.warm_up()
        return True

    async def _tell(
        self, form: Callable[[Any], Any], count: Callable[[Any], int], among: Sequence[int] = ()
    ) -> None:
        """Ask for it, say how many people a mail goes to, and do it, to each of these announcements
        or to one; Esc there leads back to the form."""
        from sdesk.screens.dialogs.announce import letters_to
        from sdesk.screens.dialogs.ask import Ask

        app, op = self.desk_app, None
        while (op := await app.push_screen_wait(form(op))) is not None:
            try:
                people = count(op)
            except SdeskError as error:
                app.complain(error)
                continue
            choices = {SEND: "send" if people else "show"} | ({SHOW: "only show"} if people else {})
            answer = await app.push_screen_wait(Ask(f"Now {letters_to(people)}", choices))
            if answer:
                done = replace(op, silent=answer == SHOW)
                many = [replace(done, id=number) for number in among] or [done]
                # Now, not when it is done: what is marked by then is meant for the next act.
                self.listed.clear_marks()
                app.start(None, *many, said="announced", then=self._told)
                return

    def _told(self, done: Any) -> None:
        """Say to how many people letters go."""
        from sdesk.screens.dialogs.announce import letters_to

        told = sum(int(event.details.get("told") or 0) for event in done.events)
        self.desk_app.tell(letters_to(told))

    def action_old(self) -> None:
        self.old = not self.old
        self.reload()

    def action_back(self) -> None:
        if not self.listed.clear_marks():
            self.desk_app.pop_screen()

    def action_go_first(self) -> None:
        self.listed.move_to(0)


def is_news(one: Announcement, op: EndAnnouncement) -> bool:
    """Whether people are told of its end: not where planned work is over as it was planned."""
    return one.kind == "outage" or op.cancelled


def reached_by(desk: Desk, one: Announcement) -> int:
    return desk.reached(one.scope, one.target, one.ticket)


def lines_of(one: Announcement, desk: Desk, width: int) -> list[Line]:
    """To whom, when, the text, and who wrote it."""
    zone = desk.settings.zone
    heads = [
        ("To", told_to(one, desk.ref)), ("Starts", stamp(one.starts_at, zone)),
        ("Ends", stamp(one.ends_at, zone)), ("By", f"{clean_line(one.agent)}, {stamp(one.updated_at, zone)}"),
        ("About", desk.ref(one.ticket) if one.ticket is not None else ""),
    ]  # fmt: skip
    found: list[Line] = [
        ((f"{head:<8}", "muted"), (value, "text")) for head, value in heads if value
    ]
    body = wrap(clean(one.text), width, MOST_LINES)
    return [*found, (("", "text"),), *(((line, "text"),) for line in body)]

"""Held mail: who says they wrote it, why it is held, what it says; let in or refused by a key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.worker import get_current_worker

from sdesk.errors import SdeskError
from sdesk.keys import bindings_for
from sdesk.model import TicketId
from sdesk.present import counted
from sdesk.screens.desk_screen import DeskScreen
from sdesk.screens.dialogs.reader import Lines, Reader
from sdesk.screens.notices import NoticesHead
from sdesk.text import clean, clean_line
from sdesk.widgets.cells import wrap
from sdesk.widgets.held_list import REJECTED, HeldList
from sdesk.widgets.list_keys import CursorMoved, MarksChanged

if TYPE_CHECKING:
    from sdesk.mail.taking import Deciding
    from sdesk.model import KeptMail, TicketRow
    from sdesk.widgets.thread_lines import Line

MOST = 500
MOST_LINES = 2_000
REFRESH = 0.1
RELEASED, REFUSED = "released", "refused"


class HeldPane(Lines):
    """The mail under the cursor: the reason first."""

    DEFAULT_CSS = "HeldPane { height: 40%; min-height: 5; background: $panel; padding: 0 1; }"


class MailReader(Reader):
    """A mail, to read whole."""

    def __init__(self, title: str, content: Sequence[Line]) -> None:
        super().__init__(title)
        self._mail = content

    def on_mount(self) -> None:
        self.show(self.heading, self._mail)


class HeldScreen(DeskScreen):
    """Mails that wait for somebody to decide; with `old` also those that were refused."""

    NAME = "held"
    BINDINGS = bindings_for("held")
    AUTO_FOCUS = "HeldList"

    def __init__(self) -> None:
        super().__init__()
        self.old = False
        self._done: list[tuple[str, tuple[int, ...]]] = []
        """What was decided here, for `u`."""

    def compose(self) -> ComposeResult:
        desk = self.desk_app.desk
        self.head, self.pane = NoticesHead(), HeldPane()
        self.listed = HeldList(desk.now, desk.settings.zone)
        yield from (self.head, self.listed, self.pane)
        yield self.status_line()

    def on_mount(self) -> None:
        self.reload()

    def targets(self) -> tuple[TicketId, ...]:
        return ()

    def current(self) -> TicketRow | None:
        return None

    # Showing

    def reload(self) -> None:
        self._read(self.old)

    def rest(self) -> float:
        return REFRESH

    @work(thread=True, exclusive=True, group="read")
    def _read(self, old: bool) -> None:
        worker, read = get_current_worker(), self.desk_app.desk.read
        try:
            found, count = read.held_mail(MOST, rejected=old), read.count_held()
        except SdeskError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.desk_app.complain, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show, found, count)

    def _show(self, found: Sequence[KeptMail], count: int) -> None:
        if not self.is_attached:
            return
        self.head.show(
            f"Held mail · {counted(count, 'mail')}" + (" · refused ones too" if self.old else "")
        )
        self.listed.put(found, "no mail is held" + ("" if self.old else " · z shows refused ones"))
        self._look()

    @on(CursorMoved)
    def follow(self, event: CursorMoved) -> None:
        event.stop()
        self._look()

    @on(MarksChanged)
    def show_marks(self, event: MarksChanged) -> None:
        event.stop()
        self.bottom.show_count(f"{event.count:,} marked" if event.count else "")

    def _look(self) -> None:
        mail = self.listed.current()
        if mail is None:
            self.pane.show(())
        else:
            self._read_mail(mail)

    @work(thread=True, exclusive=True, group="look")
    def _read_mail(self, mail: KeptMail) -> None:
        worker = get_current_worker()
        try:
            content = lines_of(
                mail, self.desk_app.desk.read.mail_bytes(mail.id), self.size.width - 4
            )
        except SdeskError:
            return  # it is gone: the list will say so
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_mail, mail.id, content)

    def _show_mail(self, number: int, content: Sequence[Line]) -> None:
        mail = self.listed.current() if self.is_attached else None
        if mail is not None and mail.id == number:
            self.pane.show(content)

    # Acting

    @work(exclusive=True, group="dialog")
    async def action_open(self) -> None:
        """The whole mail, to read."""
        if (mail := self.listed.current()) is not None:
            title = f"Mail {mail.id} · {clean_line(mail.author) or 'nobody'}"
            await self.app.push_screen_wait(MailReader(title, self.pane.content))

    def action_release(self) -> None:
        self._decide(RELEASED, self.listed.targets(), lambda made, n: made.release(n))

    @work(exclusive=True, group="dialog")
    async def action_into(self) -> None:
        """Into a ticket that is there: the one it claims to belong to is offered first."""
        from sdesk.screens.candidates import others
        from sdesk.screens.dialogs.pick import Pick

        numbers = self.listed.targets()
        if not numbers:
            return
        claimed = [
            TicketId(m.hint) for n in numbers if (m := self.listed.items[n]).hint is not None
        ]
        title = f"Put {counted(len(numbers), 'mail')} into"
        row = await self.app.push_screen_wait(Pick(title, others(self.desk_app.desk, (), claimed)))
        if row is not None:
            self._decide(RELEASED, numbers, lambda made, n: made.release(n, row.id))

    def action_refuse(self) -> None:
        numbers = tuple(
            n for n in self.listed.targets() if self.listed.items[n].outcome != REJECTED
        )
        self._decide(REFUSED, numbers, lambda made, n: made.reject([n]))

    def _decide(
        self, what: str, numbers: Sequence[int], act: Callable[[Deciding, int], object]
    ) -> None:
        if numbers:
            self.listed.leave_out(numbers)
            self._do(what, numbers, act)

    @work(group="write")
    async def _do(
        self, what: str, numbers: Sequence[int], act: Callable[[Deciding, int], object]
    ) -> None:
        """Do it to each; what was done until one is refused stays, and can be taken back."""
        from sdesk.mail.taking import deciding

        app, done = self.desk_app, []
        try:
            async with app.writing_lock:
                for number in numbers:
                    await asyncio.to_thread(act, deciding(app.desk), number)
                    done.append(number)
        except SdeskError as error:
            app.complain(error)
        if done:
            self._done.append((what, tuple(done)))
            app.tell(f"{counted(len(done), 'mail')} {what} · u undoes")
            app.announce_change()
        self.reload()

    def action_undo(self) -> None:
        """Take back what was decided here last."""
        if not self._done:
            self.desk_app.tell("nothing was decided here yet")
            return
        what, numbers = self._done.pop()
        self._take_back(what, numbers)

    @work(group="write")
    async def _take_back(self, what: str, numbers: tuple[int, ...]) -> None:
        from sdesk.mail.taking import deciding

        app = self.desk_app
        try:
            async with app.writing_lock:
                if what == REFUSED:
                    await asyncio.to_thread(deciding(app.desk).hold_again, numbers)
                else:
                    for _ in numbers:
                        await asyncio.to_thread(app.desk.undo)
        except SdeskError as error:
            app.complain(error)
        else:
            app.tell(f"{counted(len(numbers), 'mail')} held again")
        app.announce_change()
        self.reload()

    def action_old(self) -> None:
        self.old = not self.old
        self.reload()

    def action_back(self) -> None:
        if not self.listed.clear_marks():
            self.desk_app.pop_screen()

    def action_go_first(self) -> None:
        self.listed.move_to(0)


def lines_of(mail: KeptMail, raw: bytes, width: int) -> list[Line]:
    """Why it is held, who says they wrote it, what it says."""
    from sdesk.mail.reading import read  # here: only this screen needs it

    message = read(raw)
    author = message.author
    who = (
        f"{author.name} <{author.addr}>".strip()
        if author is not None
        else "nobody who can be named"
    )
    to = ", ".join(box.addr for box in (*message.to, *message.cc))
    said = [line for one in (mail.reason, *message.doubts) for line in wrap(clean_line(one), width)]
    found: list[Line] = [((line, "warn"),) for line in said]
    found.append(
        (
            ("From ", "muted"),
            (clean_line(who), "text"),
            ("  to ", "muted"),
            (clean_line(to), "text"),
        )
    )
    found.append(((clean_line(message.subject) or "(no subject)", "heading"),))
    if message.parts:
        names = ", ".join(clean_line(part.name) for part in message.parts[:20])
        found.append((("Files ", "muted"), (names, "text")))
    body = wrap(clean(message.text), width, MOST_LINES)
    return [*found, (("", "text"),), *(((line, "text"),) for line in body)]

"""Writing a reply or a note inside a ticket: the composer in place, its draft, sending, holding."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.dom import DOMNode

from sdesk.errors import SdeskError, Stale
from sdesk.files import FILES
from sdesk.messages import DraftFault
from sdesk.model import EventId, TicketId
from sdesk.rules.acting import in_words
from sdesk.screens.drafts import DraftKeeper, fault_words
from sdesk.screens.moving_on import LastAct
from sdesk.text import without
from sdesk.widgets.composer import Composer, Keeping, quoted_lines
from sdesk.widgets.review_line import NOTE, REPLY

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.desk import Desk
    from sdesk.ops import Op
    from sdesk.posted import Composed
    from sdesk.screens.macro_acts import Filling


QUOTED = "quoted"
"""A reply that begins with the message at hand as a quote."""


class DraftOf:
    """The draft of one text: where it is kept, what it was based on, in which kind."""

    def __init__(
        self,
        desk: Desk,
        ticket: TicketId | None,
        kind: str,
        based_on: EventId | None,
        told: Callable[[str], object] | None = None,
    ) -> None:
        self.desk, self.ticket, self.kind, self.based_on = desk, ticket, kind, based_on
        self.told = told
        self._rescued: tuple[str, Path | None] = ("", None)
        self.keeper = DraftKeeper(self._save, told=told)

    def _save(self, text: str) -> None:
        if text.strip():
            self.desk.save_draft(self.ticket, self.kind, text, self.based_on)
        else:
            self.desk.drop_draft(self.ticket, self.kind)

    def put(self, kind: str, text: str) -> None:
        self.kind = kind
        self.keeper.put(text)

    def put_files(self, kind: str, paths: Sequence[str]) -> None:
        """Keep the paths of the files that go with it, in a draft of their own. Waits for the store."""
        if paths:
            self.desk.save_draft(self.ticket, kind + FILES, json.dumps(list(paths)))
        else:
            self.desk.drop_draft(self.ticket, kind + FILES)

    def files(self) -> list[str]:
        """The paths of the files that were chosen to go with it."""
        kept = self.desk.read.draft(self.ticket, self.kind + FILES)
        return [str(path) for path in json.loads(kept.text)] if kept is not None else []

    def drop(self) -> None:
        """Forget the draft; what is typed afterwards is a new one. Waits for the store."""
        self.keeper.close()
        self.desk.drop_draft(self.ticket, self.kind)
        self.desk.drop_draft(self.ticket, self.kind + FILES)
        self.keeper = DraftKeeper(self._save, told=self.told)

    def rescue(self) -> Path | None:
        """Where the text is when the store did not take it: in a file for this user alone, the same
        one for the same text. None where there is nothing to rescue. Raises `StoreFault`."""
        from sdesk.editing import keep_text  # here: hardly ever

        if (text := self.keeper.unsaved).strip() and text != self._rescued[0]:
            self._rescued = (text, keep_text(text))
        return self._rescued[1] if text.strip() else None

    def keeping(self) -> Keeping:
        return Keeping(self.put, self.put_files, self.drop)


class Writing(DOMNode):
    """Mixed into the ticket screen: one composer at a time, below the thread."""

    if TYPE_CHECKING:
        desk_app: SdeskApp
        mount: Any
        set_focus: Any

        def based_on(self) -> EventId | None: ...
        def writing_to(self) -> tuple[TicketId, str]: ...
        def show_newest(self) -> None: ...
        def reload(self) -> None: ...
        def compose_text(self, kind: str) -> None: ...
        def move_on(self, ticket: TicketId, *, is_last: bool) -> Callable[[], None] | None: ...

    draft: DraftOf | None = None
    filled: Filling | None = None
    """The macro whose text stands in the composer; its acts go with the text."""

    def composer(self) -> Composer | None:
        """The open composer."""
        return next(iter(self.query(Composer)), None)

    def write(self, kind: str) -> None:
        """Open the composer, with the draft that is kept; an open one gets the focus back."""
        ticket, to = self.writing_to()
        quoted = quoted_lines(self._message()) if kind == QUOTED else ""
        kind = REPLY if kind == QUOTED else kind
        filled = self._take_filling(ticket)
        if (open_one := self.composer()) is not None:
            if filled is not None:
                open_one.area.insert(below(open_one.text, filled.text), open_one.area.document.end)
            open_one.action_edit()
            return
        self.desk_app.warm_up()
        desk = self.desk_app.desk
        kept = desk.read.draft(ticket, kind)
        based_on = (
            kept.based_on if kept is not None and kept.based_on is not None else self.based_on()
        )
        self.draft = DraftOf(
            desk, ticket, kind, based_on, lambda fault: self.post_message(DraftFault(fault))
        )
        begun = kept.text if kept else ""
        if quoted not in begun:
            begun += below(begun, quoted)
        composer = Composer(
            kind, to=to, text=begun + below(begun, filled.text if filled else ""),
            keeping=self.draft.keeping(), files=self.draft.files(),
        )  # fmt: skip
        composer.with_values = partial(self._with_values, ticket)
        composer.message = self._message
        if desk.read.settings().get("mail_address"):
            composer.mail = partial(self._as_mail, ticket)
        composer.below = desk.unfinished_below(ticket)
        composer.informs = composer.below > 0
        self.mount(composer, before="StatusLine")
        self.add_class("-writing")
        self.desk_app.tell_whereabouts(writing=True)

    def _message(self) -> str:
        """What is quoted: the message that the thread's cursor stands on, else the newest one."""
        from sdesk.widgets.timeline import Timeline

        entry = self.query_one(Timeline).message()
        return without(entry.text, entry.folds) if entry is not None else ""

    def _with_values(self, ticket: TicketId, text: str) -> str:
        """A text of the desk with this ticket's values."""
        from sdesk.macros import values_of  # here: few texts need it
        from sdesk.rules.wording import expand

        desk = self.desk_app.desk
        return expand(text, values_of(desk, desk.read.ticket(ticket)))

    def _as_mail(self, ticket: TicketId, text: str) -> Composed | None:
        """The mail that a reply with this text would be."""
        desk = self.desk_app.desk
        agent = desk.read.agent(desk.actor)
        name = agent.name if agent is not None and agent.name else desk.actor
        return desk.compose_mail(ticket, text=text.strip("\n"), agent=name)

    def _take_filling(self, ticket: TicketId) -> Filling | None:
        """The macro's text that waits for this ticket; what had been typed before stays above it."""
        filled, self.desk_app.filling = self.desk_app.filling, None
        if filled is None or filled.ticket != ticket:
            return None
        self.filled = filled
        acts = ", ".join(in_words(op) for op in filled.ops)
        self.desk_app.tell(f"macro {filled.name}" + (f": with it goes {acts}" if acts else ""))
        return filled

    def write_filled(self, ticket: TicketId) -> None:
        """A macro has a text for this ticket: it is written in place."""
        self.compose_text("reply")

    @on(Composer.Sent)
    def send(self, event: Composer.Sent) -> None:
        event.stop()
        self._send(event.ops)

    @work(group="send", exclusive=True)
    async def _send(self, ops: tuple[Op, ...]) -> None:
        """Apply; a text that is refused, or that the thread has outrun, stays in the composer."""
        composer, draft = self.composer(), self.draft
        if composer is None or draft is None:
            return
        ticket = draft.ticket or self.writing_to()[0]
        filled = self.filled
        try:
            also = filled.ops if filled is not None else ()
            await self.desk_app.write([ticket], *ops, *also, based_on=draft.based_on)
        except Stale as stale:
            self._hold(composer, draft, stale)
        except SdeskError as error:
            self.desk_app.complain(error)
        else:
            await self._forget(draft)
            self._close(composer)
            self.show_newest()
            said = "note written" if composer.kind == NOTE else "replied · u takes it back"
            self.desk_app.tell(f"{filled.name}: {said}" if filled is not None else said)
            if filled is None:
                self.desk_app.last_act = LastAct(said.split(" ·")[0], (ticket,), ops)
            else:
                self._leave_filled(filled)

    def _leave_filled(self, filled: Filling) -> None:
        """A macro has been sent: back to where it was picked, and on to the next ticket."""
        app = self.desk_app
        config = app.config
        if filled.origin is not self and (config is None or config.desk_move_on != "never"):
            if app.screen is self:
                app.pop_screen()
            filled.origin.move_on(filled.ticket, is_last=True)
        else:
            self.move_on(filled.ticket, is_last=True)

    def _hold(self, composer: Composer, draft: DraftOf, stale: Stale) -> None:
        """Show what came in meanwhile; sending again sends over it."""
        draft.based_on = self.desk_app.desk.read.ticket(self.writing_to()[0]).last_event
        composer.hold(f"{stale.by} wrote while you were typing: read it, then y sends")
        self.reload()
        self.show_newest()

    @on(Composer.Closed)
    async def put_away(self, event: Composer.Closed) -> None:
        event.stop()
        composer, draft = self.composer(), self.draft
        if composer is None or draft is None:
            return
        if event.discarded:
            await self._forget(draft)
        elif not await asyncio.to_thread(draft.keeper.flush):
            return  # it stays open with what is wrong
        self._close(composer)
        self.desk_app.tell("discarded" if event.discarded else "postponed: the draft is kept")

    def _close(self, composer: Composer) -> None:
        if self.draft is not None:
            self.draft.keeper.close()
            self.draft = None
        self.filled = None
        composer.remove()
        self.remove_class("-writing")
        self.set_focus(None)
        self.desk_app.tell_whereabouts()
        self.reload()

    async def _forget(self, draft: DraftOf) -> None:
        try:
            await asyncio.to_thread(draft.drop)
        except SdeskError as error:
            self.desk_app.complain(error)

    def leave_writing(self) -> bool:
        """Put an open composer away with its draft, before another ticket is shown. False where the
        text is not kept: then it stays."""
        if (composer := self.composer()) is None or self.draft is None:
            return True
        if not self.draft.keeper.flush():
            self.desk_app.tell("the text is not kept yet: esc, then f writes it to a file")
            return False
        self._close(composer)
        return True

    def on_draft_fault(self, event: DraftFault) -> None:
        if (composer := self.composer()) is not None and self.draft is not None:
            composer.show_fault(event.words)
            self.desk_app.tell(fault_words(event.words))

    def on_unmount(self) -> None:
        """Nothing is saved for a screen that is gone."""
        if self.draft is not None:
            self.draft.keeper.end()

    def flush_drafts(self) -> Path | None:
        """Save what is being typed at once; where it is instead when the store does not take it."""
        if self.draft is None or self.draft.keeper.flush():
            return None
        return self.draft.rescue()


def below(begun: str, text: str) -> str:
    """What is to be put after a text that was begun, so that nothing of it is lost."""
    return f"{chr(10) * 2 if begun.strip() else ''}{text}" if text else ""

"""One reply or note for several tickets at once, written from a list with marks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from sdesk.errors import SdeskError
from sdesk.messages import DraftFault
from sdesk.model import TicketId
from sdesk.ops import Op
from sdesk.present import counted
from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.screens.writing import DraftOf
from sdesk.widgets.composer import Composer
from sdesk.widgets.review_line import NOTE, REPLY

if TYPE_CHECKING:
    from sdesk.app import SdeskApp


class ComposeScreen(BottomDialog[tuple[Op, ...] | None]):
    """Returns `Reply` or `AddNote` and the files that go with it, or None when postponed or discarded. `kind` is "reply" or "note".

    For one ticket the ticket's own screen is the place to write: it shows what is answered.
    """

    DEFAULT_CSS = """
    ComposeScreen Composer { height: 14; background: $surface; }
    """

    def __init__(self, kind: str, tickets: Sequence[TicketId]) -> None:
        super().__init__()
        self.kind = NOTE if kind == NOTE else REPLY
        self.tickets = tuple(tickets)
        self.draft: DraftOf | None = None

    @property
    def desk_app(self) -> SdeskApp:
        return self.app  # type: ignore[return-value]

    def compose(self) -> ComposeResult:
        desk = self.desk_app.desk
        kept = desk.read.draft(None, self.kind)
        self.draft = DraftOf(
            desk, None, self.kind, None, lambda fault: self.post_message(DraftFault(fault))
        )
        to = f"the requesters of {counted(len(self.tickets), 'ticket')}"
        yield Composer(
            self.kind, to=to, text=kept.text if kept else "", keeping=self.draft.keeping(),
            files=self.draft.files(),
        )  # fmt: skip

    @property
    def is_opening(self) -> bool:
        """Keys wait for the text to stand."""
        return any(not composer.is_ready for composer in self.query(Composer))

    @on(Composer.Sent)
    def send(self, event: Composer.Sent) -> None:
        """The draft stays until the text has gone out: `forget` is for then."""
        event.stop()
        self.dismiss(event.ops)

    def forget(self) -> None:
        """The text is where it belongs. Waits for the store."""
        assert self.draft is not None
        self.draft.drop()

    @on(Composer.Closed)
    async def put_away(self, event: Composer.Closed) -> None:
        event.stop()
        assert self.draft is not None
        if event.discarded:
            await self._discard(self.draft)
        elif not await asyncio.to_thread(self.draft.keeper.flush):
            return  # it stays open with what is wrong
        self.desk_app.tell("discarded" if event.discarded else "postponed: the draft is kept")
        self.dismiss(None)

    async def _discard(self, draft: DraftOf) -> None:
        try:
            await asyncio.to_thread(draft.drop)
        except SdeskError as error:
            self.desk_app.complain(error)

    def on_draft_fault(self, event: DraftFault) -> None:
        for composer in self.query(Composer):
            composer.show_fault(event.words)

    def on_unmount(self) -> None:
        if self.draft is not None:
            self.draft.keeper.end()

    def flush_drafts(self) -> Path | None:
        """Save what is being typed at once; where it is instead when the store does not take it."""
        if self.draft is None or self.draft.keeper.flush():
            return None
        return self.draft.rescue()

    def action_close(self) -> None:
        """Esc goes to the review, never away from the text."""
        self.query_one(Composer).show_review()

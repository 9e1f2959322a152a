"""One reply or note for several tickets at once, written from a list with marks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from sdesk.model import TicketId
from sdesk.ops import Op
from sdesk.present import counted
from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.screens.writing import DraftOf
from sdesk.widgets.composer import NOTE, REPLY, Composer

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
        self.draft = DraftOf(desk, None, self.kind, None)
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
    async def send(self, event: Composer.Sent) -> None:
        event.stop()
        assert self.draft is not None
        await asyncio.to_thread(self.draft.drop)
        self.dismiss(event.ops)

    @on(Composer.Closed)
    async def put_away(self, event: Composer.Closed) -> None:
        event.stop()
        assert self.draft is not None
        await asyncio.to_thread(self.draft.drop if event.discarded else self.draft.keeper.flush)
        self.draft.keeper.close()
        self.desk_app.tell("discarded" if event.discarded else "postponed: the draft is kept")
        self.dismiss(None)

    def flush_drafts(self) -> None:
        """Save what is being typed at once."""
        if self.draft is not None:
            self.draft.keeper.flush()

    def action_close(self) -> None:
        """Esc goes to the review, never away from the text."""
        self.query_one(Composer).show_review()

"""Replies on their way: how long they can be taken back, and their text again when they were."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sdesk.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from sdesk.desk import Desk, Undone
    from sdesk.model import Instant, TicketId


class Outgoing:
    """Mixed into the app."""

    if TYPE_CHECKING:
        desk: Desk
        screen: Any

        def open_ticket(self, ticket: TicketId, among: Any = (), *, compose: str = "") -> None: ...

    leaves_at: Instant | None = None
    """When the newest of my replies leaves that has not left."""

    async def look_at_outbox(self) -> None:
        """After a write: say on the bottom line how long the reply can be taken back."""
        leaving = await asyncio.to_thread(self.desk.read.leaving)
        newest = leaving[-1].leaves_at if leaving else None
        if newest != self.leaves_at:
            self.leaves_at = newest
            self.tell_leaving()

    def tell_leaving(self) -> None:
        """On the screen that is shown; called as well when another one is."""
        line = next(iter(self.screen.query(StatusLine)), None)
        if line is not None and line.leaves_at != self.leaves_at:
            line.count_down(self.leaves_at, self.desk.now)

    async def write_again(self, done: Undone) -> None:
        """A reply was taken back: its text into the composer, before what may stand there."""
        if len(done.tickets) != 1 or not done.unsent:
            return
        # Here: the first paint needs neither.
        from sdesk.screens.ticket import TicketScreen
        from sdesk.widgets.review_line import REPLY

        desk = self.desk
        entry = desk.read.entry(done.unsent[-1])
        screen = self.screen
        here = screen if isinstance(screen, TicketScreen) else None
        if here is not None and here.number == entry.ticket and (open_one := here.composer()):
            open_one.area.load_text(f"{entry.text}\n\n{open_one.text}".rstrip())
            return
        kept = desk.read.draft(entry.ticket, REPLY)
        text = f"{entry.text}\n\n{kept.text}" if kept is not None else entry.text
        await asyncio.to_thread(desk.save_draft, entry.ticket, REPLY, text)
        if here is not None and here.number == entry.ticket:
            here.compose_text(REPLY)
        else:
            self.open_ticket(entry.ticket, compose=REPLY)

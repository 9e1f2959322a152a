"""Driving one ticket by keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual.pilot import Pilot

from sdesk.app import SdeskApp
from sdesk.model import TicketId
from sdesk.screens.ticket import TicketScreen
from sdesk.widgets.timeline import Timeline
from tests.tui.desk_pilot import frame, settle


async def show(
    app: SdeskApp, pilot: Pilot[None], ticket: TicketId, among: Sequence[int] = ()
) -> TicketScreen:
    """Open the ticket and wait until its thread stands."""

    def stands() -> bool:
        return isinstance(app.screen, TicketScreen) and bool(app.screen.query_one(Timeline).blocks)

    app.open_ticket(ticket, among)
    await settle(app, pilot, stands)
    assert isinstance(app.screen, TicketScreen)
    return app.screen


async def until_shown(app: SdeskApp, pilot: Pilot[None], *words: str) -> None:
    """Wait until all of this stands on the screen."""
    await settle(app, pilot, lambda: all(word in frame(app) for word in words))

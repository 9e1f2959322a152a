"""B13: a desk on a store that its user may only read opens, says so, and says why it writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.store import place
from tests.tui.desk_pilot import at_desk, complaints, frame, rest, settle


async def test_the_top_line_says_that_the_store_can_only_be_read_and_an_act_says_why(
    desk: Desk, make_ticket: Callable[..., TicketId], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = make_ticket()
    # Modes mean nothing to root, which tests may run as: what they would be answered with.
    monkeypatch.setattr(place, "is_read_only", lambda _: True)
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await settle(app, pilot, lambda: "read only" in frame(app).splitlines()[0])
        await pilot.press("2")
        await settle(app, pilot, lambda: "SD-1" in frame(app))
        await pilot.press("i")
        await settle(
            app, pilot, lambda: any("can't be written" in said for said in complaints(app))
        )
        await rest(app, pilot)
        assert desk.read.ticket(ticket).assignee == ""
        assert "SD-1" in frame(app)


async def test_a_desk_whose_store_vanishes_says_so_without_being_asked_and_stays_open(
    desk: Desk, store: Path
) -> None:
    """B23: what it shows is of a file that nobody else sees any more."""
    async with at_desk(desk, (100, 30)) as (app, pilot):
        store.rename(store.with_name("away.db"))
        await settle(app, pilot, lambda: any("is gone" in said for said in complaints(app)))
        store.write_bytes(store.with_name("away.db").read_bytes())
        await settle(app, pilot, lambda: any("replaced" in said for said in complaints(app)))
        assert app.is_running

"""What is in sight where: a question at the bottom leaves the screen it is about above it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk.desk import Desk
from sdesk.model import TicketId
from tests.tui.desk_pilot import at_desk, frame, settle

Make = Callable[..., TicketId]


@pytest.mark.parametrize(
    ("key", "title"), [("a", "Assign"), ("equals_sign", "clock of"), ("question_mark", "Help")]
)
async def test_a_dialog_leaves_the_list_in_sight(
    desk: Desk, make_ticket: Make, key: str, title: str
) -> None:
    make_ticket("Printer on 3F jams")
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6")
        await settle(app, pilot, lambda: "Printer on 3F" in frame(app))
        await pilot.press(key)
        await settle(app, pilot, lambda: title in frame(app))
        assert "sdesk · Acme IT" in frame(app)

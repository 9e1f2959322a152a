"""An act goes to what its agent saw under the cursor, whatever others do meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.screens.dialogs.pick import Pick
from tests.tui.desk_pilot import at_desk, frame, keystroke, listed, rest, settle
from tests.tui.ticket_pilot import until_shown

Make = Callable[..., TicketId]


@pytest.fixture
def ben(open_desk: Callable[[str], Desk]) -> Iterator[Desk]:
    with open_desk("ben") as desk:
        yield desk


async def test_a_key_on_its_way_means_the_ticket_that_stood_there(
    desk: Desk, make_ticket: Make, ben: Desk
) -> None:
    first, second = make_ticket("One"), make_ticket("Two")
    async with at_desk(desk) as (app, pilot):
        app.queue_screen.open_query("is:unassigned sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == [first, second])
        await rest(app, pilot)
        early = [keystroke("p"), keystroke("1")]
        ben.apply(first, ops.Take())
        await settle(app, pilot, lambda: list(listed(app).state.ids) == [second])
        for key in early:
            app.post_message(key)
        await settle(app, pilot, lambda: desk.read.ticket(first).priority == 1)
        await settle(app, pilot, lambda: list(listed(app).state.ids) == [second])
        await pilot.press("i")
        await settle(app, pilot, lambda: desk.read.ticket(second).assignee == "ana")
        assert desk.read.ticket(second).priority != 1


async def test_an_answer_is_for_the_ticket_that_was_asked_about(
    desk: Desk, make_ticket: Make, ben: Desk
) -> None:
    first, second = make_ticket("One"), make_ticket("Two")
    async with at_desk(desk) as (app, pilot):
        app.queue_screen.open_query("is:unassigned sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == [first, second])
        await rest(app, pilot)
        await pilot.press("s")
        await settle(app, pilot, lambda: isinstance(app.screen, Pick))
        ben.apply(first, ops.Take())
        await settle(app, pilot, lambda: list(listed(app).state.ids) == [second])
        await pilot.press(*"open", "enter")
        await settle(app, pilot, lambda: desk.read.ticket(first).state == "open")
        assert desk.read.ticket(second).state == "new"


async def test_the_list_stands_while_a_command_is_typed(
    desk: Desk, make_ticket: Make, ben: Desk
) -> None:
    first, second = make_ticket("One"), make_ticket("Two")
    async with at_desk(desk) as (app, pilot):
        app.queue_screen.open_query("is:unassigned sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == [first, second])
        await rest(app, pilot)
        await pilot.press("colon", *"tag ")
        ben.apply(first, ops.Take())
        app.announce_change()
        await settle(app, pilot, lambda: app.queue_screen._has_more)
        await pilot.press(*"vpn", "enter")
        await settle(app, pilot, lambda: desk.read.ticket(first).tags == ("vpn",))
        await settle(app, pilot, lambda: list(listed(app).state.ids) == [second])
        assert not desk.read.ticket(second).tags


async def test_tab_goes_on_from_what_was_typed_behind_a_completion(desk: Desk) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("colon", *"as", "tab")
        await until_shown(app, pilot, ":assign")
        for key in [*"be", "tab"]:
            app.post_message(keystroke(key))
        await settle(app, pilot, lambda: ":assign ben" in frame(app))

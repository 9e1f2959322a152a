"""Merging, splitting, linking and binning by keys, and a reply that is taken back on its way."""

from __future__ import annotations

from collections.abc import Callable

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.screens.dialogs.split import SplitDialog
from sdesk.screens.queue import QueueScreen
from sdesk.screens.ticket import TicketScreen
from sdesk.widgets.status_line import StatusLine
from sdesk.widgets.timeline import Timeline
from tests.conftest import Clock
from tests.tui.desk_pilot import at_desk, frame, listed, settle, told
from tests.tui.ticket_pilot import show, until_shown

Make = Callable[..., TicketId]


async def test_a_ticket_is_merged_into_a_likely_one_and_leads_to_it(
    desk: Desk, make_ticket: Make
) -> None:
    first, second = make_ticket("VPN drops"), make_ticket("VPN drops again", text="second")
    async with at_desk(desk) as (app, pilot):
        await show(app, pilot, second)
        await pilot.press("M")
        await until_shown(app, pilot, "Merge SD-2 into", "SD-1 VPN drops")
        await pilot.press("enter")
        await until_shown(app, pilot, "merged into SD-1: Enter goes there")
        assert desk.read.ticket(second).merged_into == first
        await pilot.press("enter")
        await settle(app, pilot, lambda: getattr(app.screen, "number", 0) == first)
        await until_shown(app, pilot, "in SD-2", "second")
        await pilot.press("u")
        await settle(app, pilot, lambda: desk.read.ticket(second).merged_into is None)


async def test_marked_tickets_are_merged_into_one_by_the_command_line(
    desk: Desk, make_ticket: Make
) -> None:
    tickets = [make_ticket(f"ticket {n}") for n in range(3)]
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 3)
        await pilot.press("*", *":merge SD-1", "enter")

        def merged(ticket: TicketId) -> bool:
            return desk.read.ticket(ticket).merged_into == tickets[0]

        await settle(app, pilot, lambda: all(merged(ticket) for ticket in tickets[1:]))
        assert len(desk.read.conversation(tickets[0])) == 3


async def test_a_restricted_ticket_is_merged_into_a_plain_one_only_by_word(
    desk: Desk, make_ticket: Make
) -> None:
    plain, secret = make_ticket("Payroll"), make_ticket("Salary", restricted=True)
    async with at_desk(desk) as (app, pilot):
        await show(app, pilot, secret)
        await pilot.press("M")
        await until_shown(app, pilot, "SD-1 Payroll")
        await pilot.press("enter")
        await until_shown(app, pilot, "everybody could read it")
        await pilot.press(*"reveal", "enter")
        await settle(app, pilot, lambda: desk.read.ticket(secret).merged_into == plain)


async def test_the_message_under_the_cursor_is_split_off(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket("Two things", text="thing one")
    desk.apply(ticket, ops.Receive("the printer as well"))
    desk.apply(ticket, ops.Receive("more on the printer"))
    async with at_desk(desk) as (app, pilot):
        screen = await show(app, pilot, ticket)
        timeline = screen.query_one(Timeline)
        await pilot.press("[", "[")
        message = timeline.message()
        assert message is not None
        assert message.text == "the printer as well"
        assert "▌" in frame(app)
        await pilot.press("S")
        await settle(app, pilot, lambda: isinstance(app.screen, SplitDialog))
        await until_shown(app, pilot, "the printer as well", "with the 1 after it")
        await pilot.press("enter", "right", "enter")
        await settle(app, pilot, lambda: "SD-2 made of it" in told(app))
        assert [e.text for e in desk.read.conversation(2)] == [
            "the printer as well", "more on the printer",
        ]  # fmt: skip
        await pilot.press("u")
        await settle(app, pilot, lambda: len(desk.read.conversation(ticket)) == 3)


async def test_links_and_the_family_stand_beside_the_thread(desk: Desk, make_ticket: Make) -> None:
    parent, child, other = make_ticket("Mail is down"), make_ticket("No mail"), make_ticket("Mail?")
    desk.apply(other, ops.Edit("parent", parent))
    async with at_desk(desk, (120, 40)) as (app, pilot):
        await show(app, pilot, child)
        await pilot.press("L")
        await until_shown(app, pilot, "Link · SD-2", "is a child of")
        await pilot.press(*"is a child", "enter")
        await until_shown(app, pilot, "SD-2 is a child of")
        await pilot.press(*"SD-1")
        await until_shown(app, pilot, "SD-1 Mail is down")
        await pilot.press("enter")
        await until_shown(app, pilot, "FAMILY", "└ this one and 1 other")
        await pilot.press(*":link relates SD-3", "enter")
        await until_shown(app, pilot, "relates SD-3")
        await pilot.press(*":parent none", "enter")
        await settle(app, pilot, lambda: "FAMILY" not in frame(app))
        await show(app, pilot, parent)
        await until_shown(app, pilot, "FAMILY", "└ SD-3")


async def test_the_bin_takes_a_word_and_gives_back(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket("Cheap pills")
    async with at_desk(desk) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("X")
        await until_shown(app, pilot, "into the bin?")
        await pilot.press("enter")
        assert not desk.read.ticket(ticket).binned
        await pilot.press(*"bin", "enter")
        await until_shown(app, pilot, "in the bin: :restore takes it out")
        await pilot.press(*":restore", "enter")
        await settle(app, pilot, lambda: not desk.read.ticket(ticket).binned)


async def test_a_reply_counts_down_and_u_gives_its_text_back(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        screen = await show(app, pilot, ticket)
        await pilot.press("r")
        await settle(app, pilot, lambda: screen.composer() is not None)
        await pilot.press(*"On it.", "escape", "y")
        await until_shown(app, pilot, "reply leaves in 15 s · u takes it back")
        clock.forward(3)
        app.screen.query_one(StatusLine)._tick()
        await until_shown(app, pilot, "reply leaves in 12 s")
        await pilot.press("u")
        await settle(app, pilot, lambda: screen.composer() is not None)
        composer = screen.composer()
        assert composer is not None
        assert composer.text == "On it."
        assert "reply leaves" not in frame(app)
        assert [e.text for e in desk.read.conversation(ticket)][-1] != "On it."


async def test_a_reply_is_taken_back_from_the_queue_as_well(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        await pilot.press(*":open 1", "enter")
        await settle(app, pilot, lambda: isinstance(app.screen, TicketScreen))
        await pilot.press(*":reply too soon", "enter")
        await until_shown(app, pilot, "reply leaves in 15 s")
        await pilot.press("q")
        await settle(app, pilot, lambda: isinstance(app.screen, QueueScreen))
        await until_shown(app, pilot, "reply leaves in 15 s")
        await pilot.press("u")
        await settle(app, pilot, lambda: isinstance(app.screen, TicketScreen))
        await until_shown(app, pilot, "too soon", "REPLY")
        assert desk.read.leaving() == ()
        assert ticket == 1


async def test_when_nothing_waits_the_line_is_still(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("i")
        await settle(app, pilot, lambda: "taken" in told(app))
        line = app.screen.query_one(StatusLine)
        assert line._second is None

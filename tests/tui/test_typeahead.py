"""Keys that arrive in one burst, as they do over a slow link."""

from __future__ import annotations

from collections.abc import Callable

from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.model import EntryKind, TicketId
from sdesk.screens.ticket import TicketScreen
from tests.tui.desk_pilot import at_desk, keystroke, settle
from tests.tui.ticket_pilot import show

Make = Callable[..., TicketId]
NAMES = {"\r": "enter", "\x1b": "escape"}


def burst(app: SdeskApp, typed: str) -> None:
    """All these keys at once, as the driver posts them."""
    for char in typed:
        app.post_message(keystroke(NAMES.get(char, char)))


async def test_what_is_typed_ahead_of_a_note_is_the_note(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket(text="")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        burst(app, "cthis is quite a thing!\x1by")
        await settle(app, pilot, lambda: len(desk.read.conversation(ticket)) == 1)
        (entry,) = desk.read.conversation(ticket)
        assert (entry.kind, entry.text) == (EntryKind.NOTE, "this is quite a thing!")
        assert desk.read.ticket(ticket).assignee == ""
        assert isinstance(app.screen, TicketScreen)


async def test_what_is_typed_ahead_of_a_choice_narrows_it(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        burst(app, "aben\r")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ben")


async def test_from_the_queue_too_a_reply_waits_for_its_ticket(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket(text="")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await pilot.press("6")
        burst(app, "rquite so\x1by")
        await settle(app, pilot, lambda: len(desk.read.conversation(ticket)) == 1)
        assert desk.read.conversation(ticket)[0].text == "quite so"


async def test_commands_in_a_burst_keep_their_order(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        burst(app, "iuiuiaben\r")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ben")
        kinds = [e.kind for e in desk.read.history(ticket)]
        assert kinds.count("taken") == 3


async def test_a_dialog_that_a_letter_closes_does_not_hold_up_the_next_key(
    desk: Desk, make_ticket: Callable[..., TicketId]
) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "p", "2")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).priority == 2)
        await pilot.press("colon", *"tag vpn", "enter")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).tags == ("vpn",))


async def test_what_follows_enter_on_the_query_line_acts_on_what_it_found(
    desk: Desk, make_ticket: Make
) -> None:
    first, second, third = (make_ticket(f"Printer {n} jams") for n in range(3))
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6")
        burst(app, f"/number:{second}\ri")
        await settle(app, pilot, lambda: desk.read.ticket(second).assignee == "ana")
        assert app.queue_screen.query_text.strip() == f"number:{second}"
        assert not desk.read.ticket(first).assignee + desk.read.ticket(third).assignee


async def test_a_query_that_can_not_be_read_keeps_what_is_typed_behind_it(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6")
        burst(app, "/quue:network\ri")
        await settle(
            app, pilot, lambda: app.queue_screen.query_bar.input.value.endswith("networki")
        )
        assert desk.read.ticket(ticket).assignee == ""


async def test_what_follows_a_command_acts_on_the_list(desk: Desk, make_ticket: Make) -> None:
    first, second = make_ticket("One"), make_ticket("Two")
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6")
        burst(app, ":sort -number\ri:assign ben\rj:tag hot\ru")
        await settle(app, pilot, lambda: desk.read.history(first)[-1].kind == "undone")
        assert [e.kind for e in desk.read.history(first)][-2:] == ["tagged", "undone"]
        assert desk.read.ticket(second).assignee == "ben"
        assert not app.query("CommandLine")


async def test_a_picker_takes_its_letters_and_the_list_what_follows(
    desk: Desk, make_ticket: Make
) -> None:
    first, second = make_ticket("One"), make_ticket("Two")
    async with at_desk(desk) as (app, pilot):
        burst(app, "6O-number\raben\rjap1\x1bi")
        await settle(app, pilot, lambda: desk.read.ticket(first).assignee == "ana")
        assert desk.read.ticket(second).assignee == "ben"


async def test_a_letter_that_closes_a_choice_lets_the_rest_go_on(
    desk: Desk, make_ticket: Make
) -> None:
    first, second = make_ticket("One"), make_ticket("Two")
    async with at_desk(desk) as (app, pilot):
        burst(app, "6O-number\rp1jp2i")
        await settle(app, pilot, lambda: desk.read.ticket(first).assignee == "ana")
        assert [desk.read.ticket(t).priority for t in (second, first)] == [1, 2]


async def test_what_follows_the_opening_of_a_ticket_is_for_that_ticket(
    desk: Desk, make_ticket: Make
) -> None:
    first, second = make_ticket("One"), make_ticket("Two")
    async with at_desk(desk) as (app, pilot):
        burst(app, "6O-number\rj\ri=\x1bhk\rp1")
        await settle(app, pilot, lambda: desk.read.ticket(second).priority == 1)
        assert desk.read.ticket(first).assignee == "ana"
        assert desk.read.ticket(first).priority != 1


async def test_what_follows_the_way_to_another_place_waits_for_its_rows(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        burst(app, "gsi")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ana")
        burst(app, "gm/is:unassigned\x1bi")
        burst(app, "?\x1bgq:view all\rjjk.")
        await settle(app, pilot, lambda: not app.is_answering)
        assert app.queue_screen.open_one.name == "All"


async def test_what_follows_the_sending_of_a_text_is_for_the_ticket(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket(text="")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        burst(app, "cwe look\x1byip1")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).priority == 1)
        assert desk.read.ticket(ticket).assignee == "ana"
        assert [entry.text for entry in desk.read.conversation(ticket)] == ["we look"]


async def test_a_text_that_changes_its_kind_and_is_put_away_at_once_is_kept(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket(text="")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        burst(app, "rhalf a thought\x1bnpi")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ana")
        assert [(d.kind, d.text) for d in desk.read.drafts()] == [("note", "half a thought")]

"""Keys that arrive in one burst, as they do over a slow link."""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Key

from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.model import EntryKind, TicketId
from sdesk.screens.ticket import TicketScreen
from tests.tui.desk_pilot import at_desk, settle
from tests.tui.ticket_pilot import show

Make = Callable[..., TicketId]
NAMES = {" ": "space", "!": "exclamation_mark", "\r": "enter", "\x1b": "escape"}


def burst(app: SdeskApp, typed: str) -> None:
    """All these keys at once, as the driver posts them."""
    for char in typed:
        app.post_message(Key(NAMES.get(char, char), char if char.isprintable() else None))


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

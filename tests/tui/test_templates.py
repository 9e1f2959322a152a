"""Texts of the desk in the composer, by `::`."""

from __future__ import annotations

from collections.abc import Callable

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId

from .desk_pilot import at_desk, settle
from .ticket_pilot import show, until_shown

MakeTicket = Callable[..., TicketId]


async def test_two_colons_offer_the_texts_and_put_one_in_with_its_values(
    desk: Desk, make_ticket: MakeTicket
) -> None:
    desk.apply(None, ops.SaveTemplate("Greeting", "Hello {requester.first},\nabout {subject}:"))
    ticket = make_ticket("{agent} [/red] drops")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        screen = await show(app, pilot, ticket)
        await pilot.press("r")
        await settle(app, pilot, lambda: (c := screen.composer()) is not None and c.is_ready)
        composer = screen.composer()
        assert composer is not None
        await pilot.press("H", "i", "space", "colon", "colon")
        await until_shown(app, pilot, "Insert a text", "Acknowledge", "Greeting")
        await pilot.press("escape")
        await settle(app, pilot, lambda: app.screen is screen)
        assert composer.text == "Hi ::"
        await pilot.press("backspace", "colon")
        await until_shown(app, pilot, "Insert a text")
        await pilot.press("g", "r", "e")
        await until_shown(app, pilot, "Hello Mikko,", "about {agent} [/red] drops:")
        await pilot.press("enter")
        await settle(app, pilot, lambda: composer.text == "Hi Hello Mikko,\nabout {agent} [/red] drops:")  # fmt: skip
        await pilot.press("x")
        await settle(app, pilot, lambda: composer.text.endswith("drops:x"))


async def test_reply_all_begins_with_the_message_at_hand_once(
    desk: Desk, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(text="It drops.")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        screen = await show(app, pilot, ticket)
        for _ in range(2):
            await pilot.press("R")
            await settle(app, pilot, lambda: (c := screen.composer()) is not None and c.is_ready)
            composer = screen.composer()
            assert composer is not None
            assert (composer.kind, composer.text) == ("reply", "> It drops.\n")
            await pilot.press("escape", "p")
            await settle(app, pilot, lambda: screen.composer() is None)


async def test_two_signs_at_the_start_of_a_line_quote_the_message_at_hand(
    desk: Desk, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(text="It drops.\n> quoted before\n[/red] \x1b]52;c;eA==\x07again")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        screen = await show(app, pilot, ticket)
        await pilot.press("r")
        await settle(app, pilot, lambda: (c := screen.composer()) is not None and c.is_ready)
        composer = screen.composer()
        assert composer is not None
        await pilot.press("a", "greater_than_sign", "greater_than_sign")
        await settle(app, pilot, lambda: composer.text == "a>>")
        await pilot.press("enter", "greater_than_sign", "greater_than_sign")
        quote = "> It drops.\n> [/red] again\n"
        await settle(app, pilot, lambda: composer.text == f"a>>\n{quote}")
        await pilot.press("x")
        await settle(app, pilot, lambda: composer.text == f"a>>\n{quote}x")

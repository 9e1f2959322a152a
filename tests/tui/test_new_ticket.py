"""Opening a ticket: the caller first."""

from __future__ import annotations

from collections.abc import Callable

from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.screens.dialogs.open import NewTicket
from sdesk.widgets.choice_list import ChoiceList
from tests.tui.desk_pilot import at_desk, settle
from tests.tui.ticket_pilot import until_shown

Make = Callable[..., TicketId]
TALL = (100, 34)


async def test_the_caller_is_found_and_what_is_open_for_them_is_shown(
    desk: Desk, make_ticket: Make
) -> None:
    make_ticket("Their old trouble")
    async with at_desk(desk, TALL) as (app, pilot):
        await pilot.press("o")
        await settle(app, pilot, lambda: isinstance(app.screen, NewTicket))
        await pilot.press(*"kor")
        await until_shown(app, pilot, "Mikko Korhonen", "★ VIP", "a new person")
        await pilot.press("enter")
        await until_shown(app, pilot, "1 open ticket", "Their old trouble")
        await pilot.press(
            *"Mouse broken", "tab", *"It clicks twice.", "tab", "tab", "tab", "left", "enter"
        )
        await settle(app, pilot, lambda: desk.read.count("") == 2)
        ticket = desk.read.ticket(2)
        assert ticket.subject == "Mouse broken"
        assert ticket.requester is not None
        assert ticket.requester.id == 1
        assert ticket.queue == "service-desk"
        assert [entry.text for entry in desk.read.conversation(2)] == ["It clicks twice."]


async def test_somebody_new_is_saved_on_the_way(desk: Desk) -> None:
    async with at_desk(desk, TALL) as (app, pilot):
        await pilot.press("o")
        await settle(app, pilot, lambda: isinstance(app.screen, NewTicket))
        await pilot.press(*"Zoe Zander")
        await settle(app, pilot, lambda: len(app.screen.query_one(ChoiceList).rows) == 1)
        await pilot.press("enter")
        await until_shown(app, pilot, "E-mail of Zoe Zander")
        await pilot.press(*"zoe", "enter")
        await until_shown(app, pilot, "is not an address")
        await pilot.press(*"@x.example", "enter")
        await until_shown(app, pilot, "nothing open")
        assert [person.email for person in desk.read.people("zoe")] == ["zoe@x.example"]


async def test_a_ticket_without_a_subject_is_not_opened(desk: Desk) -> None:
    async with at_desk(desk, TALL) as (app, pilot):
        await pilot.press("o")
        await settle(app, pilot, lambda: isinstance(app.screen, NewTicket))
        await pilot.press("enter", "enter", "enter", "enter")
        screen = app.screen
        assert isinstance(screen, NewTicket)
        screen.finish()
        await until_shown(app, pilot, "A ticket needs a subject.")
        assert desk.read.count("") == 0


async def test_escape_opens_nothing(desk: Desk) -> None:
    async with at_desk(desk, TALL) as (app, pilot):
        await pilot.press("o")
        await settle(app, pilot, lambda: isinstance(app.screen, NewTicket))
        await pilot.press(*"mik", "escape")
        await settle(app, pilot, lambda: not isinstance(app.screen, NewTicket))
        assert desk.read.count("") == 0


async def test_it_fits_a_small_terminal(desk: Desk) -> None:
    async with at_desk(desk, (80, 24)) as (app, pilot):
        await pilot.press("o")
        await until_shown(app, pilot, "caller", "subject", "urgency", "P3 moderate incident")

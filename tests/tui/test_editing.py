"""One field by `e`, the whole ticket by `E`, and a command by `|`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.screens import piping

from .desk_pilot import at_desk, listed, settle, told
from .ticket_pilot import show, until_shown

MakeTicket = Callable[..., TicketId]


async def test_one_field_is_picked_and_set_on_all_marked(
    desk: Desk, make_ticket: MakeTicket
) -> None:
    tickets = [make_ticket("a"), make_ticket("b")]
    desk.apply(tickets[0], ops.SetField("room", "3F"))
    async with at_desk(desk) as (app, pilot):
        app.queue_screen.open_query("state:open sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == tickets)
        await pilot.press("e", *"subj", "enter")
        await until_shown(app, pilot, "Subject · SD-1")
        await pilot.press("backspace", *"Printer", "enter")
        await settle(app, pilot, lambda: desk.read.ticket(tickets[0]).subject == "Printer")
        await pilot.press("asterisk", "e", *"categ", "enter")
        await until_shown(app, pilot, "Network / VPN")
        await pilot.press(*"vpn", "enter")
        await settle(app, pilot, lambda: {desk.read.ticket(t).path for t in tickets} == {"Network / VPN"})  # fmt: skip
        await pilot.press("e", *"room", "enter")
        await until_shown(app, pilot, "Room · 2 tickets")
        await pilot.press(*"4F", "enter")
        await settle(app, pilot, lambda: desk.read.ticket(tickets[1]).fields == {"room": "4F"})


async def test_the_whole_ticket_is_edited_as_text_and_bad_text_is_never_lost(
    desk: Desk, make_ticket: MakeTicket, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = make_ticket("Printer")
    seen: list[str] = []
    answers = [
        lambda text: text.replace('subject = "Printer"', "subject = Printr"),
        lambda text: text.replace("subject = Printr", 'subject = "Printr"') + '\nroom = "3F"\n',
    ]

    def edit(text: str, _: object, *, suffix: str = "") -> str:
        seen.append(text)
        return answers[len(seen) - 1](text)

    monkeypatch.setattr("sdesk.screens.editor.edit", edit)
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("E")
        await until_shown(app, pilot, "can't be read", "subject = Printr", "e edit again")
        await pilot.press("e")
        await until_shown(app, pilot, "subject: Printer → Printr", "room: — → 3F", "y keep it")
        assert "subject = Printr\n" in seen[1]
        assert desk.read.ticket(ticket).subject == "Printer"
        await pilot.press("y")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).fields == {"room": "3F"})
        await settle(app, pilot, lambda: "edited" in told(app))
        await pilot.press("u")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).subject == "Printer")
        assert desk.read.ticket(ticket).fields == {}


async def test_a_command_gets_the_ticket_on_its_input_alone_and_is_shown_clean(
    desk: Desk, make_ticket: MakeTicket, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    ticket = make_ticket(f"$(touch {made}) `touch {made}`; '\" [/red]", text="one\ntwo")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("vertical_line")
        await until_shown(app, pilot, "Pipe SD-1 to")
        await pilot.press(*"head -1; printf '\\033]52;c;eA\\007<x>\\n'; wc -l", "enter")
        await until_shown(app, pilot, "SD-1: $(touch", "<x>")
        assert not made.exists()
        await pilot.press("q", "vertical_line")
        await until_shown(app, pilot, "gets text", "gets JSON")
        await pilot.press("escape")
        screen = app.screen
        screen.pipe("cat", "JSON", (ticket,))  # type: ignore[attr-defined]
        await until_shown(app, pilot, '"ref": "SD-1"')


async def test_leaving_the_output_ends_the_command(
    desk: Desk, make_ticket: MakeTicket, tmp_path: Path
) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        screen = await show(app, pilot, ticket)
        screen.pipe("echo begun; exec sleep 600", "text", (ticket,))
        await until_shown(app, pilot, "running")
        reader = app.screen
        assert isinstance(reader, piping.PipeReader)
        await settle(app, pilot, lambda: reader._process is not None)
        process = reader._process
        assert process is not None
        await pilot.press("escape")
        await settle(app, pilot, lambda: process.returncode is not None)
        assert app.screen is screen

"""Macros by key: the picker, its questions, the composer, the marks, and what `.` repeats."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from sdesk import ops
from sdesk.app import SdeskApp
from sdesk.config import Config
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.screens.sla import SlaScreen
from sdesk.screens.ticket import TicketScreen

from .desk_pilot import at_desk, complaints, frame, listed, settle, told
from .ticket_pilot import show, until_shown

MakeTicket = Callable[..., TicketId]
SCRIPT = ("i", "p", "2", "t", "v", "enter", "m", "3")
"""Take, priority 2, tag vpn, macro 3; the cursor goes on by itself."""


@pytest.fixture
def macros(desk: Desk) -> Desk:
    """Three macros; the third one neither speaks nor asks."""
    hello = 'Hello {requester.first|there}, about "{subject}": we look into it. {agent.name}'
    for macro in (
        ops.SaveMacro("Answer", hello, ("wait customer asked",)),
        ops.SaveMacro("Bring a part", "", ("wait {ask.days} supplier {ask:Which part?}", "tag part"), (("days", "In how many days?"),)),
        ops.SaveMacro("Carry on", "", ("category Network / VPN", "note seen for {requester}: {subject}", "wait customer asked")),
        ops.SaveMacro("Deliver", "Dear {requester}, {ref} is done.", ("resolve solved",), send=True),
    ):  # fmt: skip
        desk.apply(None, macro)
    return desk


async def _worked(app: SdeskApp, pilot: Pilot[None], desk: Desk, ticket: TicketId) -> None:
    def is_worked() -> bool:
        found = desk.read.ticket(ticket)
        return found.state == "waiting-customer" and found.path == "Network / VPN"

    await settle(app, pilot, is_worked)
    found = desk.read.ticket(ticket)
    assert (found.assignee, found.priority, found.tags) == ("ana", 2, ("vpn",))
    assert desk.read.conversation(ticket)[-1].text == "seen for Mikko Korhonen: VPN drops"
    assert not complaints(app)


@pytest.fixture
def three(macros: Desk, make_ticket: MakeTicket) -> list[TicketId]:
    found = [make_ticket("VPN drops") for _ in range(3)]
    macros.apply(make_ticket("Another"), ops.AddTags(("vpn",)), ops.Take(), ops.Resolve())
    return found


async def test_eight_keys_work_a_ticket_in_the_queue_and_go_on(
    desk: Desk, three: list[TicketId]
) -> None:
    assert len(SCRIPT) == 8
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6")
        await settle(app, pilot, lambda: listed(app).cursor_id is not None)
        app.queue_screen.open_query("state:open sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == three)
        await pilot.press(*SCRIPT)
        await _worked(app, pilot, desk, three[0])
        assert listed(app).cursor_id == three[1]
        await pilot.press("u")
        await settle(app, pilot, lambda: desk.read.ticket(three[0]).state == "open")
        assert desk.read.ticket(three[0]).path == ""
        assert listed(app).cursor_id == three[1]


async def test_the_same_keys_work_it_in_the_ticket(desk: Desk, three: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        screen = await show(app, pilot, three[0], three)
        await pilot.press(*SCRIPT)
        await _worked(app, pilot, desk, three[0])
        await settle(app, pilot, lambda: screen.number == three[1])


async def test_the_same_keys_work_it_on_the_board(desk: Desk, three: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        app.action_go_sla()
        await settle(app, pilot, lambda: isinstance(app.screen, SlaScreen) and bool(app.screen.targets()))  # fmt: skip
        (ticket,) = app.screen.targets()  # type: ignore[attr-defined]
        await pilot.press(*SCRIPT)
        await _worked(app, pilot, desk, ticket)
        assert app.screen.targets() != (ticket,)  # type: ignore[attr-defined]


async def test_a_setting_keeps_the_cursor_where_it_is(desk: Desk, three: list[TicketId]) -> None:
    async with at_desk(desk, config=Config(desk_move_on="never")) as (app, pilot):
        app.queue_screen.open_query("state:open sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == three)
        await pilot.press("m", "3")
        await settle(app, pilot, lambda: desk.read.ticket(three[0]).state == "waiting-customer")
        assert listed(app).cursor_id == three[0]


async def test_a_refused_act_brings_the_cursor_back(desk: Desk, three: list[TicketId]) -> None:
    desk.apply(None, ops.SaveMacro("Early", "", ("state resolved", "take", "state new")))
    async with at_desk(desk) as (app, pilot):
        app.queue_screen.open_query("state:open sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == three)
        await pilot.press("m", "5")
        await settle(app, pilot, lambda: bool(complaints(app)))
        await settle(app, pilot, lambda: listed(app).cursor_id == three[0])


async def test_the_picker_shows_text_and_acts_and_the_last_one_first(
    desk: Desk, three: list[TicketId]
) -> None:
    async with at_desk(desk, (100, 30)) as (app, pilot):
        app.queue_screen.open_query("state:open sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == three)
        await pilot.press("m")
        await until_shown(app, pilot, "does: wait customer asked", "you see it first", "Hello Mikko, about \"VPN drops\"")  # fmt: skip
        await pilot.press("3")
        await settle(app, pilot, lambda: desk.read.ticket(three[0]).state == "waiting-customer")
        await pilot.press("m")
        await until_shown(app, pilot, "does: category Network / VPN")
        lines = [line for line in frame(app).splitlines() if "Carry on" in line or "Answer" in line]
        assert "Carry on" in lines[0]
        assert [next(w for w in line.split() if w.isdigit()) for line in lines] == ["3", "1"]
        await pilot.press("escape")


async def test_a_text_for_the_requester_is_reviewed_with_the_acts_behind_it(
    desk: Desk, three: list[TicketId]
) -> None:
    async with at_desk(desk) as (app, pilot):
        app.queue_screen.open_query("state:open sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == three)
        await pilot.press("m", "1")
        await settle(app, pilot, lambda: isinstance(app.screen, TicketScreen) and app.screen.composer() is not None)  # fmt: skip
        composer = app.screen.composer()  # type: ignore[attr-defined]
        assert composer.text == 'Hello Mikko, about "VPN drops": we look into it. Ana Virtanen'
        assert len(desk.read.conversation(three[0])) == 1
        await settle(app, pilot, lambda: composer.is_ready)
        await pilot.press("escape", "y")
        await settle(app, pilot, lambda: desk.read.ticket(three[0]).state == "waiting-customer")
        await settle(app, pilot, lambda: app.screen is app.queue_screen)
        assert listed(app).cursor_id == three[1]
        await pilot.press("u")
        await settle(app, pilot, lambda: desk.read.ticket(three[0]).state != "waiting-customer")
        assert desk.read.conversation(three[0])[-1].kind != "reply"


async def test_what_was_typed_before_stays_above_the_macros_text(
    desk: Desk, three: list[TicketId]
) -> None:
    desk.save_draft(three[0], "reply", "Half a sentence")
    async with at_desk(desk) as (app, pilot):
        screen = await show(app, pilot, three[0], three)
        await pilot.press("m", "1")
        await settle(app, pilot, lambda: screen.composer() is not None)
        composer = screen.composer()
        assert composer is not None
        assert composer.text.startswith("Half a sentence\n\nHello Mikko")
        await settle(app, pilot, lambda: composer.is_ready)
        await pilot.press("escape", "q")
        await settle(app, pilot, lambda: screen.composer() is None)
        assert desk.read.ticket(three[0]).state == "new"


async def test_questions_are_asked_once_before_anything_happens(
    desk: Desk, three: list[TicketId]
) -> None:
    async with at_desk(desk) as (app, pilot):
        app.queue_screen.open_query("state:open sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == three)
        await pilot.press("asterisk", "m", "2")
        await until_shown(app, pilot, "Which part?", "In how many days?")
        assert all(desk.read.ticket(t).state == "new" for t in three)
        await pilot.press(*"3d", "enter", *"fan", "enter")
        await settle(app, pilot, lambda: all(desk.read.ticket(t).state == "waiting-supplier" for t in three))  # fmt: skip
        assert {desk.read.ticket(t).wait_reason for t in three} == {"fan"}
        await pilot.press("u")
        await settle(app, pilot, lambda: all(desk.read.ticket(t).state == "new" for t in three))
        assert all(desk.read.ticket(t).tags == () for t in three)


async def test_on_marks_each_ticket_gets_its_own_values_and_hostile_text_stays_text(
    desk: Desk, macros: Desk, make_ticket: MakeTicket
) -> None:
    hostile = ["{requester.email} {agent}", "[/red] %s {0.__class__} \x1b]52;c;eA==\x07", "a\nresolve duplicate"]  # fmt: skip
    tickets = [make_ticket(subject) for subject in hostile]
    async with at_desk(desk) as (app, pilot):
        app.queue_screen.open_query("state:open sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == tickets)
        await pilot.press("asterisk", "m", "3")
        await settle(app, pilot, lambda: all(desk.read.ticket(t).state == "waiting-customer" for t in tickets))  # fmt: skip
        notes = [desk.read.conversation(t)[-1].text for t in tickets]
        assert notes == [
            "seen for Mikko Korhonen: {requester.email} {agent}",
            "seen for Mikko Korhonen: [/red] %s {0.__class__}",
            "seen for Mikko Korhonen: a resolve duplicate",
        ]
        batches = {desk.read.history(t)[-1].batch for t in tickets}
        assert len(batches) == 1


async def test_a_text_for_several_requesters_is_shown_before_it_goes(
    desk: Desk, three: list[TicketId]
) -> None:
    async with at_desk(desk, (100, 30)) as (app, pilot):
        app.queue_screen.open_query("state:open sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == three)
        await pilot.press("asterisk", "m", "1")
        await until_shown(app, pilot, "3 tickets: 3 change", "Hello Mikko, about", "y do it")
        await pilot.press("y")
        await settle(app, pilot, lambda: all(desk.read.conversation(t)[-1].kind == "reply" for t in three))  # fmt: skip


async def test_the_dot_repeats_the_last_act_and_never_a_reply(
    desk: Desk, three: list[TicketId]
) -> None:
    async with at_desk(desk) as (app, pilot):
        app.queue_screen.open_query("state:open sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == three)
        await pilot.press("full_stop")
        await settle(app, pilot, lambda: "nothing to repeat" in told(app))
        await pilot.press("p", "1", "j", "full_stop")
        await settle(app, pilot, lambda: desk.read.ticket(three[1]).priority == 1)
        await settle(app, pilot, lambda: "once more" in told(app))
        app.queue_screen.apply_ops(ops.Reply("Thank you."), said="replied to")
        await settle(app, pilot, lambda: "replied to" in told(app))
        await pilot.press("full_stop")
        await settle(app, pilot, lambda: "has been sent here" in told(app))
        await pilot.press("j", "full_stop")
        await until_shown(app, pilot, "Send the same reply here as well?")
        await pilot.press("escape")
        assert len(desk.read.conversation(three[2])) == 1

"""One ticket whole: thread, panel, moving, and what other people do meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk.desk import Desk
from sdesk.model import Entry, EntryId, EntryKind, TicketId
from sdesk.ops import (
    AddLink,
    AddNote,
    AddTags,
    Assign,
    Chat,
    LogCall,
    Receive,
    Reply,
    Resolve,
    SetField,
    Wait,
)
from sdesk.screens.ticket import TicketScreen
from sdesk.widgets.thread_lines import MOST_LINES, Manner, lay_out, shown
from sdesk.widgets.timeline import Timeline
from tests.conftest import START, ZONE, Clock
from tests.each import each
from tests.tui.desk_pilot import at_desk, frame, settle
from tests.tui.ticket_pilot import show, until_shown

Make = Callable[..., TicketId]
OpenDesk = Callable[[str], Desk]


async def test_every_kind_of_entry_is_told_by_a_word(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    desk.apply(ticket, Reply("Which network is it?"), AddNote("Looks like the gateway."))
    desk.apply(ticket, LogCall("He tries the hotspot."), Chat("lea, look at gw2"))
    async with at_desk(desk, (120, 50)) as (app, pilot):
        await show(app, pilot, ticket)
        await until_shown(
            app,
            pilot,
            "Mikko Korhonen wrote",
            "Ana Virtanen REPLY",
            "NOTE Ana Virtanen",
            "CALL",
            "CHAT",
            "gw2",
        )


async def test_head_and_panel_say_whose_it_is_and_how_it_stands(
    desk: Desk, make_ticket: Make
) -> None:
    other = make_ticket("VPN certificate expired")
    desk.apply(other, Resolve("solved", "renewed"))
    ticket = make_ticket(impact=1, urgency=1, queue="network", tags=("vpn",))
    desk.apply(
        ticket,
        Assign("ben"),
        AddTags(("remote",)),
        SetField("room", "3F"),
        AddLink("relates", other),
    )
    desk.apply(ticket, Wait("waiting-customer", None, "which network"))
    async with at_desk(desk, (120, 50)) as (app, pilot):
        await show(app, pilot, ticket)
        await until_shown(
            app, pilot, "SD-2", "Waiting for customer: which network", "P1 critical", "Network (tier 2)", "owner ana",
            "assignee ben", "★ VIP", "ACME Oy", "response", "resolution", "#remote #vpn", "room", "relates SD-1",
            "VPN certificate",
        )  # fmt: skip
        assert "‖" in frame(app)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40), (40, 12)])
async def test_it_fits_every_size(desk: Desk, make_ticket: Make, size: tuple[int, int]) -> None:
    ticket = make_ticket()
    async with at_desk(desk, size) as (app, pilot):
        await show(app, pilot, ticket)
        await until_shown(app, pilot, "SD-1", "VPN drops")
        for strip in app.screen._compositor.render_strips():
            assert sum(segment.cell_length for segment in strip) == size[0]


async def test_the_newest_message_is_in_sight_at_first(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    for number in range(30):
        desk.apply(ticket, AddNote(f"note number {number}"))
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        await until_shown(app, pilot, "note number 29")
        assert "note number 1 " not in frame(app)
        await pilot.press("g", "g")
        await until_shown(app, pilot, "Since this morning")
        await pilot.press("G")
        await until_shown(app, pilot, "note number 29")


async def test_a_refresh_leaves_the_thread_where_it_is(
    desk: Desk, open_desk: OpenDesk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    for number in range(30):
        desk.apply(ticket, AddNote(f"note number {number}"))
    ben = open_desk("ben")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        screen = await show(app, pilot, ticket)
        await pilot.press("g", "g", "j", "j")
        await settle(app, pilot, lambda: screen.query_one(Timeline).top == 2)
        ben.apply(ticket, AddNote("written meanwhile"))
        await until_shown(app, pilot, "something new stands below")
        assert screen.query_one(Timeline).top == 2
        await pilot.press("G")
        await until_shown(app, pilot, "written meanwhile")


async def test_at_the_end_a_new_message_comes_into_sight(
    desk: Desk, open_desk: OpenDesk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    for number in range(30):
        desk.apply(ticket, AddNote(f"note number {number}"))
    ben = open_desk("ben")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        ben.apply(ticket, Receive("It works on the hotspot.", None))
        await until_shown(app, pilot, "It works on the hotspot.")


async def test_events_fold_and_unfold(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    desk.apply(ticket, Assign("ben"))
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        await until_shown(app, pilot, "assigned it to ben")
        await pilot.press("z")
        await settle(app, pilot, lambda: "assigned it to ben" not in frame(app))
        assert "⋯" in frame(app)
        await pilot.press("z")
        await until_shown(app, pilot, "assigned it to ben")


async def test_j_and_k_go_through_the_tickets_of_the_view(desk: Desk, make_ticket: Make) -> None:
    one, two = make_ticket("First of them"), make_ticket("Second of them")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, one, (one, two))
        await until_shown(app, pilot, "First of them", "1/2")
        await pilot.press("J")
        await until_shown(app, pilot, "Second of them", "2/2")
        await pilot.press("J")
        await until_shown(app, pilot, "last ticket of the view")
        await pilot.press("K")
        await until_shown(app, pilot, "First of them")


@pytest.mark.parametrize("key", ["h", "q", "escape"])
async def test_every_way_back_leads_to_the_queue_and_never_out(
    desk: Desk, make_ticket: Make, key: str
) -> None:
    ticket = make_ticket()
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press(key)
        await settle(app, pilot, lambda: bool(app.screen.query("TicketList")))
        assert app.is_running


async def test_act_keys_work_on_this_ticket(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("i")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ana")
        await until_shown(app, pilot, "assignee ana")
        await pilot.press("u")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "")
        await pilot.press("w")
        await until_shown(app, pilot, "until", "reason")
        await pilot.press("s", "enter", *"2d", "enter", "enter")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).state == "waiting-supplier")
        assert desk.read.ticket(ticket).state_until == START + 2 * 86_400


async def test_looking_at_a_ticket_marks_it_read(
    desk: Desk, open_desk: OpenDesk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    open_desk("ben").apply(ticket, AddNote("for you"))
    assert desk.read.rows([ticket])[0].unread
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        await settle(app, pilot, lambda: not desk.read.rows([ticket])[0].unread)


async def test_the_panel_can_be_put_away_and_made_large(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    async with at_desk(desk, (80, 24)) as (app, pilot):
        await show(app, pilot, ticket)
        await until_shown(app, pilot, "CLOCKS")
        await pilot.press("tab")
        await until_shown(app, pilot, "CLOCKS", "DETAILS")
        await pilot.press("tab")
        await settle(app, pilot, lambda: "CLOCKS" not in frame(app))


async def test_the_history_shows_before_and_after(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    desk.apply(ticket, Assign("ben"))
    async with at_desk(desk, (100, 40)) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("H")
        await until_shown(app, pilot, "History of SD-1", "assignee: — → ben", "tui")
        await pilot.press("q")
        await settle(app, pilot, lambda: isinstance(app.screen, TicketScreen))


async def test_the_clock_is_explained(desk: Desk, make_ticket: Make, clock: Clock) -> None:
    ticket = make_ticket(impact=1, urgency=1)
    clock.forward(1200)
    desk.apply(ticket, Wait("waiting-customer"))
    clock.forward(600)
    async with at_desk(desk, (100, 40)) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("equals_sign")
        await until_shown(
            app,
            pilot,
            "The clock of SD-1",
            'policy "Standard" P1 4h',
            "20m",
            "paused",
            "10m",
            "used 20m of 4h",
        )


async def test_help_shows_the_keys_and_runs_the_choice(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("question_mark")
        await until_shown(app, pilot, "Help", "Move down")
        await pilot.press(*"take it")
        await pilot.press("enter")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ana")


HOSTILE = Path(__file__).parents[3] / "shared/cases/hostile/strings.json"
STRANGE = [
    "[/red] printer",
    "[@click=app.quit]x[/]",
    "\x1b]52;c;AAAA\x07x",
    "漢字" * 200,
    "a" * 4000,
    "\u202etxt.exe",
]


def strange() -> list[str]:
    if HOSTILE.exists():
        return STRANGE + [
            case["s"] for case in json.loads(HOSTILE.read_text()) if len(case["s"]) < 100_000
        ]
    return STRANGE


async def test_strange_text_is_shown_without_a_control_character(
    desk: Desk, make_ticket: Make
) -> None:
    tickets = []
    for text in strange():
        subject = (text[:400] + " .") if text.strip() else "."
        ticket = make_ticket(subject, text=text + "\n.", fields={"strange": text[:500]})
        desk.apply(ticket, AddNote("n " + text[:5000]))
        tickets.append(ticket)
    async with at_desk(desk, (80, 40)) as (app, pilot):
        screen = await show(app, pilot, tickets[0], tuple(tickets))
        for ticket in tickets:
            await settle(
                app, pilot, lambda t=ticket: screen.page is not None and screen.page.ticket.id == t
            )
            shown_now = frame(app)
            assert not any(
                (ord(char) < 32 and char != "\n") or 0x7F <= ord(char) < 0xA0 for char in shown_now
            )
            for strip in app.screen._compositor.render_strips():
                assert sum(segment.cell_length for segment in strip) == 80
            await pilot.press("J")


async def test_what_changes_in_the_queue_below_is_read_when_it_is_in_sight_again(
    desk: Desk, open_desk: OpenDesk, make_ticket: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, other = make_ticket(), make_ticket("Another", requester=2)
    ben = open_desk("ben")
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, ticket)
        await settle(app, pilot, lambda: not desk.read.rows([ticket])[0].unread)
        painted: list[object] = []
        monkeypatch.setattr(app, "_display", lambda *given: painted.append(given))
        ben.apply(other, Assign("ben"))
        below = app.queue_screen
        await settle(app, pilot, lambda: below in app._behind)
        await pilot.pause(0.2)
        rows = below.listed._rows
        assert painted == []
        assert not any(row and row.assignee for row in rows.values())
        monkeypatch.undo()
        await pilot.press("q")
        await settle(app, pilot, lambda: app.screen is below)
        await settle(
            app,
            pilot,
            lambda: any(row and row.assignee == "ben" for row in below.listed._rows.values()),
        )


# The lines themselves, without a screen.


def entry(number: int, text: str, kind: EntryKind = EntryKind.REPLY) -> Entry:
    return Entry(EntryId(number), TicketId(1), kind, START + number, "Ana", "ana", text)


def test_a_long_entry_is_cut_and_says_how_much_there_is_more() -> None:
    lines = shown("\n".join(f"line {n}" for n in range(5_000)), 70)
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "… 3,000 more lines"


@each("text", ["a" * 200_000, "漢字" * 100_000, "word " * 40_000, "e\u0301" * 100_000])
def test_a_very_long_line_is_wrapped_in_no_time(text: str) -> None:
    began = time.thread_time()
    shown(text, 76)
    assert time.thread_time() - began < 5, "where each cell is counted again it takes a minute"


def test_five_hundred_long_entries_are_laid_out_in_no_time() -> None:
    text = "\n".join("lorem ipsum dolor sit amet " * 8 for _ in range(20))
    began = time.thread_time()
    blocks = lay_out([entry(n, text) for n in range(500)], [], Manner(80, START, ZONE))
    assert len(blocks) == 500
    assert time.thread_time() - began < 10

"""Escalating by key, due dates by hand, and what one is told: head, toast, screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from sdesk import ops
from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.screens.board_reading import read_board
from sdesk.screens.dialogs.due import DueDialog
from sdesk.screens.dialogs.escalate import EscalateDialog, goals
from sdesk.screens.notices import NoticesScreen
from sdesk.screens.queue import QueueScreen
from sdesk.screens.ticket import TicketScreen
from sdesk.screens.typed_acts import due_from, escalate_from
from tests.conftest import START, Clock
from tests.tui.desk_pilot import at_desk, complaints, frame, settle, told

Make = Callable[..., TicketId]
HOSTILE = "[/red] \x1b]52;c;ZXZpbA==\x07[@click=app.bell]x[/] \u202eplease"
SIZES = [(80, 24), (120, 40)]


async def typed(pilot: Pilot[None], text: str) -> None:
    await pilot.press(*("space" if char == " " else char for char in text))


async def on(app: SdeskApp, pilot: Pilot[None], kind: type) -> None:
    await settle(app, pilot, lambda: isinstance(app.screen, kind))


def escalate(desk: Desk, ticket: TicketId, who: str = "ana", why: str = "look at it") -> None:
    desk.apply(ticket, ops.Escalate(why, to=(who,)))


@pytest.mark.parametrize("size", SIZES)
async def test_escalating_to_another_line_keeps_the_owner_and_says_so(
    desk: Desk, make_ticket: Make, size: tuple[int, int]
) -> None:
    ticket = make_ticket(owner="ben", assignee="ben")
    async with at_desk(desk, size) as (app, pilot):
        await pilot.press("!")
        await on(app, pilot, EscalateDialog)
        await settle(app, pilot, lambda: "owner stays ben" in frame(app))
        shown = frame(app)
        assert (
            shown.index("queue applications") < shown.index("queue network") < shown.index("lead")
        )
        await typed(pilot, "netw")
        await pilot.press("enter", "enter")
        await settle(app, pilot, lambda: "Why? An escalation has a reason." in frame(app))
        await typed(pilot, "needs a router expert")
        await pilot.press("enter")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).queue == "network")
        now = desk.read.ticket(ticket)
        assert (now.owner, now.assignee) == ("ben", "")
        await pilot.press("u")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).queue == "service-desk")


async def test_a_queue_and_several_people_are_marked_with_space(
    desk: Desk, make_ticket: Make, open_desk: Callable[[str], Desk]
) -> None:
    ticket = make_ticket()
    async with at_desk(desk, (120, 40)) as (app, pilot):
        await pilot.press("!")
        await on(app, pilot, EscalateDialog)
        for text in ("appl", "netw", "mia", "ben"):
            await typed(pilot, text)
            await pilot.press("space")
        await settle(app, pilot, lambda: "to the queue network" in frame(app))
        await settle(app, pilot, lambda: "tells ben, mia" in frame(app))
        await pilot.press("tab")
        await typed(pilot, HOSTILE.replace("\x1b", "").replace("\x07", "")[:12])
        await pilot.press("enter")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).queue == "network")
    assert len(open_desk("mia").read.notices()) == len(open_desk("ben").read.notices()) == 1


async def test_marked_tickets_are_escalated_as_one_batch(
    desk: Desk, make_ticket: Make, open_desk: Callable[[str], Desk]
) -> None:
    tickets = [make_ticket(f"No {n}") for n in range(3)]
    async with at_desk(desk) as (app, pilot):
        await pilot.press("space", "space", "!")
        await on(app, pilot, EscalateDialog)
        await settle(app, pilot, lambda: "2 tickets" in frame(app))
        await typed(pilot, "mia")
        await pilot.press("enter", "x", "enter")
        await settle(app, pilot, lambda: len(open_desk("mia").read.notices()) == 2)
        await pilot.press("u")
        await settle(app, pilot, lambda: not open_desk("mia").read.notices())
    assert len(tickets) == 3


def test_higher_lines_come_first_and_hostile_names_are_data(desk: Desk) -> None:
    desk.apply(None, ops.SaveQueue("third", HOSTILE, 3), ops.SaveQueue("aside", "Aside", 1))
    agents, queues = desk.read.agents(), desk.read.queues()
    labels = [c.label for c in goals(queues, agents, "ana", "network")]
    words = ["oncall", "lead", "admin", "owner", "assignee", "queue"]
    assert labels == [
        "queue third", *words, "ben", "lea", "mia",
        "queue aside", "queue service-desk", "queue applications",
    ]  # fmt: skip


async def test_a_hostile_queue_name_is_shown_as_text(desk: Desk, make_ticket: Make) -> None:
    make_ticket()
    desk.apply(None, ops.SaveQueue("third", HOSTILE, 3))
    async with at_desk(desk, (120, 40)) as (app, pilot):
        await pilot.press("!")
        await on(app, pilot, EscalateDialog)
        await settle(app, pilot, lambda: "[/red]" in frame(app))
        assert "\x1b]52" not in frame(app)


def test_lines_of_the_command_line_become_operations(desk: Desk, clock: Clock) -> None:
    assert escalate_from("network needs an expert", desk) == ops.Escalate("needs an expert", "network")  # fmt: skip
    assert escalate_from("@mia @lead,ben now", desk) == ops.Escalate("now", "", ("mia", "lead", "ben"))  # fmt: skip
    assert escalate_from("network @lead now", desk) == ops.Escalate("now", "network", ("lead",))
    due = due_from("resolution tomorrow 12:00 agreed with her", desk)
    assert (due.target, due.reason) == ("resolution", "agreed with her")
    assert due.at == clock.at + 24 * 3600 + 20 * 60
    assert due_from("response policy", desk) == ops.SetDue("response", None)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("escalate netwrk now", "No queue called 'netwrk'"),
        ("escalate @mia", "The reason is missing"),
        ("due resolution soon because", "begins with no time"),
        ("due resolutoin fri x", "No clock called 'resolutoin'"),
        ("due resolution fri", "Reason for the due date"),
    ],
)
async def test_a_line_that_cannot_be_is_refused_with_a_sentence(
    desk: Desk, make_ticket: Make, line: str, sentence: str
) -> None:
    make_ticket()
    async with at_desk(desk) as (app, pilot):
        await pilot.press(":")
        await typed(pilot, line)
        await pilot.press("enter")
        await settle(app, pilot, lambda: any(sentence in said for said in complaints(app)))


@pytest.mark.parametrize("size", SIZES)
async def test_a_due_date_is_set_by_hand_and_given_back(
    desk: Desk, make_ticket: Make, size: tuple[int, int]
) -> None:
    ticket = make_ticket()

    def due() -> int | None:
        return next(c.due_at for c in desk.read.clocks(ticket) if c.target == "resolution")

    policys = due()
    async with at_desk(desk, size) as (app, pilot):
        await pilot.press("D")
        await on(app, pilot, DueDialog)
        await pilot.press("enter")
        await typed(pilot, "tomorrow 12:00")
        await settle(app, pilot, lambda: "due Thu 12:00" in frame(app))
        await pilot.press("enter", "enter")
        await settle(app, pilot, lambda: "Why?" in frame(app))
        await typed(pilot, "agreed")
        await pilot.press("enter")
        await settle(app, pilot, lambda: due() == START + 24 * 3600 + 1200)
        await pilot.press(":")
        await typed(pilot, "due resolution policy")
        await pilot.press("enter")
        await settle(app, pilot, lambda: due() == policys)


async def test_a_ticket_without_a_running_clock_says_so(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Reply("done"), ops.Resolve())
    desk.apply(ticket, ops.Close())
    async with at_desk(desk) as (app, pilot):
        app.open_ticket(ticket)
        await on(app, pilot, TicketScreen)
        await settle(app, pilot, lambda: app.screen.current() is not None)
        await pilot.press("D")
        await settle(
            app,
            pilot,
            lambda: "no clock of it runs" in told(app) or isinstance(app.screen, DueDialog),
        )


async def test_the_head_counts_new_notices_and_a_toast_tells_each_once(
    desk: Desk, make_ticket: Make, open_desk: Callable[[str], Desk]
) -> None:
    ticket = make_ticket()
    other = open_desk("ben")
    escalate(other, ticket, why="before the desk was opened")
    async with at_desk(desk) as (app, pilot):
        await settle(app, pilot, lambda: "✉ 1" in frame(app).splitlines()[0])
        assert not app._notifications
        escalate(other, ticket, why=HOSTILE)
        await settle(app, pilot, lambda: "✉ 2" in frame(app).splitlines()[0])
        await settle(app, pilot, lambda: len(app._notifications) == 1)
        (toast,) = app._notifications
        assert toast.message.startswith(f"✉ {desk.ref(ticket)}: ben escalated it: [/red]")
        assert "\x1b" not in toast.message
        assert not toast.markup
        app.announce_change()
        other.apply(ticket, ops.AddNote("something else"))
        await pilot.pause(0.4)
        assert len(app._notifications) == 1


async def test_a_quiet_notice_shows_when_its_hours_end_without_a_write(
    desk: Desk, make_ticket: Make, clock: Clock, open_desk: Callable[[str], Desk]
) -> None:
    target = {"kind": "resolution", "budgets": {"*": "1h"}, "levels": [{"at": "breach", "tell": ["ana"], "quiet": ["12:00", "13:00"]}]}  # fmt: skip
    desk.apply(None, ops.SavePolicy("Standard", {"calendar": "office", "targets": [target]}))
    ticket = make_ticket()
    clock.forward(3601)
    open_desk("ben").settle(ticket)
    async with at_desk(desk) as (app, pilot):
        await settle(app, pilot, lambda: app._told_of is not None)
        assert app.letters == 0
        clock.at = START + 80 * 60
        # What the timer of each minute calls.
        app._look_for_notices()
        await settle(app, pilot, lambda: app.letters == 1)
        await settle(app, pilot, lambda: len(app._notifications) == 1)


@pytest.mark.parametrize("size", SIZES)
async def test_notices_are_listed_opened_and_seen(
    desk: Desk, make_ticket: Make, open_desk: Callable[[str], Desk], size: tuple[int, int]
) -> None:
    other, tickets = open_desk("ben"), [make_ticket(f"{HOSTILE} {n}") for n in range(3)]
    for ticket in tickets:
        escalate(other, ticket)
    async with at_desk(desk, size) as (app, pilot):
        await pilot.press("g", "n")
        await on(app, pilot, NoticesScreen)
        await settle(app, pilot, lambda: "3 notices new" in frame(app))
        assert "ben escalated it: look at it" in frame(app)
        await settle(app, pilot, lambda: "✉ 3" in frame(app).splitlines()[0])
        await pilot.press("enter")
        await on(app, pilot, TicketScreen)
        await settle(app, pilot, lambda: "✉ 2" in frame(app).splitlines()[0])
        await pilot.press("q")
        await on(app, pilot, NoticesScreen)
        await settle(app, pilot, lambda: "2 notices new" in frame(app))
        await pilot.press("d")
        await settle(app, pilot, lambda: "1 notice new" in frame(app))
        await pilot.press("z")
        await settle(app, pilot, lambda: "3 notices, seen ones too" in frame(app))
        await pilot.press("x")
        await settle(app, pilot, lambda: desk.read.new_notices() == 0)
        await settle(app, pilot, lambda: "✉" not in frame(app).splitlines()[0])
        await pilot.press("q")
        await on(app, pilot, QueueScreen)


@pytest.mark.parametrize("key", ["s", "d", "c"])
async def test_every_head_counts(
    desk: Desk, make_ticket: Make, open_desk: Callable[[str], Desk], key: str
) -> None:
    escalate(open_desk("ben"), make_ticket())
    async with at_desk(desk) as (app, pilot):
        await pilot.press("g", key)
        await settle(app, pilot, lambda: "✉ 1" in frame(app).splitlines()[0])


async def test_marked_notices_are_seen_together(
    desk: Desk, make_ticket: Make, open_desk: Callable[[str], Desk]
) -> None:
    for n in range(3):
        escalate(open_desk("ben"), make_ticket(f"No {n}"))
    async with at_desk(desk) as (app, pilot):
        await pilot.press(":")
        await typed(pilot, "notices")
        await pilot.press("enter")
        await on(app, pilot, NoticesScreen)
        await settle(app, pilot, lambda: "3 notices new" in frame(app))
        await pilot.press("space", "space")
        await settle(app, pilot, lambda: "2 marked" in frame(app))
        await pilot.press("d")
        await settle(app, pilot, lambda: "1 notice new" in frame(app))


async def test_the_dialogs_inputs_take_text_not_keys(desk: Desk, make_ticket: Make) -> None:
    make_ticket()
    async with at_desk(desk) as (app, pilot):
        await pilot.press("!")
        await on(app, pilot, EscalateDialog)
        await pilot.press("tab")
        await typed(pilot, "d x ! u")
        assert app.screen.query_one("#reason", Input).value == "d x ! u"
        await pilot.press("escape")
        await on(app, pilot, QueueScreen)


LADDER = {
    "calendar": "office",
    "targets": [
        {
            "kind": "resolution", "budgets": {"*": "4h"}, "warnings": ["75%"],
            "levels": [{"at": "breach", "name": HOSTILE, "tell": ["lead"], "do": ["tag late"]}],
        }
    ],
}  # fmt: skip


def test_the_next_step_names_those_it_tells(desk: Desk, make_ticket: Make) -> None:
    desk.apply(None, ops.SavePolicy("Standard", LADDER))
    nobodys, bens = make_ticket(), make_ticket(assignee="ben")
    steps = {row.ticket.id: row.step for row in read_board(desk)}
    assert [step and step.tell for step in (steps[nobodys], steps[bens])] == [("queue",), ("ben",)]


@pytest.mark.parametrize(
    ("size", "next_up"), [((80, 24), "→ 14:40"), ((120, 40), "75% 14:40 → ben")]
)
async def test_the_board_shows_what_comes_next_and_who_has_it(
    desk: Desk, make_ticket: Make, size: tuple[int, int], next_up: str
) -> None:
    desk.apply(None, ops.SavePolicy("Standard", LADDER))
    make_ticket(assignee="ben")
    async with at_desk(desk, size) as (app, pilot):
        await pilot.press("g", "s")
        await settle(app, pilot, lambda: next_up in frame(app))
        row = next(line for line in frame(app).splitlines() if next_up in line)
        assert "VPN dr" in row
        assert row.rstrip().endswith("ben")


async def test_panel_and_ledger_show_the_ladder(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    desk.apply(None, ops.SavePolicy("Standard", LADDER))
    ticket = make_ticket(assignee="ben")
    clock.forward(3 * 3600)
    desk.settle(ticket)
    async with at_desk(desk, (120, 40)) as (app, pilot):
        app.open_ticket(ticket)
        await on(app, pilot, TicketScreen)
        await settle(app, pilot, lambda: "next: [/red]" in frame(app))
        await pilot.press("=")
        await settle(app, pilot, lambda: "✓    told ben" in frame(app))
        shown = frame(app)
        assert "Wed 26 Nov 14:40  75%" in shown
        assert "Wed 26 Nov 15:40  [/red]" in shown
        assert "next → lead · tag late" in shown
        assert "\x1b" not in shown

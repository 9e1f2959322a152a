"""The queue by keys: moving, views, the query line, marks, acts, live refresh."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.messages import StoreChanged
from sdesk.model import TicketId
from sdesk.screens.queue import QueueScreen

from .desk_pilot import at_desk, complaints, frame, listed, settle, told

MakeTicket = Callable[..., TicketId]


@pytest.fixture
def ten(make_ticket: MakeTicket) -> list[TicketId]:
    return [make_ticket(f"Printer {n} jams") for n in range(10)]


async def test_the_first_view_stands_with_counts_and_the_desks_name(
    desk: Desk, make_ticket: MakeTicket
) -> None:
    desk.apply(make_ticket("Screen flickers"), ops.Take())
    async with at_desk(desk) as (app, pilot):
        await settle(app, pilot, lambda: "Mine 1" in frame(app))
        assert "sdesk · Acme IT" in frame(app)
        assert "● 1 open" in frame(app)
        assert "Screen flickers" in frame(app)
        assert "11:40" in frame(app)
        assert " / assignee:me state:open sort:due" in frame(app)


async def test_number_keys_brackets_and_minus_walk_the_views(
    desk: Desk, ten: list[TicketId]
) -> None:
    async with at_desk(desk) as (app, pilot):
        screen = app.queue_screen
        await pilot.press("2")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 10)
        assert screen.view == 1
        await pilot.press("right_square_bracket")
        assert screen.view == 2
        await pilot.press("minus")
        assert screen.view == 1
        await pilot.press("left_square_bracket")
        assert screen.view == 0


async def test_j_k_g_and_G_move_the_cursor(desk: Desk, ten: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 10)
        await pilot.press("j", "j", "k")
        assert listed(app).state.cursor == 1
        await pilot.press("G")
        assert listed(app).state.cursor == 9
        await pilot.press("g", "g")
        await settle(app, pilot, lambda: listed(app).state.cursor == 0)


async def test_g_shows_its_choices_and_waits(desk: Desk, ten: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("g")
        await settle(app, pilot, lambda: "m mine" in frame(app))
        await pilot.press("u")
        await settle(app, pilot, lambda: app.queue_screen.view == 1)
        assert "m mine" not in frame(app)


async def test_a_key_that_is_no_choice_closes_the_menu_and_does_nothing(
    desk: Desk, ten: list[TicketId]
) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 10)
        await pilot.press("g", "j")
        await settle(app, pilot, lambda: "m mine" not in frame(app))
        assert listed(app).state.cursor == 0


async def test_the_list_filters_while_the_query_is_typed(desk: Desk, ten: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6", "slash", *"number:3")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == [3])
        await pilot.press("enter", "j")
        assert app.focused is listed(app)
        assert "changed" in frame(app)


async def test_a_fault_in_the_query_stands_under_its_column(desk: Desk) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6", "slash", *"quue:network")
        await settle(app, pilot, lambda: "Did you mean 'queue'?" in frame(app))
        query, fault = (next(x for x in frame(app).splitlines() if w in x) for w in ("quue", "^"))
        assert query.index("quue") == fault.index("^")


async def test_the_list_stays_while_the_query_can_not_be_read(
    desk: Desk, ten: list[TicketId]
) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 10)
        app.queue_screen.open_query("state:nonsense")
        await settle(app, pilot, lambda: "^" in frame(app))
        assert len(listed(app).state.ids) == 10


async def test_escape_puts_the_query_back(desk: Desk, ten: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2")
        before = app.queue_screen.query_text
        await pilot.press("slash", *"number:3")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 1)
        await pilot.press("escape")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 10)
        assert app.queue_screen.query_text == before


async def test_backslash_returns_to_the_views_own_query_and_n_finds_the_hits_again(
    desk: Desk, ten: list[TicketId]
) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6", "slash", *"number:3,7", "enter")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 2)
        await pilot.press("backslash")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 10)
        await pilot.press("n")
        assert listed(app).cursor_id in (3, 7)
        first = listed(app).cursor_id
        await pilot.press("n")
        assert listed(app).cursor_id in {3, 7} - {first}


async def test_tab_completes_a_word_of_the_query(desk: Desk, ten: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6", "slash", *"queue:netw", "tab")
        await settle(app, pilot, lambda: "queue:network" in frame(app))


async def test_i_takes_the_ticket_and_u_gives_it_back(desk: Desk, ten: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 10)
        ticket = listed(app).cursor_id
        assert ticket is not None
        await pilot.press("i")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ana")
        await settle(app, pilot, lambda: "taken by ana" in told(app))
        await settle(app, pilot, lambda: ticket not in listed(app).state.ids)
        await pilot.press("u")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "")
        await settle(app, pilot, lambda: ticket in listed(app).state.ids)


async def test_marks_are_worked_and_undone_as_one_batch(desk: Desk, ten: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 10)
        await pilot.press("space", "space", "j", "v")
        marked = listed(app).state.targets()
        assert len(marked) == 4
        assert "4 marked" in frame(app)
        await pilot.press("p", "1")
        await settle(app, pilot, lambda: all(desk.read.ticket(t).priority == 1 for t in marked))
        await settle(app, pilot, lambda: "4 tickets" in told(app))
        await pilot.press("escape")
        assert not listed(app).state.marks
        await pilot.press("u")
        await settle(app, pilot, lambda: all(desk.read.ticket(t).priority != 1 for t in marked))


async def test_star_marks_all_in_view_and_takes_the_marks_away(
    desk: Desk, ten: list[TicketId]
) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 10)
        await pilot.press("asterisk")
        assert len(listed(app).state.marks) == 10
        await pilot.press("asterisk")
        assert not listed(app).state.marks


async def test_a_assigns_by_a_few_letters(desk: Desk, ten: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 10)
        ticket = listed(app).cursor_id
        assert ticket is not None
        await pilot.press("a", *"ben", "enter")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ben")


async def test_a_change_by_somebody_else_comes_in_and_moves_neither_cursor_nor_marks(
    desk: Desk, ten: list[TicketId], open_desk: Callable[[str], Desk]
) -> None:
    ben = open_desk("ben")
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6", "j", "j", "space", "j")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 10)
        held, marks = listed(app).cursor_id, set(listed(app).state.marks)
        ben.apply(None, ops.Open("Somebody else's", priority=1))
        ben.apply(ten[5], ops.Edit("subject", "Renamed meanwhile"))
        await settle(app, pilot, lambda: "Renamed meanwhile" in frame(app))
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 11)
        assert listed(app).cursor_id == held
        assert listed(app).state.marks == marks


async def test_a_refusal_is_told_and_ends_nothing(
    desk: Desk, ten: list[TicketId], open_desk: Callable[[str], Desk]
) -> None:
    open_desk("ben").apply(ten[0], ops.Take())
    async with at_desk(desk) as (app, pilot):
        await pilot.press("slash", *" number:1", "enter")
        app.queue_screen.open_query("number:1")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == [1])
        await pilot.press("i")
        await settle(app, pilot, lambda: bool(complaints(app)))
        assert desk.read.ticket(ten[0]).assignee == "ben"


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ("assign ben", lambda t: t.assignee == "ben"),
        ("assign me", lambda t: t.assignee == "ana"),
        ("priority critical", lambda t: t.priority == 1),
        ("priority 2", lambda t: t.priority == 2),
        ("queue netw", lambda t: t.queue == "network"),
        ("state open", lambda t: t.state == "open"),
        ("tag hot vip", lambda t: t.tags == ("hot", "vip")),
        ("wait 2d vendor the part comes", lambda t: t.state == "waiting-supplier"),
        ("wait customer log files", lambda t: t.wait_reason == "log files"),
        ("done It works again", lambda t: t.state == "resolved"),
    ],
)
async def test_the_command_line_does_what_the_keys_do(
    desk: Desk, make_ticket: MakeTicket, line: str, holds: Callable[[object], bool]
) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "colon", *line, "enter")
        await settle(app, pilot, lambda: holds(desk.read.ticket(ticket)))
        assert not complaints(app)


async def test_a_word_the_command_line_does_not_know_is_answered_with_the_nearest(
    desk: Desk, make_ticket: MakeTicket
) -> None:
    make_ticket()
    async with at_desk(desk) as (app, pilot):
        await pilot.press("colon", *"asign ben", "enter")
        await settle(app, pilot, lambda: any("'assign'" in c for c in complaints(app)))


async def test_save_makes_a_view_of_the_query(desk: Desk, ten: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6", "slash", *"number:3", "enter")
        await pilot.press("colon", *"save Third", "enter")
        await settle(app, pilot, lambda: "Third" in frame(app))
        assert any(v.name == "Third" and v.query == "number:3" for v in desk.read.views())


async def test_the_command_line_completes_and_remembers(
    desk: Desk, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "colon", *"assi", "tab", *"be", "tab", "enter")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ben")
        await pilot.press("colon", "up")
        await settle(app, pilot, lambda: ":assign ben" in frame(app))


async def test_z_puts_the_preview_right_off_and_back(desk: Desk, make_ticket: MakeTicket) -> None:
    make_ticket()
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2")
        await settle(app, pilot, lambda: "Since this morning" in frame(app))
        assert app.queue_screen.place == "bottom"
        await pilot.press("z")
        await settle(app, pilot, lambda: "Since this morning" not in frame(app))
        await pilot.press("z")
        await settle(app, pilot, lambda: "requester" in frame(app))


async def test_y_copies_the_number_and_says_so(desk: Desk, make_ticket: MakeTicket) -> None:
    make_ticket("A subject")
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "Y")
        await settle(app, pilot, lambda: "copied: SD-1: A subject" in told(app))


async def test_O_changes_the_order_on_the_query_line(desk: Desk, ten: list[TicketId]) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "O", *"-number", "enter")
        await settle(app, pilot, lambda: listed(app).cursor_id == 10)
        assert app.queue_screen.query_text.endswith("sort:-number")


async def test_q_does_not_leave_from_the_home_screen_but_says_how(desk: Desk) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("q")
        await settle(app, pilot, lambda: "Q leaves" in told(app))
        await pilot.press("Q")
        await settle(app, pilot, lambda: app.exit_code == 0)


async def test_of_a_burst_of_changes_the_first_is_read_and_what_is_there_after_a_rest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SdeskApp, "gather", 3_600.0)
    read: list[str] = []
    monkeypatch.setattr(QueueScreen, "reload", lambda _: read.append("read"))
    async with at_desk(desk) as (app, pilot):
        screen = app.queue_screen
        read.clear()
        screen._gathering, screen._has_more = None, False
        screen.post_message(StoreChanged())
        await settle(app, pilot, lambda: read == ["read"])
        screen.post_message(StoreChanged())
        await settle(app, pilot, lambda: screen._has_more)
        assert read == ["read"]
        screen._rested()
        assert read == ["read", "read"]
        screen._rested()
        assert (read, screen._gathering) == (["read", "read"], None)

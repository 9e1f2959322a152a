"""The SLA board: lanes, countdowns, acts on a clock's ticket."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.model import ClockRow, TicketId
from sdesk.ops import Reply, Resolve, SetPriority, Wait
from sdesk.rules.calendar import Calendar
from sdesk.rules.periods import days_back
from sdesk.screens.ledger import folded
from sdesk.screens.sla import SlaScreen
from sdesk.screens.ticket import TicketScreen
from sdesk.widgets.board_lanes import (
    BREACHED,
    HOUR,
    LANES,
    LATER,
    MET,
    PAUSED,
    QUARTER,
    TODAY,
    lane_of,
)
from sdesk.widgets.clock_bar import bar, clock_sign, share_of
from sdesk.widgets.countdown import big
from sdesk.widgets.line_view import LineView
from tests.conftest import START, ZONE, Clock
from tests.each import each
from tests.tui.desk_pilot import at_desk, frame, settle
from tests.tui.ticket_pilot import until_shown

Make = Callable[..., TicketId]


async def open_board(app: SdeskApp, pilot: Pilot[None]) -> SlaScreen:
    await pilot.press("g", "s")
    await settle(
        app, pilot, lambda: isinstance(app.screen, SlaScreen) and bool(app.screen.listed.content)
    )
    assert isinstance(app.screen, SlaScreen)
    return app.screen


@pytest.fixture
def busy(desk: Desk, make_ticket: Make, clock: Clock) -> dict[str, TicketId]:
    """Clocks in several lanes."""
    made = {
        "breached": make_ticket("Mail is down", impact=1, urgency=1),
        "hour": make_ticket("VPN drops", impact=1, urgency=2),
        "later": make_ticket("New laptop", impact=3, urgency=3),
        "paused": make_ticket("Waits for him"),
        "met": make_ticket("Answered at once"),
    }
    desk.apply(made["met"], Reply("Done"))
    desk.apply(made["paused"], Reply("Which one?"), Wait("waiting-customer"))
    clock.forward(35 * 60)
    return made


@pytest.mark.usefixtures("busy")
async def test_clocks_stand_in_lanes_the_soonest_first(desk: Desk) -> None:
    async with at_desk(desk, (100, 40)) as (app, pilot):
        await open_board(app, pilot)
        await until_shown(
            app,
            pilot,
            "── breached 1",
            "── under 1 h 1",
            "── today",
            "── later",
            "── paused",
            "── met today",
        )
        text = frame(app)
        places = [text.index(f"── {lane}") for lane in LANES if f"── {lane}" in text]
        assert places == sorted(places)
        assert "!!" in text
        assert "‖" in text
        assert "✓" in text


@pytest.mark.usefixtures("busy")
async def test_the_first_clock_has_a_big_countdown(desk: Desk) -> None:
    async with at_desk(desk, (100, 40)) as (app, pilot):
        await open_board(app, pilot)
        await until_shown(app, pilot, "SD-1 P1 Mail is down", "response · due")
        assert all(row in frame(app) for row in big("−5m"))


async def test_act_keys_work_on_the_clocks_ticket(desk: Desk, busy: dict[str, TicketId]) -> None:
    async with at_desk(desk, (100, 40)) as (app, pilot):
        await open_board(app, pilot)
        await pilot.press("i")
        await settle(app, pilot, lambda: desk.read.ticket(busy["breached"]).assignee == "ana")
        await until_shown(app, pilot, "ana")


async def test_marks_are_worked_as_one_batch(desk: Desk, busy: dict[str, TicketId]) -> None:
    async with at_desk(desk, (100, 40)) as (app, pilot):
        screen = await open_board(app, pilot)
        await pilot.press("space", "space")
        await until_shown(app, pilot, "2 marked")
        assert set(screen.targets()) == {busy["breached"], busy["hour"]}
        await pilot.press("i")
        await settle(app, pilot, lambda: desk.read.ticket(busy["hour"]).assignee == "ana")
        await pilot.press("u")
        await settle(app, pilot, lambda: desk.read.ticket(busy["hour"]).assignee == "")
        assert desk.read.ticket(busy["breached"]).assignee == ""


async def test_brackets_move_between_lanes_and_enter_opens(
    desk: Desk, busy: dict[str, TicketId]
) -> None:
    async with at_desk(desk, (100, 40)) as (app, pilot):
        screen = await open_board(app, pilot)
        await pilot.press("right_square_bracket")
        row = screen.listed.current_row()
        assert row is not None
        assert row.ticket.id == busy["hour"]
        await pilot.press("left_square_bracket")
        assert screen.targets() == (busy["breached"],)
        await pilot.press("enter")
        await settle(app, pilot, lambda: isinstance(app.screen, TicketScreen))
        await until_shown(app, pilot, "Mail is down")
        await pilot.press("q")
        await settle(app, pilot, lambda: isinstance(app.screen, SlaScreen))


@pytest.mark.usefixtures("busy")
async def test_the_clock_under_the_cursor_is_explained(desk: Desk) -> None:
    async with at_desk(desk, (100, 40)) as (app, pilot):
        await open_board(app, pilot)
        await pilot.press("equals_sign")
        await until_shown(
            app, pilot, 'SD-1 · response · policy "Standard" P1 30m', "used 35m of 30m"
        )
        assert "resolution ·" not in frame(app).split("The clock of")[1]


async def test_a_refresh_keeps_the_cursor_on_its_clock(
    desk: Desk, busy: dict[str, TicketId], open_desk: Callable[[str], Desk]
) -> None:
    async with at_desk(desk, (100, 40)) as (app, pilot):
        screen = await open_board(app, pilot)
        await pilot.press("j")
        assert screen.targets() == (busy["hour"],)
        open_desk("ben").apply(busy["later"], SetPriority(1))
        await settle(
            app,
            pilot,
            lambda: any(
                r.ticket.priority == 1 for r in screen.listed.rows if r.ticket.id == busy["later"]
            ),
        )
        assert screen.targets() == (busy["hour"],)


@pytest.mark.usefixtures("busy")
async def test_time_alone_moves_a_clock_into_the_next_lane(desk: Desk, clock: Clock) -> None:
    async with at_desk(desk, (100, 40)) as (app, pilot):
        screen = await open_board(app, pilot)
        assert "under 15 min" not in frame(app)
        clock.forward(12 * 60)
        screen.listed._tick()
        await until_shown(app, pilot, "── under 15 min 1")


async def test_an_idle_board_paints_nothing(
    desk: Desk, make_ticket: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ticket("Far from due")
    async with at_desk(desk, (100, 40)) as (app, pilot):
        screen = await open_board(app, pilot)
        await pilot.pause()
        painted: list[object] = []
        monkeypatch.setattr(
            LineView, "refresh", lambda _self, *regions, **_: painted.append(regions)
        )
        screen.listed._tick()
        assert painted == []


def repainted(monkeypatch: pytest.MonkeyPatch) -> list[Region]:
    """The regions that are painted from now on."""
    painted: list[Region] = []
    monkeypatch.setattr(LineView, "refresh", lambda _self, *regions, **_: painted.extend(regions))
    return painted


def ticks(screen: SlaScreen, clock: Clock, at: int) -> None:
    clock.at = at
    screen.listed._tick()


async def test_above_ten_minutes_only_a_new_minute_is_painted_and_only_its_cells(
    desk: Desk, make_ticket: Make, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ticket("New laptop", impact=3, urgency=3)
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await open_board(app, pilot)
        await pilot.press("G")
        ticks(screen, clock, START + 61)
        painted = repainted(monkeypatch)
        for second in (62, 90, 119, 120):
            ticks(screen, clock, START + second)
        assert painted == []
        ticks(screen, clock, START + 121)
        first = next(region for region in painted if region.y == 1)
        assert (first.x, first.right) < (16, 60)
        assert 0 < first.width < 40


async def test_under_ten_minutes_every_second_is_painted_in_sight_and_none_out_of_sight(
    desk: Desk, make_ticket: Make, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        make_ticket(f"Mail {number} is down", impact=1, urgency=1)
        make_ticket(f"Laptop {number}", impact=3, urgency=3)
    clock.forward(25 * 60)
    async with at_desk(desk, (120, 20)) as (app, pilot):
        screen = await open_board(app, pilot)
        screen.listed._tick()
        painted = repainted(monkeypatch)
        ticks(screen, clock, START + 1501)
        rows = {region.y for region in painted if region.width < 40}
        assert len(rows) >= 10
        assert max(region.width for region in painted if region.y > 2) < 40
        await pilot.press("G")
        assert screen.listed.top > 12
        painted.clear()
        ticks(screen, clock, START + 1502)
        # The big countdown goes on: its digits, and nothing of the list.
        assert {region.y for region in painted} <= {0, 1, 2}


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (120, 40)])
@pytest.mark.usefixtures("busy")
async def test_it_fits_every_size(desk: Desk, size: tuple[int, int]) -> None:
    async with at_desk(desk, size) as (app, pilot):
        await open_board(app, pilot)
        await pilot.press("G", "k", "k")
        for strip in app.screen._compositor.render_strips():
            assert sum(segment.cell_length for segment in strip) == size[0]


async def test_a_board_without_clocks_says_so(desk: Desk) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("g", "s")
        await until_shown(app, pilot, "No clock is running")
        await pilot.press("j", "k", "enter", "i", "space", "q")
        await settle(app, pilot, lambda: not isinstance(app.screen, SlaScreen))


def row(
    due: int | None, *, paused: bool = False, stopped: int | None = None, breach: int | None = None
) -> ClockRow:
    return ClockRow(
        TicketId(1), "response", "P", START, stopped, 3600, 600, due, breach, paused, "running"
    )


@each(
    ("clock_row", "lane"),
    [
        (row(START - 1), BREACHED),
        (row(START - 1, breach=START + 60), QUARTER),
        (row(START + 899), QUARTER),
        (row(START + 900), HOUR),
        (row(START + 3600), TODAY),
        (row(START + 86_400), LATER),
        (row(None, paused=True), PAUSED),
        (row(None), LATER),
        (row(None, stopped=START), MET),
    ],
)
def test_a_clock_has_one_lane(clock_row: ClockRow, lane: int) -> None:
    assert lane_of(clock_row, START, days_back(START, ZONE, 1)[-1]) == lane


def test_the_share_counts_working_time_only() -> None:
    office = Calendar(
        zone="UTC",
        hours={d: [("00:00", "12:00")] for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    )
    midnight = START - START % 86_400
    running = ClockRow(
        TicketId(1),
        "response",
        "P",
        midnight,
        None,
        86_400,
        0,
        midnight + 86_400 + 43_200,
        None,
        False,
        "running",
    )
    assert share_of(running, office, midnight + 21_600) == 0.25
    assert share_of(running, office, midnight + 43_200) == 0.5
    assert share_of(running, office, midnight + 80_000) == 0.5
    assert share_of(running, office, midnight + 2 * 86_400 + 43_200) == 1.5
    assert share_of(running, None, midnight) == 0


@each(
    ("share", "drawn"),
    [(0, "░░░░"), (1, "████"), (0.5, "██░░"), (9, "████"), (-1, "░░░░"), (0.3, "█▎░░")],
)
def test_a_bar_takes_its_cells_exactly(share: float, drawn: str) -> None:
    assert bar(share, 4) == drawn


async def test_a_ticket_that_ended_unanswered_says_so_and_not_that_it_waits(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket("Solved itself", impact=1, urgency=1)
    clock.forward(600)
    desk.apply(ticket, Resolve())
    clock.forward(7200)
    async with at_desk(desk, (120, 40)) as (app, pilot):
        app.open_ticket(ticket)
        await until_shown(app, pilot, "– never answered", "stopped by the end 11:50 · 10m of 30m")
        assert "paused" not in frame(app)
        await pilot.press("equals_sign")
        await until_shown(app, pilot, "used 10m of 30m · never answered, stopped by the end")


def test_a_promise_broken_before_the_end_stays_broken() -> None:
    left = row(None, paused=True)
    late = left._replace(used=4000)
    assert clock_sign(left, START, is_done=True) == ("–", "never answered")
    assert clock_sign(late, START, is_done=True) == ("!!", "never answered")
    assert clock_sign(left, START) == ("‖", "50m")


def test_a_long_sum_begins_further_left_and_long_words_go_on_below() -> None:
    total = ((" " * 44, "text"), ("used 1h 10m of 15m · !! due Sun 08:20, set by hand", "bad"))
    (line,) = folded(total, 78)
    assert sum(len(text) for text, _ in line) == 78
    told = (("Sun 22 Nov 08:20  ", "muted"), ("told aino, ben, carla, jun and root", "muted"))
    first, second = folded(told, 40)
    assert first[-1][0] == "told aino, ben, carla,"
    assert second == ((" " * 18, "muted"), ("jun and root", "muted"))
    assert folded((), 40) == [()]
    assert folded(told, 80) == [told]

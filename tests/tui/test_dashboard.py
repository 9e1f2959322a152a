"""The dashboard: the desk in numbers, the promises it kept, and the queue behind each line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from sdesk import ops
from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.rules.attainment import By, attainment
from sdesk.rules.periods import PERIODS, span
from sdesk.screens.dashboard import DashboardScreen
from sdesk.screens.dashboard_reading import DAYS, Record, situation
from sdesk.widgets.dash_lines import Paper
from sdesk.widgets.line_view import LineView
from tests.conftest import START, ZONE, Clock
from tests.each import each
from tests.tui.desk_pilot import at_desk, frame, listed, settle
from tests.tui.ticket_pilot import until_shown

Make = Callable[..., TicketId]
HOUR = 3600


@pytest.fixture
def worked(desk: Desk, make_ticket: Make, clock: Clock) -> dict[str, TicketId]:
    """Kept and broken promises in two queues, a pause, and live tickets at risk and breached."""
    made = {
        "met": make_ticket("Answered at once", queue="network"),
        "broken": make_ticket("Answered late", queue="network", impact=1, urgency=1),
        "paused": make_ticket("Which one?", assignee="ana"),
        "open": make_ticket("Nobody's", impact=2, urgency=1),
    }
    clock.forward(600)
    desk.apply(made["met"], ops.Reply("Done"), ops.Resolve())
    desk.apply(made["paused"], ops.Reply("Which?"), ops.Wait("waiting-customer"))
    clock.forward(HOUR - 1200)
    desk.apply(made["broken"], ops.Reply("Sorry"))
    return made


async def open_dashboard(app: SdeskApp, pilot: Pilot[None]) -> DashboardScreen:
    await pilot.press("g", "d")
    await settle(
        app,
        pilot,
        lambda: (
            isinstance(app.screen, DashboardScreen)
            and app.screen.is_known
            and bool(app.screen.situation.counts)
            and bool(app.screen.rows)
        ),
    )
    assert isinstance(app.screen, DashboardScreen)
    return app.screen


def report(desk: Desk, by: By, period: str = "30 days") -> list[tuple[str, str, int, int]]:
    """As `sdesk sla report` counts."""
    days = span(period, desk.now(), desk.settings.zone)
    found = attainment(
        desk.judged(desk.read.promised(days.start, days.end)), by, days.start, days.end
    )
    return [(row.group, row.target, row.met, row.breached) for row in found]


@pytest.mark.usefixtures("worked")
async def test_it_shows_what_the_report_counts_by_each_group(desk: Desk) -> None:
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await open_dashboard(app, pilot)
        for key, by in zip(
            "21345", ("assignee", "queue", "priority", "policy", "organization"), strict=True
        ):
            await pilot.press(key)
            await until_shown(app, pilot, f"promises by {by}")
            expected = report(desk, By(by))
            await settle(
                app,
                pilot,
                lambda want=expected: (
                    [  # type: ignore[misc]
                        (r.group, r.target, r.met, r.breached) for r in screen.rows
                    ]
                    == want
                ),
            )
        await pilot.press("1")
        await until_shown(app, pilot, "!! Network", "50.0%", "+20m SD-2", "Service desk")


@pytest.mark.usefixtures("worked")
async def test_one_kind_of_target_and_another_period_are_chosen_by_key(desk: Desk) -> None:
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await open_dashboard(app, pilot)
        await pilot.press("f")
        await until_shown(app, pilot, "queue · response · 30 days")
        await settle(app, pilot, lambda: {row.target for row in screen.rows} == {"response"})
        await pilot.press("less_than_sign", "less_than_sign")
        await until_shown(app, pilot, "today (26 Nov)")
        await pilot.press("less_than_sign")
        await until_shown(app, pilot, "last month (1 Oct – 31 Oct)", "no promise was due")


@pytest.mark.usefixtures("worked")
async def test_the_desk_as_it_is_now_stands_above(desk: Desk) -> None:
    async with at_desk(desk, (120, 40)) as (app, pilot):
        await open_dashboard(app, pilot)
        lines = frame(app).splitlines()
        assert [" ".join(line.split()[:-1]) for line in lines[2:6]] == [
            "▌ live 3", "unassigned 2", "! at risk 1", "!! breached 1",
        ]  # fmt: skip
        created = next(line for line in lines if "    created" in line)
        assert "4 today · 4 in all" in created
        assert "▁" * (DAYS - 1) + "█" in created


async def test_enter_opens_the_queue_with_the_tickets_behind(
    desk: Desk, worked: dict[str, TicketId]
) -> None:
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await open_dashboard(app, pilot)
        index = next(
            i
            for i, row in enumerate(screen.listed.content)
            if row.key == "promise network response"
        )
        screen.listed.move_to(index)
        await pilot.press("enter")
        await settle(
            app,
            pilot,
            lambda: (
                app.screen is app.queue_screen and list(listed(app).state.ids) == [worked["broken"]]
            ),
        )
        assert 'queue:"network" sla:response:breached' in app.queue_screen.query_text


@pytest.mark.usefixtures("worked")
async def test_every_line_has_a_query_that_can_be_asked(desk: Desk) -> None:
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await open_dashboard(app, pilot)
        for key in "12345":
            await pilot.press(key)
            await until_shown(app, pilot, f"by {screen.by}")
            for row in screen.listed.content:
                if row.query:
                    assert desk.read.count(row.query) is not None
            assert desk.read.count("org:none (is:live or updated>=2025-11-01)") == 0


@pytest.mark.usefixtures("worked")
async def test_a_change_of_the_store_moves_the_numbers_and_not_the_cursor(
    desk: Desk, open_desk: Callable[[str], Desk], worked: dict[str, TicketId],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("sdesk.screens.dashboard.REFRESH", 0.05)
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await open_dashboard(app, pilot)
        await pilot.press("j", "j", "j", "j")
        held = screen.listed.current()
        open_desk("ben").apply(worked["open"], ops.Reply("Late"), ops.Move("network"))
        await settle(
            app,
            pilot,
            lambda: any(
                row.group == "network" and row.met + row.breached == 3 for row in screen.rows
            ),
        )
        now = screen.listed.current()
        assert held is not None
        assert now is not None
        assert now.key == held.key


@pytest.mark.usefixtures("worked")
async def test_what_looks_as_before_is_not_painted_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await open_dashboard(app, pilot)
        await pilot.pause()
        painted: list[object] = []
        monkeypatch.setattr(LineView, "refresh", lambda _s, *regions, **_: painted.append(regions))
        screen._draw()
        assert painted == []


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (120, 40)])
@pytest.mark.usefixtures("worked")
async def test_it_fits_every_size(desk: Desk, size: tuple[int, int]) -> None:
    async with at_desk(desk, size) as (app, pilot):
        await open_dashboard(app, pilot)
        await pilot.press("right_square_bracket", "G", "k")
        for strip in app.screen._compositor.render_strips():
            assert sum(segment.cell_length for segment in strip) == size[0]


def test_a_record_reads_again_only_what_changed_or_ran_out(
    desk: Desk, worked: dict[str, TicketId], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, days = Record(), span("30 days", desk.now(), ZONE)
    asked: list[list[int]] = []
    judged = desk.judged

    def judging(tickets: list[int]) -> object:
        asked.append(sorted(tickets))
        return judged(tickets)

    monkeypatch.setattr(desk, "judged", judging)

    def read() -> list[int]:
        assert list(record.read(desk, days, lambda: False))
        return asked[-1]

    assert read() == sorted(worked.values())
    assert read() == []
    desk.apply(worked["paused"], ops.AddNote("hm"))
    assert read() == [worked["paused"]]
    clock.forward(2 * HOUR)
    assert worked["open"] in read()
    known = attainment(record.known(), By.QUEUE, days.start, days.end)
    fresh = attainment(judged(desk.read.ids("")), By.QUEUE, days.start, days.end)
    assert [(r.group, r.met, r.breached) for r in known] == [
        (r.group, r.met, r.breached) for r in fresh
    ]
    desk.apply(
        None, ops.SaveCalendar("office", {"zone": ZONE, "hours": {"wed": [["08:00", "16:00"]]}})
    )
    assert len(read()) == len(worked)


def test_a_cancelled_reading_goes_on_where_it_was(desk: Desk, worked: dict[str, TicketId]) -> None:
    record, days = Record(), span("today", desk.now(), ZONE)
    assert list(record.read(desk, days, lambda: len(record.known()) == 2)) == []
    assert len(record.known()) == 2
    assert list(record.read(desk, days, lambda: False)) == [(2, 2)]
    assert len(record.known()) == len(worked)


def test_counts_are_those_of_the_queries_behind_them(
    desk: Desk, worked: dict[str, TicketId], clock: Clock
) -> None:
    desk.apply(worked["open"], ops.Wait("scheduled", until=clock() + 60))
    clock.forward(600)
    now = situation(desk, span("30 days", desk.now(), desk.settings.zone))
    assert sum(now.counts["overdue"].values()) == 1
    assert now.counts["live"] == {("network", 1): 1, ("service-desk", 3): 1, ("service-desk", 2): 1}
    assert (now.created[-1], now.resolved[-1]) == (4, 1)


def test_a_clock_that_nobody_touched_is_counted_when_it_runs_out(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    make_ticket(impact=1, urgency=2)
    clock.forward(26 * HOUR)
    assert [row[1:] for row in report(desk, By.QUEUE, "today")] == [("resolution", 0, 1)]
    assert [row[1:] for row in report(desk, By.QUEUE)] == [("resolution", 0, 1), ("response", 0, 1)]


@each(
    ("period", "first", "last"),
    [
        ("today", "2025-11-26", "2025-11-26"), ("7 days", "2025-11-20", "2025-11-26"),
        ("30 days", "2025-10-28", "2025-11-26"), ("90 days", "2025-08-29", "2025-11-26"),
        ("this month", "2025-11-01", "2025-11-26"), ("last month", "2025-10-01", "2025-10-31"),
    ],
)  # fmt: skip
def test_a_period_is_whole_days_of_the_desk(period: str, first: str, last: str) -> None:
    found = span(period, START, ZONE)
    assert period in PERIODS
    assert (str(found.first), str(found.last)) == (first, last)


def test_a_terminal_without_unicode_gets_ascii_bars() -> None:
    paper = Paper(80, unicode=False)
    assert paper.bar(0.5, 4) == "##.."
    assert paper.sparks([0, 1, 7]) == "_.#"
    assert Paper(80).sparks([0, 0]) == "▁▁"

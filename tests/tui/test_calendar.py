"""The calendars on the screen: a year, edits that are collected, saved together and recomputed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Event
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from sdesk import ops
from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.recount import differences
from sdesk.screens.calendar import CalendarScreen
from sdesk.screens.dialogs.ask import Ask
from sdesk.screens.dialogs.prompt import Prompt
from sdesk.widgets.line_view import LineView
from tests.conftest import OFFICE
from tests.tui.desk_pilot import at_desk, complaints, frame, settle, told
from tests.tui.ticket_pilot import until_shown

Make = Callable[..., TicketId]
HOSTILE = "[/red]\x1b]52;c;eA==\x07 night\u202e [@click=app.quit]shift[/]"
HELD = {
    **OFFICE,
    "holidays": ["2025-12-24", "*-12-25", "2025-12-06"],
    "exceptions": {"2025-12-23": [["08:00", "12:00"]], "2025-12-31": []},
    "breaks": {"2025-11-05": [["10:00", "11:00"]]},
}


@pytest.fixture
def office(desk: Desk) -> Desk:
    desk.apply(None, ops.SaveCalendar("office", HELD))
    desk.apply(None, ops.SaveCalendar(HOSTILE, OFFICE))
    return desk


async def open_calendar(app: SdeskApp, pilot: Pilot[None], *keys: str) -> CalendarScreen:
    await pilot.press(*(keys or ("g", "c")))
    await settle(
        app, pilot, lambda: isinstance(app.screen, CalendarScreen) and bool(app.screen.page.specs)
    )
    assert isinstance(app.screen, CalendarScreen)
    return app.screen


async def dialog(app: SdeskApp, pilot: Pilot[None], kind: type[Screen[Any]], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(app, pilot, lambda: isinstance(app.screen, kind) and app.screen.is_current)
    await pilot.pause()


async def closed(app: SdeskApp, pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(app, pilot, lambda: isinstance(app.screen, CalendarScreen))


async def test_a_year_shows_what_each_day_is_by_a_sign(office: Desk) -> None:
    async with at_desk(office, (120, 40)) as (app, pilot):
        await open_calendar(app, pilot)
        text = frame(app)
        for month in ("January", "June", "December"):
            assert month in text
        assert " 22 23*24×25×26 27·28·" in text
        assert "3  4  5~ 6" in text
        assert "31-" in text
        for words in (
            "used by the desk, policy Standard", "Wed 26 Nov 2025 · open 08:00–16:00 · today",
            "× holiday", "Mon 08:00–16:00", "Sat closed", "Other days in 2025", "Wed 24 Dec × holiday",
        ):  # fmt: skip
            assert words in text


async def test_half_a_year_fits_on_80_columns_and_scrolls(office: Desk) -> None:
    async with at_desk(office) as (app, pilot):
        screen = await open_calendar(app, pilot)
        text = frame(app)
        assert "July" in text
        assert "December" in text
        assert "January" not in text
        assert "Mon–Fri 08:00–16:00 · Sat, Sun closed" in text
        assert "not saved" in text.splitlines()[-2]
        assert all(len(line) <= 80 for line in text.splitlines())
        await pilot.press("home")
        await until_shown(app, pilot, "January", "Wed 1 Jan 2025")
        await pilot.press("pagedown", "l", "j", "k", "h", "pagedown", "pageup")
        assert screen.year.cursor == date(2025, 2, 1)
        await pilot.press("}", "0", "{", "G")
        await until_shown(app, pilot, "Tue 31 Dec 2024", "October")
        await pilot.press("0")
        assert screen.year.cursor == date(2025, 11, 26)


async def test_every_line_of_the_frame_is_as_wide_as_the_screen(office: Desk) -> None:
    async with at_desk(office, (100, 30)) as (app, pilot):
        screen = await open_calendar(app, pilot)
        await pilot.press("space", "]", "e", "escape")
        for widget in screen.query(LineView):
            for y in range(widget.size.height):
                assert widget.draw(y).cell_length == widget.size.width, (widget, y)


async def test_edits_are_counted_saved_once_and_what_runs_is_recomputed(
    office: Desk, make_ticket: Make
) -> None:
    done, running = make_ticket(), make_ticket()
    office.apply(done, ops.Reply("Try again"), ops.Resolve())
    before = office.read.clocks(done)
    async with at_desk(office, (120, 40)) as (app, pilot):
        screen = await open_calendar(app, pilot)
        await pilot.press("space")
        await until_shown(
            app, pilot, "1 change · A saves", "closed that day · would be 08:00–16:00"
        )
        await dialog(app, pilot, Prompt, "j", "enter")
        await pilot.press("ctrl+u", *"1:00-2", "enter")
        await until_shown(app, pilot, "'2' is not a time of day")
        await pilot.press("ctrl+u", *"09:00-11:00 12:00-13:00")
        await closed(app, pilot, "enter")
        await dialog(app, pilot, Prompt, "e")
        await pilot.press("ctrl+u", *"closed")
        await closed(app, pilot, "enter")
        await until_shown(app, pilot, "3 changes", "Not saved", "Wednesdays", "09:00–11:00")
        assert len(screen.drafts["office"].differences()) == 3
        await dialog(app, pilot, Ask, "A")
        await until_shown(app, pilot, "Save 3 changes and recompute 1 open ticket?")
        await closed(app, pilot, "y")
        await settle(app, pilot, lambda: "1 ticket recomputed, 1 of them changed" in told(app))
        assert "changes" not in frame(app)
    spec = office.read.calendars()["office"]
    assert spec["exceptions"]["2025-11-26"] == []
    assert spec["exceptions"]["2025-12-03"] == [["09:00", "11:00"], ["12:00", "13:00"]]
    assert "wed" not in spec["hours"]
    assert office.read.clocks(done) == before
    assert list(differences(office.read, office.levels(), [done, running], office.now())) == []
    events = [e for e in office.read.agreement_events() if e.details["name"] == "office"]
    assert len(events) == 3, "as it was made, as the fixture changed it, and one for all edits"


async def test_a_holiday_is_switched_off_and_a_change_taken_back(office: Desk) -> None:
    async with at_desk(office) as (app, pilot):
        screen = await open_calendar(app, pilot)
        screen.year.move_to(date(2025, 12, 24))
        await until_shown(app, pilot, "Wed 24 Dec 2025 · holiday · would be 08:00–16:00")
        await pilot.press("space")
        await until_shown(app, pilot, "own hours 08:00–16:00 · a holiday that is worked")
        await pilot.press("j", "j", "space", "u")
        await until_shown(app, pilot, "1 change ")
        await pilot.press("u")
        assert screen.drafts == {}
        await pilot.press("u")
        assert told(app) == "there is no change to take back"
        screen.year.move_to(date(2025, 12, 27))
        await pilot.press("space")
        assert "Saturdays have no hours" in complaints(app)[0]


async def test_leaving_and_discarding_ask_and_quitting_does(office: Desk) -> None:
    async with at_desk(office) as (app, pilot):
        await open_calendar(app, pilot)
        await dialog(app, pilot, Ask, "space", "q")
        await until_shown(app, pilot, "1 change not saved: leave?")
        await closed(app, pilot, "escape")
        await dialog(app, pilot, Ask, "q")
        await pilot.press("k")
        await settle(app, pilot, lambda: app.screen is app.queue_screen)
        await dialog(app, pilot, Ask, "Q")
        await until_shown(app, pilot, "leave sdesk without them?")
        await pilot.press("enter", "escape")
        await settle(app, pilot, lambda: app.screen is app.queue_screen)
        await open_calendar(app, pilot)
        await until_shown(app, pilot, "1 change ")
        await dialog(app, pilot, Ask, "U")
        await closed(app, pilot, "d")
        await settle(app, pilot, lambda: not app.calendar_drafts)
        await pilot.press("q")
        await settle(app, pilot, lambda: app.screen is app.queue_screen)


async def test_others_look_but_do_not_change(
    office: Desk, open_desk: Callable[[str], Desk]
) -> None:
    async with at_desk(open_desk("mia")) as (app, pilot):
        screen = await open_calendar(app, pilot, *":calendar off", "enter")
        await until_shown(app, pilot, "read only: admins change calendars")
        await pilot.press("space", "enter", "e", "A")
        assert len(set(complaints(app))) == 1
        assert screen.drafts == {}


async def test_a_hostile_name_is_only_text(office: Desk) -> None:
    async with at_desk(office) as (app, pilot):
        screen = await open_calendar(app, pilot)
        await pilot.press("]")
        await until_shown(app, pilot, "[/red]", "used by nobody")
        assert screen.name_shown == HOSTILE
        assert "\x1b" not in frame(app)
        await dialog(app, pilot, Prompt, "enter")
        await closed(app, pilot, "escape")
        await dialog(app, pilot, Ask, "space", "A")
        await closed(app, pilot, "y")
        await settle(app, pilot, lambda: "recomputed" in told(app))
    assert office.read.calendars()[HOSTILE]["exceptions"] == {"2025-11-26": []}


async def test_what_somebody_saves_meanwhile_stays_under_the_edits(
    office: Desk, open_desk: Callable[[str], Desk]
) -> None:
    office.apply(None, ops.SaveAgent("lea", "Lea Novák", "admin"))
    other = open_desk("lea")
    async with at_desk(office) as (app, pilot):
        screen = await open_calendar(app, pilot)
        await pilot.press("space")
        other.apply(None, ops.SaveCalendar("office", {**HELD, "holidays": ["2025-12-01"]}))
        await settle(app, pilot, lambda: "2025-12-01" in screen.draft().base["holidays"])
        await dialog(app, pilot, Ask, "A")
        await closed(app, pilot, "y")
        await settle(app, pilot, lambda: "recomputed" in told(app))
    spec = office.read.calendars()["office"]
    assert (spec["holidays"], spec["exceptions"]["2025-11-26"]) == (["2025-12-01"], [])


async def test_the_desk_goes_on_while_clocks_are_computed_and_may_be_left(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, steps = Event(), []

    def slow(on_progress: Callable[[int, int], None]) -> int:
        for done in (1, 2, 3):
            on_progress(done, 4)
            steps.append(done)
            left.wait(60)
        return 4

    monkeypatch.setattr(office, "recompute_clocks", slow)
    async with at_desk(office, (120, 40)) as (app, pilot):
        screen = await open_calendar(app, pilot)
        await dialog(app, pilot, Ask, "space", "A")
        await closed(app, pilot, "y")
        await until_shown(app, pilot, "computing clocks ━━━━━─", "1 of 4")
        await pilot.press("l")
        assert screen.year.cursor == date(2025, 11, 27)
        await pilot.press("q", "Q")
        await settle(app, pilot, lambda: app.exit_code == 0)
        assert "3 tickets' clocks are not computed yet" in str(app._exit_renderables[0])
        left.set()
    assert steps[0] == 1
    assert len(steps) < 3


async def test_the_mouse_takes_a_day(office: Desk) -> None:
    async with at_desk(office, (120, 40)) as (app, pilot):
        screen = await open_calendar(app, pilot)
        await pilot.click(screen.year, offset=(23, 2))
        assert screen.year.cursor == date(2025, 11, 26), "no day stands there"
        await pilot.click(screen.year, offset=(1, 3))
        assert screen.year.cursor == date(2025, 1, 6)

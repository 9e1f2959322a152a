"""Announcements in the desk: told of in every head, made, updated and ended by those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from sdesk import ops
from sdesk.announced import Survey
from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.errors import NotFound
from sdesk.model import TicketId
from sdesk.present import event_sentence, local
from sdesk.rules.periods import span
from sdesk.screens.announcements import AnnouncementsScreen
from sdesk.screens.dashboard_reading import situation
from sdesk.screens.dialogs.announce import AnnounceForm, EndForm, ReviseForm
from sdesk.screens.dialogs.ask import Ask
from sdesk.screens.reading import read_page
from sdesk.widgets.dash_lines import Paper, Sheet, dash_lines
from sdesk.widgets.letters import in_short
from sdesk.widgets.post_lines import answer_lines, planned_lines
from sdesk.widgets.properties import detail_lines
from sdesk.widgets.thread_lines import Line
from tests.conftest import START, ZONE, Clock
from tests.each import each
from tests.tui.desk_pilot import at_desk, complaints, frame, settle, told

Make = Callable[..., TicketId]
HOSTILE = "[@click=app.bell]VPN[/] \u202e\x1b]52;c;AAAA\x07 down"


def outage(desk: Desk, title: str = "VPN", **values: object) -> None:
    desk.apply(None, ops.Announce("outage", title, "Down since ten.", **values))  # type: ignore[arg-type]


def planned(desk: Desk, title: str, ahead: int) -> None:
    now = desk.now()
    desk.apply(None, ops.Announce("planned", title, "t", starts_at=now + ahead, ends_at=now + ahead + 3600))  # fmt: skip


async def at_announcements(app: SdeskApp, pilot: Pilot[None], words: str) -> None:
    await pilot.press("g", "a")
    await settle(app, pilot, lambda: isinstance(app.screen, AnnouncementsScreen))
    await settle(app, pilot, lambda: words in frame(app))


async def at_form(app: SdeskApp, pilot: Pilot[None], kind: type[Screen[Any]]) -> None:
    await settle(app, pilot, lambda: isinstance(app.screen, kind) and bool(app.screen.focused))


async def test_every_head_tells_of_what_stands_or_begins_soon(desk: Desk) -> None:
    planned(desk, "Mail moves", 3600)
    planned(desk, "Far away", 3 * 86_400)
    async with at_desk(desk, (80, 24)) as (app, pilot):
        await settle(app, pilot, lambda: "⚠ Mail" in frame(app))
        outage(desk)
        await settle(app, pilot, lambda: "⚠ VPN +1" in frame(app))
        await pilot.press("g", "d")
        await settle(app, pilot, lambda: "Dashboard" in frame(app) and "⚠ VPN +1" in frame(app))
        desk.apply(None, ops.EndAnnouncement(2))
        desk.apply(None, ops.EndAnnouncement(3))
        await settle(app, pilot, lambda: "⚠ Mail moves" in frame(app))
        desk.apply(None, ops.EndAnnouncement(1, cancelled=True))
        await settle(app, pilot, lambda: "⚠" not in frame(app))


@each(
    ("titles", "room", "said"),
    [
        ((), 20, ""), (("VPN",), 20, "⚠ VPN"), (("VPN", "b", "c"), 20, "⚠ VPN +2"), (("VPN", "b"), 6, "⚠ 2"),
        (("A long title of it",), 10, "⚠ A long…"), ((HOSTILE,), 60, "⚠ [@click=app.bell]VPN[/] down"),
    ],
)  # fmt: skip
def test_what_is_announced_fits_its_room(titles: tuple[str, ...], room: int, said: str) -> None:
    assert in_short(titles, room) == said


def test_an_outage_stands_until_it_is_ended_and_planned_work_until_it_is_over(
    desk: Desk, clock: Clock
) -> None:
    outage(desk, ends_at=desk.now() + 60)
    planned(desk, "Mail moves", 90_000)
    vpn, mail = desk.announcements()
    now = desk.now()
    assert [vpn.is_told(now), mail.is_told(now), mail.is_told(now + 4000)] == [True, False, True]
    assert (vpn.is_told(now + 90), mail.is_told(now + 90_000 + 3600)) == (True, False)


async def test_one_is_made_and_the_desk_says_first_how_many_are_written_to(
    desk: Desk, clock: Clock
) -> None:
    desk.apply(None, ops.SaveSetting("mail_address", "desk@desk.example"))
    people = desk.reached("all")
    assert people > 1
    async with at_desk(desk, (80, 24)) as (app, pilot):
        await at_announcements(app, pilot, "nothing is announced")
        await pilot.press("n")
        await at_form(app, pilot, AnnounceForm)
        await settle(app, pilot, lambda: f"a mail goes to {people} people" in frame(app))
        await pilot.press("enter", *"VPN", "tab", *"No access", "tab", "enter", *"2h", "enter")
        await settle(app, pilot, lambda: "until" in frame(app))
        await pilot.press("enter", "enter")
        await settle(app, pilot, lambda: isinstance(app.screen, Ask))
        assert not desk.announcements()
        await pilot.press("escape")
        await at_form(app, pilot, AnnounceForm)
        await settle(app, pilot, lambda: "No access" in frame(app))
        form = app.screen
        assert isinstance(form, AnnounceForm)
        form.finish()
        await settle(app, pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press("y")
        await settle(app, pilot, lambda: "1 announcement" in frame(app) and "VPN" in frame(app))
        await settle(app, pilot, lambda: told(app) == f"a mail goes to {people} people")
        (made,) = desk.announcements()
        assert (made.title, made.text, made.ends_at) == ("VPN", "No access", clock() + 7200)


async def test_it_is_read_updated_and_ended_by_keys(desk: Desk) -> None:
    outage(desk, HOSTILE)
    outage(desk, "Printer")
    async with at_desk(desk, (80, 24)) as (app, pilot):
        await at_announcements(app, pilot, "[@click=app.bell]VPN")
        await pilot.press("enter")
        await settle(app, pilot, lambda: "Down since ten." in frame(app))
        await pilot.press("q")
        await settle(app, pilot, lambda: isinstance(app.screen, AnnouncementsScreen))
        await pilot.press("e")
        await at_form(app, pilot, ReviseForm)
        await pilot.press(*"Found. ", "tab", "tab", *"3h", "enter")
        await settle(app, pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press("y")
        await settle(app, pilot, lambda: desk.announcements()[0].ends_at is not None)
        assert desk.announcements()[0].text == "Found. Down since ten."
        assert desk.announcements()[0].starts_at == desk.announcements()[1].starts_at
        await settle(app, pilot, lambda: isinstance(app.screen, AnnouncementsScreen))
        await pilot.press("*")
        await settle(app, pilot, lambda: "2 marked" in frame(app))
        await pilot.press("x")
        await at_form(app, pilot, EndForm)
        await pilot.press("tab", "enter")
        await settle(app, pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press("y")
        await settle(app, pilot, lambda: "nothing is announced" in frame(app))
        await pilot.press("z")
        await settle(app, pilot, lambda: "over" in frame(app))


async def test_who_may_not_is_told_before_anything_is_written(
    desk: Desk, open_desk: Callable[[str], Desk]
) -> None:
    outage(desk)
    async with at_desk(open_desk("ben"), (80, 24)) as (app, pilot):
        await at_announcements(app, pilot, "VPN")
        for count, key in enumerate("nex", 1):
            await pilot.press(key)
            await settle(app, pilot, lambda so_far=count: len(complaints(app)) == so_far)  # type: ignore[misc]
        assert complaints(app)[0] == "Announce needs the role lead; ben is agent."
        assert isinstance(app.screen, AnnouncementsScreen)


def test_the_count_before_is_that_of_the_letters_after(desk: Desk, make_ticket: Make) -> None:
    desk.apply(None, ops.SaveSetting("mail_address", "desk@desk.example"))
    above, below, linked, gone = (make_ticket(f"VPN {n}", requester=n % 3 + 1) for n in range(4))
    desk.apply(below, ops.Edit("parent", above))
    desk.apply(gone, ops.Edit("parent", above))
    desk.apply(gone, ops.Resolve("solved"))
    desk.apply(above, ops.AddLink("relates", linked))
    site = next(queue.site for queue in desk.read.queues() if queue.site)
    name = desk.read.organizations()[0].name
    for scope, target, ticket in (
        ("all", "", None), ("tickets", "", above), ("tickets", "", gone), ("site", site, None),
        ("organization", name.upper(), None),
    ):  # fmt: skip
        wanted = desk.reached(scope, target, ticket)
        done = desk.apply(None, ops.Announce("outage", "x", "y", scope, target, ticket=ticket))
        assert done.events[0].details["told"] == wanted, scope
    with pytest.raises(NotFound, match="organization"):
        desk.reached("organization", "Nobody")


def lines_said(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def test_a_ticket_says_which_letters_are_planned(desk: Desk, make_ticket: Make) -> None:
    desk.apply(None, ops.SaveSetting("mail_address", "desk@desk.example"))
    ticket = make_ticket(requester=1)
    desk.apply(ticket, ops.Reply("Which room?"), ops.SetState("waiting-customer"))
    found = desk.read.letters(ticket)
    days = [
        f"{local(at, ZONE):%a} {local(at, ZONE).day}" for at in (o.send_after for o in found[1:])
    ]
    said = lines_said(planned_lines(found, ZONE, desk.now(), 40))
    assert [one.kind for one in found] == ["reply", "reminder", "reminder"]
    assert [line.rpartition(" ")[0] for line in said] == [f"reminder on {day}" for day in days]
    shown = lines_said(detail_lines(read_page(desk, ticket), desk.now(), ZONE, 40))
    assert {"MAIL", said[0]} <= set(shown)


@each(
    ("said", "shown"),
    [
        (None, []), (Survey(1, None, "", None), ["asked 1 Jan 1970"]),
        (Survey(0, 4, "quick and kind", 5), ["4 of 5 · quick and kind"]),
        (Survey(0, 1, HOSTILE, 5), ["1 of 5 · [@click=app.bell]VPN[/] down"]),
    ],
)  # fmt: skip
def test_the_panel_says_what_the_requester_thought_of_it(
    said: Survey | None, shown: list[str]
) -> None:
    assert lines_said(answer_lines(said, ZONE, START, 60)) == shown


def test_the_answer_stands_beside_the_thread_and_in_it(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.RecordSurvey(4, "quick and kind"))
    told_of = event_sentence(desk.read.history(ticket)[-1], zone=ZONE)
    assert told_of.endswith("noted how satisfied the requester is: 4 of 5 · quick and kind")
    shown = lines_said(detail_lines(read_page(desk, ticket), desk.now(), ZONE, 40))
    assert shown[shown.index("SATISFIED?") + 1] == "4 of 5 · quick and kind"


def test_the_dashboard_counts_what_requesters_say(desk: Desk, make_ticket: Make) -> None:
    made = [make_ticket(f"VPN {score}") for score in (5, 4, 4, 1)]
    for ticket, score in zip(made, (5, 4, 4, 1), strict=True):
        desk.apply(ticket, ops.RecordSurvey(score))
    assert list(desk.read.ids("survey<3")) == [made[3]]
    days = span("30 days", desk.now(), ZONE)
    sheet = Sheet(scores=situation(desk, days).scores, span=days)
    (line,) = [one for one in dash_lines(sheet, Paper(80)) if one.key == "satisfied"]
    (shown,) = lines_said([line.parts])
    assert shown.split() == [
        "satisfied,",
        "1",
        "to",
        "5",
        "3.5",
        "▅▁▁█▅",
        "1×1",
        "2×0",
        "3×0",
        "4×2",
        "5×1",
        "·",
        "4",
        "answers",
    ]
    assert set(desk.read.ids(line.query)) == set(made)
    early = span("last month", desk.now(), ZONE)
    assert not situation(desk, early).scores

"""Views in the desk: their columns, colours and order, whose they are, and which one opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.config import Config
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.remembered import Remembered
from tests.tui.desk_pilot import at_desk, complaints, frame, listed, settle

Make = Callable[..., TicketId]
LOOK = "number,subject*,tags:8,field.room:6,organization"


@pytest.fixture
def tagged(desk: Desk, make_ticket: Make) -> TicketId:
    ticket = make_ticket(tags=("vpn",))
    desk.apply(ticket, ops.SetField("room", "3F"))
    make_ticket("Printer jams")
    return ticket


def titles(text: str) -> list[str]:
    """The line of titles over the list."""
    return next(line for line in text.splitlines() if line.strip().startswith("Number")).split()


async def test_columns_change_at_once_and_are_kept_by_save(desk: Desk, tagged: TicketId) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "colon", *f"columns {LOOK}", "enter")
        await settle(app, pilot, lambda: "3F" in frame(app))
        assert titles(frame(app))[:4] == ["Number", "Subject", "Tags", "Room"]
        assert "ACME Oy" in frame(app)
        assert "changed" in frame(app)
        await pilot.press("colon", *"save Unassigned", "enter")
        await settle(app, pilot, lambda: "changed" not in frame(app))
    own = next(v for v in desk.read.views() if v.name == "Unassigned")
    assert (own.owner, own.columns) == ("ana", ("number", "subject", "tags:8", "field.room:6", "organization"))  # fmt: skip
    assert len(desk.read.views()) == 6, "it stands for the shared one"


async def test_the_way_back_from_a_changed_look_is_the_way_back_from_a_changed_query(
    desk: Desk, tagged: TicketId
) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "colon", *"columns number,subject", "enter")
        await settle(app, pilot, lambda: titles(frame(app))[:2] == ["Number", "Subject"])
        await pilot.press("backslash")
        await settle(app, pilot, lambda: "Requester" in titles(frame(app)))


async def test_columns_are_chosen_by_key(desk: Desk, tagged: TicketId) -> None:
    async with at_desk(desk, size=(100, 30)) as (app, pilot):
        await pilot.press("2", "Z")
        await settle(app, pilot, lambda: "what is left" in frame(app))
        # The priority goes, the due time moves up and gets wider.
        await pilot.press("j", "space", "K", "K", "plus", "enter")
        await settle(
            app,
            pilot,
            lambda: [c.name for c in listed(app).columns][:3] == ["due", "number", "subject"],
        )


async def test_a_colour_has_a_sign_and_follows_the_query(desk: Desk, tagged: TicketId) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "colon", *"colour alert tag:vpn", "enter")
        await settle(app, pilot, lambda: "▲" in frame(app))
        assert frame(app).count("▲") == 1
        await pilot.press("colon", *"colour off", "enter")
        await settle(app, pilot, lambda: "▲" not in frame(app))
        await pilot.press("colon", *"colour alert tga:vpn", "enter")
        await settle(app, pilot, lambda: any("tag" in c for c in complaints(app)))


async def test_a_lead_shares_renames_and_reorders(desk: Desk, tagged: TicketId) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "slash", *"tag:vpn", "enter", "colon", *"save VPN", "enter")
        await settle(app, pilot, lambda: "7 VPN" in frame(app))
        await pilot.press("colon", *"share", "enter")
        await settle(app, pilot, lambda: any(v.name == "VPN" and not v.owner for v in desk.read.views()))  # fmt: skip
        await pilot.press("colon", *"view-order 1", "enter")
        await settle(app, pilot, lambda: "1 VPN" in frame(app))
        await pilot.press("colon", *"rename Tunnels", "enter")
        await settle(app, pilot, lambda: "1 Tunnels" in frame(app))
        await pilot.press("colon", *"drop Tunnels", "enter")
        await settle(app, pilot, lambda: "1 Mine" in frame(app))
        assert not complaints(app)


async def test_an_agent_may_not_share(open_desk: Callable[[str], Desk], tagged: TicketId) -> None:
    async with at_desk(open_desk("ben")) as (app, pilot):
        await pilot.press("colon", *"save Ours!", "enter")
        await settle(app, pilot, lambda: any("role lead" in c for c in complaints(app)))


async def test_a_narrow_screen_leaves_columns_out_and_never_the_number(
    desk: Desk, tagged: TicketId
) -> None:
    desk.apply(None, ops.SaveView("Wide", "tag:vpn", columns=("number:9", "subject", "queue:30", "tags:30")))  # fmt: skip
    async with at_desk(desk, size=(60, 20)) as (app, pilot):
        await pilot.press("7")
        await settle(app, pilot, lambda: "VPN drops" in frame(app))
        assert titles(frame(app))[:3] == ["Number", "Subject", "Queue"]


@pytest.mark.parametrize(("setting", "opens"), [("waiting", 4), ("last", 3), ("", 1), ("gone", 1)])
async def test_the_desk_opens_on_the_chosen_view(
    desk: Desk, tagged: TicketId, tmp_path: Path, setting: str, opens: int
) -> None:
    file = tmp_path / "state.json"
    Remembered(file).keep("view", "At risk")
    async with at_desk(desk, config=Config(view=setting), remembered=Remembered(file)) as (app, _):
        assert app.queue_screen.view == opens


async def test_the_view_one_leaves_is_remembered(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    async with at_desk(desk, remembered=Remembered(file)) as (app, pilot):
        await pilot.press("5", "Q")
        await settle(app, pilot, lambda: app.exit_code == 0)
    assert Remembered(file).get("view") == "Waiting"

"""A member's desk over both files: one list, one ticket screen, and a move that is followed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.joined.desk import JoinedDesk
from sdesk.model import Source
from sdesk.screens.dialogs.open import NewTicket
from sdesk.screens.ticket import TicketScreen
from tests.conftest import Clock
from tests.restricted.conftest import opened, pair, pair_template  # noqa: F401  (fixtures)
from tests.tui.desk_pilot import at_desk, frame, settle
from tests.tui.ticket_pilot import until_shown

SMALL = (80, 24)


@pytest.fixture
def member(pair: Path, clock: Clock) -> Iterator[JoinedDesk]:  # noqa: F811
    desk = Desk.open(pair, actor="ana", source=Source.TUI, clock=clock, joined=True)
    assert isinstance(desk, JoinedDesk)
    opened(desk, "printer jams", requester=1, text="paper everywhere")
    opened(desk, "fraud in payroll", requester=1, text="a tip", restricted=True)
    yield desk
    desk.close()


async def test_a_member_works_both_files_in_one_list(member: JoinedDesk) -> None:
    async with at_desk(member, SMALL) as (app, pilot):
        await pilot.press("6")
        await until_shown(app, pilot, "SD-1", "SD-R1", "fraud in payroll")
        await pilot.press("asterisk", "i")
        await settle(
            app,
            pilot,
            lambda: {member.read.ticket(n).assignee for n in member.read.ids("")} == {"ana"},
        )
        await pilot.press("u")
        await settle(
            app,
            pilot,
            lambda: {member.read.ticket(n).assignee for n in member.read.ids("")} == {""},
        )
        await pilot.press(*":SD-R1", "enter")
        await settle(app, pilot, lambda: isinstance(app.screen, TicketScreen))
        await until_shown(app, pilot, "SD-R1", "a tip")
        assert max(len(line) for line in frame(app).splitlines()) <= 80


async def test_a_ticket_that_moves_is_followed(member: JoinedDesk) -> None:
    async with at_desk(member, SMALL) as (app, pilot):
        app.open_ticket(member.read.resolve("SD-1"))
        await until_shown(app, pilot, "paper everywhere")
        app.start([member.read.resolve("SD-1")], ops.Edit("restricted", True))
        await until_shown(app, pilot, "SD-1 is SD-R2 from now on")
        await until_shown(app, pilot, "SD-R2", "paper everywhere")
        assert member.first.read.ids("").tolist() == []


async def test_a_new_ticket_can_be_restricted_from_the_first(member: JoinedDesk) -> None:
    async with at_desk(member, (100, 34)) as (app, pilot):
        await pilot.press("o")
        await settle(app, pilot, lambda: isinstance(app.screen, NewTicket))
        await until_shown(app, pilot, "restricted")
        app.screen.subject.value = "another tip"  # type: ignore[attr-defined]
        app.screen.restricted.focus()  # type: ignore[attr-defined]
        await pilot.press("right", "enter")
        await settle(app, pilot, lambda: member.second.read.count("") == 2)
        assert member.first.read.count("") == 1

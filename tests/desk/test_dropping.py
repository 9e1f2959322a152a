"""Policies and calendars that are taken away: what they judged stays judged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import NotFound, Refused
from sdesk.model import TicketId
from sdesk.recount import Difference, differences
from tests.conftest import OFFICE, POLICY, Clock

Make = Callable[..., TicketId]
LATE = {"zone": "Europe/Helsinki", "hours": {"wed": [["14:00", "20:00"]]}}
HOSTILE = "[/red]\x1b]52;c;eA==\x07 'night' \"x\""


def found(desk: Desk) -> list[Difference]:
    return list(differences(desk.read, desk.levels(), desk.read.ids(""), desk.now()))


def verdicts(desk: Desk, ticket: TicketId) -> list[tuple[str, str, int, str]]:
    return [(c.target, c.policy, c.used, str(c.verdict)) for c in desk.read.clocks(ticket)]


def solved(desk: Desk, ticket: TicketId, clock: Clock) -> list[tuple[str, str, int, str]]:
    clock.forward(1200)
    desk.apply(ticket, ops.Reply("Try again"), ops.Resolve())
    return verdicts(desk, ticket)


def test_a_dropped_policy_has_judged_what_it_judged_and_lets_the_rest_go(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    done, running = make_ticket(), make_ticket()
    before = solved(desk, done, clock)
    event = desk.apply(None, ops.DropPolicy("Standard")).events[0]
    assert (event.kind, event.details) == ("policy_dropped", {"name": "Standard"})
    assert desk.read.policies() == {}
    assert found(desk) == []
    assert desk.recompute_clocks() == 1
    assert desk.read.clocks(running) == ()
    assert verdicts(desk, done) == before
    assert found(desk) == []
    assert desk.read.ids("policy:Standard") == desk.read.ids(f"number:{done}")
    assert [c.policy for c in desk.ledger(done)] == ["Standard", "Standard"]


def test_a_policy_made_again_judges_only_what_comes_then(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    done = make_ticket()
    before = solved(desk, done, clock)
    clock.forward(60)
    desk.apply(None, ops.DropPolicy("Standard"))
    desk.recompute_clocks()
    clock.forward(60)
    tight = {**POLICY, "targets": [{"kind": "response", "budgets": {"*": "1m"}}]}
    desk.apply(None, ops.SavePolicy("Standard", tight))
    assert desk.recompute_clocks() == 0
    assert verdicts(desk, done) == before
    assert found(desk) == []
    clock.forward(60)
    assert [c.budget for c in desk.read.clocks(make_ticket())] == [60]


def test_a_calendar_in_use_stays_and_says_who_has_it(desk: Desk) -> None:
    desk.apply(None, ops.SaveCalendar("late", LATE))
    for op, named in (
        (ops.SavePolicy("Standard", {**POLICY, "calendar": "late"}), "policy 'Standard'"),
        (ops.SaveQueue("network", "Network", 2, "Helsinki", "late"), "queue 'network'"),
        (ops.SaveOrganization("Nordtek", "late"), "org 'Nordtek'"),
        (ops.SaveSetting("calendar.Turku", "late"), "site 'Turku'"),
        (ops.SaveSetting("calendar", "late"), "the desk"),
    ):
        desk.apply(None, op)
        with pytest.raises(Refused, match=named):
            desk.apply(None, ops.DropCalendar("late"))
    assert "late" in desk.read.calendars()


def test_a_dropped_calendar_still_explains_what_counted_by_it(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    desk.apply(None, ops.SaveCalendar(HOSTILE, OFFICE))
    desk.apply(None, ops.SaveQueue("network", "Network", 2, "Helsinki", HOSTILE))
    desk.apply(None, ops.SavePolicy("Standard", {**POLICY, "calendar": ""}))
    done, running = make_ticket(queue="network"), make_ticket(queue="network")
    before = solved(desk, done, clock)
    assert desk.ledger(done)[0].calendar == HOSTILE
    desk.apply(None, ops.SaveQueue("network", "Network", 2, "Helsinki"))
    desk.apply(None, ops.DropCalendar(HOSTILE))
    assert found(desk) == []
    desk.recompute_clocks()
    assert verdicts(desk, done) == before
    assert {c.calendar for c in desk.ledger(done)} == {HOSTILE}
    assert {c.calendar for c in desk.ledger(running)} == {"office"}
    clock.forward(60)
    desk.apply(None, ops.SaveCalendar(HOSTILE, LATE))
    assert found(desk) == []


def test_only_an_admin_drops_and_only_what_there_is(
    desk: Desk, open_desk: Callable[[str], Desk]
) -> None:
    with pytest.raises(NotFound, match="Did you mean 'Standard'"):
        desk.apply(None, ops.DropPolicy("Standrad"))
    with pytest.raises(NotFound):
        desk.apply(None, ops.DropCalendar("ofice"))
    with pytest.raises(Refused, match="24/7"):
        desk.apply(None, ops.SaveCalendar("24/7", OFFICE), ops.DropCalendar("24/7"))
    for op in (ops.DropPolicy("Standard"), ops.DropCalendar("office")):
        with pytest.raises(Refused, match="role admin"):
            open_desk("mia").apply(None, op)

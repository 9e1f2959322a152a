"""What people could not believe of their clocks elsewhere: a test for each thread, through the real desk.

The threads are those of the trackers of GLPI, Zammad, osTicket and Frappe Helpdesk.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import ClockRow, TicketId
from sdesk.recount import differences
from tests.conftest import OFFICE, ZONE, Clock

Make = Callable[..., TicketId]
HOUR = 3600
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mon+", "Tue+")
"""From Monday 2025-11-24; the office is open from 08:00 to 16:00 in Helsinki."""


def at(text: str) -> int:
    name, time = text.split()
    day = datetime.fromisoformat(f"2025-11-24 {time}").replace(tzinfo=ZoneInfo(ZONE))
    return int(day.timestamp()) + DAYS.index(name) * 24 * HOUR


def said(instant: int | None) -> str | None:
    return (
        None if instant is None else f"{datetime.fromtimestamp(instant, ZoneInfo(ZONE)):%a %H:%M}"
    )


class Believed:
    """One ticket through a week: what is done when, and what its clocks say then."""

    def __init__(self, desk: Desk, clock: Clock, make: Make) -> None:
        self.desk, self._clock, self._make = desk, clock, make
        self.ticket = TicketId(0)

    def promise(
        self, name: str = "Standard", *, position: int = 0, when: str = "", **targets: Any
    ) -> None:
        """Save a policy: `response="4h"` for every priority, or a list of budgets from P1 on."""
        spec = {
            "when": when,
            "calendar": "office",
            "targets": [_target(k, v) for k, v in targets.items()],
        }
        self.desk.apply(None, ops.SavePolicy(name, spec, position))

    def open(self, when: str, **values: Any) -> None:
        self._clock.at = at(when)
        self.ticket = self._make(**values)

    def then(self, when: str, *acts: ops.Op) -> None:
        self._clock.at = at(when)
        self.desk.apply(self.ticket, *acts)

    def clocks(self, when: str) -> dict[str, ClockRow]:
        """As the lists have them; and they are what the events make."""
        self._clock.at = at(when)
        assert not list(differences(self.desk.read, self.desk.levels(), [self.ticket], at(when)))
        return {clock.target: clock for clock in self.desk.read.clocks(self.ticket)}

    def finds(self, when: str, query: str) -> bool:
        """Whether a query finds the ticket then."""
        self._clock.at = at(when)
        return self.ticket in self.desk.read.ids(query)


def _target(kind: str, budgets: str | list[str]) -> dict[str, Any]:
    by_priority = [budgets] * 4 if isinstance(budgets, str) else budgets
    made: dict[str, Any] = {
        "kind": kind, "budgets": {str(n): budget for n, budget in enumerate(by_priority, 1)},
    }  # fmt: skip
    if kind in ("resolution", "update"):
        made["pauses"] = ["waiting-customer", "waiting-supplier"]
    return made


@pytest.fixture
def week(desk: Desk, clock: Clock, make_ticket: Make) -> Believed:
    return Believed(desk, clock, make_ticket)


def test_pending_time_survives_a_change_of_policy(week: Believed) -> None:
    """glpi#6902: urgency raised while pending; the new agreement forgot the waiting and was broken at once."""
    week.promise("Fast", position=-1, when="priority:1", resolution="4h")
    week.promise(resolution="8h")
    week.open("Wed 08:00")
    week.then("Wed 09:00", ops.Wait("waiting-customer"))
    week.then("Wed 15:30", ops.SetPriority(1))
    fast = week.clocks("Wed 15:45")["resolution"]
    assert (fast.policy, fast.verdict, fast.used) == ("Fast", "paused", HOUR)
    assert not week.finds("Thu 15:00", "is:breached")
    week.then("Thu 09:00", ops.SetState("open"))
    assert said(week.clocks("Thu 09:00")["resolution"].due_at) == "Thu 12:00"


def test_pending_time_survives_a_change_of_priority(week: Believed) -> None:
    """glpi#15605: after a pause the priority changed, and the new budget counted from the opening without it."""
    week.promise(resolution=["4h", "8h", "16h", "16h"])
    week.open("Wed 08:00")
    week.then("Wed 09:00", ops.Wait("waiting-supplier"))
    week.then("Wed 14:00", ops.SetState("open"))
    week.then("Wed 14:00", ops.SetPriority(1))
    assert said(week.clocks("Wed 14:00")["resolution"].due_at) == "Thu 09:00"


def test_a_pending_ticket_is_not_broken_by_waiting(week: Believed) -> None:
    """glpi#24481: violated although the ticket was pending with a reason."""
    week.promise(resolution="4h")
    week.open("Wed 08:00")
    week.then("Wed 11:59", ops.Wait("waiting-customer", reason="a new part"))
    clock = week.clocks("Fri 15:00")["resolution"]
    assert (clock.verdict, clock.due_at, clock.budget - clock.used) == ("paused", None, 60)
    assert not week.finds("Tue+ 15:00", "is:breached or is:overdue or is:at-risk")


def test_a_pause_never_moves_the_due_time_outside_hours(week: Believed) -> None:
    """glpi#9082: the pause was added to the due time as it was, past the end of the day."""
    week.promise(resolution="4h")
    week.open("Wed 10:00")
    week.then("Wed 11:00", ops.Wait("waiting-customer"))
    week.then("Thu 15:30", ops.SetState("open"))
    assert said(week.clocks("Thu 15:30")["resolution"].due_at) == "Fri 10:30"


def test_the_update_time_waits_for_the_first_answer(week: Believed) -> None:
    """zammad#5177: a shorter update time overruled the first response."""
    week.promise(response="4h", update="1h")
    week.open("Wed 08:00")
    week.then("Wed 08:30", ops.Receive("Any news?"))
    clocks = week.clocks("Wed 10:00")
    assert set(clocks) == {"response"}
    assert said(clocks["response"].due_at) == "Wed 12:00"
    assert not week.finds("Wed 11:00", "is:breached")
    week.then("Wed 11:00", ops.Reply("Looking into it"))
    week.then("Wed 13:00", ops.Receive("And now?"))
    assert said(week.clocks("Wed 13:00")["update"].due_at) == "Wed 14:00"


def test_an_answered_ticket_does_not_escalate(week: Believed) -> None:
    """zammad#3140: the update time ran on although the last word was the agent's."""
    week.promise(response="4h", update="1h")
    week.open("Wed 08:00")
    week.then("Wed 08:30", ops.Reply("Which router?"))
    week.then("Wed 09:00", ops.Receive("The white one"))
    week.then("Wed 09:30", ops.Reply("Please turn it off and on"))
    clocks = week.clocks("Tue+ 15:00")
    assert [(c.verdict, c.due_at) for c in clocks.values()] == [("met", None)] * 2
    assert not week.finds("Tue+ 15:00", "is:breached or is:overdue or is:at-risk")


def test_a_policy_switched_off_takes_its_clock_along(week: Believed) -> None:
    """zammad#4353: tickets that had escalated stayed so when the agreement was taken away."""
    week.promise(resolution="4h")
    week.open("Wed 08:00")
    assert week.finds("Wed 15:00", "is:breached")
    week.promise(when="queue:network", resolution="4h")
    week.desk.recompute_clocks()
    assert week.clocks("Wed 15:00") == {}
    assert not week.finds("Wed 15:00", "is:breached or is:overdue or is:at-risk or has:due")


def test_a_reopened_ticket_does_not_count_its_closed_time(week: Believed) -> None:
    """zammad#188: the calculation failed for tickets that were closed and reopened some times."""
    week.promise(resolution="8h")
    week.open("Wed 08:00")
    week.then("Wed 09:00", ops.Resolve(), ops.Close())
    week.then("Wed 15:00", ops.Reopen())
    week.then("Thu 08:00", ops.Resolve())
    week.then("Thu 15:00", ops.Reopen())
    clock = week.clocks("Thu 15:00")["resolution"]
    assert (clock.used, said(clock.due_at), clock.verdict) == (2 * HOUR, "Fri 13:00", "running")


def test_a_state_can_pause_the_clock(week: Believed) -> None:
    """osticket#3034: on hold or waiting for parts, and overdue all the same."""
    week.promise(resolution="4h")
    week.open("Wed 09:00")
    week.then("Wed 10:00", ops.Wait("waiting-supplier", reason="parts"))
    assert week.clocks("Thu 15:00")["resolution"].paused
    assert not week.finds("Thu 15:00", "is:overdue or is:breached")
    week.then("Fri 14:00", ops.SetState("open"))
    assert said(week.clocks("Fri 14:00")["resolution"].due_at) == "Mon 09:00"


def test_a_silent_requester_makes_nothing_overdue(week: Believed) -> None:
    """osticket#1684: answered, the user disappears, and the ticket gets overdue."""
    week.promise(response="1h", resolution="4h", update="1h")
    week.open("Wed 09:00")
    week.then("Wed 09:10", ops.Reply("Does it work now?"), ops.Wait("waiting-customer"))
    clocks = week.clocks("Tue+ 15:00")
    assert {target: clock.verdict for target, clock in clocks.items()} == {
        "response": "met", "resolution": "paused",
    }  # fmt: skip
    assert not week.finds("Tue+ 15:00", "is:overdue or is:breached or is:at-risk")


def test_lunch_is_no_working_time(week: Believed) -> None:
    """frappe/helpdesk#2212: a ticket opened during lunch was late before anybody could be there."""
    lunch = {day: [["08:00", "12:00"], ["13:00", "16:00"]] for day in OFFICE["hours"]}
    week.desk.apply(None, ops.SaveCalendar("office", {**OFFICE, "hours": lunch}))
    week.promise(response="30m", resolution="4h")
    week.open("Wed 12:10")
    clocks = week.clocks("Wed 12:55")
    assert [(said(c.due_at), c.verdict) for c in clocks.values()] == [
        ("Wed 13:30", "running"), ("Thu 09:00", "running"),
    ]  # fmt: skip
    assert not week.finds("Wed 13:29", "is:breached")
    assert week.finds("Wed 13:31", "is:breached")

"""Many clocks at once: renewed after an edit of what is promised, and compared with the events."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Refused
from sdesk.model import TicketId
from sdesk.recount import Difference, differences, measured
from tests.conftest import OFFICE, POLICY, START, Clock

Make = Callable[..., TicketId]
HOUR = 3600
LATE = {"zone": "Europe/Helsinki", "hours": {"wed": [["14:00", "20:00"]]}}


def found(desk: Desk) -> list[Difference]:
    return list(differences(desk.read, desk.levels(), desk.read.ids(""), desk.now()))


def dues(desk: Desk, ticket: TicketId) -> dict[str, int | None]:
    return {clock.target: clock.due_at for clock in desk.read.clocks(ticket)}


def worked(desk: Desk, make_ticket: Make, clock: Clock) -> list[TicketId]:
    """Tickets in every situation: running, answered, waiting, resolved, reopened, dated by hand."""
    tickets = [make_ticket(impact=1 + n % 3) for n in range(6)]
    clock.forward(600)
    desk.apply_many(tickets[1:], ops.Reply("Which router?"))
    clock.forward(600)
    desk.apply(tickets[2], ops.Wait())
    desk.apply_many(tickets[3:5], ops.Resolve())
    clock.forward(600)
    desk.apply(tickets[4], ops.Reopen())
    desk.apply(tickets[5], ops.SetDue("resolution", START + 90 * HOUR, "agreed"))
    return tickets


def test_what_is_stored_is_what_the_events_make(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    worked(desk, make_ticket, clock)
    for _ in range(3):
        clock.forward(7 * HOUR)
        assert found(desk) == []


def test_a_tampered_clock_is_named(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    door = desk.door()
    with door.writer.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("UPDATE clock SET due_at = 5 WHERE target = 'response'")
        connection.exec_driver_sql("UPDATE ticket SET breach_at = 7")
    by_hand = dues(desk, ticket)
    assert [(d.ticket, d.target, d.name, d.stored) for d in found(desk)] == [
        (ticket, "response", "due_at", by_hand["response"]),
        (ticket, "", "breach_at", 7),
    ]
    assert desk.recompute_clocks() == 1
    assert found(desk) == []


def test_an_edited_calendar_counts_for_what_runs_after_a_recount(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    tickets = worked(desk, make_ticket, clock)
    before = {ticket: desk.read.clocks(ticket) for ticket in tickets}
    clock.forward(60)
    desk.apply(None, ops.SaveCalendar("office", LATE))
    assert {d.ticket for d in found(desk)} == {tickets[n] for n in (0, 1, 2, 4)} | {tickets[5]}
    steps: list[tuple[int, int]] = []
    desk.recompute_clocks(on_progress=lambda done, total: steps.append((done, total)))
    assert steps == [(5, 5)]
    assert found(desk) == []
    assert desk.read.clocks(tickets[3]) == before[tickets[3]]
    running, later = before[tickets[0]], desk.read.clocks(tickets[0])
    assert all(new.due_at > old.due_at for new, old in zip(later, running, strict=True))
    assert desk.recompute_clocks() == 0


def test_a_promise_until_the_closing_is_renewed_on_a_resolved_ticket(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    until_closed = {"kind": "resolution", "budgets": {"*": "8h"}, "stop": "closed"}
    desk.apply(None, ops.SavePolicy("Standard", {**POLICY, "targets": [until_closed]}))
    ticket = make_ticket()
    clock.forward(600)
    desk.apply(ticket, ops.Resolve())
    clock.forward(600)
    desk.apply(None, ops.SaveCalendar("office", LATE))
    assert desk.recompute_clocks() == 1
    assert found(desk) == []


def test_a_new_first_policy_takes_over_what_is_open_and_says_so_in_the_history(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    one, other = make_ticket(queue="network"), make_ticket()
    desk.apply(None, ops.SaveCalendar("late", LATE))
    desk.apply(None, ops.SaveQueue("network", "Network", 2, "Helsinki", "late"))
    desk.apply(
        None, ops.SavePolicy("Network", {**POLICY, "when": "queue:network", "calendar": ""}, -1)
    )
    clock.forward(60)
    assert desk.recompute_clocks() == 1
    assert {c.policy for c in desk.read.clocks(one)} == {"Network"}
    assert {c.policy for c in desk.read.clocks(other)} == {"Standard"}
    event = desk.read.history(one)[-1]
    assert (event.kind, event.source, event.details) == (
        "policy_matched",
        "rule",
        {"calendar": "late"},
    )
    assert {c.calendar for c in desk.ledger(one)} == {"late"}
    assert found(desk) == []


def test_only_an_admin_recomputes(desk: Desk, open_desk: Callable[[str], Desk]) -> None:
    assert desk.recompute_clocks() == 0
    with pytest.raises(Refused, match="role admin"):
        open_desk("ben").recompute_clocks()


def test_many_are_measured_as_one_is(desk: Desk, make_ticket: Make, clock: Clock) -> None:
    tickets = worked(desk, make_ticket, clock)
    many = measured(desk.read, desk.levels(), tickets, desk.now(), ledger=True)
    assert {one.ticket: one.clocks for one in many} == {t: desk.ledger(t) for t in tickets}


def test_saving_the_same_again_edits_nothing(desk: Desk, make_ticket: Make) -> None:
    make_ticket()
    assert not desk.apply(None, ops.SaveCalendar("office", OFFICE))
    assert desk.levels().editions == ()


def test_what_is_brought_in_after_an_edit_is_judged_by_what_holds_now(desk: Desk) -> None:
    from sdesk.loading import LoadedEvent, LoadedTicket

    desk.apply(None, ops.SaveCalendar("office", LATE))
    opened = {
        "state": "new",
        "category": "new",
        "priority": 3,
        "requester_id": 1,
        "queue": "network",
    }
    old, done = (
        START - 400 * 86_400,
        {"state": ["new", "resolved"], "category": ["new", "resolved"]},
    )
    events = [
        LoadedEvent(old, "opened", "", {}, opened),
        LoadedEvent(old + HOUR, "resolved", "", done),
    ]
    columns = {**opened, "state": "resolved", "category": "resolved", "created_at": old}
    (ticket,) = desk.loader().add([LoadedTicket(columns, events)])
    assert {c.target: c.used for c in desk.read.clocks(TicketId(ticket))}["resolution"] == 0
    assert found(desk) == []

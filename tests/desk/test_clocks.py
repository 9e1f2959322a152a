"""The clocks that lists show are the ones the ledger computes from events."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid, NotFound, Refused
from sdesk.model import TicketId
from sdesk.present import event_sentence
from tests.conftest import START, Clock

Make = Callable[..., TicketId]
HOUR = 3600


def test_a_new_ticket_runs_its_clocks_from_the_opening(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket(impact=1, urgency=1)
    clocks = {clock.target: clock for clock in desk.read.clocks(ticket)}
    assert clocks["response"].due_at == START + HOUR // 2
    assert clocks["resolution"].budget == 4 * HOUR
    (row,) = desk.read.rows([ticket])
    assert (row.due_at, row.due_target) == (START + HOUR // 2, "response")


def test_waiting_shows_what_is_left_and_not_a_date(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket(assignee="ana", impact=1, urgency=1)
    clock.forward(600)
    desk.apply(ticket, ops.Reply("Which router?"), ops.Wait())
    (row,) = desk.read.rows([ticket])
    assert row.due_at is None
    assert row.remaining == 4 * HOUR - 600


def test_a_change_of_priority_counts_from_the_original_start(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket()
    clock.forward(HOUR)
    desk.apply(ticket, ops.SetPriority(1))
    clocks = {c.target: c for c in desk.read.clocks(ticket)}
    assert clocks["response"].due_at == START + HOUR // 2
    assert clocks["response"].verdict == "breached"
    assert clocks["resolution"].due_at == START + 4 * HOUR


def test_the_ledger_and_the_list_agree(desk: Desk, make_ticket: Make, clock: Clock) -> None:
    ticket = make_ticket()
    for seconds, op in (
        (600, ops.Take()),
        (1200, ops.SetPriority(2)),
        (600, ops.Wait()),
        (7200, ops.Receive("here")),
        (60, ops.Reply("thanks")),
        (5000, ops.Resolve()),
        (86_400, ops.Reopen()),
    ):
        clock.forward(seconds)
        desk.apply(ticket, op)
        stored = {c.target: c for c in desk.read.clocks(ticket)}
        for computed in desk.ledger(ticket):
            row = stored[computed.target]
            assert (row.used, row.due_at, row.stopped_at, row.verdict) == (
                computed.used, computed.due_at, computed.stopped_at, computed.verdict,
            )  # fmt: skip


def test_a_breach_is_seen_when_its_moment_has_passed(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket(impact=1, urgency=1)
    clock.forward(HOUR // 2)
    assert not desk.read.rows([ticket])[0].breached
    clock.forward(1)
    assert desk.read.rows([ticket])[0].breached
    assert list(desk.read.ids("is:breached")) == [ticket]


def test_a_policy_for_some_tickets_leaves_the_others_to_the_next_one(
    desk: Desk, make_ticket: Make
) -> None:
    spec = {
        "when": "queue:network",
        "calendar": "office",
        "targets": [{"kind": "resolution", "budgets": {"3": "2h"}}],
    }
    desk.apply(None, ops.SavePolicy("Network", spec, position=-1))
    plain, network = make_ticket(), make_ticket(queue="network")
    assert {clock.policy for clock in desk.read.clocks(plain)} == {"Standard"}
    assert {clock.policy for clock in desk.read.clocks(network)} == {"Network"}
    desk.apply(plain, ops.Move("network"))
    assert {clock.policy for clock in desk.read.clocks(plain)} == {"Network"}


def test_the_ledger_names_what_happened_and_not_the_policy_that_followed(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket(text="It drops.")
    clock.forward(600)
    desk.apply(ticket, ops.Take())
    resolution = next(c for c in desk.ledger(ticket) if c.target == "resolution")
    assert next((s.kind, s.cause) for s in resolution.ledger) == ("ran", "opened")
    assert not [s for s in resolution.ledger if "policy" in s.cause]


# Targets that repeat.


def promise(desk: Desk, *targets: dict[str, object], calendar: str = "office") -> None:
    """One policy for all tickets, with these targets for every priority."""
    made = [{"budgets": {"*": "2h"}, **target} for target in targets]
    desk.apply(None, ops.SavePolicy("Standard", {"calendar": calendar, "targets": made}))


def test_the_ledger_and_the_list_agree_on_every_kind_of_target(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    kinds = ("response", "update", "periodic", "resolution", "queue", "supplier")
    promise(desk, *({"kind": kind} for kind in kinds))
    ticket = make_ticket()
    for seconds, op in (
        (600, ops.Reply("Which router?")),
        (600, ops.Receive("The blue one.")),
        (1200, ops.Move("network")),
        (600, ops.Wait("waiting-supplier")),
        (7200, ops.Reply("We have asked our supplier.")),
        (60, ops.SetState("open")),
    ):
        clock.forward(seconds)
        desk.apply(ticket, op)
        stored = {c.target: c for c in desk.read.clocks(ticket)}
        ledger = desk.ledger(ticket)
        assert set(stored) == {computed.target for computed in ledger}
        for computed in ledger:
            row = stored[computed.target]
            assert (row.started_at, row.used, row.due_at, row.stopped_at, row.verdict) == (
                computed.started_at, computed.used, computed.due_at, computed.stopped_at,
                computed.verdict,
            )  # fmt: skip
    assert {c.target for c in desk.ledger(ticket)} == set(kinds)
    assert {c.target: len(c.cycles) for c in desk.ledger(ticket)}["queue"] == 2


def test_a_broken_promise_of_an_earlier_cycle_keeps_the_ticket_among_the_breached(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    promise(desk, {"kind": "queue", "budgets": {"*": "30m"}})
    ticket = make_ticket()
    clock.forward(HOUR)
    desk.apply(ticket, ops.Move("network"))
    (row,) = desk.read.clocks(ticket)
    assert (row.verdict, list(desk.read.ids("is:breached"))) == ("running", [ticket])


def test_a_tier_is_arrived_in_once(desk: Desk, make_ticket: Make, clock: Clock) -> None:
    promise(desk, {"kind": "queue", "per": "tier"})
    ticket = make_ticket()
    for queue in ("network", "applications"):
        clock.forward(600)
        desk.apply(ticket, ops.Move(queue))
    (queue_clock,) = desk.ledger(ticket)
    assert [c.started_at - START for c in queue_clock.cycles] == [0, 600]
    desk.undo()
    assert [c.started_at - START for c in desk.ledger(ticket)[0].cycles] == [0, 600]


# Whose calendar.

EVENING = {"zone": "Europe/Helsinki", "hours": {"wed": [["18:00", "22:00"]]}}


def test_a_calendar_comes_from_the_queue_else_its_site_else_the_customer_else_the_desk(
    desk: Desk, make_ticket: Make
) -> None:
    for name in ("queue hours", "site hours", "customer hours"):
        desk.apply(None, ops.SaveCalendar(name, EVENING))
    promise(desk, {"kind": "resolution"}, calendar="")
    desk.apply(None, ops.SaveQueue("network", "Network", 2, "Helsinki", "queue hours"))
    desk.apply(None, ops.SaveSetting("calendar.Turku", "site hours"))
    desk.apply(None, ops.SaveOrganization("ACME Oy", "customer hours"))

    def calendar(queue: str, requester: int) -> str:
        return desk.ledger(make_ticket(queue=queue, requester=requester))[0].calendar

    assert calendar("network", 1) == "queue hours"
    assert calendar("applications", 1) == "site hours"
    assert calendar("service-desk", 1) == "customer hours"
    assert calendar("service-desk", 3) == "office"


def test_a_move_to_a_queue_with_other_hours_is_recorded_and_counted(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    desk.apply(None, ops.SaveCalendar("evening", EVENING))
    desk.apply(None, ops.SaveQueue("network", "Network", 2, "Helsinki", "evening"))
    promise(desk, {"kind": "resolution"}, calendar="")
    ticket = make_ticket()
    clock.forward(HOUR)
    desk.apply(ticket, ops.Move("network"))
    (computed,) = desk.ledger(ticket)
    assert (computed.calendar, computed.used) == ("evening", 0)
    assert desk.read.clocks(ticket)[0].due_at == computed.due_at
    last = desk.read.history(ticket)[-1]
    assert event_sentence(last, zone="UTC") == "ana put it under the calendar evening"


def test_a_calendar_that_nobody_has_made_is_refused(desk: Desk) -> None:
    for op in (
        ops.SaveQueue("network", "Network", 2, "Helsinki", "offce"),
        ops.SaveOrganization("ACME Oy", "offce"),
        ops.SaveSetting("calendar", "offce"),
        ops.SavePolicy("Standard", {"calendar": "offce", "targets": []}),
    ):
        with pytest.raises(NotFound, match="Did you mean 'office'"):
            desk.apply(None, op)


# Edits.


def test_an_edited_calendar_leaves_what_has_stopped_alone(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    done, running = make_ticket(), make_ticket()
    clock.forward(HOUR)
    desk.apply(done, ops.Resolve())
    before = {c.target: c.used for c in desk.ledger(done)}
    clock.forward(HOUR)
    desk.apply(None, ops.SaveCalendar("office", {**EVENING}))
    assert {c.target: c.used for c in desk.ledger(done) if c.stopped_at} == {
        "resolution": before["resolution"]
    }
    assert {c.target: c.used for c in desk.ledger(running)}["resolution"] == 0


# Dates set by hand.


def test_a_due_date_set_by_hand_is_in_the_list_the_history_and_the_ledger(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket()
    due = START + 50 * HOUR
    desk.apply(ticket, ops.SetDue("resolution", due, "agreed with Mikko"))
    clock.forward(60)
    desk.apply(ticket, ops.Reply("On Friday then."), ops.Wait())
    (row,) = desk.read.rows([ticket])
    assert (row.due_at, row.due_target) == (due, "resolution")
    resolution = next(c for c in desk.ledger(ticket) if c.target == "resolution")
    assert (resolution.by_hand, resolution.due_at, resolution.paused) == (True, due, False)
    event = next(e for e in desk.read.history(ticket) if e.kind == "due_set")
    assert event_sentence(event, zone="Europe/Helsinki") == (
        "ana set the resolution due Fri 13:40: agreed with Mikko"
    )


def test_undoing_a_due_date_brings_back_what_was_due_before(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()

    def due() -> int | None:
        return next(c.due_at for c in desk.read.clocks(ticket) if c.target == "resolution")

    policy_due = due()
    first, second = START + 50 * HOUR, START + 60 * HOUR
    desk.apply(ticket, ops.SetDue("resolution", first, "agreed"))
    desk.apply(ticket, ops.SetDue("resolution", second, "agreed again"))
    assert due() == second
    desk.undo()
    assert due() == first
    desk.undo()
    assert due() == policy_due
    desk.redo()
    assert due() == first
    desk.apply(ticket, ops.SetDue("resolution", None))
    assert due() == policy_due


def test_a_due_date_needs_a_clock_a_reason_and_a_time_ahead(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    with pytest.raises(Refused, match="no running clock 'supplier'"):
        desk.apply(ticket, ops.SetDue("supplier", START + HOUR, "agreed"))
    with pytest.raises(Invalid, match="in the past"):
        desk.apply(ticket, ops.SetDue("resolution", START - HOUR, "agreed"))
    with pytest.raises(Invalid, match="Reason"):
        ops.SetDue("resolution", START + HOUR)


def test_the_board_shows_no_clock_of_a_ticket_that_is_done(desk: Desk, make_ticket: Make) -> None:
    waiting, done = make_ticket(), make_ticket()
    desk.apply(waiting, ops.Reply("Which?"), ops.Wait())
    desk.apply(done, ops.Cancel("twice"))
    assert any(clock.paused for clock in desk.read.clocks(done))
    assert {row.id for row, clock in desk.read.board() if clock.stopped_at is None} == {waiting}


def test_a_finished_ticket_waits_for_nothing_even_if_nobody_answered(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket(impact=1, urgency=1)
    clock.forward(HOUR)
    desk.apply(ticket, ops.Resolve())
    (row,) = desk.read.rows([ticket])
    assert (row.due_at, row.remaining) == (None, None)
    assert not desk.read.ids("is:paused")

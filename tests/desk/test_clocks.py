"""The clocks that lists show are the ones the ledger computes from events."""

from __future__ import annotations

from collections.abc import Callable

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
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
    assert [(s.kind, s.cause) for s in resolution.ledger][0] == ("ran", "opened")
    assert not [s for s in resolution.ledger if "policy" in s.cause]

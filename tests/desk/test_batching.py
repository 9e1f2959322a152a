"""Many tickets in few transactions: each for itself, one batch, a rehearsal that leaves nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import batching, ops
from sdesk.batching import Outcome
from sdesk.desk import Desk
from sdesk.errors import Refused, StoreFault
from sdesk.model import TicketId

MakeTicket = Callable[..., TicketId]


def opened(desk: Desk, count: int) -> list[TicketId]:
    made = [desk.apply(None, ops.Open(f"Printer {n}", requester=1)).ticket for n in range(count)]
    return [ticket for ticket in made if ticket is not None]


def test_one_bad_ticket_takes_none_of_its_transaction_along(desk: Desk) -> None:
    tickets = opened(desk, 5)
    desk.apply(tickets[2], ops.Resolve())
    desk.apply(tickets[2], ops.Close())
    done = desk.apply_many(tickets, ops.AddTags(("vpn",)), ops.Wait(reason="part"))
    assert done.changed == (*tickets[:2], *tickets[3:])
    assert [ticket for ticket, _ in done.refused] == [tickets[2]]
    assert desk.read.ticket(tickets[2]).tags == ()
    assert {desk.read.history(t)[-1].batch for t in done.changed} == {done.batch}
    assert sorted(desk.read.ids("tag:vpn")) == list(done.changed)
    assert desk.undo().tickets == done.changed
    assert all(desk.read.ticket(t).tags == () for t in tickets)


def test_a_rehearsal_tells_what_would_happen_and_leaves_nothing(desk: Desk) -> None:
    tickets = opened(desk, 4)
    desk.apply(tickets[0], ops.SetPriority(1))
    desk.apply(tickets[3], ops.Resolve())
    before = desk.read.last_event()
    found = desk.rehearse(tickets, lambda _: (ops.SetPriority(1), ops.Reply("Hello")))
    assert found.changed == tuple(tickets)
    found = desk.rehearse(tickets, lambda _: (ops.SetPriority(1), ops.Take()))
    assert found.changed == tuple(tickets)
    found = desk.rehearse(tickets, lambda _: (ops.SetPriority(1),))
    assert found.unchanged == (tickets[0],)
    assert desk.read.last_event() == before
    assert [desk.read.ticket(t).priority for t in tickets] == [1, 3, 3, 3]
    assert all(len(desk.read.conversation(t)) == 0 for t in tickets)
    assert desk.apply(tickets[1], ops.Take()).events[0].id == before + 1


def test_each_ticket_can_have_operations_of_its_own(desk: Desk) -> None:
    tickets = opened(desk, 3)

    def of(ticket: TicketId) -> tuple[ops.Op, ...]:
        if ticket == tickets[1]:
            raise Refused("Not this one.")
        return (ops.AddNote(f"note on {ticket}"),)

    done = desk.apply_each(tickets, of)
    assert done.changed == (tickets[0], tickets[2])
    assert desk.read.conversation(tickets[2])[-1].text == f"note on {tickets[2]}"
    assert str(done.refused[0][1]) == "Not this one."
    assert desk.apply_each(tickets, {tickets[0]: (ops.Take(),)}).unchanged == tuple(tickets[1:])


def test_it_stops_after_the_ticket_at_hand(desk: Desk) -> None:
    tickets = opened(desk, 5)
    seen: list[int] = []
    done = desk.apply_each(
        tickets, lambda _: (ops.Take(),), on_progress=lambda n, _: seen.append(n),
        should_stop=lambda: len(seen) == 3,
    )  # fmt: skip
    assert (len(done.changed), done.left) == (3, tuple(tickets[3:]))
    assert seen == [1, 2, 3]
    assert desk.undo().tickets == done.changed


@pytest.mark.parametrize("hold", [0.0, 600.0], ids=["a ticket at a time", "all at once"])
def test_a_fault_of_the_store_costs_only_the_ticket_that_has_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, hold: float
) -> None:
    monkeypatch.setattr(batching, "HOLD", hold)
    tickets = opened(desk, 4)
    whole = batching.Batching._one

    def one(self: batching.Batching, session: object, ticket: TicketId, batch: int) -> object:
        if ticket == tickets[2]:
            raise StoreFault("The disk is full.")
        return whole(self, session, ticket, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(batching.Batching, "_one", one)
    done: Outcome = desk.apply_many(tickets, ops.Take())
    assert done.changed == (*tickets[:2], tickets[3])
    assert [ticket for ticket, _ in done.refused] == [tickets[2]]
    assert desk.undo().tickets == done.changed

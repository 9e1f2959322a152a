"""Undo and redo take whole batches back, and stop where somebody has changed the same since."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Refused
from sdesk.model import Ticket, TicketId
from tests.conftest import Clock

Make = Callable[..., TicketId]


def face(ticket: Ticket) -> dict[str, object]:
    """Everything of a ticket that a person sees; not its counters of versions and events."""
    names = set(Ticket._fields) - {"version", "last_event", "updated_at"}
    return {name: getattr(ticket, name) for name in names}


@pytest.mark.parametrize(
    "acts",
    [
        (ops.Take(),),
        (ops.Assign("ben"),),
        (ops.SetPriority(1),),
        (ops.Edit("impact", 1), ops.Edit("urgency", 1)),
        (ops.Edit("subject", "Something else"),),
        (ops.Edit("requester", 2),),
        (ops.Edit("category", "Hardware / Printer"),),
        (ops.Move("network"), ops.AddTags(("vpn", "urgent"))),
        (ops.RemoveTags(("first",)),),
        (ops.SetField("room", "4F"), ops.SetField("floor", "")),
        (ops.Reply("Try again."), ops.AddNote("He was friendly.")),
        (ops.Wait("waiting-customer", None, "a log"),),
        (ops.Resolve("solved", "Done."),),
        (ops.Resolve(), ops.Close()),
        (ops.Cancel("spam"),),
        (ops.AddLink("relates", TicketId(2)),),
    ],
    ids=lambda acts: "+".join(type(op).__name__ for op in acts),
)
def test_an_act_undone_leaves_the_ticket_as_it_was_and_redone_as_it_became(
    desk: Desk, make_ticket: Make, clock: Clock, acts: tuple[ops.Op, ...]
) -> None:
    ticket = make_ticket(tags=("first",), fields={"room": "3F", "floor": "3"})
    make_ticket("another")
    before, said = face(desk.read.ticket(ticket)), desk.read.conversation(ticket)
    clock.forward(600)
    desk.apply(ticket, *acts)
    after, said_after = face(desk.read.ticket(ticket)), desk.read.conversation(ticket)
    assert after != before or said_after != said
    desk.undo()
    assert face(desk.read.ticket(ticket)) == before
    assert desk.read.conversation(ticket) == said
    desk.redo()
    assert face(desk.read.ticket(ticket)) == after
    assert desk.read.conversation(ticket) == said_after
    desk.undo()
    assert face(desk.read.ticket(ticket)) == before


def test_one_undo_takes_a_batch_over_many_tickets_back(desk: Desk, make_ticket: Make) -> None:
    tickets = [make_ticket(f"ticket {n}") for n in range(5)]
    desk.apply_many(tickets, ops.Take(), ops.SetPriority(1))
    undone = desk.undo()
    assert undone.tickets == tuple(tickets)
    assert undone.sentence == "Undid: taken · 5 tickets"
    assert desk.redo().sentence == "Did again: taken · 5 tickets"
    desk.undo()
    assert {desk.read.ticket(t).assignee for t in tickets} == {""}
    assert {desk.read.ticket(t).state for t in tickets} == {"new"}


def test_acts_are_undone_one_after_the_other_and_a_new_act_ends_redo(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.SetPriority(1))
    desk.apply(ticket, ops.AddTags(("vpn",)))
    desk.undo()
    desk.undo()
    found = desk.read.ticket(ticket)
    assert (found.priority, found.tags) == (3, ())
    desk.redo()
    assert desk.read.ticket(ticket).priority == 1
    desk.apply(ticket, ops.AddNote("something new"))
    with pytest.raises(Refused, match="nothing to redo"):
        desk.redo()


def test_undo_is_mine_and_leaves_others_acts_alone(
    desk: Desk, open_desk: Callable[[str], Desk], make_ticket: Make
) -> None:
    ticket = make_ticket()
    open_desk("ben").apply(ticket, ops.AddTags(("bens",)))
    desk.undo()
    assert desk.read.ticket(ticket).state == "cancelled"
    assert desk.read.ticket(ticket).tags == ("bens",)


def test_undo_stops_where_somebody_changed_the_field_since(
    desk: Desk, open_desk: Callable[[str], Desk], make_ticket: Make
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.SetPriority(1))
    open_desk("ben").apply(ticket, ops.SetPriority(2))
    with pytest.raises(Refused, match="priority has been changed since"):
        desk.undo()
    assert desk.read.ticket(ticket).priority == 2


def test_with_nothing_done_there_is_nothing_to_undo(open_desk: Callable[[str], Desk]) -> None:
    with pytest.raises(Refused, match="nothing to undo"):
        open_desk("ben").undo()


def test_an_undone_reply_answers_nobody(desk: Desk, make_ticket: Make, clock: Clock) -> None:
    ticket = make_ticket()
    clock.forward(60)
    desk.apply(ticket, ops.Reply("Sent too soon."))
    response = next(c for c in desk.read.clocks(ticket) if c.target == "response")
    assert response.verdict == "met"
    desk.undo()
    response = next(c for c in desk.read.clocks(ticket) if c.target == "response")
    assert response.verdict == "running"


def test_what_follows_from_an_edited_agreement_is_nobodys_to_undo(
    desk: Desk, make_ticket: Callable[..., TicketId]
) -> None:
    """Recomputing records which calendar counts from now on, in the name of who edited it."""
    ticket = make_ticket()
    desk.apply(ticket, ops.Take())
    spec = desk.read.policies()["Standard"]
    desk.apply(None, ops.SavePolicy("Standard", {**spec, "calendar": ""}))
    desk.apply(None, ops.SaveQueue("service-desk", "Service desk", 1, "Helsinki", "24/7"))
    desk.recompute_clocks()
    assert desk.read.history(ticket)[-1].kind == "calendar_matched"
    assert "taken" in desk.undo().sentence
    assert desk.read.ticket(ticket).assignee == ""

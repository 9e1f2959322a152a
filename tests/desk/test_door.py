"""What goes through the door: operations, what follows from them, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid, NotFound, Refused, Stale
from sdesk.model import Channel, EntryKind, TicketId
from tests.conftest import START, Clock

Make = Callable[..., TicketId]


def kinds(desk: Desk, ticket: TicketId) -> list[str]:
    return [event.kind for event in desk.read.history(ticket)]


def test_a_new_ticket_has_what_follows_from_its_words(desk: Desk) -> None:
    ticket = desk.apply(
        None,
        ops.Open(
            "  VPN \x1b[31mdrops\x1b[0m ", text="It drops.", requester=1, impact=1, urgency=2,
            channel=Channel.MAIL, tags=("VPN",), fields={"room": "3F"}, category="Network / VPN",
        ),
    ).ticket  # fmt: skip
    found = desk.read.ticket(ticket or 0)
    assert (found.ref, found.subject, found.priority) == ("SD-1", "VPN drops", 2)
    assert (found.state, found.queue, found.owner) == ("new", "service-desk", "ana")
    assert (found.tags, found.fields) == (("vpn",), {"room": "3F"})
    assert found.requester is not None
    assert found.requester.organization == "ACME Oy"
    assert found.requester.vip
    (entry,) = desk.read.conversation(found.id)
    assert (entry.kind, entry.author, entry.text) == (
        EntryKind.INBOUND,
        "Mikko Korhonen",
        "It drops.",
    )


def test_a_subject_of_control_characters_becomes_a_subject_one_can_read(desk: Desk) -> None:
    ticket = desk.apply(None, ops.Open("\x1b]52;c;AAAA\x07")).ticket
    assert desk.read.ticket(ticket or 0).subject == "(no subject)"


@pytest.mark.parametrize(
    ("op", "error", "sentence"),
    [
        (ops.Assign("bne"), NotFound, "Did you mean 'ben'"),
        (ops.Move("netwrk"), NotFound, "Did you mean 'network'"),
        (ops.SetState("opne"), NotFound, "Did you mean 'open'"),
        (ops.Close(), Refused, "can't be closed"),
        (ops.Reopen(), Refused, "open already"),
        (ops.Wait("resolved"), Invalid, "not a state to wait in"),
        (ops.Wait("scheduled", until=START - 1), Invalid, "in the past"),
        (ops.AddLink("relates", TicketId(1)), Refused, "itself"),
        (ops.AddLink("relates", TicketId(77)), NotFound, "no ticket 77"),
        (ops.Edit("parent", 1), Refused, "own parent"),
        (ops.Edit("requester", 999), NotFound, "no person"),
    ],
)
def test_what_can_not_be_is_refused_with_the_nearest_right_one(
    desk: Desk, make_ticket: Make, op: ops.Op, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        desk.apply(make_ticket(), op)


def test_taking_or_assigning_a_new_ticket_opens_it_by_a_rule_that_is_named(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    change = desk.apply(ticket, ops.Take())
    assert desk.read.ticket(ticket).state == "open"
    opened = next(event for event in change.events if event.kind == "state_changed")
    assert (opened.rule, opened.cause) == ("work-opens", change.events[0].id)


def test_a_ticket_somebody_has_is_not_taken_by_accident(
    desk: Desk, open_desk: Callable[[str], Desk], make_ticket: Make
) -> None:
    ticket = make_ticket(assignee="lea")
    with pytest.raises(Refused, match="lea has it already"):
        open_desk("ben").apply(ticket, ops.Take())
    open_desk("ben").apply(ticket, ops.Take(force=True))
    assert desk.read.ticket(ticket).assignee == "ben"


def test_the_owner_stays_when_the_work_goes_to_the_second_line(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Move("network"), ops.Assign("lea"))
    found = desk.read.ticket(ticket)
    assert (found.owner, found.assignee, found.queue, found.tier) == ("ana", "lea", "network", 2)


def test_impact_and_urgency_carry_the_priority_until_it_is_overridden(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Edit("impact", 1), ops.Edit("urgency", 1))
    assert desk.read.ticket(ticket).priority == 1
    desk.apply(ticket, ops.SetPriority(4))
    desk.apply(ticket, ops.Edit("impact", 2))
    found = desk.read.ticket(ticket)
    assert (found.priority, found.priority_overridden) == (4, True)
    desk.apply(ticket, ops.SetPriority(None))
    assert desk.read.ticket(ticket).priority == 2


def test_the_requesters_answer_wakes_a_waiting_ticket(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket(assignee="ana")
    desk.apply(ticket, ops.Wait("waiting-customer", clock.at + 86_400, "log files"))
    waiting = desk.read.ticket(ticket)
    assert (waiting.state, waiting.state_until, waiting.wait_reason) == (
        "waiting-customer", START + 86_400, "log files",
    )  # fmt: skip
    desk.apply(ticket, ops.Receive("Here they are."))
    assert (desk.read.ticket(ticket).state, desk.read.ticket(ticket).wait_reason) == ("open", "")


def test_the_way_to_closed_leads_over_resolved_and_back_again(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Resolve("solved", "The cable was loose."))
    resolved = desk.read.ticket(ticket)
    assert (resolved.state, resolved.resolution_code, resolved.resolved_at) == (
        "resolved",
        "solved",
        START,
    )
    assert resolved.first_answered_at == START
    clock.forward(60)
    desk.apply(ticket, ops.Close())
    assert desk.read.ticket(ticket).closed_at == START + 60
    desk.apply(ticket, ops.Reopen("it happens again"))
    again = desk.read.ticket(ticket)
    assert (again.state, again.reopen_count, again.resolved_at, again.closed_at) == (
        "open",
        1,
        None,
        None,
    )


def test_a_message_after_the_resolution_reopens(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Resolve())
    desk.apply(ticket, ops.Receive("It still fails."))
    assert desk.read.ticket(ticket).reopen_count == 1


def test_a_change_of_a_field_somebody_changed_since_is_stale_and_names_both(
    desk: Desk, open_desk: Callable[[str], Desk], make_ticket: Make
) -> None:
    ticket = make_ticket()
    seen = desk.read.ticket(ticket).last_event
    open_desk("ben").apply(ticket, ops.SetPriority(1))
    with pytest.raises(Stale) as caught:
        desk.apply(ticket, ops.SetPriority(4), based_on=seen)
    assert (caught.value.field, caught.value.yours, caught.value.theirs) == ("priority", 4, 1)
    assert caught.value.by == "ben"
    assert desk.read.ticket(ticket).priority == 1


def test_changes_of_different_fields_both_go_in(
    desk: Desk, open_desk: Callable[[str], Desk], make_ticket: Make
) -> None:
    ticket = make_ticket()
    seen = desk.read.ticket(ticket).last_event
    open_desk("ben").apply(ticket, ops.SetPriority(1))
    desk.apply(ticket, ops.AddTags(("vpn",)), ops.AddNote("noted"), based_on=seen)
    found = desk.read.ticket(ticket)
    assert (found.priority, found.tags) == (1, ("vpn",))


def test_a_reply_typed_while_the_thread_moved_on_is_held(
    desk: Desk, open_desk: Callable[[str], Desk], make_ticket: Make
) -> None:
    ticket = make_ticket()
    seen = desk.read.ticket(ticket).last_event
    open_desk("ben").apply(ticket, ops.Reply("Solved it by phone."))
    with pytest.raises(Stale, match="conversation"):
        desk.apply(ticket, ops.Reply("Have you tried turning it off?"), based_on=seen)
    assert len(desk.read.conversation(ticket)) == 2


@pytest.mark.parametrize(
    ("actor", "op", "sentence"),
    [
        ("eve", ops.AddNote("hello"), "not an agent"),
        ("ben", ops.SaveQueue("new", "New"), "needs the role admin"),
        ("ben", ops.SaveView("Ours", "state:open", shared=True), "needs the role lead"),
    ],
)
def test_roles_are_asked(
    desk: Desk,
    open_desk: Callable[[str], Desk],
    make_ticket: Make,
    actor: str,
    op: ops.Op,
    sentence: str,
) -> None:
    ticket = make_ticket() if isinstance(op, ops.AddNote) else None
    with pytest.raises(Refused, match=sentence):
        open_desk(actor).apply(ticket, op)


def test_a_restricted_ticket_is_for_its_queue_only(
    desk: Desk, open_desk: Callable[[str], Desk], make_ticket: Make
) -> None:
    ticket = make_ticket(restricted=True, queue="network")
    with pytest.raises(Refused, match="restricted"):
        open_desk("ben").apply(ticket, ops.AddNote("curious"))
    open_desk("lea").apply(ticket, ops.AddNote("mine"))


def test_the_only_admin_can_not_step_down(desk: Desk) -> None:
    with pytest.raises(Refused, match="only admin"):
        desk.apply(None, ops.SaveAgent("ana", "Ana", "agent"))


def test_a_policy_that_can_not_be_read_is_refused_and_not_kept(desk: Desk) -> None:
    before = desk.read.policies()
    with pytest.raises(Invalid):
        desk.apply(None, ops.SavePolicy("Bad", {"when": "priorty:1", "targets": []}))
    assert desk.read.policies() == before


def test_one_act_on_many_tickets_is_refused_only_where_it_must_be(
    desk: Desk, make_ticket: Make
) -> None:
    tickets = [make_ticket(f"ticket {n}") for n in range(4)]
    desk.apply(tickets[1], ops.Resolve())
    desk.apply(tickets[2], ops.SetPriority(1))
    outcome = desk.apply_many(tickets, ops.SetPriority(1), ops.Wait(reason="parts"))
    assert outcome.changed == (tickets[0], tickets[2], tickets[3])
    ((refused, error),) = outcome.refused
    assert refused == tickets[1]
    assert "can't be followed" in str(error)
    assert desk.read.ticket(tickets[1]).priority == 3

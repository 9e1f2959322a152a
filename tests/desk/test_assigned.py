"""Who is told that a ticket has become theirs, and who is on call when a level asks for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid
from sdesk.model import TicketId
from tests.conftest import Clock

Make = Callable[..., TicketId]
Open = Callable[[str], Desk]


def told(desk: Desk) -> list[tuple[str, str]]:
    return [(notice.kind, notice.text) for notice in desk.read.notices()]


def test_an_agent_is_told_what_somebody_else_assigns_to_them(
    desk: Desk, open_desk: Open, make_ticket: Make
) -> None:
    ben = open_desk("ben")
    ticket = make_ticket()
    desk.apply(ticket, ops.Assign("ben"))
    assert told(ben) == [("assigned", "assigned to you by ana")]
    desk.apply(ticket, ops.Assign("ben"))
    desk.apply(ticket, ops.Assign("lea"))
    assert len(told(ben)) == 1
    assert told(open_desk("lea")) == [("assigned", "assigned to you by ana")]


def test_nobody_is_told_of_their_own_doing(desk: Desk, open_desk: Open, make_ticket: Make) -> None:
    ben = open_desk("ben")
    ticket = make_ticket(assignee="ana")
    ben.apply(ticket, ops.Assign("ben"))
    desk.apply(ticket, ops.Take(force=True))
    desk.apply(ticket, ops.Assign(""))
    assert told(ben) == []
    assert told(desk) == []


def test_who_gets_a_new_ticket_is_told(desk: Desk, open_desk: Open, make_ticket: Make) -> None:
    make_ticket(assignee="ben")
    assert told(open_desk("ben")) == [("assigned", "assigned to you by ana")]


def test_an_undo_takes_the_notice_back_and_puts_none_in_its_place(
    desk: Desk, open_desk: Open, make_ticket: Make
) -> None:
    ben, ticket = open_desk("ben"), make_ticket(assignee="ben")
    ben.see_notices([notice.id for notice in ben.read.notices()])
    desk.apply(ticket, ops.Assign("lea"))
    desk.undo()
    assert told(open_desk("lea")) == []
    assert told(ben) == []
    desk.redo()
    assert told(open_desk("lea")) == [("assigned", "assigned to you by ana")]


def test_a_level_that_assigns_tells_whom_it_assigns_to(
    desk: Desk, open_desk: Open, make_ticket: Make, clock: Clock
) -> None:
    levels = [{"at": "breach", "tell": ["lead"], "do": ["assign lea"]}]
    target = {"kind": "response", "budgets": {"*": "30m"}, "levels": levels}
    desk.apply(None, ops.SavePolicy("Standard", {"when": "", "targets": [target]}))
    ticket = make_ticket()
    clock.forward(3_600)
    desk.settle(ticket)
    kinds = [kind for kind, _ in told(open_desk("lea"))]
    assert kinds == ["assigned"]


def test_a_level_tells_who_is_on_call_else_the_queue(
    desk: Desk, open_desk: Open, make_ticket: Make, clock: Clock
) -> None:
    levels = [{"at": "breach", "tell": ["oncall"]}]
    target = {"kind": "response", "budgets": {"*": "30m"}, "levels": levels}
    desk.apply(None, ops.SavePolicy("Standard", {"when": "", "targets": [target]}))
    cover = f'{{"covers": [{{"agent": "lea", "since": {clock()}, "until": {clock() + 7_200}}}]}}'
    desk.apply(None, ops.SaveSetting("oncall.network", cover))
    on_call, nobody = make_ticket(queue="network"), make_ticket(queue="service-desk")
    clock.forward(3_600)
    desk.settle(on_call)
    desk.settle(nobody)
    assert [n.ticket for n in open_desk("lea").read.notices()] == [on_call]
    assert [n.ticket for n in open_desk("ben").read.notices()] == [nobody]


def test_a_rota_that_can_not_be_read_is_not_kept(desk: Desk) -> None:
    with pytest.raises(Invalid):
        desk.apply(None, ops.SaveSetting("oncall.network", "tomorrow"))

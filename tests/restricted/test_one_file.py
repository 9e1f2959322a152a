"""Restricted tickets in the file of all others: kept from who may not see them, by agreement."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import NotFound
from sdesk.model import TicketId
from sdesk.transfer.exporter import Export

Make = Callable[..., TicketId]


@pytest.fixture
def secret(make_ticket: Make) -> TicketId:
    make_ticket("printer jams", queue="service-desk")
    return make_ticket("fraud in payroll", queue="network", restricted=True, text="giraffe")


def test_lists_counts_and_search_hide_it(
    secret: TicketId, open_desk: Callable[[str], Desk]
) -> None:
    ben = open_desk("ben")
    for query in (
        "",
        "fraud",
        "giraffe",
        "queue:network",
        "is:restricted",
        "SD-2",
        "fra* sort:-number",
        "-printer",
    ):
        assert secret not in ben.read.ids(query), query
        assert secret not in ben.read.ids(query, limit=10), query
        assert ben.read.count(query) == len(ben.read.ids(query)), query
    assert ben.read.rows([secret]) == []
    assert secret not in [row.id for row, _ in ben.read.board()]
    assert secret not in [row.id for row in ben.read.requester_tickets(1)]
    assert sum(ben.read.spread("").values()) == 1
    assert Export(ben, "", ["ref"]).numbers.tolist() == [1]


def test_the_ticket_itself_is_none_for_them(
    secret: TicketId, open_desk: Callable[[str], Desk]
) -> None:
    ben = open_desk("ben")
    for read in (ben.read.ticket, lambda n: ben.read.resolve(f"SD-{n}")):
        with pytest.raises(NotFound, match="There is no ticket SD-2"):
            read(secret)
    assert (
        ben.read.history(secret)
        == ben.read.conversation(secret)
        == ben.read.attachments(secret)
        == ()
    )


@pytest.mark.parametrize("login", ["ana", "lea"])
def test_admins_and_the_queue_see_it(
    secret: TicketId, open_desk: Callable[[str], Desk], login: str
) -> None:
    desk = open_desk(login)
    assert secret in desk.read.ids("giraffe")
    assert desk.read.ticket(secret).subject == "fraud in payroll"
    assert desk.read.conversation(secret)


def test_who_is_given_it_sees_it(
    secret: TicketId, desk: Desk, open_desk: Callable[[str], Desk]
) -> None:
    desk.apply(secret, ops.Assign("ben"))
    assert secret in open_desk("ben").read.ids("giraffe", limit=5)


def test_a_stranger_who_can_open_the_file_sees_none(
    secret: TicketId, open_desk: Callable[[str], Desk]
) -> None:
    assert open_desk("mallory").read.ids("").tolist() == [1]


def test_a_restricted_queue_flags_its_new_tickets(desk: Desk, make_ticket: Make) -> None:
    desk.apply(None, ops.SaveSetting("restricted_queues", "network"))
    assert desk.read.ticket(make_ticket("one", queue="network")).restricted
    assert not desk.read.ticket(make_ticket("two", queue="applications")).restricted


def test_nothing_is_asked_more_of_a_desk_without_any(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket("printer jams")
    assert desk.read.unseen("t.id") == ""
    plan = desk.read.reader.all(
        "EXPLAIN QUERY PLAN SELECT 1 FROM ticket WHERE restricted = 1 LIMIT 1"
    )
    assert "ticket_restricted" in str(plan)
    assert desk.read.ticket(ticket).subject == "printer jams"

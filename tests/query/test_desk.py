"""What the desk writes is what filters find, at once and on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.rules.query import matches, parse
from tests.conftest import Clock


@pytest.fixture
def desk(either_store: Path | str, clock: Clock) -> Iterator[Desk]:
    with Desk.open(either_store, actor="ana", clock=clock) as opened:
        yield opened


def opened(desk: Desk) -> TicketId:
    person = desk.read.people("mikko")[0].id
    change = desk.apply(
        None,
        ops.Open(
            subject="VPN on Straße 7", text="It drops.", category="Network / VPN", service="Gateway", queue="network",
            tags=("c++",), requester=person, fields={"room": "3F"},
        ),
    )  # fmt: skip
    assert change.ticket is not None
    return change.ticket


def agrees(desk: Desk, text: str, ticket: TicketId) -> bool:
    """Whether the ticket is found; both faces must say the same."""
    query = parse(text, desk.read.vocabulary())
    found = ticket in desk.read.ids(text)
    assert found == matches(query, desk.read.facts(ticket), desk.read.context())
    return found


def test_a_new_ticket_is_found_by_all_that_it_has(desk: Desk) -> None:
    ticket = opened(desk)
    for text in (
        "vpn", '"strasse 7"', "text:drops", "from:korhonen", "category:vpn", "service:gateway", "tag:C++", "field.room:3f",
        "site:helsinki", "tier:2", 'queue:"Network"', "org:acme", "is:vip", "state:new", "has:sla", "is:unanswered", f"#{ticket}",
    ):  # fmt: skip
        assert agrees(desk, text, ticket), text
    for text in ("printer", "tag:c#", "site:turku", "is:assigned", "state:closed"):
        assert not agrees(desk, text, ticket), text


@pytest.mark.parametrize(
    ("op", "new", "old"),
    [
        (ops.Edit("subject", "Fax is mute"), "fax", "vpn subject:vpn"),
        (ops.Edit("category", "Hardware / Printer"), "category:printer", "category:vpn"),
        (ops.Edit("service", "Fax line"), "service:fax", "service:gateway"),
        (ops.Edit("requester", 2), "from:jun", "from:korhonen"),
        (ops.AddTags(("Überfällig",)), "tag:überfällig", "has:parent"),
        (ops.RemoveTags(("c++",)), "-has:tags", "tag:c++"),
        (ops.Move("applications"), "site:turku", "site:helsinki"),
        (ops.Reply("Try again, please."), '"try again"', "is:unanswered"),
        (ops.SetField("room", "Aula"), "field.room:aula", "field.room:3f"),
        (ops.Take(), "is:mine", "is:unassigned"),
    ],
)
def test_a_change_is_found_and_undone_it_is_not(desk: Desk, op: ops.Op, new: str, old: str) -> None:
    ticket = opened(desk)
    before = agrees(desk, old, ticket)
    desk.apply(ticket, op)
    assert agrees(desk, new, ticket)
    assert not agrees(desk, old, ticket)
    desk.undo()
    assert not agrees(desk, new, ticket)
    assert agrees(desk, old, ticket) == before


def test_a_person_s_new_name_is_found(desk: Desk) -> None:
    ticket = opened(desk)
    person = desk.read.people("mikko")[0]
    desk.apply(None, ops.SavePerson("Mikko Lahtinen", person.email, "", "ACME Oy", id=person.id))
    assert agrees(desk, "lahtinen requester:lahtinen", ticket)
    assert not agrees(desk, "korhonen", ticket)

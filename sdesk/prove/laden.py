"""A desk in which a hostile string stands wherever one can stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk import ops
from sdesk.desk import Desk, system_user
from sdesk.errors import SdeskError
from sdesk.model import PersonId, TicketId
from sdesk.prove import desks
from sdesk.prove.strings import OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Make = Callable[[], ops.Op]

_NAME = 150
"""Letters of a name: the command that lists names shows no more."""


def make(store: Path, strings: Sequence[str] = OWN) -> int:
    """Make the store: one ticket a string with it in every place; how many there are."""
    more = [ops.SaveAgent(system_user(), "Test User", "admin", queues=("service-desk", "network"))]
    with desks.make(store, more=more) as desk:
        for number, text in enumerate(strings):
            for op in _built(_around(text, number)):
                _apply(desk, None, op)
        return sum(_ticket(desk, text, number) for number, text in enumerate(strings))


def _apply(desk: Desk, ticket: TicketId | None, op: ops.Op) -> bool:
    """Do it where it is not refused: most places refuse some of the strings."""
    try:
        desk.apply(ticket, op)
    except (SdeskError, UnicodeEncodeError):
        return False
    return True


def _built(makes: Iterator[Make]) -> Iterator[ops.Op]:
    for make_one in makes:
        try:
            yield make_one()
        except SdeskError:
            continue


def _around(text: str, number: int) -> Iterator[Make]:
    """People, queues, agents, views and texts that bear it as their name."""
    name = text[:_NAME]
    yield lambda: ops.SavePerson(name, f"p{number}@acme.example", name[:40], name)
    yield lambda: ops.SaveOrganization(name)
    yield lambda: ops.SaveQueue(f"q{number}", name, 1, name)
    yield lambda: ops.SaveAgent(f"agent{number}", name, "agent", queues=("service-desk",))
    yield lambda: ops.SaveView(name, "state:open", shared=True, position=50 + number)
    yield lambda: ops.SaveTemplate(name, text)
    yield lambda: ops.SaveMacro(name, text)
    yield lambda: ops.SaveCategory(name)
    yield lambda: ops.Announce("outage", name, text, silent=True)


def _ticket(desk: Desk, text: str, number: int) -> bool:
    people = desk.read.people("", limit=500)
    named = next((p.id for p in people if p.email == f"p{number}@acme.example"), PersonId(1))
    try:
        opening = ops.Open(text[:400].strip() or "x", f"Body: {text}", requester=named)
        ticket = desk.apply(None, opening).ticket
    except (SdeskError, UnicodeEncodeError):
        return False
    assert ticket is not None
    for op in _built(_inside(text, number)):
        _apply(desk, ticket, op)
    return True


def _inside(text: str, number: int) -> Iterator[Make]:
    tag = "".join(c for c in text if not c.isspace() and c not in ',"()')[:50] or f"t{number}"
    yield lambda: ops.AddTags((tag,))
    yield lambda: ops.AddNote(text)
    yield lambda: ops.Receive(text, author=text[:_NAME])
    yield lambda: ops.Reply(text)
    yield lambda: ops.Chat(text)
    yield lambda: ops.SetField("room", text)
    yield lambda: ops.SetField(text[:40], "x")
    yield lambda: ops.AddCheck(text[:_NAME])
    yield lambda: ops.Attach(text[:_NAME], b"x")
    yield lambda: ops.LogTime(60, text)
    yield lambda: ops.Edit("service", text[:_NAME])
    yield lambda: ops.Escalate(text, to=(system_user(),))
    yield lambda: ops.Wait(reason=text)

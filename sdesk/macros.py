"""Macros and templates at work: a ticket's values for their texts, and what they do to each ticket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from sdesk.errors import NotFound
from sdesk.model import Macro, StateCategory, Template, TicketId
from sdesk.present import local, moment
from sdesk.rules import macro as rules
from sdesk.rules.acting import Circumstances
from sdesk.rules.wording import VARIABLES, expand_op, names_in
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import Ticket
    from sdesk.ops import Op


def values_of(desk: Desk, ticket: Ticket | None) -> dict[str, str]:
    """Variable → what stands for it. Without a ticket only what concerns the desk and me."""
    now, zone = desk.now(), desk.settings.zone
    there = local(now, zone)
    names = {agent.login: agent.name for agent in desk.read.agents(inactive=True)}
    values = {
        "agent": desk.actor, "agent.name": names.get(desk.actor) or desk.actor,
        "desk": desk.settings.name, "today": f"{there:%Y-%m-%d}", "now": f"{there:%H:%M}",
    }  # fmt: skip
    if ticket is not None:
        values |= _of_ticket(desk, ticket, names)
    return {name: clean_line(value) for name, value in values.items()}


def _of_ticket(desk: Desk, ticket: Ticket, names: Mapping[str, str]) -> dict[str, str]:
    now, zone = desk.now(), desk.settings.zone
    person = ticket.requester
    queues = {queue.key: queue.name for queue in desk.read.queues()}
    states = {state.key: state.name for state in desk.read.states()}
    dues = [c.due_at for c in desk.read.clocks(ticket.id) if c.due_at and c.stopped_at is None]
    return {
        "ref": ticket.ref, "subject": ticket.subject, "kind": ticket.kind,
        "requester": (person.name or person.email) if person else "",
        "requester.first": first_name(person.name) if person else "",
        "requester.email": person.email if person else "",
        "requester.phone": person.phone if person else "",
        "organization": person.organization if person else "",
        "state": states.get(ticket.state, ticket.state), "priority": str(ticket.priority),
        "queue": queues.get(ticket.queue, ticket.queue), "category": ticket.path,
        "service": ticket.service,
        "assignee": ticket.assignee, "assignee.name": names.get(ticket.assignee, ticket.assignee),
        "owner": ticket.owner, "owner.name": names.get(ticket.owner, ticket.owner),
        "due": moment(min(dues), zone, now) if dues else "",
        "created": moment(ticket.created_at, zone, now),
        **{f"field.{name}": value for name, value in ticket.fields.items()},
    }  # fmt: skip


def first_name(name: str) -> str:
    """The first word; of "Korhonen, Mikko" the word after the comma."""
    last, comma, first = name.partition(",")
    words = (first if comma and first.strip() else last).split()
    return words[0] if words else ""


def circumstances(desk: Desk, ticket: Ticket | None = None) -> Circumstances:
    """What acts in words depend on, at this desk and now."""
    waits = [s.key for s in desk.read.states() if s.category == StateCategory.WAITING]
    at = Circumstances(me=desk.actor, now=desk.now(), zone=desk.settings.zone, waits=waits)
    if ticket is None:
        return at
    return Circumstances(ticket.priority, at.me, at.now, at.zone, waits)


def operations_for(
    desk: Desk, macro: Macro, asked: Mapping[str, str], *, text: bool = True
) -> Callable[[TicketId], tuple[Op, ...]]:
    """What the macro does to each ticket, with that ticket's own values."""

    def operations(number: TicketId) -> tuple[Op, ...]:
        ticket = desk.read.ticket(number)
        values, at = values_of(desk, ticket), circumstances(desk, ticket)
        return rules.operations(macro, at, values, asked, text=text)

    return operations


def each_its_own(desk: Desk, ops: tuple[Op, ...]) -> Callable[[TicketId], tuple[Op, ...]]:
    """The same operations for every ticket; variables in what is said become each one's values."""
    texts = [str(getattr(op, "text", "")) for op in ops]
    if not any(name in VARIABLES for text in texts for name in names_in(text)):
        return lambda _: ops

    def operations(number: TicketId) -> tuple[Op, ...]:
        values = values_of(desk, desk.read.ticket(number))
        return tuple(expand_op(op, values) if hasattr(op, "text") else op for op in ops)

    return operations


def found(
    what: str, name: str, among: Iterable[Macro | Template], *, whole: bool = False
) -> Macro | Template:
    """The one of that name (unless `whole`, of the beginning of one), my own before everybody's.

    Raises `NotFound` naming the nearest.
    """
    named = sorted(among, key=lambda one: one.owner == "")
    for one in named:
        if one.name.casefold() == name.casefold():
            return one
    begun = [one for one in named if one.name.casefold().startswith(name.casefold())]
    if name and not whole and len({one.name for one in begun}) == 1:
        return begun[0]
    raise NotFound.named(what, name, [one.name for one in named])


def macro_named(desk: Desk, name: str, *, whole: bool = False) -> Macro:
    one = found("macro", name, desk.read.macros(), whole=whole)
    assert isinstance(one, Macro)
    return one


def template_named(desk: Desk, name: str, *, whole: bool = False) -> Template:
    one = found("template", name, desk.read.templates(), whole=whole)
    assert isinstance(one, Template)
    return one

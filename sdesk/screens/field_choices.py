"""What `e` offers: the fields of a ticket, what each may hold, and the operation that sets it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sdesk.errors import Invalid
from sdesk.model import IMPACTS, LEVEL_NAMES, Channel, Kind
from sdesk.numbering import number_in
from sdesk.ops import Assign, Edit, Op, SetField
from sdesk.screens.dialogs.pick import Choice
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import Person, Ticket

FIELD = "field."
PLAIN = ("subject", "category", "service", "impact", "urgency", "requester", "owner", "assignee", "kind", "channel", "parent", "restricted")  # fmt: skip


def fields(desk: Desk, ticket: Ticket | None) -> list[Choice]:
    """The plain fields, then the custom ones in use, each with what it holds."""
    custom = dict.fromkeys([*(ticket.fields if ticket else ()), *desk.read.field_names()])
    found = [Choice(name, name, value_of(ticket, name)) for name in PLAIN]
    person = ticket.requester if ticket is not None else None
    if person is not None and person.organization:
        told = f"{person.organization}: it is the requester's"
        found.insert(6, Choice("requester", "organization", told))
    return [*found, *(Choice(FIELD + n, n, value_of(ticket, FIELD + n)) for n in custom)]


def new_field(text: str) -> Choice | None:
    """A custom field that nobody has used yet."""
    name = clean_line(text)
    if not name.replace("_", "").replace("-", "").isalnum() or name in PLAIN:
        return None
    return Choice(FIELD + name, name, "a custom field")


def value_of(ticket: Ticket | None, name: str) -> str:
    """What a field of one ticket holds, for people."""
    if ticket is None:
        return ""
    if name.startswith(FIELD):
        return ticket.fields.get(name.removeprefix(FIELD), "")
    match name:
        case "requester":
            return "" if ticket.requester is None else ticket.requester.name
        case "category":
            return ticket.path
        case "restricted":
            return "yes" if ticket.restricted else "no"
        case _:
            value = getattr(ticket, name)
            return "" if value is None else clean_line(str(value))


def values(desk: Desk, name: str) -> Sequence[Choice] | Callable[[str], Sequence[Choice]] | None:
    """Operations to choose from; None where the value is free text."""
    match name:
        case "impact" | "urgency":
            return [Choice(Edit(name, n), f"{n} {LEVEL_NAMES[n]}") for n in IMPACTS]
        case "kind":
            return [Choice(Edit(name, str(kind)), str(kind)) for kind in Kind]
        case "channel":
            return [Choice(Edit(name, str(one)), str(one)) for one in Channel]
        case "restricted":
            return [Choice(Edit(name, False), "no"), Choice(Edit(name, True), "yes", "only its queue, owner, assignee and admins see it")]  # fmt: skip
        case "owner" | "assignee":
            return [*_agents(desk, name), Choice(_agent_op(name, ""), "nobody")]
        case "category":
            return [Choice(Edit(name, path), path) for path in desk.read.categories()]
        case "requester":
            return lambda typed: people(desk, typed)
    return None


def _agents(desk: Desk, name: str) -> list[Choice]:
    return [
        Choice(_agent_op(name, a.login), a.login, a.name) for a in desk.read.agents() if a.active
    ]


def _agent_op(name: str, login: str) -> Op:
    return Assign(login) if name == "assignee" else Edit(name, login)


def people(desk: Desk, typed: str) -> list[Choice]:
    """Requesters that begin so, and nobody."""
    found = desk.read.people(typed.strip(), limit=20) if typed.strip() else ()
    return [*map(_person, found), Choice(Edit("requester", None), "nobody")]


def _person(person: Person) -> Choice:
    about = " · ".join(filter(None, (person.organization, person.email, person.phone)))
    return Choice(Edit("requester", person.id), person.name or person.email, cut(about, 80))


def free(name: str) -> Callable[[str], Choice | None] | None:
    """What is typed as a value of its own, where a field may hold anything."""
    if name != "category":
        return None
    return lambda text: Choice(Edit("category", text), text, "a category that isn't there yet")


def operation(name: str, text: str) -> Op:
    """The operation that sets a field to a typed text. Raises `Invalid`."""
    if name.startswith(FIELD):
        return SetField(name.removeprefix(FIELD), text)
    if name == "parent":
        number = number_in(text.rpartition("-")[2].lstrip("#"))
        if text and number is None:
            raise Invalid(f"'{text}' is no ticket number.", "For example SD-1042; empty for none.")
        return Edit(name, number)
    return Edit(name, text)

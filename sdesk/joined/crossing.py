"""What an operation names besides its own ticket: other tickets must lie in the same file, and a person
is known in each file by a number of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sdesk import ops
from sdesk.errors import Refused
from sdesk.model import PersonId
from sdesk.numbering import is_restricted

if TYPE_CHECKING:
    from sdesk.desk import Desk

PARTED = "Tickets of the two files are kept apart: neither knows of the other."
_OTHERS: dict[type, str] = {
    ops.Merge: "into", ops.AddLink: "to", ops.RemoveLink: "to", ops.Unmerge: "",
}  # fmt: skip


def other_tickets(op: ops.Op) -> tuple[int, ...]:
    """The tickets that the operation names beside the one it is done to."""
    if isinstance(op, ops.Open):
        return () if op.parent is None else (op.parent,)
    if isinstance(op, ops.Edit):
        return (int(op.value),) if op.field == "parent" and op.value is not None else ()
    name = _OTHERS.get(type(op), "")
    return (int(getattr(op, name)),) if name else ()


def agents_named(op: ops.Op) -> tuple[str, ...]:
    """The agents the operation gives the ticket to."""
    if isinstance(op, ops.Open):
        return tuple(filter(None, (op.assignee, op.owner)))
    if isinstance(op, ops.Assign):
        return (op.agent,) if op.agent else ()
    if isinstance(op, ops.Edit) and op.field == "owner" and op.value:
        return (str(op.value),)
    return ()


def check(op: ops.Op, target: Desk, *, restricted: bool) -> None:
    """Raises `Refused` where the operation would tie tickets of both files together."""
    for number in other_tickets(op):
        if is_restricted(number) != restricted:
            where = "isn't" if restricted else "is"
            raise Refused(f"{target.ref(number)} {where} in the restricted file.", PARTED)


def translated(op: ops.Op, source: Desk, target: Desk, *, restricted: bool) -> ops.Op:
    """The operation with the people it names as the target file knows them, made there if need be."""
    if isinstance(op, ops.Open):
        return replace(op, requester=person_in(op.requester, source, target, restricted=restricted))
    if isinstance(op, ops.Edit) and op.field == "requester" and op.value is not None:
        number = person_in(int(op.value), source, target, restricted=restricted)
        return ops.Edit("requester", number)
    if isinstance(op, ops.Receive) and op.sender is not None:
        return replace(op, sender=person_in(op.sender, source, target, restricted=restricted))
    return op


def person_in(
    number: int | None, source: Desk, target: Desk, *, restricted: bool
) -> PersonId | None:
    """The number by which the target file knows this person of the other one."""
    if number is None or is_restricted(number) == restricted:
        return None if number is None else PersonId(number)
    person = source.read.person(number)
    found = None
    if person.email:
        found = target.read.person_by(email=person.email)
    elif person.external_id:
        found = target.read.person_by(external_id=person.external_id)
    else:
        same = [p for p in target.read.people(person.name) if p.name == person.name and not p.email]
        found = same[0] if same else None
    if found is not None:
        return found.id
    made = target.apply(
        None,
        ops.SavePerson(
            person.name, person.email, person.phone, person.organization, person.vip,
            person.external_id, language=person.language or None, verified_at=person.verified_at,
        ),
    )  # fmt: skip
    return PersonId(made.events[-1].details["id"])

"""Who may do what: a table of roles, and the rule for restricted tickets. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk import ops
from sdesk.errors import Refused
from sdesk.model import Agent, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

RANK = {Role.AGENT: 0, Role.LEAD: 1, Role.ADMIN: 2}
SHARED = (
    ops.SaveView, ops.DropView, ops.SaveTemplate, ops.DropTemplate, ops.SaveMacro, ops.DropMacro,
)  # fmt: skip
"""Private ones are everybody's; shared ones a lead's."""
EVERYBODY = (*ops.TICKET_OPS, ops.SavePerson, ops.SaveOrganization)
LEADS = (ops.SaveCategory, ops.Announce, ops.ReviseAnnouncement, ops.EndAnnouncement)


@dataclass(frozen=True, slots=True)
class Subject:
    """What access needs to know of a ticket."""

    ref: str
    restricted: bool
    queue: str
    owner: str
    assignee: str


def role_needed(op: ops.Op) -> Role:
    if isinstance(op, SHARED):
        return Role.LEAD if op.shared else Role.AGENT
    if isinstance(op, EVERYBODY):
        return Role.AGENT
    return Role.LEAD if isinstance(op, LEADS) else Role.ADMIN


def check(agent: Agent | None, actor: str, op: ops.Op, subject: Subject | None = None) -> None:
    """Raises `Refused`, naming who may."""
    if agent is None or not agent.active:
        raise Refused(
            f"'{actor}' is not an agent of this desk.",
            f"An admin can add you: sdesk agents add {actor}",
        )
    needed = role_needed(op)
    if RANK[Role(agent.role)] < RANK[needed]:
        raise Refused(
            f"{type(op).__name__} needs the role {needed}; {agent.login} is {agent.role}."
        )
    if subject is not None and not may_see(agent, subject):
        raise Refused(
            f"{subject.ref} is restricted.",
            f"Ask an agent of the queue '{subject.queue}' or an admin.",
        )


def check_place(op: ops.Op, settings: Mapping[str, str]) -> None:
    """Where restricted tickets have a file of their own, none is put among the others. Raises `Refused`.

    Who may open that file gets there by a desk that is joined with it; nobody else comes so far.
    """
    if settings.get("restricted_store") and wants_restricted(op, settings):
        raise Refused(
            "Restricted tickets lie in a file of their own, which you can't open.",
            "Ask a member of its group; an admin sees who they are: sdesk restricted members",
        )


def wants_restricted(op: ops.Op, settings: Mapping[str, str]) -> bool:
    """Whether the operation makes a restricted ticket, by its own word or by its queue."""
    if isinstance(op, ops.Open):
        queue = op.queue or settings.get("intake_queue", "")
        return op.restricted or queue in settings.get("restricted_queues", "").split()
    return isinstance(op, ops.Edit) and op.field == "restricted" and bool(op.value)


def may_see(agent: Agent, subject: Subject) -> bool:
    """A restricted ticket is for its owner, its assignee, its queue's members and admins."""
    return (
        not subject.restricted
        or agent.role == Role.ADMIN
        or agent.login in (subject.owner, subject.assignee)
        or subject.queue in agent.queues
    )

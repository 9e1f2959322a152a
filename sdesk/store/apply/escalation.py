"""Appliers that refer a ticket to others, and that take it up again when a wait is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk import ops
from sdesk.errors import Invalid, NotFound, Refused
from sdesk.model import StateCategory
from sdesk.store.apply import apply
from sdesk.store.apply.ticket import enter, known_queue, tier_of
from sdesk.store.notices import WORDS, active, recipients, tell
from sdesk.store.tables import AgentTable
from sdesk.text import clean, clean_line

if TYPE_CHECKING:
    from sdesk.store.tables import TicketTable
    from sdesk.store.transaction import Tx


@apply.register(ops.Escalate)
def _escalate(op: ops.Escalate, tx: Tx, ticket: TicketTable) -> TicketTable:
    if not ticket.live:
        raise Refused("It is finished; there is nothing to escalate.", "Reopen it first.")
    values = _referral(op.queue, tx, ticket) if op.queue else {}
    _check_people(tx, op.to)
    changes = {name: (getattr(ticket, name), value) for name, value in values.items()}
    for name, value in values.items():
        setattr(ticket, name, value)
    # Only now: "queue" and "lead" are those of the line it goes to.
    told = [a for a in recipients(tx, ticket, op.to) if a != tx.actor]
    if op.to and not told:
        raise Refused("Nobody but you would be told.", "Name somebody else.")
    details: dict[str, Any] = {"reason": clean(op.reason), "told": told}
    if op.queue:
        details["tier"] = tier_of(tx, op.queue)
    event = tx.record("escalated", ticket, changes=changes, details=details)
    reason = clean_line(op.reason)
    tell(tx, told, ticket.id, event, "escalation", f"{tx.actor} escalated it: {reason}")
    return ticket


def _referral(queue: str, tx: Tx, ticket: TicketTable) -> dict[str, Any]:
    """The other line takes it from its queue; whoever answers to the requester stays who it was."""
    known_queue(tx, queue)
    if queue == ticket.queue:
        raise Invalid(f"It is in the queue '{queue}' already.")
    values: dict[str, Any] = {"queue": queue}
    if ticket.assignee:
        values["assignee"] = ""
    if not ticket.owner:
        values["owner"] = ticket.assignee or tx.actor
    return values


def _check_people(tx: Tx, words: tuple[str, ...]) -> None:
    for word in words:
        agent = tx.session.get(AgentTable, word) if word not in WORDS else None
        if word not in WORDS and (agent is None or not agent.active):
            raise NotFound.named("agent", word, [*active(tx), *WORDS])


@apply.register(ops.EndWait)
def _end_wait(_: ops.EndWait, tx: Tx, ticket: TicketTable) -> TicketTable:
    if ticket.category != StateCategory.WAITING:
        raise Refused("It is not waiting.")
    reason = ticket.wait_reason
    state = tx.state_of(StateCategory.OPEN, "open")
    enter(tx, ticket, state, "wait_ended", reason=reason)
    return ticket

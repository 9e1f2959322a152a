"""Appliers of the bin: nothing is deleted, and what lies there can be taken out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import col

from sdesk import ops
from sdesk.errors import Refused
from sdesk.model import StateCategory
from sdesk.store.apply import apply
from sdesk.store.apply.undo import TakingBack
from sdesk.store.tables import EventTable, TicketTable
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.store.transaction import Tx


@apply.register(ops.Discard)
def _discard(op: ops.Discard, tx: Tx, ticket: TicketTable) -> TicketTable:
    if ticket.binned:
        return ticket
    values: dict[str, Any] = {"binned": 1, "state_until": None, "wait_reason": ""}
    if ticket.category != StateCategory.CLOSED:
        state = tx.state_of(StateCategory.CLOSED, "cancelled")
        values |= {"state": state.key, "category": str(state.category), "live": 0}
        values["closed_at"] = tx.at
    reason = clean_line(op.reason)
    tx.change(ticket, "discarded", {"reason": reason} if reason else None, **values)
    return ticket


@apply.register(ops.Restore)
def _restore(_: ops.Restore, tx: Tx, ticket: TicketTable) -> TicketTable:
    if not ticket.binned:
        raise Refused("It is not in the bin.")
    query = (
        select(EventTable)
        .where(col(EventTable.ticket_id) == ticket.id)
        .where(col(EventTable.payload).contains('"binned":[0,1]', autoescape=True))
        .order_by(col(EventTable.id).desc())
    )
    event = tx.session.execute(query.limit(1)).scalar_one()
    TakingBack(tx, "restored").run(ticket, [event])
    return ticket

"""Applier of due dates set by hand. They are kept nowhere but in the events that the clocks follow from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import col

from sdesk import ops
from sdesk.errors import Invalid, Refused
from sdesk.model import Instant
from sdesk.store.apply import apply
from sdesk.store.tables import ClockTable, EventTable, TicketTable
from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdesk.store.transaction import Tx

DUE = "due."
"""Before the name of a target in an event's changes."""


@apply.register(ops.SetDue)
def _set_due(op: ops.SetDue, tx: Tx, ticket: TicketTable) -> TicketTable:
    running = _running(tx, ticket)
    if op.target not in running:
        raise Refused(
            f"The ticket has no running clock '{op.target}'.",
            "Running: " + ", ".join(running) + "." if running else "No clock of it runs.",
        )
    if op.at is not None and op.at <= tx.at:
        raise Invalid("The due date is in the past.")
    put_due(tx, ticket, op.target, op.at, "due_set", {"reason": clean_line(op.reason)})
    return ticket


def put_due(
    tx: Tx, ticket: TicketTable, target: str, at: Instant | None, kind: str,
    details: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    before = due_by_hand(tx, ticket, target)
    if before != at:
        tx.record(kind, ticket, changes={f"{DUE}{target}": (before, at)}, details=details)


def due_by_hand(tx: Tx, ticket: TicketTable, target: str) -> Instant | None:
    """The date in force, by the newest event that speaks of it."""
    name = f"{DUE}{target}"
    own = [row["payload"] for row in tx.events if row["ticket_id"] == ticket.id]
    payload = next((text for text in reversed(own) if f'"{name}"' in text), None)
    if payload is None:
        query = (
            select(col(EventTable.payload))
            .where(col(EventTable.ticket_id) == ticket.id)
            .where(col(EventTable.payload).contains(f'"{name}"', autoescape=True))
            .order_by(col(EventTable.id).desc())
        )
        payload = tx.session.execute(query.limit(1)).scalar()
    changes = json.loads(payload)["changes"] if payload else {}
    after = changes.get(name, (None, None))[1]
    return None if after is None else int(after)


def _running(tx: Tx, ticket: TicketTable) -> list[str]:
    query = select(col(ClockTable.target)).where(
        col(ClockTable.ticket_id) == ticket.id, col(ClockTable.stopped_at).is_(None)
    )
    return sorted(tx.session.execute(query).scalars())

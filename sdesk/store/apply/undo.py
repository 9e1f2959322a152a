"""Taking a batch back: every changed field to what it was, every entry withdrawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import col

from sdesk import ops
from sdesk.errors import Refused
from sdesk.model import StateCategory
from sdesk.store.apply import apply
from sdesk.store.apply.due import DUE, due_by_hand, put_due
from sdesk.store.apply.ticket import enter, put_field, put_link, put_tags, tags_of
from sdesk.store.notices import untell
from sdesk.store.tables import EntryTable, EventTable, FieldTable, LinkTable, TicketTable

if TYPE_CHECKING:
    from sdesk.store.transaction import Tx


@apply.register(ops.Revert)
def _revert(op: ops.Revert, tx: Tx, ticket: TicketTable) -> TicketTable:
    """Put back what the batch changed on this ticket. Refused where somebody changed it since."""
    events = _events(tx, ticket, op.batch)
    spans = _spans(events)
    kind = "redone" if op.redo else "undone"
    numbers = [n for row in events for n in _entry_numbers(row)]
    tx.extra = {"batch": op.batch}
    if any(row.kind == "opened" for row in events):
        state = tx.state_of(StateCategory.CLOSED, "cancelled")
        return enter(tx, ticket, state, kind, reason="")
    _refuse_if_moved_on(tx, ticket, spans)
    _withdraw(tx, numbers, withdrawn=not op.redo)
    untell(tx, [row.id for row in events if row.id is not None])
    columns: dict[str, Any] = {}
    for name, (before, _after) in spans.items():
        if name == "tags":
            put_tags(tx, ticket, list(before), kind)
        elif name.startswith("field."):
            put_field(tx, ticket, name.removeprefix("field."), before, kind)
        elif name.startswith("link."):
            _, link, to = name.split(".")
            put_link(tx, ticket, (link, int(to)), kind, present=bool(before))
        elif name.startswith(DUE):
            put_due(tx, ticket, name.removeprefix(DUE), before, kind)
        else:
            columns[name] = before
    changes = {name: (getattr(ticket, name), value) for name, value in columns.items()}
    for name, value in columns.items():
        setattr(ticket, name, value)
    details = {"did": [row.kind for row in events], "entries": numbers}
    tx.record(kind, ticket, changes=changes, details=details)
    return ticket


def _events(tx: Tx, ticket: TicketTable, batch: int) -> list[EventTable]:
    query = (
        select(EventTable)
        .where(col(EventTable.batch) == batch, col(EventTable.ticket_id) == ticket.id)
        .order_by(col(EventTable.id))
    )
    return list(tx.session.execute(query).scalars())


def _spans(events: list[EventTable]) -> dict[str, tuple[Any, Any]]:
    """Field → (what it was before the batch, what it is after it)."""
    spans: dict[str, tuple[Any, Any]] = {}
    for row in events:
        for name, (before, after) in json.loads(row.payload)["changes"].items():
            spans[name] = (spans[name][0] if name in spans else before, after)
    return spans


def _refuse_if_moved_on(tx: Tx, ticket: TicketTable, spans: dict[str, tuple[Any, Any]]) -> None:
    for name, (_before, after) in spans.items():
        if (now := _current(tx, ticket, name)) != after:
            raise Refused(
                f"{name} has been changed since, to '{now}'.",
                "Change it by hand if you still want to.",
            )


def _current(tx: Tx, ticket: TicketTable, name: str) -> Any:
    if name == "tags":
        return tags_of(tx, ticket)
    if name.startswith("field."):
        row = tx.session.get(FieldTable, (ticket.id, name.removeprefix("field.")))
        return row.value if row else ""
    if name.startswith("link."):
        _, kind, to = name.split(".")
        return tx.session.get(LinkTable, (ticket.id, kind, int(to))) is not None
    if name.startswith(DUE):
        return due_by_hand(tx, ticket, name.removeprefix(DUE))
    return getattr(ticket, name)


def _withdraw(tx: Tx, numbers: list[int], *, withdrawn: bool) -> None:
    """Take back what the batch said, or (redo) say again what the undo had taken back."""
    if not numbers:
        return
    for number in numbers:
        entry = tx.session.get(EntryTable, number)
        if entry is not None:
            entry.withdrawn = int(withdrawn)
    tx.session.flush()


def _entry_numbers(row: EventTable) -> list[int]:
    details = json.loads(row.payload)["details"]
    if row.kind in ("undone", "redone"):
        return list(details.get("entries", ()))
    return [details["entry"]] if "entry" in details else []

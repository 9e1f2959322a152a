"""Appliers that merge threads, take them apart again, and split messages off.

What happens to the second ticket carries the number of the first as `partner`: it is undone with it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import col

from sdesk import ops
from sdesk.errors import Invalid, NotFound, Refused
from sdesk.model import LinkKind, StateCategory, TicketId
from sdesk.store.apply import apply
from sdesk.store.apply.moving import files, move, move_files, newest_entry, survivors, thread
from sdesk.store.apply.ticket import (
    is_below,
    next_number,
    opening,
    set_link,
    set_tags,
    tags_of,
    tier_of,
)
from sdesk.store.apply.undo import TakingBack, partners
from sdesk.store.tables import EntryTable, EventTable, LinkTable, TicketTable, WatcherTable
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.store.transaction import Tx

MERGED = "merged"
"""The resolution code of a ticket that goes on in another."""


@apply.register(ops.Merge)
def _merge(op: ops.Merge, tx: Tx, ticket: TicketTable) -> TicketTable:
    into = _survivor(op, tx, ticket)
    link = f"link.{LinkKind.DUPLICATES}.{into.number}"
    values = {
        **_closing(tx, ticket), "state_until": None, "wait_reason": "",
        "resolution_code": MERGED, "merged_into": into.number,
    }  # fmt: skip
    changes: dict[str, tuple[Any, Any]] = {
        name: (getattr(ticket, name), value)
        for name, value in values.items()
        if getattr(ticket, name) != value
    }
    for name, (_, value) in changes.items():
        setattr(ticket, name, value)
    if set_link(tx, ticket, link, True):
        changes[link] = (False, True)
    upto = newest_entry(tx)
    moved = move(tx, thread(tx, ticket.number), into.number)
    gone = move_files(tx, files(tx, ticket.number), into.number, out_of=[ticket.number])
    details = {
        "moved": moved, "files": gone, "to": into.number, "upto": upto, "into": tx.ref(into.number),
    }  # fmt: skip
    tx.record("merged", ticket, changes=changes, details=details)
    told = {"partner": ticket.number, "ticket": tx.ref(ticket.number), "messages": len(moved)}
    tx.record("absorbed", into, changes=_unite(tx, ticket, into), details=told)
    _hand_over_children(tx, ticket, into)
    return ticket


def _hand_over_children(tx: Tx, ticket: TicketTable, into: TicketTable) -> None:
    """The children of a merged ticket become the survivor's; one of them that is the survivor, or
    stands above it, comes first out from under it."""
    told = {"partner": ticket.number, "ticket": tx.ref(ticket.number)}
    if is_below(tx, into, ticket.number):
        changes = {"parent_id": (into.parent_id, ticket.parent_id)}
        into.parent_id = ticket.parent_id
        tx.record("edited", into, changes=changes, details=told)
    query = select(TicketTable).where(col(TicketTable.parent_id) == ticket.id)
    for child in tx.session.execute(query.order_by(col(TicketTable.id))).scalars().all():
        child.parent_id = into.number
        tx.record("edited", child, changes={"parent_id": (ticket.id, into.id)}, details=told)


def _unite(tx: Tx, ticket: TicketTable, into: TicketTable) -> dict[str, tuple[Any, Any]]:
    """Tags of both, and who watched the one watches the other; what that changed."""
    changes: dict[str, tuple[Any, Any]] = {}
    before = tags_of(tx, into)
    tags = sorted({*before, *tags_of(tx, ticket)})
    if set_tags(tx, into, tags):
        changes["tags"] = (before, tags)
    query = select(col(WatcherTable.agent)).where(col(WatcherTable.ticket_id) == ticket.id)
    for agent in sorted(tx.session.execute(query).scalars()):
        if tx.session.get(WatcherTable, (into.number, agent)) is None:
            tx.session.add(WatcherTable(ticket_id=into.number, agent=agent))
            changes[f"watch.{agent}"] = (False, True)
    tx.session.flush()
    return changes


def _survivor(op: ops.Merge, tx: Tx, ticket: TicketTable) -> TicketTable:
    """The ticket that goes on. Raises where it can't."""
    if op.into == ticket.id:
        raise Refused("A ticket can't be merged into itself.")
    if (into := tx.ticket(op.into)) is None:
        raise NotFound(f"There is no ticket {tx.ref(op.into)}.")
    here, there = tx.ref(ticket.number), tx.ref(into.number)
    if into.merged_into is not None:
        last = tx.ref(survivors(tx, into.number)[-1])
        if survivors(tx, into.number)[-1] == ticket.id:
            raise Refused(f"{there} was merged into {here} already.")
        raise Refused(f"{there} was merged into {last}.", f"Merge into {last}.")
    if ticket.live and not into.live:
        raise Refused(
            f"{there} is {into.category}, and {here} is not.", f"Reopen {there} first, or merge it into {here}."
        )  # fmt: skip
    if ticket.restricted and not into.restricted and not op.reveal:
        raise Refused(
            f"{here} is restricted and {there} is not: everybody could read its messages.",
            "Say that you mean it: sdesk merge --reveal.",
        )
    return into


def _closing(tx: Tx, ticket: TicketTable) -> dict[str, Any]:
    """What closes it, if it isn't closed."""
    if ticket.category == StateCategory.CLOSED:
        return {}
    state = tx.state_of(StateCategory.CLOSED, "closed")
    return {
        "state": state.key, "category": str(state.category), "live": 0, "closed_at": tx.at,
    }  # fmt: skip


@apply.register(ops.Unmerge)
def _unmerge(_: ops.Unmerge, tx: Tx, ticket: TicketTable) -> TicketTable:
    if ticket.merged_into is None:
        raise Refused("It is merged into no other ticket.")
    event = _merging(tx, ticket)
    taking = TakingBack(tx, "unmerged", partner_kind="separated")
    taking.run(ticket, [event], partners(tx, ticket, event.batch))
    return ticket


def _merging(tx: Tx, ticket: TicketTable) -> EventTable:
    """The event that merged it last."""
    query = (
        select(EventTable)
        .where(col(EventTable.ticket_id) == ticket.id)
        .where(col(EventTable.payload).contains('"merged_into"', autoescape=True))
        .order_by(col(EventTable.id).desc())
    )
    event: EventTable
    for event in tx.session.execute(query).scalars():
        if json.loads(event.payload)["changes"].get("merged_into", (None, None))[1] is not None:
            return event
    raise Refused("Nothing tells how it was merged; it was imported so.")


@apply.register(ops.Split)
def _split(op: ops.Split, tx: Tx, ticket: TicketTable) -> TicketTable:
    entry = tx.session.get(EntryTable, op.entry)
    if entry is None or entry.ticket_id != ticket.id or entry.withdrawn:
        raise NotFound(f"{tx.ref(ticket.number)} has no such message.")
    standing = thread(tx, ticket.number)
    wanted = [n for n in standing if n >= op.entry] if op.following else [op.entry]
    if len(wanted) == len(standing):
        raise Invalid(
            "That is the whole thread.", f"Change the subject of {tx.ref(ticket.number)} instead."
        )
    fresh = _beside(op, tx, ticket)
    moved = move(tx, wanted, fresh.number)
    details = {"moved": moved, "to": fresh.number, "upto": newest_entry(tx)}
    tx.record("split", ticket, details={**details, "into": tx.ref(fresh.number)})
    opened = opening(fresh, [], {}) | {"tier": tier_of(tx, fresh.queue)}
    link = f"link.{LinkKind.RELATES}.{ticket.number}"
    tx.session.add(LinkTable(ticket_id=fresh.number, kind=LinkKind.RELATES, to_id=ticket.number))
    tx.record(
        "opened",
        fresh,
        details={**opened, "partner": ticket.number, "split_from": tx.ref(ticket.number)},
    )
    tx.record("linked", fresh, changes={link: (False, True)}, details={"partner": ticket.number})
    return ticket


def _beside(op: ops.Split, tx: Tx, ticket: TicketTable) -> TicketTable:
    """A new ticket of the same requester, in the same place, that nobody has yet."""
    state = tx.state_of(StateCategory.NEW)
    fresh = TicketTable(
        id=next_number(tx), kind=ticket.kind, subject=clean_line(op.subject), state=state.key,
        category=state.category, impact=ticket.impact, urgency=ticket.urgency,
        priority=tx.matrix[ticket.impact, ticket.urgency], path=ticket.path, queue=ticket.queue,
        owner=tx.actor, requester_id=ticket.requester_id, service=ticket.service,
        channel=ticket.channel, created_at=tx.at, updated_at=tx.at, restricted=ticket.restricted,
    )  # fmt: skip
    tx.session.add(fresh)
    tx.session.flush()
    return fresh


def split_off(events: Any) -> TicketId | None:
    """The ticket that a split made, from its events."""
    found = (e.details["to"] for e in events if e.kind == "split")
    return next((TicketId(int(number)) for number in found), None)

"""Appliers of the conversation: what is said to, by and about the requester."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sdesk import ops
from sdesk.errors import NotFound
from sdesk.model import EntryKind
from sdesk.store import outbox
from sdesk.store.apply import apply
from sdesk.store.apply.moving import survivors
from sdesk.store.following import call_by_name
from sdesk.store.tables import AgentTable, EntryTable, PersonTable, TicketTable
from sdesk.text import clean, clean_line

if TYPE_CHECKING:
    from sdesk.store.transaction import Tx

EVENTS = {
    EntryKind.REPLY: "replied",
    EntryKind.INBOUND: "received",
    EntryKind.NOTE: "noted",
    EntryKind.CALL: "called",
    EntryKind.CHAT: "chatted",
}
PUBLIC = (EntryKind.REPLY, EntryKind.CALL)
"""What answers the requester, and stops the response clock."""


def say(
    tx: Tx, ticket: TicketTable, kind: str, text: str, *, person: int | None = None,
    author: str = "", mail: int | None = None, folds: ops.ticket.Spans = (), keeps_state: bool = False,
) -> EntryTable:  # fmt: skip
    """Add one entry and its event. `person` speaks when given, else the acting agent; `author` is who
    wrote a message that no person of the desk did. With `keeps_state` it reopens nothing."""
    by_agent = kind != EntryKind.INBOUND and not author
    entry = EntryTable(
        ticket_id=ticket.number, kind=kind, at=tx.at, agent=tx.actor if by_agent else "",
        person_id=person,
        author=clean_line(author) or _author(tx, person if not by_agent else None),
        body=clean(text).strip("\n") or "(no text)", mail_id=mail,
        folds=json.dumps(folds, separators=(",", ":")) if folds else "",
    )  # fmt: skip
    tx.session.add(entry)
    tx.session.flush()
    changes = {}
    if kind in PUBLIC and ticket.first_answered_at is None:
        changes["first_answered_at"] = (None, tx.at)
        ticket.first_answered_at = tx.at
    details = {"entry": entry.id} | ({"keeps_state": True} if keeps_state else {})
    event = tx.record(EVENTS[EntryKind(kind)], ticket, changes=changes, details=details)
    if kind == EntryKind.REPLY:
        outbox.put(tx, entry)
    if by_agent:
        call_by_name(tx, ticket, entry, event)
    return entry


def _author(tx: Tx, person: int | None) -> str:
    if person is not None:
        row = tx.session.get(PersonTable, person)
        if row is None:
            raise NotFound(f"There is no person with the number {person}.")
        return clean_line(row.name or row.email)
    if tx.actor in tx.names:
        return tx.names[tx.actor] or tx.actor
    agent = tx.session.get(AgentTable, tx.actor)
    return agent.name if agent and agent.name else tx.actor


@apply.register(ops.Reply)
def _reply(op: ops.Reply, tx: Tx, ticket: TicketTable) -> TicketTable:
    say(tx, ticket, EntryKind.REPLY, op.text)
    return ticket


@apply.register(ops.AddNote)
def _note(op: ops.AddNote, tx: Tx, ticket: TicketTable) -> TicketTable:
    say(tx, ticket, EntryKind.NOTE, op.text, author=op.author)
    return ticket


@apply.register(ops.LogCall)
def _call(op: ops.LogCall, tx: Tx, ticket: TicketTable) -> TicketTable:
    say(tx, ticket, EntryKind.CALL, op.text)
    return ticket


@apply.register(ops.Chat)
def _chat(op: ops.Chat, tx: Tx, ticket: TicketTable) -> TicketTable:
    say(tx, ticket, EntryKind.CHAT, op.text)
    return ticket


def going_on(tx: Tx, ticket: TicketTable) -> TicketTable:
    """The ticket itself, or the one that goes on for it."""
    return tx.ticket(survivors(tx, ticket.number)[-1]) or ticket


@apply.register(ops.Receive)
def _receive(op: ops.Receive, tx: Tx, ticket: TicketTable) -> TicketTable:
    ticket = going_on(tx, ticket)
    person = op.sender or (None if op.author else ticket.requester_id)
    say(
        tx, ticket, EntryKind.INBOUND, op.text, person=person, author=op.author,
        mail=op.mail, folds=op.folds, keeps_state=op.keeps_state,
    )  # fmt: skip
    return ticket

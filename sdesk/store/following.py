"""Telling agents of a ticket what concerns them: those a message calls by name, those who watch it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlmodel import col

from sdesk.model import Role
from sdesk.store import spoken
from sdesk.store.notices import active, tell
from sdesk.store.tables import MemberTable, MentionTable
from sdesk.text import called, clean_line, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sdesk.model import EventId
    from sdesk.store.tables import EntryTable, TicketTable
    from sdesk.store.transaction import Tx

MENTION, WATCH, ASSIGNED = "mention", "watch", "assigned"
PUBLIC = {"replied": "replied", "called": "logged a call", "received": "the requester wrote"}
"""Events that a watcher is told of besides changes of the state, and how."""

TAKEN_BACK = ("undone", "redone")
"""Who has not read of an act need not hear that it was taken back."""


def call_by_name(tx: Tx, ticket: TicketTable, entry: EntryTable, event: EventId) -> None:
    """Tell whom a message names by `@login` or `@queue`, each once; never its author."""
    names = {name.casefold() for name in called(entry.body)}
    if not names or entry.id is None:
        return
    agents = active(tx)
    meant = [login for login in agents if login.casefold() in names]
    queues = tx.session.execute(select(col(MemberTable.queue), col(MemberTable.agent)))
    meant += sorted(agent for queue, agent in queues if queue.casefold() in names)
    told = [a for a in _who_may_see(tx, ticket, meant) if a in agents and a != tx.actor]
    for agent in told:
        tx.session.add(MentionTable(agent=agent, entry_id=entry.id))
    tx.session.flush()
    said = cut(clean_line(entry.body[:400]), 100)
    tell(tx, told, ticket.number, event, MENTION, f"{tx.actor} calls you: {said}")


def _who_may_see(tx: Tx, ticket: TicketTable, agents: Iterable[str]) -> list[str]:
    """Of these, each once, those who may see the ticket."""
    once = list(dict.fromkeys(agents))
    if not ticket.restricted:
        return once
    members = select(col(MemberTable.agent)).where(col(MemberTable.queue) == ticket.queue)
    may = {ticket.owner, ticket.assignee, *tx.session.execute(members).scalars()}
    may |= {login for login, role in active(tx).items() if role == Role.ADMIN}
    return [agent for agent in once if agent in may]


def tell_watchers(tx: Tx, ticket: TicketTable, start: int) -> None:
    """Tell who watches the ticket what has happened since that event of the transaction: one notice
    a ticket until it is seen, and none of one's own doing."""
    news = [row for row in tx.events[start:] if row["ticket_id"] == ticket.id and _is_news(row)]
    if not news:
        return
    sql = "SELECT agent FROM watcher WHERE ticket_id = :ticket ORDER BY agent"
    found = spoken.rows(tx.session, sql, {"ticket": ticket.number})
    watchers = _who_may_see(tx, ticket, (str(agent) for (agent,) in found))
    agents = active(tx) if watchers else {}
    for agent in watchers:
        others = [row for row in news if row["actor"] != agent or row["kind"] == "received"]
        if others and agent in agents and not _is_told(tx, ticket, agent):
            last = others[-1]
            tell(tx, [agent], ticket.number, last["id"], WATCH, _words(tx, last))


def tell_assignee(tx: Tx, ticket: TicketTable, start: int) -> None:
    """Tell an agent that the ticket has become theirs by somebody else, since that event of the
    transaction; once, and nobody of what an undo puts back."""
    given = [row for row in tx.events[start:] if row["ticket_id"] == ticket.id and _gives(row)]
    agent = ticket.assignee
    if not given or not agent or any(row["kind"] in TAKEN_BACK for row in given):
        return
    before = json.loads(given[0]["payload"])["changes"].get("assignee", ("", ""))[0]
    last = given[-1]
    if agent not in (before, last["actor"]) and agent in active(tx):
        by = f"by the rule {last['rule']}" if last["rule"] else f"by {last['actor']}"
        tell(tx, [agent], ticket.number, last["id"], ASSIGNED, f"assigned to you {by}")


def _gives(row: Mapping[str, Any]) -> bool:
    """Whether the event says to whom the ticket is assigned."""
    if row["kind"] == "opened":
        return bool(json.loads(row["payload"])["details"].get("assignee"))
    return '"assignee"' in row["payload"] and "assignee" in json.loads(row["payload"])["changes"]


def _is_news(row: Mapping[str, Any]) -> bool:
    payload = json.loads(row["payload"])
    if row["kind"] in TAKEN_BACK and not payload["details"].get("was_read"):
        return False
    return row["kind"] in PUBLIC or "state" in payload["changes"]


def _is_told(tx: Tx, ticket: TicketTable, agent: str) -> bool:
    sql = text(
        "SELECT 1 FROM notice WHERE agent = :agent AND ticket_id = :ticket AND kind = :kind"
        " AND seen_at IS NULL LIMIT 1"
    )
    values = {"agent": agent, "ticket": ticket.number, "kind": WATCH}
    return tx.session.execute(sql, values).first() is not None


def _words(tx: Tx, row: Mapping[str, Any]) -> str:
    changes = json.loads(row["payload"])["changes"]
    said = PUBLIC.get(row["kind"], "")
    if row["kind"] == "received":
        return said
    if not said:
        state = changes["state"][1]
        said = f"set it to {tx.states[state].name if state in tx.states else state}"
    return f"{row['actor']} {said}"

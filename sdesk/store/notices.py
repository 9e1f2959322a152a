"""Telling agents: one notice an agent and event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlmodel import col

from sdesk.model import Role
from sdesk.store.tables import AgentTable, MemberTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlmodel import Session

    from sdesk.model import EventId, Instant
    from sdesk.store.tables import TicketTable
    from sdesk.store.transaction import Tx

INSERT = text(
    "INSERT INTO notice (agent, ticket_id, event_id, kind, body, at, show_at)"
    " VALUES (:agent, :ticket, :event, :kind, :body, :at, :show_at)"
    " ON CONFLICT (event_id, agent) DO NOTHING"
)


def tell(
    tx: Tx, agents: Iterable[str], ticket: int | None, event: EventId, kind: str, body: str,
    *, show_at: Instant | None = None,
) -> None:  # fmt: skip
    """Put a notice before each of the agents, at `show_at` or at once."""
    for agent in dict.fromkeys(agents):
        values = {
            "agent": agent, "ticket": ticket, "event": event, "kind": kind, "body": body,
            "at": tx.at, "show_at": tx.at if show_at is None else show_at,
        }  # fmt: skip
        tx.session.execute(INSERT, values)


def untell(tx: Tx, events: Iterable[int]) -> list[tuple[Any, ...]]:
    """Take back what nobody has looked at yet; the notices that were, for `retell`."""
    gone: list[tuple[Any, ...]] = []
    for event in events:
        unseen = "notice WHERE event_id = :event AND seen_at IS NULL"
        columns = "agent, ticket_id, event_id, kind, body, at, show_at"
        rows = tx.session.execute(
            text(f"SELECT {columns} FROM {unseen} ORDER BY id"), {"event": event}
        )
        gone += [tuple(row) for row in rows]
        tx.session.execute(text(f"DELETE FROM {unseen}"), {"event": event})
    return gone


def were_read(tx: Tx, events: Iterable[int]) -> bool:
    """Whether somebody has read a notice of one of these events."""
    query = text("SELECT 1 FROM notice WHERE event_id = :event AND seen_at IS NOT NULL LIMIT 1")
    return any(tx.session.execute(query, {"event": event}).first() for event in events)


def told_of(tx: Tx, events: Iterable[int]) -> list[int]:
    """Those of the events that somebody was told of: mostly none."""
    numbers = list(events)
    # Numbers, written out: a list is no parameter on both engines.
    among = ",".join(str(int(number)) for number in numbers) or "NULL"
    query = text(f"SELECT event_id FROM notice WHERE event_id IN ({among})")
    found = set(tx.session.execute(query).scalars())
    return [number for number in numbers if number in found]


def retell(tx: Tx, notices: Iterable[Sequence[Any]]) -> None:
    """Put notices that were taken back before their agents again."""
    names = ("agent", "ticket", "event", "kind", "body", "at", "show_at")
    for notice in notices:
        tx.session.execute(INSERT, dict(zip(names, notice, strict=True)))


def see(session: Session, agent: str, numbers: Iterable[int], at: Instant) -> None:
    """Mark notices of the agent as seen."""
    for number in numbers:
        session.execute(
            text(
                "UPDATE notice SET seen_at = :at"
                " WHERE id = :id AND agent = :agent AND seen_at IS NULL"
            ),
            {"at": at, "id": number, "agent": agent},
        )


def see_of(session: Session, agent: str, ticket: int, at: Instant) -> None:
    """Mark what the agent has been told of a ticket so far as seen; not what waits for its hour."""
    session.execute(
        text(
            "UPDATE notice SET seen_at = :at WHERE ticket_id = :ticket AND agent = :agent"
            " AND seen_at IS NULL AND show_at <= :at"
        ),
        {"at": at, "ticket": ticket, "agent": agent},
    )


WORDS = ("assignee", "owner", "queue", "lead", "admin", "oncall")
"""Whom a level or an escalation may name besides logins."""


def recipients(tx: Tx, ticket: TicketTable, words: Iterable[str]) -> tuple[str, ...]:
    """The active agents that words and logins stand for, each once.

    A word that stands for nobody goes on to the next that can: assignee → queue → lead → admin, and
    so does "oncall" → queue. A queue's leads are those who work it, where there are any.
    """
    agents = active(tx)
    found: dict[str, None] = {}
    for word in words:
        if word in WORDS:
            found |= dict.fromkeys(_stand_for(tx, ticket, word, agents))
        elif word in agents:
            found[word] = None
    return tuple(found)


def active(tx: Tx) -> dict[str, str]:
    """Login → role of every active agent."""
    query = select(col(AgentTable.login), col(AgentTable.role)).where(col(AgentTable.active) == 1)
    rows = tx.session.execute(query.order_by(col(AgentTable.login)))
    return {row[0]: row[1] for row in rows}


def _stand_for(tx: Tx, ticket: TicketTable, word: str, agents: dict[str, str]) -> list[str]:
    query = select(col(MemberTable.agent)).where(col(MemberTable.queue) == ticket.queue)
    members = sorted(login for login in tx.session.execute(query).scalars() if login in agents)
    leads = [login for login, role in agents.items() if role == Role.LEAD]
    chain = {
        "owner": [login for login in (ticket.owner,) if login in agents],
        "assignee": [login for login in (ticket.assignee,) if login in agents],
        "oncall": [login for login in (tx.on_call(ticket.queue),) if login in agents],
        "queue": members,
        "lead": [login for login in leads if login in members] or leads,
        "admin": [login for login, role in agents.items() if role == Role.ADMIN],
    }
    # Who is on call is told where they are named, not because nobody is assigned.
    names = [name for name in chain if name in (word, *WORDS[:-1])]
    first = names.index(word)
    # Nobody owns it: whoever works it is nearer than the queue.
    return next((chain[name] for name in names[first:] if chain[name]), [])

"""What a write has to know before it begins: the desk's newest set-up, the ticket's clocks and its events.

At a server all of it is asked in one round trip, and the ticket's row is locked before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk.store import spoken
from sdesk.store.reads.base import EVENT_COLUMNS, event

if TYPE_CHECKING:
    from sqlmodel import Session

    from sdesk.model import Event, Instant

STAMP = "SELECT coalesce(max(id), 0) FROM event WHERE ticket_id IS NULL"
"""The newest event that concerns no ticket: people and set-up stand still while it does."""
_LOCK = "SELECT 1 FROM ticket WHERE id = :id FOR NO KEY UPDATE"
_STEP = "SELECT min(step_at) FROM clock WHERE ticket_id = :id"
_EVENTS = f"SELECT {EVENT_COLUMNS} FROM event WHERE ticket_id = :id ORDER BY id"


@dataclass(frozen=True, slots=True)
class Known:
    """As it stood when it was asked."""

    ticket: int | None
    stamp: int
    """As `STAMP` has it."""
    step_at: Instant | None = None
    """When the first warning or level of one of its clocks is due."""
    events: tuple[Event, ...] = ()

    @classmethod
    def of(cls, session: Session, ticket: int | None) -> Known:
        if ticket is None:
            return cls(None, spoken.rows(session, STAMP)[0][0])
        asked: list[spoken.Statement] = [(STAMP, None), (_STEP, {"id": ticket}), (_EVENTS, {"id": ticket})]  # fmt: skip
        if "beside" in session.info:
            asked.insert(0, (_LOCK, {"id": ticket}))
        *_, stamp, step, events = spoken.together(session, asked)
        return cls(ticket, stamp[0][0], step[0][0], tuple(map(event, events)))

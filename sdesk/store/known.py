"""What a write has to know before it begins: the desk's newest set-up, the ticket's clocks and its events.

At a server all of it is asked in one round trip, and the ticket's row is locked before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict
from sqlalchemy.orm.util import identity_key

from sdesk.store import spoken
from sdesk.store.reads.base import EVENT_COLUMNS, event
from sdesk.store.reads.setup import STAMP
from sdesk.store.reads.tickets import WITHDRAWN
from sdesk.store.tables import TicketTable

if TYPE_CHECKING:
    from sqlmodel import Session

    from sdesk.model import Event, Instant

_COLUMNS = tuple(column.name for column in TicketTable.__table__.columns)  # type: ignore[attr-defined]
_ROW = f"SELECT {', '.join(_COLUMNS)} FROM ticket WHERE id = :id"
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
    withdrawn: frozenset[int] = frozenset()
    """Entries written in it that an undo has taken back."""

    @classmethod
    def of(cls, session: Session, ticket: int | None) -> Known:
        """Ask it now, unless it was asked when the transaction began."""
        begun = session.info.pop("begun", None) or spoken.together(session, asked(ticket))
        stamp = begun[0][0][0]
        if ticket is None:
            return cls(None, stamp)
        row, step, events, withdrawn = begun[1:]
        if row:
            _hold(session, row[0])
        gone = frozenset(number for (number,) in withdrawn)
        return cls(ticket, stamp, step[0][0], tuple(map(event, events)), gone)


def asked(ticket: int | None, *, locked: bool = False) -> list[spoken.Statement]:
    """The questions whose answers `Known` holds; the ticket's row may be locked before the others."""
    if ticket is None:
        return [(STAMP, None)]
    row = f"{_ROW} FOR NO KEY UPDATE" if locked else _ROW
    return [(STAMP, None), *((sql, {"id": ticket}) for sql in (row, _STEP, _EVENTS, WITHDRAWN))]


def _hold(session: Session, row: tuple[Any, ...]) -> None:
    """Let the session have the row as if it had asked for it."""
    values = dict(zip(_COLUMNS, row, strict=True))
    if session.identity_map.get(identity_key(TicketTable, values["id"])) is None:
        # As the ORM makes what it reads: the model's own way costs what all the rest does.
        ticket: TicketTable = inspect(TicketTable).class_manager.new_instance()
        instance_dict(ticket).update(values)
        make_transient_to_detached(ticket)
        session.add(ticket)
        # The session forgets what nobody holds.
        session.info.setdefault("held", {})[values["id"]] = ticket

"""What every family of reads stands on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sdesk.model import Event, EventId, Instant, TicketId
from sdesk.numbering import reference
from sdesk.rules.query import Context
from sdesk.store.packed import damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sdesk.store.reader import Reader


HIDDEN = """(SELECT h.id FROM ticket h WHERE h.restricted = 1 AND NOT (
    h.owner = :me OR h.assignee = :me OR h.queue IN (SELECT m.queue FROM member m WHERE m.agent = :me)))"""
"""The restricted tickets that an agent who is no admin may not see, as `rules.access.may_see` has it."""
_ANY = """SELECT (SELECT role FROM agent WHERE login = :me AND active = 1) FROM ticket
    WHERE restricted = 1 LIMIT 1"""


class Base:
    """The connection, and who reads when: `me` is the agent whose `me` and unread marks count."""

    def __init__(
        self, reader: Reader, *, me: str, now: Callable[[], Instant], zone: str, prefix: str
    ) -> None:
        self.reader = reader
        self.me = me
        self.now = now
        self.zone = zone
        self.prefix = prefix

    hides = False
    """Whether restricted tickets are kept from an agent who may not see them, where they lie in the same
    file as all others. What the desk does in its own name, and inside a write, sees everything."""

    def unseen(self, column: str) -> str:
        """The condition that keeps tickets from the reading agent, with ` AND ` before it; it names `:me`.
        Empty where there is nothing to keep, which a look into an index tells."""
        if not self.hides:
            return ""
        found = self.reader.one(_ANY, {"me": self.me})
        return "" if found is None or found[0] == "admin" else f" AND {column} NOT IN {HIDDEN}"

    def is_unseen(self, ticket: int) -> bool:
        """Whether the reading agent may not know of the ticket."""
        condition = self.unseen("t.id")
        if not condition:
            return False
        sql = f"SELECT 1 FROM ticket t WHERE t.id = :id{condition}"
        return self.reader.one(sql, {"id": ticket, "me": self.me}) is None

    def context(self) -> Context:
        return Context(me=self.me, now=self.now(), zone=self.zone)

    def ref(self, ticket: int) -> str:
        return reference(self.prefix, ticket)


def among(column: str, numbers: Iterable[int]) -> str:
    """`column IN (…)` over numbers, written out: a list is no parameter on both engines."""
    inside = ",".join(str(int(n)) for n in numbers)
    return f"{column} IN ({inside or 'NULL'})"


EVENT_COLUMNS = "id, ticket_id, at, actor, kind, payload, source, batch, cause_id, rule"


def event(row: tuple[Any, ...]) -> Event:
    try:
        payload = json.loads(row[5])
        changes = {name: (pair[0], pair[1]) for name, pair in payload["changes"].items()}
        details = payload["details"]
    except (ValueError, LookupError, TypeError, AttributeError):
        raise damaged(f"event {row[0]}") from None
    return Event(
        id=EventId(row[0]),
        ticket=TicketId(row[1]) if row[1] is not None else None,
        at=row[2],
        actor=row[3],
        kind=row[4],
        changes=changes,
        details=details,
        source=row[6],
        batch=row[7],
        cause=row[8],
        rule=row[9],
    )

"""What every family of reads stands on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sdesk.model import Event, EventId, Instant, TicketId
from sdesk.numbering import reference
from sdesk.rules.query import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sdesk.store.reader import Reader


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
    payload = json.loads(row[5])
    return Event(
        id=EventId(row[0]),
        ticket=TicketId(row[1]) if row[1] is not None else None,
        at=row[2],
        actor=row[3],
        kind=row[4],
        changes={name: (pair[0], pair[1]) for name, pair in payload["changes"].items()},
        details=payload["details"],
        source=row[6],
        batch=row[7],
        cause=row[8],
        rule=row[9],
    )

"""Events of the whole desk, tickets and set-up alike, as an auditor asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk.store.reads.base import EVENT_COLUMNS, among, event

if TYPE_CHECKING:
    from sdesk.model import Event, Instant
    from sdesk.store.reads.base import Base


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events; what is empty or None asks for nothing."""

    tickets: Sequence[int] | None = None
    actor: str = ""
    kind: str = ""
    since: Instant | None = None
    until: Instant | None = None
    setup: bool = False
    """Only what concerns no ticket: set-up, access, people, exports, erasures."""


def events(read: Base, asked: Asked, *, limit: int) -> tuple[Event, ...]:
    """The newest so many that fit, oldest first; none of a ticket that is kept from the reading agent."""
    conditions = ["1 = 1"]
    values = {"actor": asked.actor, "kind": asked.kind, "since": asked.since, "until": asked.until}
    if asked.tickets is not None:
        conditions.append(among("ticket_id", asked.tickets))
    if asked.setup:
        conditions.append("ticket_id IS NULL")
    for name, condition in _CONDITIONS.items():
        if values[name] not in ("", None):
            conditions.append(condition)
    hidden = read.unseen("ticket_id")
    if hidden:
        conditions.append(f"(ticket_id IS NULL OR ({hidden.removeprefix(' AND ')}))")
    given = {name: value for name, value in values.items() if value not in ("", None)}
    sql = f"SELECT {EVENT_COLUMNS} FROM event WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT {int(limit)}"
    return tuple(event(row) for row in reversed(read.reader.all(sql, given | {"me": read.me})))


_CONDITIONS = {
    "actor": "actor = :actor", "kind": "kind = :kind", "since": "at >= :since", "until": "at < :until",
}  # fmt: skip

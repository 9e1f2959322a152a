"""What monitors have said: the alarms of a ticket, and all of them."""

from __future__ import annotations

import json
from typing import Any

from sdesk.model import Alarm, TicketId
from sdesk.store.reads.base import Base

_ALARM = "a.source, a.key, a.ticket_id, a.state, a.title, a.count, a.flaps, a.first_at, a.last_at, a.payload"


class AlarmReads(Base):
    def alarms_of(self, ticket: int, *, limit: int = 20) -> tuple[Alarm, ...]:
        """The alarms of a ticket and of those merged into it, those that are down first."""
        sql = f"""SELECT {_ALARM} FROM alarm a WHERE a.ticket_id IN
            (SELECT t.id FROM ticket t WHERE t.id = :id OR t.merged_into = :id)
            ORDER BY a.state, a.last_at DESC, a.source, a.key LIMIT :limit"""
        return tuple(map(_alarm, self.reader.all(sql, {"id": ticket, "limit": limit})))

    def alarms(self, *, state: str = "", limit: int = 1_000) -> tuple[Alarm, ...]:
        """All alarms, or those in a state, heard of last first."""
        where = "WHERE a.state = :state" if state else "WHERE a.state <> :state"
        sql = f"""SELECT {_ALARM} FROM alarm a {where}
            ORDER BY a.last_at DESC, a.source, a.key LIMIT :limit"""
        return tuple(map(_alarm, self.reader.all(sql, {"state": state, "limit": limit})))


def _alarm(row: tuple[Any, ...]) -> Alarm:
    kept = json.loads(row[9] or "{}")
    ticket = TicketId(row[2]) if row[2] is not None else None
    more = kept.get("host", ""), kept.get("service", ""), kept.get("severity", "")
    return Alarm(*[*row[:2], ticket, *row[3:9], *more, bool(kept.get("acked"))])

"""What hangs on a ticket: files, time spent, the checklist, watchers, and who has it open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.errors import NotFound
from sdesk.model import Attachment, CheckItem, EntryId, Present, Stopwatch, TicketId, Worked
from sdesk.store import presence
from sdesk.store.reads.base import Base, among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.model import Instant

_FILE = "id, ticket_id, entry_id, name, media, size, at, agent"
_WORKED = "w.id, w.ticket_id, w.agent, w.at, w.seconds, w.note"
BY = {
    "agent": "w.agent",
    "organization": "coalesce(o.name, '')",
    "queue": "t.queue",
}
"""What time spent is added up by."""


class WorkReads(Base):
    def attachments(self, ticket: int) -> tuple[Attachment, ...]:
        """The ticket's files, oldest first."""
        if self.is_unseen(ticket):
            return ()
        sql = f"""SELECT {_FILE} FROM attachment WHERE ticket_id = :id AND withdrawn = 0 ORDER BY id"""
        return tuple(_attachment(row) for row in self.reader.all(sql, {"id": ticket}))

    def attachment(self, number: int) -> Attachment:
        sql = f"SELECT {_FILE} FROM attachment WHERE id = :id AND withdrawn = 0"
        if (row := self.reader.one(sql, {"id": number})) is None:
            raise NotFound(f"There is no file {number}.")
        return _attachment(row)

    def file(self, number: int) -> bytes:
        """The bytes of an attachment. Raises `NotFound`."""
        sql = """SELECT b.body FROM attachment a JOIN blob b ON b.sha256 = a.sha256
            WHERE a.id = :id AND a.withdrawn = 0"""
        if (row := self.reader.one(sql, {"id": number})) is None:
            raise NotFound(f"There is no file {number}.")
        return bytes(row[0])

    def worked(self, ticket: int) -> tuple[Worked, ...]:
        """Time spent on the ticket, oldest first."""
        sql = f"""SELECT {_WORKED} FROM worked w WHERE w.ticket_id = :id AND w.withdrawn = 0
            ORDER BY w.id"""
        return tuple(Worked(*row) for row in self.reader.all(sql, {"id": ticket}))

    def time_spent(
        self, start: Instant, end: Instant, by: str
    ) -> tuple[tuple[str, int, int, int], ...]:
        """Time recorded in [start, end): (whose, seconds, tickets, records), the most first."""
        sql = f"""SELECT {BY[by]}, sum(w.seconds), count(DISTINCT w.ticket_id), count(*)
            FROM worked w JOIN ticket t ON t.id = w.ticket_id
            LEFT JOIN person p ON p.id = t.requester_id
            LEFT JOIN organization o ON o.id = p.organization_id
            WHERE w.withdrawn = 0 AND w.at >= :start AND w.at < :end
            GROUP BY 1 ORDER BY 2 DESC, 1"""
        rows = self.reader.all(sql, {"start": start, "end": end})
        return tuple((row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows)

    def checklist(self, ticket: int) -> tuple[CheckItem, ...]:
        sql = """SELECT id, body, done FROM check_item WHERE ticket_id = :id AND withdrawn = 0
            ORDER BY position, id"""
        rows = self.reader.all(sql, {"id": ticket})
        return tuple(CheckItem(row[0], row[1], bool(row[2])) for row in rows)

    def watchers(self, ticket: int) -> tuple[str, ...]:
        """The logins of who watches the ticket."""
        sql = "SELECT agent FROM watcher WHERE ticket_id = :id ORDER BY agent"
        return tuple(agent for (agent,) in self.reader.all(sql, {"id": ticket}))

    def watched(self, tickets: Sequence[int]) -> frozenset[int]:
        """Those of the tickets that the reading agent watches."""
        sql = f"SELECT ticket_id FROM watcher WHERE agent = :me AND {among('ticket_id', tickets)}"
        return frozenset(number for (number,) in self.reader.all(sql, {"me": self.me}))

    def stopwatch(self) -> Stopwatch | None:
        """The reading agent's running stopwatch."""
        sql = "SELECT ticket_id, started_at FROM stopwatch WHERE agent = :me"
        row = self.reader.one(sql, {"me": self.me})
        return Stopwatch(TicketId(row[0]), row[1]) if row else None

    def company(self) -> tuple[Present, ...]:
        """Which other agents have which tickets open now; who writes comes first."""
        return presence.others(self.reader, self.me, self.now())


def _attachment(row: tuple[Any, ...]) -> Attachment:
    entry = EntryId(row[2]) if row[2] is not None else None
    return Attachment(row[0], TicketId(row[1]), entry, *row[3:])

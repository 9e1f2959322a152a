"""What suggestions are learned from and made for: tickets as they came in, and what they came to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.store.reads.base import Base, among

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CANCELLED = "cancelled"
"""The state of what ended without a resolution: it teaches nothing."""
MOST_TEXT = 2_000
"""Characters of a first text that are read."""
SOME = 500
_TICKET = """
    SELECT t.id, t.subject, t.path, t.queue, t.priority, t.assignee, t.impact, t.urgency, t.kind,
        t.service, t.channel, t.requester_id, t.created_at, t.restricted, coalesce(o.name, '')
    FROM ticket t
    LEFT JOIN person p ON p.id = t.requester_id
    LEFT JOIN organization o ON o.id = p.organization_id
"""
_COLUMNS = (
    "subject", "path", "queue", "priority", "assignee", "impact", "urgency", "kind", "service",
    "channel", "requester_id",
)  # fmt: skip


class Seen(NamedTuple):
    """A ticket as it came in and as it is now."""

    ticket: int
    now: dict[str, Any]
    """Columns of the ticket, and its custom fields as `fields`."""
    opened: dict[str, Any]
    """The same as they were when it came in; empty where nobody recorded it."""
    opened_by: str
    organization: str
    text: str
    """The first thing that was said, but for a reply of ours."""
    created_at: int
    restricted: bool


class Words(NamedTuple):
    """A ticket's words as they were folded for the search."""

    ticket: int
    subject: str
    body: str
    requester: int | None
    organization: str
    created_at: int


class Solution(NamedTuple):
    """How a ticket ended."""

    category: str
    code: str
    text: str
    """The last reply, cut."""


class LessonReads(Base):
    def solved(self, *, limit: int = 20_000) -> Iterator[Seen]:
        """The newest solved tickets, the oldest of them first.

        Restricted ones teach nobody, and what was thrown away, cancelled or merged teaches nothing.
        """
        sql = f"""SELECT id FROM ticket WHERE live = 0 AND restricted = 0 AND state <> :cancelled
            AND binned = 0 AND merged_into IS NULL ORDER BY id DESC LIMIT {int(limit)}"""
        found = [number for (number,) in self.reader.all(sql, {"cancelled": CANCELLED})][::-1]
        for start in range(0, len(found), SOME):
            yield from self.seen_as_opened(found[start : start + SOME])

    def last_erasure(self) -> int:
        """The newest event that tells of something erased; 0 where nothing was."""
        row = self.reader.one("SELECT value FROM upkeep WHERE name = 'erased'")
        return int(row[0]) if row and row[0].isdecimal() else 0

    def solved_since(self, event: int, *, at_most: int = 1_000) -> int:
        """How often a ticket was resolved after an event."""
        sql = f"""SELECT count(*) FROM (SELECT 1 FROM event WHERE id > :event
            AND kind IN ('resolved', 'closed') LIMIT {int(at_most)}) AS found"""
        row = self.reader.one(sql, {"event": event})
        return int(row[0]) if row else 0

    def seen_as_opened(self, tickets: Sequence[int]) -> list[Seen]:
        """A few hundred tickets by number, those that exist."""
        rows = {row[0]: row for row in self.reader.all(f"{_TICKET} WHERE {among('t.id', tickets)}")}
        opened = self._openings(tickets)
        texts, fields = self._first_texts(tickets), self._fields(tickets)
        found = []
        for number in tickets:
            if (row := rows.get(number)) is None:
                continue
            now = dict(zip(_COLUMNS, row[1:12], strict=True)) | {"fields": fields.get(number, {})}
            actor, details = opened.get(number, ("", {}))
            found.append(
                Seen(
                    number, now, details, actor, row[14], texts.get(number, ""), row[12], bool(row[13])
                )
            )  # fmt: skip
        return found

    def _openings(self, tickets: Sequence[int]) -> dict[int, tuple[str, dict[str, Any]]]:
        sql = f"""SELECT ticket_id, actor, payload FROM event
            WHERE {among("ticket_id", tickets)} AND kind = 'opened'"""
        return {
            ticket: (actor, json.loads(payload).get("details", {}))
            for ticket, actor, payload in self.reader.all(sql)
        }

    def _first_texts(self, tickets: Sequence[int]) -> dict[int, str]:
        sql = f"""SELECT e.ticket_id, substr(e.body, 1, {MOST_TEXT}) FROM entry e
            JOIN (SELECT min(id) AS id FROM entry
                WHERE {among("ticket_id", tickets)} AND withdrawn = 0 GROUP BY ticket_id) AS first
            ON first.id = e.id WHERE e.kind <> 'reply'"""
        return dict(self.reader.all(sql))

    def _fields(self, tickets: Sequence[int]) -> dict[int, dict[str, str]]:
        sql = f"SELECT ticket_id, name, value FROM field WHERE {among('ticket_id', tickets)}"
        found: dict[int, dict[str, str]] = {}
        for ticket, name, value in self.reader.all(sql):
            found.setdefault(ticket, {})[name] = value
        return found

    def words_of(self, tickets: Sequence[int]) -> list[Words]:
        """The words of a few hundred tickets by number, without those in the bin or merged."""
        sql = f"""SELECT t.id, x.subject, substr(x.body, 1, {MOST_TEXT}), t.requester_id,
                coalesce(o.name, ''), t.created_at
            FROM ticket t JOIN ticket_text x ON x.ticket_id = t.id
            LEFT JOIN person p ON p.id = t.requester_id
            LEFT JOIN organization o ON o.id = p.organization_id
            WHERE {among("t.id", tickets)} AND t.binned = 0 AND t.merged_into IS NULL
            ORDER BY t.id"""
        return [Words(*row) for row in self.reader.all(sql)]

    def live_of_requester(self, person: int, *, limit: int = 50) -> list[int]:
        """The requester's open tickets, the newest first."""
        sql = f"""SELECT id FROM ticket WHERE requester_id = :person AND live = 1
            ORDER BY id DESC LIMIT {int(limit)}"""
        return [number for (number,) in self.reader.all(sql, {"person": person})]

    def live_since(self, created: int, *, limit: int = 200) -> list[int]:
        """The newest open tickets that came in since a moment."""
        sql = f"""SELECT id FROM ticket WHERE created_at >= :created AND live = 1
            ORDER BY created_at DESC, id DESC LIMIT {int(limit)}"""
        return [number for (number,) in self.reader.all(sql, {"created": created})]

    def solutions(self, tickets: Sequence[int], *, most: int = 500) -> dict[int, Solution]:
        """Ticket → how it ended."""
        sql = f"""SELECT t.id, t.path, t.resolution_code, coalesce((SELECT substr(e.body, 1, {int(most)})
                FROM entry e WHERE e.ticket_id = t.id AND e.withdrawn = 0 AND e.kind = 'reply'
                ORDER BY e.id DESC LIMIT 1), '')
            FROM ticket t WHERE {among("t.id", tickets)}"""
        return {row[0]: Solution(*row[1:]) for row in self.reader.all(sql)}

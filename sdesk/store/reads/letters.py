"""What we have written by mail: what waits, what left, what did not arrive."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sdesk.errors import NotFound
from sdesk.model import EntryId, TicketId
from sdesk.posted import Posted
from sdesk.store.reads.base import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.model import Instant

COLUMNS = (
    "id, ticket_id, entry_id, kind, sender, recipients, cc, subject, body, message_id, refs,"
    " language, at, send_after, state, tries, next_at, sent_at, answer"
)


class LetterReads(Base):
    def letters(self, ticket: int, *, limit: int = 500) -> tuple[Posted, ...]:
        """What was written about a ticket, or is said in one that was merged into it; oldest first."""
        sql = f"""SELECT {COLUMNS} FROM letter WHERE ticket_id = :ticket
            OR entry_id IN (SELECT id FROM entry WHERE ticket_id = :ticket)
            ORDER BY id DESC LIMIT {int(limit)}"""
        return tuple(reversed([posted(row) for row in self.reader.all(sql, {"ticket": ticket})]))

    def letter(self, number: int) -> Posted:
        """Raises `NotFound`."""
        row = self.reader.one(f"SELECT {COLUMNS} FROM letter WHERE id = :id", {"id": number})
        if row is None or (row[1] is not None and self.is_unseen(row[1])):
            raise NotFound(f"There is no letter {number}.", "See: sdesk mail outbox --all")
        return posted(row)

    def outbox(self, *states: str, limit: int = 200) -> tuple[Posted, ...]:
        """Letters in these states (none: in any), the newest first."""
        known = [state for state in states if state.isalpha()]
        listed = ", ".join(f"'{state}'" for state in known)
        where = f"WHERE state IN ({listed})" if known else "WHERE 1 = 1"
        where += self.unseen("coalesce(ticket_id, 0)")
        sql = f"SELECT {COLUMNS} FROM letter {where} ORDER BY id DESC LIMIT {int(limit)}"
        return tuple(posted(row) for row in self.reader.all(sql, {"me": self.me}))

    def letter_counts(self) -> dict[str, int]:
        """State → how many letters are in it, but for those that left."""
        sql = "SELECT state, count(*) FROM letter WHERE state {} GROUP BY state"
        rows = self.reader.all(sql.format("= 'waiting'"))
        rows += self.reader.all(sql.format("IN ('failed', 'bounced')"))
        return {row[0]: int(row[1]) for row in rows}

    def next_letter_at(self) -> Instant | None:
        """When the next letter may leave; in the past where one is due. None where none waits."""
        row = self.reader.one("SELECT min(next_at) FROM letter WHERE state = 'waiting'")
        return row[0] if row else None

    def oldest_waiting(self) -> Instant | None:
        """Since when the letter that waits longest should have left."""
        row = self.reader.one("SELECT min(send_after) FROM letter WHERE state = 'waiting'")
        return row[0] if row else None

    def files_of_entry(self, entry: int) -> Iterator[tuple[str, str, bytes]]:
        """Name, media and bytes of the files that were attached to a message."""
        sql = """SELECT a.name, a.media, b.body FROM attachment a JOIN blob b ON b.sha256 = a.sha256
            WHERE a.entry_id = :entry AND a.withdrawn = 0 ORDER BY a.id"""
        for name, media, body in self.reader.all(sql, {"entry": entry}):
            yield name, media, bytes(body)


def posted(row: tuple[Any, ...]) -> Posted:
    return Posted(
        row[0], None if row[1] is None else TicketId(row[1]),
        None if row[2] is None else EntryId(row[2]), row[3], row[4], tuple(json.loads(row[5])),
        tuple(json.loads(row[6])), row[7], row[8], row[9], tuple(row[10].split()), *row[11:],
    )  # fmt: skip

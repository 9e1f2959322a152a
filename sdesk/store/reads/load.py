"""How much lies on the desk now: counts by queue and priority, and what came and went by the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sdesk.store.reads.base import Base

if TYPE_CHECKING:
    from sdesk.model import Instant
    from sdesk.rules.query import Query
    from sdesk.store.where import Clause


class LoadReads(Base):
    def spread(self, query: str | Query) -> dict[tuple[str, int], int]:
        """How many tickets match, by queue and priority."""
        clause: Clause = self._clause(query)  # type: ignore[attr-defined]
        sql = f"SELECT t.queue, t.priority, count(*) FROM ticket t WHERE {clause.where} GROUP BY t.queue, t.priority"
        return {(row[0], row[1]): row[2] for row in self.reader.all(sql, clause.params)}

    def moments_since(
        self, column: Literal["created_at", "resolved_at"], since: Instant
    ) -> list[Instant]:
        """When tickets were opened, or resolved, since then."""
        # What was resolved was changed: the index over `updated_at` serves both.
        sql = f"SELECT {column} FROM ticket WHERE {column} >= :since AND updated_at >= :since"
        return [row[0] for row in self.reader.all(sql, {"since": since})]

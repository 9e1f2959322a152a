"""Lists of tickets: numbers in a query's order, rows by number, counts, the SLA board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.model import ClockRow, TicketRow
from sdesk.rules.query import Query, parse
from sdesk.rules.query.matching import without_binned
from sdesk.store import finding
from sdesk.store.reads.base import Base, among
from sdesk.store.reads.clocks import CLOCK, clock_row
from sdesk.store.search import similar

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from sdesk.store.where import Clause

ROW = """
    t.id, t.kind, t.subject, t.state, t.category, t.state_until, t.priority, t.queue, t.owner,
    t.assignee, coalesce(p.name, ''), coalesce(o.name, ''), coalesce(p.vip, 0), t.due_at,
    t.due_target, CASE WHEN t.live = 1 THEN t.remaining END, t.breached, t.breach_at, t.created_at, t.updated_at,
    t.live = 1 AND t.last_event > coalesce(s.event_id, 0), t.restricted, t.path
"""
FROM = """
    FROM ticket t
    LEFT JOIN person p ON p.id = t.requester_id
    LEFT JOIN organization o ON o.id = p.organization_id
    LEFT JOIN seen s ON s.ticket_id = t.id AND s.agent = :me
"""
STILL_OPEN = "EXISTS (SELECT 1 FROM ticket t WHERE t.id = c.ticket_id AND t.live = 1)"
"""An answer that never came stands still for ever on a closed ticket; nobody waits for it."""
WINDOW = 400


class ListReads(Base):
    def parse(self, query: str | Query) -> Query:
        """The query, checked against this desk's words. Raises `QueryError`."""
        return query if isinstance(query, Query) else parse(query, self.vocabulary())  # type: ignore[attr-defined]

    def ids(self, query: str | Query, *, limit: int | None = None, offset: int = 0) -> array[int]:
        """Ticket numbers in the query's order."""
        return finding.ids(self.reader, self._clause(query), limit=limit, offset=offset)

    def count(self, query: str | Query, *, at_most: int | None = None) -> int:
        """How many tickets match; counting stops at `at_most`."""
        return finding.count(self.reader, self._clause(query), at_most=at_most)

    def _clause(self, query: str | Query) -> Clause:
        wanted = without_binned(self.parse(query))
        clause = finding.compiled(self.reader, wanted, self.context())
        if not (kept := self.unseen("t.id")):
            return clause
        words = clause.where.removeprefix(clause.rest)
        return clause._replace(
            where=f"{clause.rest}{kept}{words}", rest=f"{clause.rest}{kept}",
            params={**clause.params, "me": self.me},
        )  # fmt: skip

    def counts(self, queries: Sequence[str], *, at_most: int = 10_000) -> list[int]:
        return [self.count(query, at_most=at_most) for query in queries]

    def rows(self, ids: Sequence[int]) -> list[TicketRow]:
        """Rows in the order of `ids`; numbers that are gone are left out."""
        found: dict[int, TicketRow] = {}
        kept = self.unseen("t.id")
        for start in range(0, len(ids), WINDOW):
            some = ids[start : start + WINDOW]
            sql = f"SELECT {ROW} {FROM} WHERE {among('t.id', some)}{kept}"
            tags = self._tags(some)
            for row in self.reader.all(sql, {"me": self.me}):
                found[row[0]] = self._row(row, tags.get(row[0], ()))
        return [found[number] for number in ids if number in found]

    def page(self, query: str | Query, *, limit: int = 50, offset: int = 0) -> list[TicketRow]:
        return self.rows(self.ids(query, limit=limit, offset=offset))

    def board(self, *, limit: int = 500) -> tuple[tuple[TicketRow, ClockRow], ...]:
        """Running clocks, the soonest first; then paused ones; then those met in the last day."""
        live = "c.stopped_at IS NULL"
        clocks = [
            *self._clocks(
                f"{live} AND c.due_at IS NOT NULL ORDER BY c.due_at, c.ticket_id, c.target", limit
            ),
            *self._clocks(
                f"{live} AND c.due_at IS NULL AND {STILL_OPEN} ORDER BY c.ticket_id, c.target",
                limit,
            ),
            *self._clocks(
                f"c.stopped_at >= {self.now() - 86_400} AND c.verdict = 'met' ORDER BY c.stopped_at DESC, c.ticket_id, c.target",
                limit,
            ),
        ]
        rows = {row.id: row for row in self.rows(list({clock.ticket for clock in clocks}))}
        return tuple((rows[clock.ticket], clock) for clock in clocks if clock.ticket in rows)

    def clocks(self, ticket: int) -> tuple[ClockRow, ...]:
        """The ticket's clocks as last computed, the most urgent target first."""
        return tuple(self._clocks(f"c.ticket_id = {int(ticket)} ORDER BY c.target DESC", 20))

    def _clocks(self, condition: str, limit: int) -> list[ClockRow]:
        sql = f"SELECT {CLOCK} FROM clock c WHERE {condition} LIMIT {int(limit)}"
        return [clock_row(row) for row in self.reader.all(sql)]

    def similar(self, ticket: int, *, limit: int = 5) -> list[TicketRow]:
        """Finished tickets that share the rarest words of this one's subject."""
        return self.rows(similar(self.reader, ticket, limit=limit))

    def similar_live(self, ticket: int, *, limit: int = 20) -> list[int]:
        """Open tickets that share the rarest words of this one's subject."""
        return similar(self.reader, ticket, limit=limit, live=True)

    def requester_tickets(self, person: int, *, limit: int = 20) -> list[TicketRow]:
        sql = "SELECT id FROM ticket WHERE requester_id = :person AND binned = 0 ORDER BY live DESC, id DESC"
        rows = self.reader.all(f"{sql} LIMIT {int(limit)}", {"person": person})
        return self.rows([row[0] for row in rows])

    def _tags(self, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        sql = f"SELECT ticket_id, tag FROM tag WHERE {among('ticket_id', ids)} ORDER BY ticket_id, tag"
        tags: dict[int, tuple[str, ...]] = {}
        for ticket, tag in self.reader.all(sql):
            tags[ticket] = (*tags.get(ticket, ()), tag)
        return tags

    def _row(self, row: tuple[Any, ...], tags: tuple[str, ...]) -> TicketRow:
        breach_at = row[17]
        breached = bool(row[16]) or (breach_at is not None and breach_at < self.now())
        values: list[Any] = [
            row[0], self.ref(row[0]), *row[1:12], bool(row[12]), *row[13:16], breached,
            *row[17:20], bool(row[20]), bool(row[21]), tags, row[22],
        ]  # fmt: skip
        return TicketRow(*values)

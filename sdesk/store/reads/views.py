"""Views, and what their columns and colours need beyond a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.model import TicketRow, View
from sdesk.store.finding import compiled
from sdesk.store.packed import unpacked
from sdesk.store.reads.base import Base, among

if TYPE_CHECKING:
    from collections.abc import Sequence

SQL = """
    SELECT name, query, owner, position, spec FROM view WHERE owner = '' OR owner = :me
    ORDER BY position, name, owner
"""


class ViewReads(Base):
    def views(self) -> tuple[View, ...]:
        """Shared views and the reading agent's own, in order; an own one stands for a shared one of its name."""
        found = [_view(row) for row in self.reader.all(SQL, {"me": self.me})]
        own = {view.name for view in found if view.owner}
        return tuple(view for view in found if view.owner or view.name not in own)

    def all_views(self) -> tuple[View, ...]:
        """Also the shared ones that an own view stands for."""
        return tuple(_view(row) for row in self.reader.all(SQL, {"me": self.me}))

    def looked_at(
        self,
        ids: Sequence[int],
        *,
        fields: Sequence[str] = (),
        colours: Sequence[tuple[str, str]] = (),
    ) -> list[TicketRow]:
        """`rows`, with these custom fields and with the tones that colours give. Raises `QueryError`."""
        rows: list[TicketRow] = self.rows(ids)  # type: ignore[attr-defined]
        if not rows or not (fields or colours):
            return rows
        values = self._values(ids, fields) if fields else {}
        tones = self._tones(ids, colours)
        return [
            row._replace(fields=values.get(row.id, ()), tone=tones.get(row.id, "")) for row in rows
        ]

    def _values(
        self, ids: Sequence[int], names: Sequence[str]
    ) -> dict[int, tuple[tuple[str, str], ...]]:
        keys = {f"name{index}": name for index, name in enumerate(names)}
        sql = f"""SELECT ticket_id, name, value FROM field
            WHERE {among("ticket_id", ids)} AND name IN ({",".join(f":{key}" for key in keys)})"""
        found: dict[int, tuple[tuple[str, str], ...]] = {}
        for ticket, name, value in self.reader.all(sql, keys):
            found[ticket] = (*found.get(ticket, ()), (name, value))
        return found

    def _tones(self, ids: Sequence[int], colours: Sequence[tuple[str, str]]) -> dict[int, str]:
        """Of several colours that hold, the first one's."""
        found: dict[int, str] = {}
        for tone, query in reversed(colours):
            clause = compiled(self.reader, self.parse(query), self.context())  # type: ignore[attr-defined]
            sql = f"SELECT t.id FROM ticket t WHERE {among('t.id', ids)} AND ({clause.where})"
            found.update((row[0], tone) for row in self.reader.all(sql, clause.params))
        return found


def _view(row: tuple[Any, ...]) -> View:
    spec = unpacked(row[4], f"the view {row[0]}")
    colours = tuple((tone, query) for tone, query in spec.get("colours", ()))
    return View(row[0], row[1], row[2], row[3], tuple(spec.get("columns", ())), colours)

"""Finding the numbers of the tickets a query asks for, by the way that is short for that query.

Without words the engine's own plan is the short one: every list is read from an index in its order.
With words there are two ways, and SQLite can't tell which is short: from the words to the tickets
(good for rare words), or from the tickets in their order to the words (good for common words, of
which the first tickets have enough). A common word may be in 900,000 of a million tickets; the way
is chosen by looking at no more than a few thousand of either.
"""

from __future__ import annotations

from array import array
from contextlib import closing
from typing import TYPE_CHECKING

from sdesk.store.search import is_guarded
from sdesk.store.where import compile as compile_query
from sdesk.store.where import has_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.rules.query import Context, Query
    from sdesk.store.reader import Reader
    from sdesk.store.where import Clause

RARE = 3_000
"""Hits that are quickly gathered and sorted, whatever else is asked."""
HITS = 10_000
"""Hits looked at, newest first, before the way is changed."""
SAMPLE = 1_000
"""Newest tickets that tell whether the words are common."""
TICKETS = 6_000
"""Tickets looked into, in their order, before the way is changed."""


def compiled(reader: Reader, query: Query, context: Context) -> Clause:
    """The query as this reader may ask it."""
    is_wordy = reader.dialect != "sqlite" and has_words(query.where)
    return compile_query(query, context, reader.dialect, guarded=is_wordy and is_guarded(reader))


def ids(reader: Reader, clause: Clause, *, limit: int | None, offset: int = 0) -> array[int]:
    """Ticket numbers in the query's order."""
    if limit is None or not clause.match or reader.dialect != "sqlite":
        return _by_engine(reader, clause, limit, offset)
    wanted = limit + offset
    found = None
    if clause.newest_first and not clause.has_prefix:
        found = _newest(reader, clause, wanted)
    elif wanted < RARE and (clause.has_prefix or _hits(reader, clause, RARE) == RARE):
        found = _by_ticket(reader, clause, wanted, TICKETS)
    return _by_engine(reader, clause, limit, offset) if found is None else found[offset:]


def count(reader: Reader, clause: Clause, *, at_most: int | None = None) -> int:
    """How many tickets match; counting stops at `at_most`."""
    if clause.match and reader.dialect == "sqlite":
        inside = _counted(reader, clause, at_most)
    else:
        inside = f"SELECT 1 FROM ticket t WHERE {clause.where}{clause.counting}"
    if at_most is not None:
        inside += f" LIMIT {int(at_most)}"
    row = reader.one(f"SELECT count(*) FROM ({inside}) AS found", clause.params)
    return int(row[0]) if row else 0


def _by_engine(reader: Reader, clause: Clause, limit: int | None, offset: int) -> array[int]:
    sql = f"SELECT t.id FROM ticket t WHERE {clause.where} ORDER BY {clause.order}"
    if limit is not None:
        sql += f" LIMIT {int(limit)} OFFSET {int(offset)}"
    return array("q", (row[0] for row in reader.all(sql, clause.params)))


def _newest(reader: Reader, clause: Clause, wanted: int) -> array[int] | None:
    """From the words, newest first. None where too many hits fail the other conditions."""
    hits = f"SELECT w.rowid AS id FROM {clause.table} w WHERE w.{clause.table} MATCH {clause.match} ORDER BY w.rowid DESC"
    if clause.rest == "1 = 1":
        rows = reader.all(f"{hits} LIMIT {int(wanted)}", clause.params)
        return array("q", (row[0] for row in rows))
    if wanted >= RARE:
        return None
    sql = (
        f"SELECT t.id, ({clause.rest}) FROM ({hits} LIMIT {HITS}) AS hit "
        "CROSS JOIN ticket t ON t.id = hit.id"
    )
    found = _collected(reader.stream(sql, clause.params), wanted, HITS)
    # So many hits looked at in vain: the other conditions are the rarer ones.
    return _by_ticket(reader, clause, wanted, HITS) if found is None else found


def _by_ticket(reader: Reader, clause: Clause, wanted: int, most: int) -> array[int] | None:
    """From the tickets in their order. None where too many of them don't have the words."""
    sql = (
        f"SELECT c.id, EXISTS (SELECT 1 FROM ticket_text x WHERE x.ticket_id = c.id AND {clause.probe}) "
        f"FROM (SELECT t.id FROM ticket t WHERE {clause.rest} ORDER BY {clause.order} LIMIT {most}) AS c"
    )
    return _collected(reader.stream(sql, clause.params), wanted, most)


def _collected(rows: Iterator[tuple[int, int]], wanted: int, most: int) -> array[int] | None:
    """The first numbers with a true verdict; None when the rows were cut off before there were enough."""
    found = array("q")
    seen = 0
    with closing(rows):  # type: ignore[type-var]
        for number, verdict in rows:
            seen += 1
            if verdict:
                found.append(number)
                if len(found) >= wanted:
                    return found
    return found if seen < most else None


def _counted(reader: Reader, clause: Clause, at_most: int | None) -> str:
    """The tickets to count, from whichever side is the shorter way to so many."""
    hits = f"FROM {clause.table} w CROSS JOIN ticket t ON t.id = w.rowid WHERE w.{clause.table} MATCH {clause.match}"
    text = f"EXISTS (SELECT 1 FROM ticket_text x WHERE x.ticket_id = t.id AND {clause.probe})"
    is_free = clause.rest == "1 = 1"
    if clause.has_prefix and at_most is not None and _is_common(reader, clause):
        return f"SELECT 1 FROM ticket t WHERE {clause.rest} AND {text}"
    if is_free:
        return f"SELECT 1 FROM {clause.table} w WHERE w.{clause.table} MATCH {clause.match}"
    if clause.has_prefix or _hits(reader, clause, HITS) < HITS:
        return f"SELECT 1 FROM ticket t WHERE {clause.where}"
    if clause.live:
        return f"SELECT 1 FROM ticket t WHERE {clause.rest} AND {text}"
    return f"SELECT 1 {hits} AND {clause.rest}"


def _is_common(reader: Reader, clause: Clause) -> bool:
    """Whether one in ten of the newest tickets has the words."""
    sql = (
        f"SELECT count(*) FROM (SELECT * FROM ticket_text ORDER BY ticket_id DESC LIMIT {SAMPLE}) x "
        f"WHERE {clause.probe}"
    )
    row = reader.one(sql, clause.params)
    return row is not None and int(row[0]) * 10 >= SAMPLE


def _hits(reader: Reader, clause: Clause, most: int) -> int:
    sql = (
        f"SELECT count(*) FROM (SELECT 1 FROM {clause.table} w "
        f"WHERE w.{clause.table} MATCH {clause.match} LIMIT {most})"
    )
    row = reader.one(sql, clause.params)
    return int(row[0]) if row else 0

"""Finished tickets like this one, by the rarest words of its subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.store.search import expression, pattern
from sdesk.text import fold

if TYPE_CHECKING:
    from sdesk.store.reader import Reader

COMMON = 2_000
"""A word in so many subjects tells tickets apart no longer."""
CANDIDATES = 200
WORDS = 4


def similar(reader: Reader, ticket: int, *, limit: int) -> list[int]:
    """Numbers of resolved or closed tickets that share most of the rarest words, the newest first."""
    row = reader.one("SELECT subject FROM ticket WHERE id = :id", {"id": ticket})
    words = [w for w in dict.fromkeys(fold(row[0]).split()) if len(w) > 2] if row else []
    rare = sorted((count, word) for word in words if 1 < (count := _count(reader, word)) < COMMON)
    found: dict[int, float] = {}
    for count, word in rare[:WORDS]:
        for number in _holding(reader, word, CANDIDATES):
            found[number] = found.get(number, 0.0) + 1 / count
    found.pop(ticket, None)
    best = sorted(found, key=lambda number: (-found[number], -number))[: limit * 8]
    if not best:
        return []
    inside = ",".join(map(str, best))
    done = {n for (n,) in reader.all(f"SELECT id FROM ticket WHERE id IN ({inside}) AND live = 0")}
    return [number for number in best if number in done][:limit]


def _count(reader: Reader, word: str) -> int:
    return len(_holding(reader, word, COMMON))


def _holding(reader: Reader, word: str, limit: int) -> list[int]:
    """The newest tickets with that word in their subject."""
    if reader.dialect == "sqlite":
        sql = "SELECT rowid FROM ticket_subject WHERE ticket_subject MATCH :word ORDER BY rowid DESC"
        params = {"word": expression(word)}
    else:
        sql = "SELECT ticket_id FROM ticket_text WHERE subject LIKE :word ORDER BY ticket_id DESC"
        params = {"word": f"%{pattern(word)}%"}
    return [number for (number,) in reader.all(f"{sql} LIMIT {limit}", params)]

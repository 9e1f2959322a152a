"""Whether a store is sound: SQLite's own checks, and the chain of its events. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sdesk.store.reader import Reader

EVENT = """
    SELECT id, ticket_id, at, actor, kind, payload, source, batch, cause_id, rule, salt, digest, hash
    FROM event ORDER BY id
"""
MOST = 10


def damage(reader: Reader, *, thorough: bool = False) -> list[str]:
    """What SQLite finds wrong with its own pages and references; empty when all is well.

    `thorough` reads every index entry as well: of sixty single damages the quick check saw nine,
    the thorough one fifty-eight.
    """
    if reader.dialect != "sqlite":
        return []
    check = "integrity_check" if thorough else "quick_check"
    found = [str(row[0]) for row in reader.all(f"PRAGMA {check}({MOST})")]
    said = [text for text in found if text != "ok"]
    for table, row, parent, _ in reader.all("PRAGMA foreign_key_check")[:MOST]:
        said.append(f"{table} {row} refers to a missing {parent}")
    return said


def broken_chain(reader: Reader) -> int | None:
    """The number of the first event that does not follow from the one before it; None when all do.

    An erased payload keeps its digest, and the chain holds over it.
    """
    # Here, not above: the hashes live beside the writing side, which loads SQLAlchemy.
    from sdesk.store.transaction import chain, digest

    names = ("id", "ticket_id", "at", "actor", "kind", "payload", "source", "batch", "cause_id", "rule", "salt", "digest", "hash")  # fmt: skip
    before = ""
    for values in reader.stream(EVENT):
        row = dict(zip(names, values, strict=True))
        if row["salt"] and digest(row["salt"], row["payload"]) != row["digest"]:
            return int(row["id"])
        if chain(before, row) != row["hash"]:
            return int(row["id"])
        before = row["hash"]
    return None


def newest_moment(reader: Reader) -> int:
    """When the newest event says it happened; 0 for an empty store."""
    row = reader.one("SELECT at FROM event ORDER BY id DESC LIMIT 1")
    return int(row[0]) if row else 0

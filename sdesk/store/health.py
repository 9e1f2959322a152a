"""Whether a store is sound: SQLite's own checks, and the bytes of its files. Reads only.

Its history is checked by `chained.verify`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sdesk.store.reader import Reader

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
    said = [text.removeprefix("*** in database main ***\n") for text in found if text != "ok"]
    for table, row, parent, _ in reader.all("PRAGMA foreign_key_check")[:MOST]:
        said.append(f"{table} {row} refers to a missing {parent}")
    return said


def spoilt_files(reader: Reader) -> list[str]:
    """Which attachments and raw mails are not what they were: their bytes don't fit their name."""
    said: list[str] = []
    for sha256, body in reader.stream("SELECT sha256, body FROM blob"):
        if hashlib.sha256(bytes(body)).hexdigest() != sha256:
            said.append(f"the file {str(sha256)[:12]}… is not what it was")
        if len(said) == MOST:
            break
    return said


def newest_moment(reader: Reader) -> int:
    """When the newest event says it happened; 0 for an empty store."""
    row = reader.one("SELECT at FROM event ORDER BY id DESC LIMIT 1")
    return int(row[0]) if row else 0

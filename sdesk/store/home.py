"""Where a store's file lies, so that one that was copied by hand while in use is known for what it is.

The store remembers the number of its file. A copy made by `cp` has another number and, in its header,
still the mode of a store in use; backups, restored stores and all that went through `settle` do not.
What stood in the log beside the file (`-wal`) at that moment is not in such a copy.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk.store import place, upkeep
from sdesk.store.brief import written

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.model import Instant
    from sdesk.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Copied:
    """A store that was copied by hand."""

    path: Path
    newest_at: Instant
    """When the newest event happened that is in it; 0 where there is none."""


def _number(path: Path) -> tuple[str, str]:
    """The file's number, and the device's before it: that one may change when the host starts anew.

    Raises `StoreFault` where the file has gone.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise place.trouble(path, error) from None
    return f"{status.st_dev}:", str(status.st_ino)


def look(reader: Reader) -> Copied | None:
    """None for a store that lies where it always has, or came here by a proper way."""
    path: Path | None = getattr(reader, "path", None)
    if path is None or (kept := upkeep.known(reader, upkeep.HOME)) is None:
        return None
    if kept.value.rpartition(":")[2] == _number(path)[1]:
        return None
    mode = reader.one("PRAGMA journal_mode")
    if mode is None or mode[0] != "wal":
        return None
    newest = reader.one("SELECT at FROM event ORDER BY id DESC LIMIT 1")
    return Copied(path, int(newest[0]) if newest else 0)


def settle_in(connection: sqlite3.Connection, path: Path) -> None:
    """Remember where the file lies before its first write here, unless it was copied by hand.

    Before the mode is changed: were it the other way round, a crash between both would look like such
    a copy.
    """
    try:
        row = connection.execute(
            f"SELECT value FROM upkeep WHERE name = '{upkeep.HOME}'"
        ).fetchone()
    except sqlite3.OperationalError:
        # There is no such table yet: the schema is being made, which remembers it as well.
        return
    number = "".join(_number(path))
    if row is not None:
        if row[0] == number:
            return
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        if mode == "wal" and row[0].rpartition(":")[2] != number.rpartition(":")[2]:
            return
    remember_in(connection, path)


def remember_in(connection: sqlite3.Connection, path: Path) -> None:
    """In the transaction at hand, or in one of its own."""
    # No moment: the same set-up makes the same store, whenever it was.
    values = {"name": upkeep.HOME, "at": 0, "value": "".join(_number(path))}
    connection.execute(upkeep.REMEMBER, values)


def accept(path: Path) -> None:
    """Take the file for the store from now on, as it is. Raises `Busy`, `StoreFault`."""
    with written(path) as run:
        run(upkeep.REMEMBER, {"name": upkeep.HOME, "at": 0, "value": "".join(_number(path))})

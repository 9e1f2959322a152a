"""Hear of other processes' commits: a poll that costs two microseconds.

Heartbeats, drafts and who has looked at what are commits as well, several a second on a busy desk:
they move nothing that screens show, so nobody reads again for them.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Protocol

from sdesk.errors import StoreFault
from sdesk.store import place
from sdesk.store.reader import Reader, Row, SqliteReader, connect, fault

if TYPE_CHECKING:
    from pathlib import Path


RENEWED = "clocks_renewed"
"""The setting that counts how often clocks were measured again: the one thing lists show that may
change without an event."""
SIGN = f"""SELECT (SELECT coalesce(max(id), 0) FROM event),
    (SELECT value FROM setting WHERE name = '{RENEWED}')"""


class Watch(Protocol):
    stirred: bool
    """Whether the last look found any commit at all: heartbeats count."""

    def changed(self) -> bool:
        """Whether what screens show has changed since the last call. Never blocks for long.

        Raises `StoreFault` where the store can't be read any more, or is another one.
        """

    def close(self) -> None: ...


class SqliteWatch:
    """`data_version` on a connection of its own: inside an open read transaction it would stand still,
    and on a pooled connection its own writes would hide. It sees this process's commits too."""

    def __init__(self, path: Path) -> None:
        self.stirred = False
        self.path = path
        self._file = place.number(path)
        self._connection = connect(path, query_only=True)
        try:
            self._version = self._read_version()
            self._seen = self._newest()
        except sqlite3.Error as error:
            self._connection.close()
            raise fault(error, path) from error

    def _read_version(self) -> int:
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def _newest(self) -> Row:
        row: Row = self._connection.execute(SIGN).fetchone()
        return row

    def changed(self) -> bool:
        if place.number(self.path) != self._file:
            raise StoreFault(
                f"{self.path} was replaced by another file; what you see is of the old one.",
                "Close the desk and open it again.",
            )
        try:
            return self._look()
        except sqlite3.Error as error:
            raise fault(error, self.path) from error

    def _look(self) -> bool:
        version = self._read_version()
        self.stirred = version != self._version
        if not self.stirred:
            return False
        # First this, then the sign: what comes between is seen by the next look.
        self._version = version
        before, self._seen = self._seen, self._newest()
        return before != self._seen

    def close(self) -> None:
        self._connection.close()


def open_watch(reader: Reader) -> Watch:
    if isinstance(reader, SqliteReader):
        return SqliteWatch(reader.path)
    from sdesk.store.listening import PostgresWatch  # here: only an address needs it

    return PostgresWatch(reader)

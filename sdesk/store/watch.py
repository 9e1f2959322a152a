"""Hear of other processes' commits: a poll that costs two microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sdesk.store.reader import Reader, SqliteReader, connect

if TYPE_CHECKING:
    from pathlib import Path


class Watch(Protocol):
    def changed(self) -> bool:
        """Whether somebody has committed since the last call. Never blocks for long."""

    def close(self) -> None: ...


class SqliteWatch:
    """`data_version` on a connection of its own: inside an open read transaction it would stand still,
    and on a pooled connection its own writes would hide. It sees this process's commits too."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path, query_only=True)
        self._seen = self._version()

    def _version(self) -> int:
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def changed(self) -> bool:
        before, self._seen = self._seen, self._version()
        return before != self._seen

    def close(self) -> None:
        self._connection.close()


class EventWatch:
    """The newest event's number: for an engine without a cheaper sign."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._seen = self._newest()

    def _newest(self) -> int:
        row = self._reader.one("SELECT coalesce(max(id), 0) FROM event")
        return int(row[0]) if row else 0

    def changed(self) -> bool:
        before, self._seen = self._seen, self._newest()
        return before != self._seen

    def close(self) -> None:
        return None


def open_watch(reader: Reader) -> Watch:
    if isinstance(reader, SqliteReader):
        return SqliteWatch(reader.path)
    return EventWatch(reader)

"""Reading on the plain drivers: small pools of connections that can't write."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import time
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sdesk.errors import Busy, StoreFault
from sdesk.store import place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Row = tuple[Any, ...]
Params = "Mapping[str, object]"
BUSY_MS = 5_000
PATIENCE = 0.5
"""Seconds for which a store that can't be opened, and should be, is tried again."""
_PASSING = re.compile("unable to open|readonly database")
T = TypeVar("T")


class Reader(Protocol):
    """What reads need of a store. Named parameters are written `:name` on both engines."""

    dialect: str

    def all(self, sql: str, params: Mapping[str, object] | None = None) -> list[Row]: ...

    def one(self, sql: str, params: Mapping[str, object] | None = None) -> Row | None: ...

    def stream(self, sql: str, params: Mapping[str, object] | None = None) -> Iterator[Row]: ...

    def close(self) -> None: ...


class SqliteReader:
    """A pool of `query_only` connections; one is made for each thread that reads at the same time."""

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._pid = os.getpid()
        with self._connection() as connection:
            check_schema(connection, path)

    def all(self, sql: str, params: Mapping[str, object] | None = None) -> list[Row]:
        with self._connection() as connection:
            return connection.execute(sql, params or {}).fetchall()

    def one(self, sql: str, params: Mapping[str, object] | None = None) -> Row | None:
        with self._connection() as connection:
            cursor = connection.execute(sql, params or {})
            row: Row | None = cursor.fetchone()
            # An open statement would hold the read transaction, and with it the WAL, for ever.
            cursor.close()
            return row

    def stream(self, sql: str, params: Mapping[str, object] | None = None) -> Iterator[Row]:
        with self._connection() as connection:
            cursor = connection.execute(sql, params or {})
            try:
                yield from cursor
            finally:
                cursor.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = self._take()
        try:
            yield connection
        except sqlite3.Error as error:
            raise fault(error, self.path) from error
        finally:
            with self._lock:
                self._idle.append(connection)

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._pid != os.getpid():
                # A connection must not cross a fork: the child starts with none.
                self._idle, self._pid = [], os.getpid()
            if self._idle:
                return self._idle.pop()
        return connect(self.path, query_only=True)

    def close(self) -> None:
        with self._lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()


def connect(path: Path, *, query_only: bool) -> sqlite3.Connection:
    """A connection in autocommit with the store's settings. Raises `StoreFault`."""
    try:
        return patiently(lambda: _connected(path, query_only=query_only), path)
    except sqlite3.Error as error:
        raise fault(error, path) from error


def _connected(path: Path, *, query_only: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False,
        timeout=BUSY_MS / 1000, cached_statements=256,
    )  # fmt: skip
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("PRAGMA synchronous = FULL")
        if query_only:
            connection.execute("PRAGMA query_only = ON")
            # Half a megabyte: the kernel caches the file for all desks at once, each need not.
            connection.execute("PRAGMA cache_size = -512")
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def patiently(make: Callable[[], T], path: Path) -> T:
    """Do it, again for a moment where the store is ours to write and SQLite can't open it.

    SQLite makes the files beside a store by the umask of whoever comes first, and permits them to the
    group right after. Another user who comes in between may not open them yet.
    """
    late = time.monotonic() + PATIENCE
    while True:
        try:
            return make()
        except sqlite3.OperationalError as error:
            ours = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
            if not (_PASSING.search(str(error)) and ours) or time.monotonic() > late:
                raise
        time.sleep(0.005)


def check_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a foreign database and one written by a newer program."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != place.APPLICATION_ID:
        raise StoreFault(f"{path} belongs to another program.", "Name a store made by sdesk init.")
    if version < 1:
        raise StoreFault(
            f"{path} is not whole: its schema is said to be {version}.", "Restore the last backup."
        )
    if version > place.SCHEMA:
        raise StoreFault(
            f"{path} was written by a newer sdesk (schema {version}; this one knows {place.SCHEMA}).",
            "Update sdesk on this host.",
        )


def schema_version(path: Path) -> int:
    connection = connect(path, query_only=True)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    finally:
        connection.close()
    return int(version)


_SENTENCES = (
    ("locked", Busy, "The store is busy: another process has held it for {seconds} seconds.", "Try again."),
    ("readonly", StoreFault, "{path} can't be written by this user.", "Join the group that owns it, or see: sdesk doctor"),
    ("unable to open", StoreFault, "{path} can't be opened.", "See: sdesk doctor"),
    ("could not decode", StoreFault, "{path} is damaged: what should be a text in it is none.", "See: sdesk audit verify, sdesk doctor"),
    ("malformed", StoreFault, "{path} is damaged.", "Restore the last backup; see: sdesk doctor"),
    ("not a database", StoreFault, "{path} is not a database.", "Name the store's .db file."),
    ("disk is full", StoreFault, "The disk that holds {path} is full; nothing was written.", "Make room and try again."),
    ("disk i/o", StoreFault, "{path} could not be read or written (disk error); nothing was changed.", "Check the disk and its free space."),
    ("no such table", StoreFault, "{path} is not whole: {text}.", "Restore the last backup."),
)  # fmt: skip
_OURS = frozenset([sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE, sqlite3.SQLITE_TOOBIG])  # fmt: skip
"""What SQLite says of a mistake in a statement; all else it says of the file, the disk and the host."""


def fault(error: Exception, path: object) -> Exception:
    """The sentence for what the engine said; a mistake in our own statement comes back as it is."""
    if place.is_postgres(str(path)):
        from sdesk.store.postgres import fault as fault_of_server

        return fault_of_server(error, str(path))
    text = str(error)
    for sign, kind, sentence, hint in _SENTENCES:
        if sign in text.lower():
            return kind(sentence.format(path=path, text=text, seconds=BUSY_MS // 1000), hint)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return error if code in _OURS else StoreFault(f"{path}: {text}.", "See: sdesk doctor")


def connect_postgres(url: str) -> Any:
    """A connection in autocommit. Raises `StoreFault`."""
    from sdesk.store.postgres import connect as connect_to_server  # here: only an address needs it

    return connect_to_server(url)


@lru_cache(maxsize=1024)
def translate(sql: str) -> str:
    """`:name` parameters as psycopg writes them; `::` casts and quoted text stay."""
    return re.sub(
        r"'[^']*'|::|:([a-z_]\w*)", _parameter, sql.replace("%", "%%"), flags=re.IGNORECASE
    )


def _parameter(match: re.Match[str]) -> str:
    return f"%({match[1]})s" if match[1] else match[0]


def open_reader(store: str | Path) -> Reader:
    """The reader for a place: a path, or a `postgresql://` address."""
    if place.is_postgres(store):
        from sdesk.store.postgres import PostgresReader  # here: only an address needs it

        return PostgresReader(str(store))
    return SqliteReader(place.find(store))

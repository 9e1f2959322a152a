"""Making what was erased unreadable in the store's own files, and looking whether it is.

SQLite leaves deleted text in free pages, in its log and (FTS5) in the index until each is written
anew. All of that is done here under the writers' lock: it takes as long as writing the whole file.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdesk.errors import Busy, StoreFault
from sdesk.store import place as places
from sdesk.store.lock import FileLock
from sdesk.store.reader import connect, connect_postgres, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from sdesk.store.reader import Reader

INDEXES = ("ticket_fts", "ticket_subject")
_OWN_TABLES = """SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables
    WHERE schemaname = current_schema()"""
PATIENCE = 10.0
"""Seconds for which a desk that reads at this moment may keep the log from being cut."""


def purge(place: str | Path, on_step: Callable[[str], None] = lambda _: None) -> None:
    """Write index and file anew, and cut the log. Raises `Busy`, `StoreFault`; safe to repeat."""
    if places.is_postgres(place):
        _purge_postgres(str(place), on_step)
        return
    path = places.find(place)
    with FileLock(path.with_name(path.name + ".lock")).held():
        try:
            with closing(connect(path, query_only=False)) as connection:
                _purge(connection, path, on_step)
        except sqlite3.Error as error:
            raise fault(error, path) from error


def _purge(connection: sqlite3.Connection, path: Path, on_step: Callable[[str], None]) -> None:
    connection.execute("PRAGMA secure_delete = ON")
    on_step("the search index")
    connection.execute("BEGIN IMMEDIATE")
    for index in INDEXES:
        connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
    connection.execute("COMMIT")
    on_step("the file")
    # Its copy of the whole store lies beside the store, where there is room and nobody else reads.
    connection.execute(
        f"PRAGMA temp_store_directory = '{str(path.parent).replace(chr(39), chr(39) * 2)}'"
    )
    try:
        connection.execute("VACUUM")
    finally:
        connection.execute("PRAGMA temp_store_directory = ''")
    on_step("the log")
    _cut_log(connection)


def _cut_log(connection: sqlite3.Connection) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if not busy:
            return
        if time.monotonic() > until:
            raise Busy(
                "Another desk reads the store, so its log can't be cut yet.",
                "Try again: sdesk person finish",
            )


def _purge_postgres(url: str, on_step: Callable[[str], None]) -> None:
    import psycopg  # here: it is an extra

    with closing(connect_postgres(url)) as connection:
        try:
            on_step("the tables")
            own = connection.execute(_OWN_TABLES).fetchone()[0]
            connection.execute(f"VACUUM (FULL) {own}")
            connection.execute("CHECKPOINT")
        except psycopg.errors.InsufficientPrivilege:
            # A checkpoint is for the server's owner; the server makes one every few minutes itself.
            return
        except psycopg.Error as error:
            raise StoreFault(f"The server could not write the tables anew: {error}.") from None


# Looking


def file_texts(place: str | Path) -> dict[str, Path]:
    """The files of a store in which text can stand."""
    if places.is_postgres(place):
        return {}
    path = Path(place)
    beside = {end: path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")}
    return {file.name: file for file in beside.values() if file.exists()}


def columns(reader: Reader) -> list[tuple[str, str]]:
    """Every table and column of the store."""
    if reader.dialect == "sqlite":
        tables = reader.all(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        return [
            (name, column[1])
            for (name,) in tables
            for column in reader.all(f'PRAGMA table_info("{name}")')
            if not name.startswith(INDEXES)
        ]
    return [
        (str(table), str(column))
        for table, column in reader.all(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
            " AND c.data_type IN ('text', 'bytea')"
        )
    ]


def values(reader: Reader, table: str, column: str) -> Any:
    """All values of a column that are text or bytes."""
    return (row[0] for row in reader.stream(f'SELECT "{column}" FROM "{table}"') if isinstance(row[0], str | bytes | memoryview))  # fmt: skip

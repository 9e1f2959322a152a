"""Making what was erased unreadable in the store's own files, and looking whether it is.

SQLite leaves deleted text in free pages, in its log and (FTS5) in the index until each is written
anew. All of that is done here under the writers' lock: it takes as long as writing the whole file.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.errors import Busy, StoreFault
from sdesk.store import place as places
from sdesk.store.lock import FileLock
from sdesk.store.reader import connect, connect_postgres, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sdesk.store.reader import Reader

INDEXES = ("ticket_fts", "ticket_subject")
_OWN_TABLES = """SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables
    WHERE schemaname = current_schema()"""
_SQLITE_TABLES = """SELECT name FROM sqlite_schema
    WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"""
_POSTGRES_COLUMNS = """SELECT c.table_name, c.column_name FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
    AND c.data_type IN ('text', 'bytea')"""
GAP = b"\x00\x01\x00\x01"
"""Between two values: no word goes on over it."""
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


def columns(reader: Reader) -> dict[str, list[str]]:
    """Every table of the store → its columns that can hold text or bytes."""
    found: dict[str, list[str]] = {}
    if reader.dialect == "sqlite":
        for (name,) in reader.all(_SQLITE_TABLES):
            if not name.startswith(INDEXES):
                found[name] = [row[1] for row in reader.all(f'PRAGMA table_info("{name}")')]
        return found
    for table, column in reader.all(_POSTGRES_COLUMNS):
        found.setdefault(str(table), []).append(str(column))
    return found


def blocks(
    reader: Reader, table: str, names: Sequence[str], size: int = 1 << 20
) -> Iterator[tuple[str, bytes]]:
    """A table's values, column by column and many at a time, with a gap between any two."""
    held: dict[str, list[bytes]] = {name: [] for name in names}
    room = size
    quoted = ", ".join(f'"{name}"' for name in names)
    for row in reader.stream(f'SELECT {quoted} FROM "{table}"'):
        for name, value in zip(names, row, strict=True):
            if isinstance(value, str) and value:
                held[name].append(value.encode("utf-8", "surrogatepass"))
            elif isinstance(value, bytes | memoryview):
                held[name].append(bytes(value))
            else:
                continue
            room -= len(held[name][-1])
        if room < 0:
            yield from _joined(held)
            room = size
    yield from _joined(held)


def _joined(held: dict[str, list[bytes]]) -> Iterator[tuple[str, bytes]]:
    for name, values in held.items():
        if values:
            yield name, GAP.join(values)
            values.clear()

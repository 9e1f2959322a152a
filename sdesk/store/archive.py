"""The whole store as rows in a fixed order, and back: what an archive is made of.

Only what can't be made again is in it: search documents are rebuilt from the rows. Everything reads
from one snapshot, so that an archive made while others write is of one moment.
"""

from __future__ import annotations

import base64
import os
import re
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from sdesk.errors import Invalid, Missing, Refused, StoreFault
from sdesk.store import place
from sdesk.store.reader import check_schema, connect, fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

TABLES: dict[str, str] = {
    "setting": "name",
    "agent": "login",
    "queue": "key",
    "member": "queue, agent",
    "state": "key",
    "category": "path",
    "calendar": "name",
    "policy": "name",
    "view": "owner, name",
    "template": "owner, name",
    "macro": "owner, name",
    "organization": "id",
    "person": "id",
    "ticket": "id",
    "tag": "ticket_id, tag",
    "field": "ticket_id, name",
    "link": "ticket_id, kind, to_id",
    "entry": "id",
    "event": "id",
    "clock": "ticket_id, target",
    "seen": "agent, ticket_id",
    "draft": "id",
    "notice": "id",
    "blob": "sha256",
    "attachment": "id",
    "worked": "id",
    "stopwatch": "agent",
    "check_item": "id",
    "watcher": "ticket_id, agent",
    "mention": "agent, entry_id",
    "outbox": "entry_id",
    "mail": "id",
    "mailbox": "name",
    "letter": "id",
    "participant": "ticket_id, address",
    "survey": "ticket_id",
    "announcement": "id",
    "alarm": "source, key",
    "delivery": "id",
    "retention": "name",
}
"""Every table with its primary key, in an order in which rows find what they refer to. Not there:
`lease` and `presence`, which tell of processes that run now, and `upkeep`, which tells of this one
file: when it was last copied and checked, and where it lies."""
_SECOND = ("notice", "blob", "attachment", "worked", "stopwatch", "check_item", "watcher", "mention", "outbox")  # fmt: skip
_THIRD = ("mail", "mailbox", "letter", "participant", "survey", "announcement", "alarm", "delivery")
SINCE = dict.fromkeys(_SECOND, 2) | dict.fromkeys(_THIRD, 3) | {"retention": 4}
"""The schema that brought a table; the others were there from the first."""
PASSING = frozenset({"lease", "presence", "upkeep"})
"""Tables that no archive holds."""
WORKED_IN = ("ticket", "person", "draft")
"""A desk with nothing in these is untouched: it was set up, and that is all."""
BYTES = {"blob": 1}
"""Table → which of its columns holds bytes; an archive has them as base64."""
Table = tuple[str, list[str], "Iterable[list[Any]]"]
_AT_ONCE = 5_000
_SURROGATE = re.compile("[\ud800-\udfff]")


def check_place(path: str | Path) -> None:
    """Raises `StoreFault` for a store that is not a file."""
    if place.is_postgres(path):
        raise StoreFault(
            "Archives and backups are made of stores in a file so far.",
            "For PostgreSQL use pg_dump and pg_restore.",
        )


def schema() -> int:
    return place.SCHEMA


@contextmanager
def snapshot(store: str | Path) -> Iterator[Iterator[Table]]:
    """The tables of a store as they are at one moment: name, columns, rows."""
    if place.is_postgres(store):
        from sdesk.store import postgres_archive

        with postgres_archive.snapshot(str(store)) as tables:
            yield tables
        return
    path = place.find(store)
    with closing(connect(path, query_only=True)) as connection:
        try:
            check_schema(connection, path)
            connection.execute("BEGIN")
            yield ((name, *_read(connection, name, key)) for name, key in TABLES.items())
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise fault(error, path) from error


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _read(
    connection: sqlite3.Connection, table: str, key: str
) -> tuple[list[str], Iterator[list[Any]]]:
    columns = _columns(connection, table)
    quoted = ", ".join(f'"{name}"' for name in columns)
    order = ", ".join(f'"{name}"' for name in key.split(", "))
    rows = connection.execute(f'SELECT {quoted} FROM "{table}" ORDER BY {order}')
    return columns, as_text(table, rows)


def as_text(table: str, rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """The rows as an archive has them."""
    body = BYTES.get(table)
    for values in rows:
        row = list(values)
        if body is not None:
            row[body] = base64.b64encode(row[body]).decode("ascii")
        yield row


def as_stored(table: str, columns: list[str], rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """The rows of an archive as a store has them."""
    body = BYTES.get(table)
    for row in rows:
        for value in row:
            if type(value) is str and not value.isascii() and _SURROGATE.search(value):
                raise Invalid(
                    f"Half a character stands in {named(table, columns, row)} of the archive; nothing was restored."
                )
        yield row if body is None else _with_bytes(row, body, table)


def named(table: str, columns: list[str], row: list[Any]) -> str:
    """The row by its key, for people: "entry (id 7)"."""
    key = [(name, row[columns.index(name)]) for name in TABLES[table].split(", ")]
    return f"{table} ({', '.join(f'{name} {str(value)[:60]}' for name, value in key)})"


def _with_bytes(row: list[Any], body: int, table: str) -> list[Any]:
    try:
        row[body] = base64.b64decode(row[body], validate=True)
    except (ValueError, TypeError):
        raise Invalid(
            f"The archive's table '{table}' has a row whose bytes can't be read."
        ) from None
    return row


def in_order(tables: Iterable[Table], schema_of_rows: int) -> Iterator[Table]:
    """The tables as they come. Raises `Invalid` where one is missing or not in its place."""
    missing = [name for name in TABLES if SINCE.get(name, 1) <= schema_of_rows]
    for name, columns, rows in tables:
        if not missing or name != missing.pop(0):
            raise Invalid(f"The archive's table '{name[:40]}' is not where it should be.")
        yield name, columns, rows
    if missing:
        raise Invalid(f"The archive has no table '{missing[0]}'; nothing was restored.")


def check_columns(table: str, columns: list[str], known: list[str]) -> None:
    if columns != known:
        raise Invalid(
            f"The archive's table '{table[:40]}' has not the columns that it should have."
        )


def is_empty(store: str | Path) -> bool:
    """Whether there is nothing at that place, or a desk in which nobody has worked yet.

    Raises `StoreFault` for a file that is no store.
    """
    if place.is_postgres(store):
        from sdesk.store import postgres_archive

        return postgres_archive.is_empty(str(store))
    try:
        path = place.find(store)
    except Missing:
        return True
    with closing(connect(path, query_only=True)) as connection:
        check_schema(connection, path)
        return not any(
            connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in WORKED_IN
        )


def load(path: Path, schema_of_rows: int, tables: Iterable[Table]) -> int:
    """Fill a fresh file with a store of these rows, verified; the number of rows.

    Raises `Invalid` where the rows don't fit the tables and `StoreFault` where they contradict each
    other. The caller throws the file away then.
    """
    from sdesk.store.backup import verify
    from sdesk.store.engine import SqliteWriter  # here, not above: dumping needs no SQLAlchemy
    from sdesk.store.migrations import upgrade

    writer = SqliteWriter(path)
    try:
        upgrade(writer, to=f"{schema_of_rows:04}")
        with closing(connect(path, query_only=False)) as connection:
            rows = _fill(connection, path, tables, schema_of_rows)
        if schema_of_rows < place.SCHEMA:
            upgrade(writer)
    finally:
        writer.close()
    _index(path)
    settle(path)
    verify(path)
    return rows


def _index(path: Path) -> None:
    """Make the search documents of what was filled in, by the schema of now."""
    from sdesk.store.search import SearchIndex

    with closing(connect(path, query_only=False)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        SearchIndex(connection).rebuild()
        connection.execute("COMMIT")
        connection.execute("ANALYZE")


def _fill(
    connection: sqlite3.Connection, path: Path, tables: Iterable[Table], schema_of_rows: int
) -> int:
    total = 0
    try:
        connection.execute("BEGIN IMMEDIATE")
        # Parents may have higher numbers than their children.
        connection.execute("PRAGMA defer_foreign_keys = ON")
        for name, columns, rows in in_order(tables, schema_of_rows):
            total += _insert(connection, name, columns, rows)
        connection.execute("COMMIT")
    except sqlite3.IntegrityError as error:
        raise StoreFault(
            f"The archive contradicts itself: {error}.", "Nothing was restored."
        ) from None
    except sqlite3.Error as error:
        raise fault(error, path) from error
    return total


def _insert(
    connection: sqlite3.Connection, table: str, columns: list[str], rows: Iterable[list[Any]]
) -> int:
    check_columns(table, columns, _columns(connection, table))
    quoted, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    count = 0
    some: list[list[Any]] = []
    for row in as_stored(table, columns, rows):
        some.append(row)
        if len(some) == _AT_ONCE:
            connection.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({marks})', some)
            count += len(some)
            some.clear()
    connection.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({marks})', some)
    return count + len(some)


def settle(path: Path) -> None:
    """Bring all of a store into its one file and let go of its log, so that it can be moved.

    Raises `StoreFault` while anybody else has it open.
    """
    with closing(connect(path, query_only=False)) as connection:
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError:
            mode = "wal"
    if mode != "delete":
        raise StoreFault(f"{path} is in use.", "Close every desk on it and try again.")
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put_in_place(fresh: Path, store: Path) -> None:
    """Move a finished store to where it belongs; an empty desk that is there gives way.

    Raises `Refused` where somebody has begun to work there, `StoreFault` where it is open.
    """
    from sdesk.store.lock import FileLock

    with FileLock(store.with_name(store.name + ".lock")).held():
        if store.exists():
            if not is_empty(store):
                raise Refused(f"Somebody has begun to work at {store}; nothing was restored.")
            settle(store)
        fresh.replace(store)
    sync_folder(store.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder last through a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

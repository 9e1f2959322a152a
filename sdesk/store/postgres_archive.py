"""The rows of an archive out of PostgreSQL and into it: the same rows, in the same order, as of a file.

A dump reads one snapshot of the server and stops no writer. A restore is one transaction: the tables
are made, filled, checked and joined in it, and nobody sees anything before its end.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from sdesk.errors import Invalid, Refused, StoreFault
from sdesk.store import place, postgres
from sdesk.store.archive import (
    PASSING,
    TABLES,
    WORKED_IN,
    as_stored,
    as_text,
    check_columns,
    in_order,
    named,
)
from sdesk.store.reader import translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from sdesk.store.archive import Table
    from sdesk.store.reader import Row

OURS = (*TABLES, *PASSING, "ticket_text", "folded", "sdesk_letting_go", "alembic_version")
"""Every table of a desk."""
_AT_ONCE = 5_000
_COLUMNS = """
    SELECT a.attname, a.attcollation <> 0 FROM pg_attribute a
    WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_REFERENCES = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
    ORDER BY 1, 2
"""
_FUNCTIONS = """
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND p.prokind = 'f'
    AND (p.proname LIKE 'sdesk\\_%' OR p.proname = 'event_is_append_only')
"""


@contextmanager
def snapshot(url: str) -> Iterator[Iterator[Table]]:
    """The tables as they are at one moment. Raises `Refused` for a role that may not see them whole."""
    with closing(postgres.connect(url)) as connection, _spoken(url):
        import psycopg  # here: it is an extra, and there by now

        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.transaction():
            # Where a policy would hide rows, the server now refuses instead.
            connection.execute("SET LOCAL row_security = off")
            _check_schema(connection, url)
            yield ((name, *_read(connection, name, key)) for name, key in TABLES.items())


def _read(connection: Any, table: str, key: str) -> tuple[list[str], Iterator[list[Any]]]:
    columns = dict(connection.execute(_COLUMNS, (table,)).fetchall())
    quoted = ", ".join(f'"{name}"' for name in columns)
    # Text in the order of its bytes, as SQLite has it, whatever the database's collation.
    order = ", ".join(
        f'"{name}"' + (' COLLATE "C"' if columns[name] else "") for name in key.split(", ")
    )
    return list(columns), as_text(
        table, _rows(connection, f'SELECT {quoted} FROM "{table}" ORDER BY {order}')
    )


def _rows(connection: Any, sql: str) -> Iterator[Row]:
    with connection.cursor(name="sdesk_dump") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(sql)
        yield from cursor


def _check_schema(connection: Any, url: str) -> None:
    found = postgres.look(connection, url)
    postgres.check(found)
    if found.schema < place.SCHEMA:
        raise StoreFault(
            f"The desk in '{found.database}' is of schema {found.schema}; this sdesk writes {place.SCHEMA}.",
            "Open it once as its owner, which upgrades it: sdesk doctor",
        )


def is_empty(url: str) -> bool:
    """Whether there is no desk in the database, or one in which nobody has worked yet.

    Raises `StoreFault` where there is something of another program.
    """
    with (
        closing(postgres.connect(url)) as connection,
        _spoken(url),
        connection.transaction(),
    ):
        connection.execute("SET LOCAL row_security = off")
        return _is_untouched(connection, url)


def _is_untouched(connection: Any, url: str) -> bool:
    found = postgres.look(connection, url)
    if not found.schema:
        if found.tables:
            postgres.check(found)
        return True
    return not any(
        connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in WORKED_IN
    )


def _there(connection: Any) -> list[str]:
    return [
        name
        for name in OURS
        if connection.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone()[0]
    ]


def load(url: str, schema_of_rows: int, tables: Iterable[Table]) -> int:
    """Fill an empty database, or one with an untouched desk, with these rows, verified; their number.

    For the database's owner. Raises `Invalid` where the rows don't fit the tables, `StoreFault` where
    they contradict each other, `Refused` where somebody has begun to work.
    """
    from sqlalchemy import NullPool, create_engine

    def connect() -> Any:
        return postgres.connect(url, autocommit=False)

    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
    with _spoken(url), engine.connect() as connection:
        with connection.begin():
            rows = _load(connection, url, schema_of_rows, tables)
        with connection.begin():
            connection.exec_driver_sql("ANALYZE")
    return rows


def _load(connection: Connection, url: str, schema_of_rows: int, tables: Iterable[Table]) -> int:
    from sdesk.store.backup import check
    from sdesk.store.engine import PostgresWriter
    from sdesk.store.migrations import upgrade_on
    from sdesk.store.search import SearchIndex

    driver: Any = connection.connection.driver_connection
    driver.execute("SET LOCAL lock_timeout = '20s'")
    driver.execute("SET LOCAL row_security = off")
    driver.execute(f"SELECT {PostgresWriter.ALONE}")
    if not _is_untouched(driver, url):
        raise Refused("Somebody has begun to work in this database; nothing was restored.")
    _clear(driver)
    upgrade_on(connection, to=f"{schema_of_rows:04}")
    rows = _fill(driver, tables, schema_of_rows)
    if schema_of_rows < place.SCHEMA:
        upgrade_on(connection)
    SearchIndex(driver, "postgresql").rebuild()
    check(_Inside(driver))
    _let_in(driver, url)
    return rows


def _let_in(driver: Any, url: str) -> None:
    """The agents that could work in the desk that was there can go on."""
    from sdesk.store.roles import are_groups, grants

    found = postgres.look(driver, url)
    if are_groups(driver, found.database):
        (schema,) = driver.execute("SELECT current_schema()::text").fetchone()
        for statement in grants(found.database, schema):
            driver.execute(statement)


def _clear(driver: Any) -> None:
    """Take an untouched desk away."""
    for table in _there(driver):
        driver.execute(f'DROP TABLE "{table}" CASCADE')
    for (function,) in driver.execute(_FUNCTIONS).fetchall():
        driver.execute(f"DROP FUNCTION {function} CASCADE")


def _fill(driver: Any, tables: Iterable[Table], schema_of_rows: int) -> int:
    """Copy the rows in, and join the tables again afterwards: parents may have higher numbers."""
    references = driver.execute(_REFERENCES).fetchall()
    for table, name, _ in references:
        driver.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    total = 0
    for table, columns, rows in in_order(tables, schema_of_rows):
        known = [row[0] for row in driver.execute(_COLUMNS, (table,)).fetchall()]
        check_columns(table, columns, known)
        # Nobody need hear of rows that are not new.
        driver.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        total += _copy(driver, table, columns, rows)
        driver.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    for table, name, definition in references:
        driver.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    return total


def _copy(driver: Any, table: str, columns: list[str], rows: Iterable[list[Any]]) -> int:
    import psycopg

    quoted = ", ".join(f'"{name}"' for name in columns)
    count = 0
    row: list[Any] = []
    try:
        with (
            driver.cursor() as cursor,
            cursor.copy(f'COPY "{table}" ({quoted}) FROM STDIN') as into,
        ):
            for row in as_stored(table, columns, rows):
                _check_text(table, columns, row)
                into.write_row(row)
                count += 1
    except psycopg.DataError as error:
        said = str(error.diag.message_primary or error)
        raise Invalid(
            f"The archive's table '{table}' has a row that doesn't fit: {said}."
        ) from None
    return count


def _check_text(table: str, columns: list[str], row: list[Any]) -> None:
    for value in row:
        if type(value) is str and "\x00" in value:
            raise Invalid(
                f"A NUL stands in {named(table, columns, row)}, which PostgreSQL can't hold; nothing was restored."
            )


class _Inside:
    """Reads in the transaction that fills the tables."""

    dialect = "postgresql"

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def all(self, sql: str, params: Mapping[str, object] | None = None) -> list[Row]:
        return list(self._driver.execute(translate(sql), params or {}).fetchall())

    def one(self, sql: str, params: Mapping[str, object] | None = None) -> Row | None:
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def stream(self, sql: str, params: Mapping[str, object] | None = None) -> Iterator[Row]:
        with self._driver.cursor(name="sdesk_verify") as cursor:
            cursor.execute(translate(sql), params or {})
            yield from cursor

    def close(self) -> None:
        return None


@contextmanager
def _spoken(url: str) -> Iterator[None]:
    """What the server says, in sentences."""
    import psycopg
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        raise _sentence(error.orig or error, url) from error
    except psycopg.Error as error:
        raise _sentence(error, url) from error


def _sentence(error: BaseException, url: str) -> Exception:
    import psycopg

    said = getattr(error, "diag", None)
    text = (said and said.message_primary) or str(error).partition("\n")[0]
    match error:
        case psycopg.errors.InsufficientPrivilege():
            return Refused(
                f"This role may not see or make the whole desk: {text}.",
                "Dump and restore as the owner of the database.",
            )
        case psycopg.IntegrityError():
            return StoreFault(f"The archive contradicts itself: {text}.", "Nothing was restored.")
        case psycopg.errors.LockNotAvailable():
            return StoreFault("The database is in use.", "Close every desk on it and try again.")
    assert isinstance(error, Exception)
    return postgres.fault(error, url)

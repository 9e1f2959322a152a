"""Plain SQL inside an open transaction, on the driver itself: a tenth of what it costs over SQLAlchemy.

It sees what has been flushed. Parameters are named `:name`, as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from sdesk.store.reader import translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlmodel import Session


def driver(session: Session) -> Any:
    """The driver's connection."""
    return session.connection().connection.driver_connection


def run(session: Session, sql: str, values: Mapping[str, object] | None = None) -> Any:
    """The driver's cursor after the statement."""
    connection = session.connection()
    spoken = sql if connection.dialect.name == "sqlite" else translate(sql)
    return driver(session).execute(spoken, values or {})


Values = Mapping[str, object] | list[dict[str, object]] | None
"""Parameters; a list where the statement is to be done for each of many rows."""
Statement = tuple[str, Values]


def together(session: Session, statements: Iterable[Statement]) -> list[list[tuple[Any, ...]]]:
    """What each of the statements answers. At a server they make one round trip."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return [_fetched(_one(driver(session), sql, values)) for sql, values in statements]
    with driver(session).pipeline() if _can_pipeline() else nullcontext():
        cursors = [_one(driver(session), translate(sql), values) for sql, values in statements]
    return list(map(_fetched, cursors))


@cache
def _can_pipeline() -> bool:
    """Whether the client's library sends on before it has an answer: since version 14."""
    from psycopg import Pipeline

    return Pipeline.is_supported()


def _one(connection: Any, sql: str, values: Any) -> Any:
    if isinstance(values, list):
        cursor = connection.cursor()
        cursor.executemany(sql, values)
        return cursor
    return connection.execute(sql, values or {})


def _fetched(cursor: Any) -> list[tuple[Any, ...]]:
    return list(cursor.fetchall()) if cursor.description else []


def rows(
    session: Session, sql: str, values: Mapping[str, object] | None = None
) -> list[tuple[Any, ...]]:
    return list(run(session, sql, values).fetchall())


def row(
    session: Session, sql: str, values: Mapping[str, object] | None = None
) -> tuple[Any, ...] | None:
    found: tuple[Any, ...] | None = run(session, sql, values).fetchone()
    return found


class SessionReader:
    """Reads inside an open transaction, so that they see what it has changed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.dialect = session.connection().dialect.name

    def all(self, sql: str, params: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        return rows(self._session, sql, params)

    def one(self, sql: str, params: Mapping[str, object] | None = None) -> tuple[Any, ...] | None:
        return row(self._session, sql, params)

    def stream(
        self, sql: str, params: Mapping[str, object] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        yield from self.all(sql, params)

    def close(self) -> None:
        return None

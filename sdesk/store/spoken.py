"""Plain SQL inside an open transaction, on the driver itself: a tenth of what it costs over SQLAlchemy.

It sees what has been flushed. Parameters are named `:name`, as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.store.reader import translate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlmodel import Session


def run(session: Session, sql: str, values: Mapping[str, object] | None = None) -> Any:
    """The driver's cursor after the statement."""
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    spoken = sql if connection.dialect.name == "sqlite" else translate(sql)
    return driver.execute(spoken, values or {})


def rows(
    session: Session, sql: str, values: Mapping[str, object] | None = None
) -> list[tuple[Any, ...]]:
    return list(run(session, sql, values).fetchall())


def row(
    session: Session, sql: str, values: Mapping[str, object] | None = None
) -> tuple[Any, ...] | None:
    found: tuple[Any, ...] | None = run(session, sql, values).fetchone()
    return found

"""The writing side of a store: SQLAlchemy engines, the file lock, and one `write()` that holds both."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from sdesk.errors import StoreFault
from sdesk.store import place
from sdesk.store.lock import FileLock
from sdesk.store.reader import connect, fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


class SqliteWriter:
    """One connection that writes, used by one thread of this process at a time."""

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = FileLock(path.with_name(path.name + ".lock"))
        self._turn = threading.Lock()
        self._pid = os.getpid()
        self._inode = path.stat().st_ino
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        if self._engine is None or self._pid != os.getpid():
            self._pid = os.getpid()
            self._engine = create_engine(
                "sqlite+pysqlite://", creator=self._connect, poolclass=StaticPool
            )
            event.listen(self._engine, "begin", _begin_immediate)
        return self._engine

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self.path, query_only=False)
        connection.execute("PRAGMA journal_mode = WAL")
        return connection

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session inside lock and transaction; commits at the end, rolls back on any error."""
        with self._turn, self.lock.held():
            self._check_file()
            try:
                with Session(self.engine) as session, session.begin():
                    yield session
            except DBAPIError as error:
                raise fault(error.orig or error, self.path) from error
            except sqlite3.Error as error:
                raise fault(error, self.path) from error

    def _check_file(self) -> None:
        """SQLite would go on writing into a deleted file without a word."""
        try:
            inode = self.path.stat().st_ino
        except FileNotFoundError:
            raise StoreFault(
                f"{self.path} is gone; nothing was written.", "Restore it, then start again."
            ) from None
        if inode != self._inode:
            raise StoreFault(
                f"{self.path} was replaced by another file while in use; nothing was written.",
                "Close the desk and open it again.",
            )
        if place.is_read_only(self.path):
            raise StoreFault(
                f"{self.path} can't be written by this user.",
                "Join the group that owns it, or see: sdesk doctor",
            )

    def close(self) -> None:
        if self._engine is not None:
            with self._turn:
                self._engine.dispose()
                self._engine = None


def _begin_immediate(connection: Any) -> None:
    # A deferred transaction that upgrades fails at once with "locked", whatever the timeout.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class PostgresWriter:
    """The same over PostgreSQL; an advisory lock in the transaction keeps the event chain in order."""

    dialect = "postgresql"
    CHAIN_LOCK = 0x5344_534B

    def __init__(self, url: str) -> None:
        self.url = url
        address = url.replace("postgres://", "postgresql://", 1)
        self.engine = create_engine(
            address.replace("postgresql://", "postgresql+psycopg://", 1), pool_pre_ping=True
        )

    @contextmanager
    def write(self) -> Iterator[Session]:
        try:
            with Session(self.engine) as session, session.begin():
                session.connection().exec_driver_sql(
                    f"SELECT pg_advisory_xact_lock({self.CHAIN_LOCK})"
                )
                yield session
        except DBAPIError as error:
            raise fault(error.orig or error, self.url) from error

    def close(self) -> None:
        self.engine.dispose()


Writer = SqliteWriter | PostgresWriter


def open_writer(store: str | Path) -> Writer:
    if place.is_postgres(store):
        return PostgresWriter(str(store))
    return SqliteWriter(Path(store))

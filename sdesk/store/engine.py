"""The writing side of a store: SQLAlchemy engines, the file lock, and one `write()` that holds both."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from sdesk.errors import StoreFault
from sdesk.store import home, place
from sdesk.store.lock import FileLock
from sdesk.store.reader import connect, fault, patiently

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

Result = TypeVar("Result")


class SqliteWriter:
    """One connection that writes, used by one thread of this process at a time."""

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = FileLock(path.with_name(path.name + ".lock"))
        self._turn = threading.Lock()
        self._pid = os.getpid()
        self._inode = place.number(path)
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
        return patiently(self._connected, self.path)

    def _connected(self) -> sqlite3.Connection:
        connection = connect(self.path, query_only=False)
        try:
            home.settle_in(connection, self.path)
            connection.execute("PRAGMA journal_mode = WAL")
            # Now and not at the first write: a log that could be opened for reading only is known here.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextmanager
    def write(self, *, exclusive: bool = True) -> Iterator[Session]:
        """A session inside lock and transaction; commits at the end, rolls back on any error.

        SQLite has one writer at a time, `exclusive` or not.
        """
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
        if place.number(self.path) != self._inode:
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
    """The same over PostgreSQL, where an advisory lock in the transaction keeps the events in order.

    An exclusive write takes it first: what it reads, nobody changes meanwhile. Any other takes it when
    it records its first event or makes its first numbered row (`sdesk_chain_end`, `sdesk_next`), so
    that others read and check at the same time; whoever begins it locks the rows it decides by. Waiting
    with rows locked for somebody who wants these rows would last for ever: it is given up soon, and
    tried again from the start as an exclusive one (`again`).
    """

    dialect = "postgresql"
    CHAIN_LOCK = 0x5344_534B
    SHORT_MS = 300
    """How long a write that holds rows waits for anything. Well under the server's `deadlock_timeout`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.crowded_until = 0.0
        # The driver reads the address: SQLAlchemy has other ideas of what may stand in it.
        self.engine = create_engine(
            "postgresql+psycopg://", creator=self._connect, pool_pre_ping=True, pool_size=1,
            max_overflow=4,
        )  # fmt: skip

    def _connect(self) -> Any:
        from sdesk.store.postgres import connect as connect_to_server

        return connect_to_server(self.url, autocommit=False)

    @contextmanager
    def write(self, *, exclusive: bool = True) -> Iterator[Session]:
        import psycopg  # here: it is an extra, and there by now

        first = (
            f"SELECT pg_advisory_xact_lock({self.CHAIN_LOCK})"
            if exclusive
            else f"SET LOCAL lock_timeout = {self.SHORT_MS}"
        )
        try:
            with Session(self.engine) as session, session.begin():
                session.connection().exec_driver_sql(first)
                if not exclusive:
                    session.info["shared"] = True
                yield session
        except DBAPIError as error:
            raise self._told(error.orig or error, exclusive) from error
        except psycopg.Error as error:
            raise self._told(error, exclusive) from error

    def _told(self, error: BaseException, exclusive: bool) -> Exception:
        from sdesk.store.postgres import TWICE, Collision

        if not exclusive and getattr(error, "sqlstate", "") == TWICE:
            return Collision()
        assert isinstance(error, Exception)
        return fault(error, self.url)

    def close(self) -> None:
        self.engine.dispose()


Writer = SqliteWriter | PostgresWriter
CROWDED = 3.0
"""Seconds for which many are taken to write after two writes met."""
ATTEMPTS = 6
PAUSE = 0.02
"""Seconds before the second try; each further one waits twice as long, and a random part of it more."""


def again(
    writer: Writer, work: Callable[[bool], Result], *, queues: bool = False,
    pause: Callable[[float], object] = time.sleep,
) -> Result:  # fmt: skip
    """Do `work(exclusive)`, from its start once more whenever another write came in between.

    The first try lets others work beside it, the further ones take their turn. What `queues` takes its
    turn at once while many write: a try that is given up costs all of them. Raises `Collision`.
    """
    if isinstance(writer, SqliteWriter):
        return work(True)
    from sdesk.store.postgres import Collision

    for attempt in range(1, ATTEMPTS):
        exclusive = attempt > 1 or (queues and time.monotonic() < writer.crowded_until)
        try:
            return work(exclusive)
        except Collision:
            writer.crowded_until = time.monotonic() + CROWDED
            pause(PAUSE * 2 ** (attempt - 1) * (1 + secrets.randbelow(100) / 100))
    return work(True)


def open_writer(store: str | Path) -> Writer:
    if place.is_postgres(store):
        return PostgresWriter(str(store))
    return SqliteWriter(Path(store))

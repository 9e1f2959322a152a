"""The writing side of a store: SQLAlchemy engines, the file lock, and one `write()` that holds both."""

from __future__ import annotations

import os
import secrets
import select
import sqlite3
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from sdesk.errors import Busy, StoreFault
from sdesk.store import home, place, spoken
from sdesk.store.lock import PATIENCE, FileLock
from sdesk.store.reader import connect, fault, patiently

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Engine

    from sdesk.store.reader import Row

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
    def write(
        self, *, exclusive: bool = True, aside: bool = False, first: Sequence[spoken.Statement] = ()
    ) -> Iterator[Session]:
        """A session inside lock and transaction; commits at the end, rolls back on any error.

        SQLite has one writer at a time, however it is asked.
        """
        with self._turn, self.lock.held():
            self._check_file()
            try:
                with Session(self.engine) as session, session.begin():
                    session.info["begun"] = spoken.together(session, first)
                    yield session
                    spoken.together(session, session.info.pop("last", ()))
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
    """The same over PostgreSQL, where advisory locks of the transaction take the place of the file's.

    Whoever writes alone (`exclusive`) waits until nobody else does: what it reads, nobody changes
    meanwhile. All others write beside each other: each locks the rows it decides by, and takes the lock
    of the chain last, when it makes its first numbered row or records its first event
    (`sdesk_chain_end`, `sdesk_next`). Waiting for that lock with rows in hand is safe, as nobody who has
    it asks for a row that somebody else may hold; the server lets writers through in the order in
    which they came. Where two meet on more rows than one, it ends one of them, which is done `again`.
    """

    dialect = "postgresql"
    CHAIN_LOCK = 0x5344_534B
    GATE_LOCK = 0x5344_5347
    """Shared by all who write beside each other; whoever writes alone has it for itself."""
    ALONE = f"pg_advisory_xact_lock({GATE_LOCK}), pg_advisory_xact_lock({CHAIN_LOCK})"
    BESIDE = f"pg_advisory_xact_lock_shared({GATE_LOCK})"

    def __init__(self, url: str) -> None:
        self.url = url
        # The driver reads the address: SQLAlchemy has other ideas of what may stand in it.
        self.engine = create_engine(
            "postgresql+psycopg://", creator=self._connect, pool_size=1, max_overflow=4
        )
        event.listen(self.engine, "checkout", _refuse_dropped)

    def _connect(self) -> Any:
        from sdesk.store.postgres import connect as connect_to_server

        return connect_to_server(self.url, autocommit=False)

    @contextmanager
    def write(
        self, *, exclusive: bool = True, aside: bool = False, first: Sequence[spoken.Statement] = ()
    ) -> Iterator[Session]:
        """A session inside a transaction. `aside`: what is no event, and decides by no ticket, needs
        no lock. The statements that are `first` go in the round trip with which it begins; what they
        answer is in the session's `info`, as "begun"."""
        import psycopg  # here: it is an extra, and there by now

        lock = "1" if aside else self.ALONE if exclusive else self.BESIDE
        way = f"SELECT set_config('lock_timeout', '{PATIENCE:.0f}s', true), {lock}"
        try:
            with Session(self.engine) as session:
                _, *session.info["begun"] = self._begin(session, [(way, None), *first])
                if not (exclusive or aside):
                    session.info["beside"] = True
                yield session
                self._commit(session)
        except DBAPIError as error:
            raise self._told(error.orig or error, exclusive) from error
        except psycopg.Error as error:
            raise self._told(error, exclusive) from error

    def _begin(self, session: Session, first: Sequence[spoken.Statement]) -> list[list[Row]]:
        import psycopg

        try:
            return spoken.together(session, first)
        except psycopg.OperationalError:
            if not spoken.driver(session).closed:
                raise
            # Dropped while it lay idle: nothing was written yet.
            session.connection().invalidate()
            session.rollback()
            return spoken.together(session, first)

    def _commit(self, session: Session) -> None:
        """The last statements and the end of the transaction in one round trip: everybody else who
        writes waits for it."""
        session.flush()
        if last := session.info.pop("last", None):
            spoken.together(session, [*last, ("COMMIT", None)])
        session.commit()

    def _told(self, error: BaseException, exclusive: bool) -> Exception:
        from sdesk.store.postgres import TWICE, WAITED, Collision

        state = getattr(error, "sqlstate", "")
        if exclusive and state == WAITED:
            return Busy(
                f"The desk is busy: others have written for {PATIENCE:.0f} seconds.", "Try again."
            )
        if not exclusive and state == TWICE:
            return Collision()
        assert isinstance(error, Exception)
        return fault(error, self.url)

    def close(self) -> None:
        self.engine.dispose()


def _refuse_dropped(connection: Any, *_: object) -> None:
    """Asking the server whether it is there costs what the write itself costs; what it has said by
    itself, or that it has hung up, is known here."""
    if connection.closed:
        raise DisconnectionError
    heard = select.poll()
    heard.register(connection.fileno(), select.POLLIN)
    if heard.poll(0):
        raise DisconnectionError


Writer = SqliteWriter | PostgresWriter
ATTEMPTS = 6
PAUSE = 0.02
"""Seconds before the second try; each further one waits twice as long, and a random part of it more."""


def again(
    writer: Writer, work: Callable[[bool], Result], *, pause: Callable[[float], object] = time.sleep
) -> Result:
    """Do `work(exclusive)`, from its start once more whenever another write came in between.

    The first try lets others work beside it, the further ones take their turn. Raises `Collision`.
    """
    if isinstance(writer, SqliteWriter):
        return work(True)
    from sdesk.store.postgres import Collision

    for attempt in range(1, ATTEMPTS):
        try:
            return work(attempt > 1)
        except Collision:
            pause(PAUSE * 2 ** (attempt - 1) * (1 + secrets.randbelow(100) / 100))
    return work(True)


def open_writer(store: str | Path) -> Writer:
    if place.is_postgres(store):
        return PostgresWriter(str(store))
    return SqliteWriter(Path(store))

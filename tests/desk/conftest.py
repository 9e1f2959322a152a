"""The tests of this folder run on both engines: SQLite, and a real PostgreSQL of our own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sdesk.desk import Desk
from tests.conftest import Clock, fresh_store, setup_operations


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A database that is set up, to be copied for each test."""
    import psycopg

    name = f"sdesk_template_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    url = address(postgres_server, name)
    Desk.create(url, setup=setup_operations(), actor="ana", clock=Clock()).close()
    return name


def address(server: str, database: str) -> str:
    base, _, query = server.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{database}" + (f"?{query}" if query else "")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(
    request: pytest.FixtureRequest, store_template: Path, tmp_path: Path
) -> Iterator[Path | str]:
    """A store that is set up and closed, on each engine in turn."""
    if request.param == "sqlite":
        yield fresh_store(store_template, tmp_path / "desk")
        return
    import psycopg

    server = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("postgres_template")
    name = f"sdesk_{os.getpid()}_{os.urandom(4).hex()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield address(server, name)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

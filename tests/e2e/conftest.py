"""A store of the user who runs the tests, and the real program on it behind a pseudo-terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.meter import Terminal
from sdesk import ops
from sdesk.desk import Desk, system_user
from sdesk.model import Source
from sdesk.store.archive import settle
from tests.conftest import fresh_store, setup_operations
from tests.databases import ENGINES, database, name_of

Run = Callable[..., Terminal]


def _furnish(place: Path | str, me: str) -> None:
    """A store in which one is an admin, and ben an agent, with three tickets."""
    setup = [
        *setup_operations(),
        ops.SaveAgent(me, "Test User", "admin", queues=("service-desk",)),
    ]
    with Desk.create(place, setup=setup, actor=me) as desk:
        for subject in (
            "VPN drops every ten minutes",
            "Printer on 3F jams",
            "Laptop for a starter",
        ):
            desk.apply(
                None,
                ops.Open(subject, "It began this morning.", requester=1, assignee=me),
            )


@pytest.fixture(scope="session")
def home_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which the user of this process is an admin; to be copied."""
    path = tmp_path_factory.mktemp("home") / "sdesk.db"
    _furnish(path, system_user())
    settle(path)
    return path


@pytest.fixture
def home(home_template: Path, tmp_path: Path) -> Path | str:
    """The store of one test."""
    return fresh_store(home_template, tmp_path / "desk")


@pytest.fixture(scope="session")
def server_home_template(postgres_server: str) -> Iterator[str]:
    """The same on PostgreSQL, where one is whom the connection has logged in as."""
    with database(postgres_server) as url:
        _furnish(url, "postgres")
        yield name_of(url)


@pytest.fixture(params=ENGINES)
def either_home(
    request: pytest.FixtureRequest, home_template: Path, tmp_path: Path
) -> Iterator[Path | str]:
    """The store of one test, on each engine in turn."""
    if request.param == "sqlite":
        yield fresh_store(home_template, tmp_path / "desk")
        return
    server = request.getfixturevalue("postgres_server")
    with database(server, request.getfixturevalue("server_home_template")) as url:
        yield url


@pytest.fixture
def ben(home: Path | str) -> Iterator[Desk]:
    """A second agent at work in this process."""
    with Desk.open(home, actor="ben", source=Source.CLI) as desk:
        yield desk


@pytest.fixture
def run(home: Path | str, tmp_path: Path) -> Iterator[Run]:
    """Start `sdesk` with some words on the store; ended after the test."""
    started: list[Terminal] = []
    env = {
        "SDESK_STORE": str(home), "SDESK_CONFIG": str(tmp_path / "config.toml"),
        "XDG_STATE_HOME": str(tmp_path / "state"), "XDG_DATA_HOME": str(tmp_path / "data"),
        "TZ": "UTC", "SSH_CONNECTION": "",
    }  # fmt: skip

    def start(*words: str, columns: int = 100, rows: int = 30, draws: bool = True) -> Terminal:
        argv = [sys.executable, "-m", "sdesk", *words]
        started.append(Terminal(argv, columns=columns, rows=rows, env=env, draws=draws))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()

"""Desks with mail, copied from one that is made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sdesk.desk import Desk
from sdesk.model import Source
from sdesk.prove.mails.desks import ALICE, CAROL, Post, add_ticket, open_post, setup_operations
from sdesk.store.archive import settle
from tests.conftest import Clock, fresh_store


@pytest.fixture(scope="session")
def mail_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mail") / "sdesk.db"
    clock = Clock()
    with Desk.create(path, setup=setup_operations(), actor="ann", clock=clock) as desk:
        add_ticket(desk, 1001, ALICE, ["<sd.1001.1.kq3v9x7c2m@desk.example>"])
        add_ticket(desk, 1002, CAROL, ["<sd.1002.1.p8w4n6b1zt@desk.example>"], restricted=True)
    settle(path)
    return path


@pytest.fixture
def mail_store(mail_template: Path, tmp_path: Path) -> Path:
    """SD-1001 is Alice's, SD-1002 Carol's and restricted; each has a letter of ours."""
    return fresh_store(mail_template, tmp_path / "desk")


@pytest.fixture
def post(mail_store: Path, clock: Clock) -> Iterator[Post]:
    """The intake of a desk with mail."""
    opened = open_post(mail_store, clock)
    yield opened
    opened.desk.close()


@pytest.fixture
def ann(mail_store: Path, clock: Clock) -> Iterator[Desk]:
    """Ann's desk on the same store."""
    with Desk.open(mail_store, actor="ann", source=Source.TUI, clock=clock) as desk:
        yield desk

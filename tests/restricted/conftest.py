"""A desk with a second file: ordinary tickets in one, restricted ones in the other."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sdesk import ops, restricted
from sdesk.desk import Desk
from sdesk.joined.desk import JoinedDesk
from sdesk.model import Source, TicketId
from sdesk.restricted.making import begin
from sdesk.store import place
from sdesk.store.archive import settle
from tests.conftest import Clock


def join_second(first: Path, clock: Clock) -> Path:
    """Make the second file beside the first, as `sdesk restricted init` does but for the group."""
    second = restricted.default_place(first)
    second.parent.mkdir()
    second.parent.chmod(0o2770)
    with Desk.open(first, actor="ana", clock=clock) as desk:
        made = place.make(second)
        begin(made, desk, clock)
        named = restricted.as_setting(first, made)
        desk.apply(None, ops.SaveSetting(restricted.SETTING, named))
    settle(first)
    settle(second)
    return second


@pytest.fixture(scope="session")
def pair_template(store_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of both files, closed."""
    folder = tmp_path_factory.mktemp("pair")
    first = folder / "desk" / "sdesk.db"
    first.parent.mkdir()
    shutil.copy2(store_template, first)
    join_second(first, Clock())
    return folder


@pytest.fixture
def pair(pair_template: Path, tmp_path: Path) -> Path:
    """The first of two files, closed."""
    for folder in ("desk", "desk-restricted"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder).chmod(0o2770)
        shutil.copy2(pair_template / folder / "sdesk.db", tmp_path / folder / "sdesk.db")
    return tmp_path / "desk" / "sdesk.db"


Opener = Callable[..., JoinedDesk]


@pytest.fixture
def joined(pair: Path, clock: Clock) -> Iterator[JoinedDesk]:
    """Ana's desk over both."""
    desk = Desk.open(pair, actor="ana", source=Source.TUI, clock=clock, joined=True)
    assert isinstance(desk, JoinedDesk)
    yield desk
    desk.close()


def opened(desk: Desk, subject: str, **values: object) -> TicketId:
    ticket = desk.apply(None, ops.Open(subject, **values)).ticket  # type: ignore[arg-type]
    assert ticket is not None
    return ticket

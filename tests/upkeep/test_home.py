"""A store that was copied by hand while in use is known for what it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.audit import copied_by_hand
from sdesk.desk import Desk
from sdesk.model import PersonId, TicketId
from sdesk.prove.mails.clock import Clock
from sdesk.store import home, upkeep
from sdesk.store.archive import settle
from sdesk.transfer import restoring
from sdesk.transfer.backup import backup
from tests.conftest import setup_operations


@pytest.fixture
def used(desk: Desk, make_ticket: Callable[..., TicketId], store: Path) -> Path:
    """A store that its desk has open, with changes that stand in the log only."""
    make_ticket()
    return store


def copied(path: Path) -> home.Copied | None:
    with Desk.open(path, actor="ana") as desk:
        return desk.copied


def test_a_copy_of_the_main_file_alone_says_what_is_missing(
    used: Path, make_ticket: Callable[..., TicketId], clock: Clock, tmp_path: Path
) -> None:
    late = make_ticket("In the log only")
    copy = tmp_path / "copy.db"
    shutil.copy(used, copy)
    with Desk.open(copy, actor="ana", clock=clock) as opened:
        assert opened.copied is not None
        assert opened.read.count("") < late
        said = copied_by_hand(opened, opened.copied)
    assert "copied by hand" in said
    assert "copy.db-wal" in said
    assert "11:40" in said, "the newest event's time"
    assert copied(used) is None


def test_writing_does_not_make_a_copy_forget_that_it_is_one(used: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(used, copy)
    with Desk.open(copy, actor="ana") as opened:
        opened.apply(None, ops.Open("On the copy", requester=PersonId(1), text="x"))
    assert copied(copy) is not None
    home.accept(copy)
    assert copied(copy) is None


def test_what_came_by_a_proper_way_is_silent(used: Path, tmp_path: Path) -> None:
    made = backup(used, str(tmp_path / "b"), 1_764_150_000).path
    restored, put = tmp_path / "restored.db", tmp_path / "put.db"
    restoring.restore(str(made), restored)
    shutil.copy(made, put)
    for path in (made, restored, put):
        assert copied(path) is None
        with Desk.open(path, actor="ana") as opened:
            opened.apply(None, ops.Open("And on it goes", requester=PersonId(1), text="x"))
        assert copied(path) is None, "also when it has been written to"


def test_a_closed_store_may_be_moved(used: Path, desk: Desk, tmp_path: Path) -> None:
    desk.close()
    used.rename(tmp_path / "moved.db")
    assert copied(tmp_path / "moved.db") is None


def test_a_new_store_may_be_copied_until_somebody_works_in_it(tmp_path: Path) -> None:
    place, early, late = tmp_path / "new.db", tmp_path / "early.db", tmp_path / "late.db"
    with Desk.create(place, setup=setup_operations(), actor="ana") as made:
        kept = upkeep.known(made.read.reader, upkeep.HOME)
        assert kept is not None
        assert kept.value.endswith(f":{place.stat().st_ino}")
        shutil.copy(place, early)
        made.apply(None, ops.Open("The first", requester=PersonId(1), text="x"))
        shutil.copy(place, late)
    assert copied(early) is None
    assert copied(late) is not None
    settle(late)
    assert copied(late) is None

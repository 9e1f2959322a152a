"""What upkeep remembers of a store."""

from __future__ import annotations

from pathlib import Path

from sdesk.desk import Desk
from sdesk.store import upkeep
from sdesk.store.engine import open_writer


def test_what_is_remembered_is_known_and_replaced(store: Path, desk: Desk) -> None:
    reader = desk.read.reader
    assert upkeep.known(reader, upkeep.BACKUP) is None
    upkeep.remember(store, upkeep.BACKUP, "a", 10)
    upkeep.remember(store, upkeep.BACKUP, "b", 20)
    upkeep.remember(store, upkeep.PAGES, "ok", 15)
    assert upkeep.known(reader, upkeep.BACKUP) == upkeep.Kept("backup", 20, "b")
    assert list(upkeep.all_known(reader)) == ["backup", "head", "home", "pages"]


def test_inside_a_write_it_is_kept_if_the_write_is(store: Path, desk: Desk) -> None:
    writer = open_writer(store)
    with writer.write() as session:
        upkeep.remember_in(session, upkeep.RETENTION, "12 erased", 30)
    writer.close()
    kept = upkeep.known(desk.read.reader, upkeep.RETENTION)
    assert kept is not None
    assert kept.value == "12 erased"


def test_one_of_several_claims_what_is_due(store: Path) -> None:
    assert upkeep.claim(store, "turn", "one", 1_000, before=0)
    assert not upkeep.claim(store, "turn", "two", 1_010, before=900)
    assert upkeep.claim(store, "turn", "two", 5_000, before=1_400)
    assert upkeep.claim(store, "turn", "three", 2_000, before=1_000), "the clock was set back"

"""Every way a store's file can be wrong is met with one sentence, before anything is written."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Missing, StoreFault
from sdesk.store.place import file_system
from tests.each import each


def test_a_missing_store_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="sdesk init") as caught:
        Desk.open(tmp_path / "none.db", actor="ana")
    assert caught.value.exit_code == 3


def test_a_zero_byte_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreFault, match="0 bytes"):
        Desk.open(tmp_path / "empty.db", actor="ana")


def test_a_text_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, whatever its name says")
    with pytest.raises(StoreFault, match="not a database"):
        Desk.open(path, actor="ana")
    assert path.read_text().startswith("not a database")


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER)")
    with pytest.raises(StoreFault, match="another program"):
        Desk.open(path, actor="ana")


def test_a_hard_linked_store_is_refused(store: Path) -> None:
    os.link(store, store.with_name("second.db"))
    with pytest.raises(StoreFault, match="hard links"):
        Desk.open(store, actor="ana")


def test_a_symlink_opens_the_store_it_points_to(store: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(store)
    with Desk.open(link, actor="ana") as desk:
        assert desk.place == store.resolve()


def test_a_new_store_is_private_to_its_group_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        path = tmp_path / "new" / "sdesk.db"
        Desk.create(path, setup=[ops.SaveAgent("ana", "Ana", "admin")], actor="ana").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o2770
    assert stat.S_IMODE(path.with_name("sdesk.db.lock").stat().st_mode) == 0o660


def test_a_store_that_vanished_stops_writing(desk: Desk, store: Path) -> None:
    desk.apply(None, ops.Open("first"))
    store.rename(store.with_name("moved.db"))
    with pytest.raises(StoreFault, match="gone"):
        desk.apply(None, ops.Open("second"))


def test_a_store_that_was_replaced_stops_writing(desk: Desk, store: Path) -> None:
    desk.apply(None, ops.Open("first"))
    copy = store.with_name("copy.db")
    copy.write_bytes(store.read_bytes())
    copy.replace(store)
    with pytest.raises(StoreFault, match="replaced"):
        desk.apply(None, ops.Open("second"))


def test_creating_over_a_store_is_refused(store: Path) -> None:
    with pytest.raises(StoreFault, match="there already"):
        Desk.create(store, setup=[ops.SaveAgent("eve", "Eve", "admin")], actor="eve")


@each(
    ("mounts", "kind"),
    [
        ("36 35 98:0 / /srv rw - ext4 /dev/sda rw", "ext4"),
        ("36 35 0:52 / /srv/desk rw - nfs4 host:/x rw", "nfs4"),
        (
            "36 35 0:52 / /srv/de\\040sk rw - nfs4 host:/x rw\n40 1 8:1 / / rw - xfs /dev/a rw",
            "xfs",
        ),
        (
            "1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:9 / /srv/desk rw,x - fuse.sshfs h rw",
            "fuse.sshfs",
        ),
        ("short line\n", ""),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(mounts: str, kind: str) -> None:
    assert file_system(Path("/srv/desk/sdesk.db"), mounts) == kind


def test_a_store_on_a_network_file_system_is_refused(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdesk.store.place.file_system", lambda _path: "nfs4")
    with pytest.raises(StoreFault, match="network file system"):
        Desk.open(store, actor="ana")


HELD = """
import fcntl, os, sys
SHARED_FIRST, SHARED_SIZE = 0x40000000 + 2, 510
handle = os.open(sys.argv[1], os.O_RDWR)
try:
    fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, SHARED_SIZE, SHARED_FIRST)
except OSError:
    print("held")
"""


def test_a_desk_opened_beside_another_lets_go_of_none_of_its_locks(store: Path, desk: Desk) -> None:
    """Else another process takes itself for the last one, and throws away the log that is written to."""
    desk.apply(None, ops.Open("x"))
    desk.read.settings()
    Desk.open(store, actor="ana").close()
    desk.read.settings()
    asked = subprocess.run(
        [sys.executable, "-c", HELD, str(store)], capture_output=True, text=True, check=True
    )
    assert asked.stdout == "held\n"

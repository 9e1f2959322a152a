"""Backups: manifests, retention, commands that take them, verifying, restoring, rehearsing."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Refused, StoreFault
from sdesk.model import TicketId
from sdesk.rules.keeping import Keep
from sdesk.store import backup as copies
from sdesk.transfer import manifest as manifests
from sdesk.transfer import restoring
from sdesk.transfer.archive import dump
from sdesk.transfer.backup import Made, backup, prune

NOW = 1_764_150_000
DAY = 86_400


@pytest.fixture
def lively(desk: Desk, make_ticket: Callable[..., TicketId], store: Path) -> Path:
    ticket = make_ticket("Printer jams")
    desk.apply(ticket, ops.Attach("a.bin", b"\x00\x01" * 4_000))
    make_ticket("Second one")
    return store


@pytest.fixture
def made(lively: Path, tmp_path: Path) -> Made:
    return backup(lively, str(tmp_path / "b"), NOW, keep=Keep.parse("7d 4w 12m"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_has_a_manifest_that_anchors_it(made: Made, desk: Desk) -> None:
    written = json.loads((made.path.parent / f"{made.path.name}.json").read_text())
    assert written["made_at"] == "2025-11-26T09:40:00Z"
    assert written["expires_at"] == "2026-11-01T00:00:00Z"
    assert written["event"] == desk.read.last_event()
    assert written["counts"]["ticket"] == 2
    assert written["bytes"] == made.path.stat().st_size
    assert manifests.of(made.path) == made.manifest
    assert (made.path.stat().st_mode & 0o777, made.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)  # fmt: skip


def test_what_is_no_manifest_is_passed_over(made: Made, tmp_path: Path) -> None:
    folder = made.path.parent
    (folder / "sdesk-2025-11-27T094000Z.db.json").write_text("[")
    (folder / "sdesk-2025-11-28T094000Z.db.json").write_text('{"format": "sdesk-backup"}')
    (folder / "notes.json").write_text("{}")
    (folder / "sdesk-2025-11-29T094000Z.db.json").symlink_to(folder / f"{made.path.name}.json")
    assert [one.file for one in manifests.in_folder(folder)] == [made.path.name]
    assert manifests.in_folder(tmp_path / "none") == []


def test_old_ones_go_and_what_is_not_ours_stays(lively: Path, tmp_path: Path) -> None:
    folder, keep = tmp_path / "b", Keep.parse("2d")
    first = backup(lively, str(folder), NOW - 3 * DAY, keep=keep)
    stranger = folder / "sdesk-2024-01-01T000000Z.db"
    stranger.write_bytes(b"mine")
    second = backup(lively, str(folder), NOW, keep=keep)
    assert second.removed == (first.path.name,)
    assert names(folder) == sorted([stranger.name, second.path.name, f"{second.path.name}.json"])


def test_one_of_another_store_or_another_size_is_not_removed(made: Made) -> None:
    later = NOW + 900 * DAY
    assert prune(made.path.parent, "another", Keep.parse("1d"), later) == ()
    older = made.path.with_name("sdesk-2020-01-01T000000Z.db")
    shutil.copy(made.path, older)
    shutil.copy(f"{made.path}.json", f"{older}.json")
    text = Path(f"{older}.json").read_text().replace(made.path.name, older.name).replace("2025-11-26", "2020-01-01")  # fmt: skip
    Path(f"{older}.json").write_text(text)
    with older.open("ab") as stream:
        stream.write(b"more")
    assert prune(made.path.parent, made.manifest.store, Keep.parse("1d"), later) == ()


def test_a_command_gets_the_verified_copy(lively: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    code = f"import sys,os; open({str(there)!r},'wb').write(sys.stdin.buffer.read()); assert 'SECRET' not in os.environ; print(sys.argv[1])"  # fmt: skip
    done = backup(lively, str(tmp_path / "b"), NOW, command=(sys.executable, "-c", code, "{name}"))
    assert names(tmp_path / "b") == [f"{done.path.name}.json"]
    assert copies.look_through(there).counts["ticket"] == 2
    assert manifests.in_folder(tmp_path / "b")[0].sent.startswith("python")


def test_a_command_that_fails_leaves_nothing_and_its_last_word_is_told(
    lively: Path, tmp_path: Path
) -> None:
    code = "import sys; sys.exit('no room \\x1b[31mthere')"
    with pytest.raises(StoreFault, match=r"exit status 1\): no room .*there") as caught:
        backup(lively, str(tmp_path / "b"), NOW, command=(sys.executable, "-c", code))
    assert "\x1b" not in str(caught.value)
    with pytest.raises(StoreFault, match="can't be run"):
        backup(lively, str(tmp_path / "b"), NOW, command=("/nowhere/to/be/found",))
    assert names(tmp_path / "b") == []


def test_what_a_killed_run_left_gives_way(lively: Path, tmp_path: Path) -> None:
    stamp = f"{datetime.fromtimestamp(NOW, UTC):%Y-%m-%dT%H%M%SZ}"
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / f".sdesk-{stamp}.db.part").write_bytes(b"half")
    made = backup(lively, str(tmp_path / "b"), NOW)
    assert names(tmp_path / "b") == [made.path.name, f"{made.path.name}.json"]


def test_a_backup_is_restored_like_an_archive(made: Made, lively: Path, tmp_path: Path) -> None:
    target = tmp_path / "restored.db"
    restoring.restore(str(made.path), target)
    dump(lively, str(tmp_path / "a"))
    dump(target, str(tmp_path / "r"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "r").read_bytes()
    assert oct(target.stat().st_mode)[-3:] == "660"
    with Desk.open(target, actor="ana") as restored:
        restored.apply(TicketId(1), ops.AddNote("and on it goes"))
    with pytest.raises(Refused, match="desk with work"):
        restoring.restore(str(made.path), lively)
    assert not [path for path in tmp_path.iterdir() if "restoring" in path.name]


def _flip(path: Path, table: str) -> None:
    """Another byte in the middle of the first page of a table."""
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        ((page,),) = connection.execute(sql, (table,)).fetchall()
        ((size,),) = connection.execute("PRAGMA page_size").fetchall()
    data = bytearray(path.read_bytes())
    for offset in range(page * size - 40, page * size - 24):
        data[offset] ^= 0x5A
    path.write_bytes(data)


@pytest.mark.parametrize("table", ["event", "blob", "ticket"])
def test_a_damaged_backup_is_neither_verified_nor_restored(
    table: str, made: Made, tmp_path: Path
) -> None:
    _flip(made.path, table)
    for act in (restoring.verify, lambda file: restoring.restore(file, tmp_path / "r.db")):
        with pytest.raises(StoreFault, match="not as it was made"):
            act(str(made.path))
    assert not (tmp_path / "r.db").exists()


def test_another_history_than_the_manifest_says_is_not_restored(made: Made, tmp_path: Path) -> None:
    slip = Path(f"{made.path}.json")
    slip.write_text(slip.read_text().replace('"ticket": 2', '"ticket": 3'))
    with pytest.raises(StoreFault, match="'ticket' has 2 rows, its manifest says 3"):
        restoring.restore(str(made.path), tmp_path / "r.db")
    slip.unlink()
    assert restoring.verify(str(made.path)).manifest is None


@pytest.mark.parametrize("form", ["backup", "archive"])
def test_a_rehearsal_leaves_nothing_but_its_date(
    form: str, made: Made, lively: Path, tmp_path: Path, desk: Desk
) -> None:
    from sdesk.store import upkeep

    file = made.path if form == "backup" else tmp_path / "a.jsonl.gz"
    if form == "archive":
        dump(lively, str(file))
    before = names(lively.parent)
    done = restoring.check(str(file), lively, NOW + 60)
    assert restoring.remember(lively, done, NOW + 60)
    assert names(lively.parent) == before
    kept = upkeep.known(desk.read.reader, upkeep.VERIFIED)
    assert kept is not None
    assert kept.at == NOW + 60
    slip = manifests.of(made.path)
    assert slip is not None
    assert slip.rehearsed_at == (NOW + 60 if form == "backup" else 0)


def test_a_rehearsal_of_another_store_says_nothing_of_this_one(
    made: Made, lively: Path, tmp_path: Path
) -> None:
    from tests.conftest import setup_operations

    other = tmp_path / "other.db"
    Desk.create(other, setup=setup_operations(), actor="ana").close()
    assert not restoring.remember(other, restoring.check(str(made.path), other, NOW), NOW)

"""The whole desk as an archive and back; copies made while others write."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid, Refused, StoreFault
from sdesk.model import TicketId
from sdesk.store.archive import PASSING, SINCE, TABLES
from sdesk.transfer.archive import dump, restore
from sdesk.transfer.backup import backup
from tests.transfer.conftest import Bring
from tests.transfer.test_eventlog import HEADER, STORY

Make = Callable[..., TicketId]


@pytest.fixture
def lively(desk: Desk, make_ticket: Make, bring: Bring) -> Desk:
    """A desk with a bit of everything in it."""
    first = make_ticket("Printer jams = café 打印机", tags=("hw",), fields={"room": "3F"})
    desk.apply(first, ops.Reply("Is there paper in it?\n\u2028…"))
    second = make_ticket("Child")
    desk.apply(first, ops.Edit("parent", second))
    desk.apply(second, ops.AddLink("relates", first))
    desk.apply(None, ops.SaveMacro("m", "text", ("take !",), (("site", "Which site?"),)))
    desk.save_draft(first, "reply", "half a sen")
    desk.mark_seen(second)
    bring(HEADER + STORY, "servicenow-eventlog")
    return desk


def test_dump_restore_dump_is_the_same_byte_for_byte(lively: Desk, tmp_path: Path) -> None:
    one, two, store = tmp_path / "one", tmp_path / "two", tmp_path / "new" / "desk.db"
    dump(lively.place, str(one))
    restore(str(one), store)
    dump(store, str(two))
    assert one.read_bytes() == two.read_bytes()
    with Desk.open(store, actor="ana") as again:
        assert again.read.count("jams") == 1
        assert again.read.draft(TicketId(1), "reply") is not None
        assert again.read.history(TicketId(1)) == lively.read.history(TicketId(1))
        assert again.read.ticket(TicketId(1)) == lively.read.ticket(TicketId(1))
        again.apply(TicketId(1), ops.AddNote("it works on"))
    assert oct(store.stat().st_mode)[-3:] == "660"


def test_packed_archives_are_the_same_too_and_come_back(lively: Desk, tmp_path: Path) -> None:
    one, two = tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl.gz"
    dump(lively.place, str(one))
    dump(lively.place, str(two))
    assert one.read_bytes() == two.read_bytes()
    restore(str(one), tmp_path / "r.db")
    assert oct(one.stat().st_mode)[-3:] == "600"


def test_an_archive_holds_every_table(lively: Desk, tmp_path: Path) -> None:
    from sqlmodel import SQLModel

    dump(lively.place, str(tmp_path / "a"))
    named = [
        json.loads(line)["table"]
        for line in (tmp_path / "a").read_text().splitlines()
        if line.startswith('{"table"')
    ]
    assert named == list(TABLES)
    assert set(SQLModel.metadata.tables) == set(TABLES) | PASSING


def test_an_archive_of_an_older_schema_is_restored_and_upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sdesk.store import archive, place
    from sdesk.store.engine import SqliteWriter
    from sdesk.store.migrations import upgrade

    old = place.make(tmp_path / "old.db")
    writer = SqliteWriter(old)
    with monkeypatch.context() as then:
        then.setattr(place, "SCHEMA", 1)
        then.setattr(archive, "TABLES", {n: k for n, k in TABLES.items() if n not in SINCE})
        upgrade(writer, to="0001")
        with writer.write() as session:
            session.connection().exec_driver_sql(
                "INSERT INTO ticket (id, subject, resolved_at) VALUES (7, 'VPN', 5)"
            )
        dump(old, str(tmp_path / "a"))
    writer.close()
    restore(str(tmp_path / "a"), tmp_path / "new.db")
    with Desk.open(tmp_path / "new.db", actor="ana") as desk:
        assert desk.read.ticket(7).subject == "VPN"


def test_the_bytes_of_attachments_come_back(lively: Desk, tmp_path: Path) -> None:
    from sdesk.store.reader import connect

    with lively.door().writer.write() as session:
        name = hashlib.sha256(b"\x00\xff\x1b").hexdigest()
        session.connection().exec_driver_sql(f"INSERT INTO blob VALUES ('{name}', x'00ff1b')")
    dump(lively.place, str(tmp_path / "a"))
    restore(str(tmp_path / "a"), tmp_path / "r.db")
    body = connect(tmp_path / "r.db", query_only=True).execute("SELECT body FROM blob").fetchone()
    assert body == (b"\x00\xff\x1b",)


def test_an_empty_desk_gives_way_and_one_with_work_does_not(
    lively: Desk, store: Path, tmp_path: Path
) -> None:
    from tests.conftest import setup_operations

    archive, empty = tmp_path / "a", tmp_path / "empty.db"
    dump(lively.place, str(archive))
    setup = [op for op in setup_operations() if not isinstance(op, ops.SavePerson)]
    Desk.create(empty, setup=setup, actor="ana").close()
    restore(str(archive), empty)
    before = store.read_bytes()
    with pytest.raises(Refused, match="desk with work in it"):
        restore(str(archive), store)
    assert store.read_bytes() == before


def damaged(lines: list[bytes]) -> dict[str, list[bytes]]:
    header = json.loads(lines[0])
    rows = lines[1:-1]
    sealed: Callable[[list[bytes]], list[bytes]] = lambda body: [  # noqa: E731 - a table of cases reads better so
        *body,
        json.dumps(
            {"lines": len(body), "sha256": hashlib.sha256(b"".join(body)).hexdigest()}
        ).encode()
        + b"\n",
    ]
    return {
        "cut short": lines[:-3],
        "a changed letter": [line.replace(b"jams", b"yams") for line in lines],
        "a missing row": [*lines[:40], *lines[41:]],
        "another format": [b'{"format": "other"}\n', *lines[1:]],
        "a newer version": sealed([json.dumps(header | {"version": 2}).encode() + b"\n", *rows]),
        "a newer schema": sealed([json.dumps(header | {"schema": 99}).encode() + b"\n", *rows]),
        "a foreign table": sealed(
            [lines[0], b'{"table": "sqlite_master", "columns": ["x"]}\n', b"[1]\n"]
        ),
        "a foreign column": sealed(
            [lines[0], b'{"table": "setting", "columns": ["name", "x) --"]}\n', b"[1, 2]\n"]
        ),
        "a forged history": sealed(
            [lines[0], *[re.sub(rb'"opened"', b'"openex"', line) for line in rows]]
        ),
        "rows that refer to nothing": sealed(
            [lines[0], *[line for line in rows if not line.startswith(b'[1,"Mikko')]]
        ),
        "no table at all": sealed([lines[0], b"[1]\n"]),
        "nothing": [],
    }


@pytest.mark.parametrize("what", list(damaged([b"{}\n"] * 3)))
def test_a_damaged_archive_restores_nothing(what: str, lively: Desk, tmp_path: Path) -> None:
    archive, store = tmp_path / "a", tmp_path / "r" / "desk.db"
    dump(lively.place, str(archive))
    archive.write_bytes(b"".join(damaged(archive.read_bytes().splitlines(keepends=True))[what]))
    with pytest.raises((Invalid, StoreFault)):
        restore(str(archive), store)
    assert not store.exists()
    assert not store.parent.exists() or not any(store.parent.iterdir())


def test_an_archive_made_while_others_write_is_of_one_moment(lively: Desk, tmp_path: Path) -> None:
    with _writers(lively) as done:
        for number in range(3):
            dump(lively.place, str(tmp_path / f"a{number}"))
            restore(str(tmp_path / f"a{number}"), tmp_path / f"r{number}.db")
    assert done


def test_a_backup_made_while_others_write_is_whole(
    lively: Desk, store: Path, tmp_path: Path
) -> None:
    with _writers(lively) as done:
        copies = [backup(store, str(tmp_path / "b"), 1_764_150_000)[0] for _ in range(3)]
    assert done
    assert [path.name for path in copies] == [
        "sdesk-2025-11-26T094000Z.db",
        "sdesk-2025-11-26T094000Z-2.db",
        "sdesk-2025-11-26T094000Z-3.db",
    ]
    for path in copies:
        assert oct(path.stat().st_mode)[-3:] == "600"
        with Desk.open(path, actor="ana") as copied:
            assert copied.read.count("jams") == 1


@pytest.mark.usefixtures("lively")
def test_a_damaged_store_makes_no_backup_and_the_earlier_one_stays(store: Path) -> None:
    first = backup(store, "", 1_764_150_000).path
    connection = sqlite3.connect(store)
    connection.execute("DROP TRIGGER event_is_not_changed")
    connection.execute("UPDATE event SET actor = 'nobody' WHERE id = 5")
    connection.commit()
    connection.close()
    with pytest.raises(StoreFault, match="changed from outside: event 5"):
        backup(store, "", 1_764_160_000)
    assert sorted(path.name for path in first.parent.iterdir()) == [
        first.name,
        f"{first.name}.json",
    ]


@pytest.mark.usefixtures("lively")
def test_a_full_disk_leaves_the_earlier_backup(store: Path, tmp_path: Path) -> None:
    first, size, *_ = backup(store, str(tmp_path / "b"), 1_764_150_000)
    code = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size // 2}, {size // 2}))
from sdesk.errors import StoreFault
from sdesk.transfer.backup import backup
try:
    backup({str(store)!r}, {str(tmp_path / "b")!r}, 1764160000)
except StoreFault as error:
    print("told:", error)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("told:")
    assert sorted(path.name for path in first.parent.iterdir()) == [
        first.name,
        f"{first.name}.json",
    ]


class _writers:
    """Two agents who write without pause while the block runs."""

    def __init__(self, desk: Desk) -> None:
        self._place, self._stop, self._done = desk.place, threading.Event(), []

    def __enter__(self) -> list[int]:
        self._threads = [
            threading.Thread(target=self._write, args=(name,)) for name in ("ben", "mia")
        ]
        for thread in self._threads:
            thread.start()
        return self._done

    def _write(self, actor: str) -> None:
        with Desk.open(self._place, actor=actor) as desk:
            while not self._stop.is_set():
                desk.apply(TicketId(1), ops.AddNote(f"{actor} was here"))
                self._done.append(1)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

"""A desk moves between the engines and back: its archive is the same, byte for byte."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid, Refused, SdeskError, StoreFault
from sdesk.model import TicketId
from sdesk.store.archive import SINCE, TABLES
from sdesk.transfer.archive import dump, restore
from tests.conftest import Clock, fresh_store, setup_operations
from tests.databases import database

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def lively(store_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in a file with a bit of everything in it; nobody changes it."""
    path = fresh_store(store_template, tmp_path_factory.mktemp("lively") / "desk")
    with Desk.open(path, actor="ana", clock=Clock()) as desk:
        first = _opened(desk, "Printer jams = café 打印机", tags=("hw", "Ä", "a", "B"))
        second, third = _opened(desk, "Child"), _opened(desk, "Größe")
        desk.apply(first, ops.Attach("a.bin", b"\x00\xff\x1b"), ops.Reply("Paper?\n…"))
        # Its parent has a higher number than its own.
        desk.apply(first, ops.Edit("parent", third))
        desk.apply(second, ops.Merge(third))
        desk.apply(None, ops.SaveMacro("ä", "text", ("take !",)))
        desk.apply(None, ops.SaveMacro("Z", "text", ("take !",)))
        desk.save_draft(first, "reply", "half a sen")
        desk.mark_seen(second)
    return path


def _opened(desk: Desk, subject: str, **values: object) -> TicketId:
    ticket = desk.apply(None, ops.Open(subject, "What happened", requester=1, **values)).ticket  # type: ignore[arg-type]
    assert ticket is not None
    return ticket


@pytest.fixture
def archive(lively: Path, tmp_path: Path) -> Path:
    dump(lively, str(tmp_path / "archive"))
    return tmp_path / "archive"


def dumped(place: Path | str, to: Path) -> bytes:
    dump(place, str(to))
    return to.read_bytes()


def test_a_desk_moves_from_any_engine_to_any_other(
    archive: Path, postgres_server: str, tmp_path: Path
) -> None:
    expected = archive.read_bytes()
    with database(postgres_server) as one, database(postgres_server) as other:
        restore(str(archive), one)
        assert dumped(one, tmp_path / "server.gz") != b""
        restore(str(tmp_path / "server.gz"), other)
        assert dumped(other, tmp_path / "other") == expected
        restore(str(tmp_path / "other"), tmp_path / "back.db")
        assert dumped(tmp_path / "back.db", tmp_path / "back") == expected
        with (
            Desk.open(one, actor="ana", clock=Clock()) as server,
            Desk.open(tmp_path / "back.db", actor="ana", clock=Clock()) as file,
        ):
            assert list(server.read.ids("jams")) == list(file.read.ids("jams")) == [1]
            # Work goes on with the same numbers.
            numbers = [_opened(desk, "next") for desk in (server, file)]
            assert numbers[0] == numbers[1]


def test_a_desk_goes_through_a_pipe(lively: Path, postgres_server: str, tmp_path: Path) -> None:
    def piped(source: str, target: str) -> None:
        sdesk = [sys.executable, "-m", "sdesk"]
        writing = subprocess.Popen([*sdesk, "--store", source, "dump", "-"], stdout=subprocess.PIPE)
        reading = subprocess.run(
            [*sdesk, "--store", target, "restore", "-"],
            stdin=writing.stdout, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (writing.wait(), reading.returncode) == (0, 0), reading.stderr

    with database(postgres_server) as url:
        piped(str(lively), url)
        piped(url, str(tmp_path / "back.db"))
    assert dumped(tmp_path / "back.db", tmp_path / "b") == dumped(lively, tmp_path / "a")


def test_an_untouched_desk_gives_way_and_one_with_work_does_not(
    archive: Path, postgres_server: str, tmp_path: Path
) -> None:
    setup = [op for op in setup_operations() if not isinstance(op, ops.SavePerson)]
    with database(postgres_server) as url:
        Desk.create(url, setup=setup, actor="ana").close()
        restore(str(archive), url)
        before = dumped(url, tmp_path / "before")
        with pytest.raises(Refused, match="desk with work in it"):
            restore(str(archive), url)
        assert dumped(url, tmp_path / "after") == before == archive.read_bytes()


def test_a_database_of_another_program_is_left_alone(archive: Path, postgres_server: str) -> None:
    import psycopg

    with database(postgres_server) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE ticket (seat text)")
        with pytest.raises(StoreFault, match="belongs to another program"):
            restore(str(archive), url)
        with pytest.raises(StoreFault, match="belongs to another program"):
            dump(url, "-")


def _sealed(lines: list[bytes]) -> bytes:
    seal = {"lines": len(lines), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    return b"".join([*lines, json.dumps(seal).encode() + b"\n"])


def _without(table: bytes) -> Callable[[list[bytes]], list[bytes]]:
    def change(lines: list[bytes]) -> list[bytes]:
        start = next(n for n, line in enumerate(lines) if line.startswith(b'{"table":"' + table))
        end = next(n for n in range(start + 1, len(lines)) if lines[n].startswith(b"{"))
        return [*lines[: start + 1], *lines[end:]]

    return change


def _with(old: bytes, new: bytes) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [line.replace(old, new) for line in lines]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_with(b"half a sen", b"half\\u0000a"), r"NUL stands in draft \(id 1\)"),
        (_with(b"half a sen", b"half\\ud800a"), r"Half a character stands in draft \(id 1\)"),
        (_without(b"person"), "contradicts itself"),
        (_with(b'[1,"ana",1,"reply"', b'["one","ana",1,"reply"'), "row that doesn't fit"),
        (_with(b"AP8b", b"AP8c"), "is not what it was"),
        (_with(b'"opened"', b'"closed"'), "history was changed"),
    ],
)  # fmt: skip
def test_rows_that_the_server_can_t_hold_restore_nothing(
    archive: Path, postgres_server: str, tmp_path: Path,
    change: Callable[[list[bytes]], list[bytes]], said: str,
) -> None:  # fmt: skip
    (tmp_path / "odd").write_bytes(_sealed(change(archive.read_bytes().splitlines(True)[:-1])))
    with database(postgres_server) as url:
        with pytest.raises((Invalid, StoreFault), match=said):
            restore(str(tmp_path / "odd"), url)
        import psycopg

        with psycopg.connect(url) as connection:
            left = connection.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone()  # fmt: skip
        assert left == (0,)


def test_half_a_character_is_refused_by_a_file_too(archive: Path, tmp_path: Path) -> None:
    lines = archive.read_bytes().replace(b"half a sen", b"half\\udcffa").splitlines(True)[:-1]
    (tmp_path / "odd").write_bytes(_sealed(lines))
    with pytest.raises(Invalid, match=r"Half a character stands in draft \(id 1\)"):
        restore(str(tmp_path / "odd"), tmp_path / "new.db")


def test_an_archive_of_an_older_schema_is_upgraded_on_the_way(
    tmp_path: Path, postgres_server: str, monkeypatch: pytest.MonkeyPatch
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
            run = session.connection().exec_driver_sql
            run("INSERT INTO agent (login, role) VALUES ('ana', 'admin')")
            run("INSERT INTO ticket (id, subject, resolved_at) VALUES (7, 'VPN', 5)")
        dump(old, str(tmp_path / "a"))
    writer.close()
    with database(postgres_server) as url:
        restore(str(tmp_path / "a"), url)
        with Desk.open(url, actor="ana") as desk:
            assert [ticket.id for ticket in desk.read.page("vpn")] == [7]


@pytest.fixture
def moved(archive: Path, postgres_server: str) -> Iterator[str]:
    with database(postgres_server) as url:
        restore(str(archive), url)
        yield url


def test_a_role_that_may_not_see_all_of_it_dumps_nothing(moved: str, tmp_path: Path) -> None:
    import psycopg
    from psycopg import sql

    role = sql.Identifier("sdesk_sees_a_part")
    with psycopg.connect(moved, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        try:
            url = moved.replace("postgres:@", "sdesk_sees_a_part:@")
            assert url != moved
            with pytest.raises(StoreFault, match="no part in the desk"):
                dump(url, str(tmp_path / "part"))
            owner.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(role))
            # Every table may be read now, some rows of it may not.
            owner.execute("ALTER TABLE ticket ENABLE ROW LEVEL SECURITY")
            with pytest.raises(Refused, match="may not see"):
                dump(url, str(tmp_path / "part"))
            assert list(tmp_path.glob("*part*")) == []
        finally:
            owner.execute(sql.SQL("DROP OWNED BY {}").format(role))
            owner.execute(sql.SQL("DROP ROLE {}").format(role))


def test_an_archive_made_while_others_write_is_of_one_moment(moved: str, tmp_path: Path) -> None:
    """Whatever it holds is whole: each ticket with its events, the chain without a gap."""
    go_on, trouble = threading.Event(), []

    def write() -> None:
        try:
            with Desk.open(moved, actor="ben") as ben:
                while not go_on.is_set():
                    ben.apply(TicketId(1), ops.AddNote("one more"), ops.AddTags(("x",)))
                    ben.apply(None, ops.Open("another"))
        except SdeskError as error:
            trouble.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(4):
            dump(moved, str(tmp_path / f"{turn}"))
    finally:
        go_on.set()
        writer.join()
    assert trouble == []
    restore(str(tmp_path / "3"), tmp_path / "new.db")
    with Desk.open(tmp_path / "new.db", actor="ana") as desk:
        newest = desk.read.reader.one("SELECT max(last_event) FROM ticket")
        assert newest is not None
        assert newest[0] == desk.read.last_event()

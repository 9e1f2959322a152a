"""The doctor finds what is wrong, and says the mend."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from pathlib import Path

import pytest

from sdesk.cli.doctor import files, host, settings, terminal
from sdesk.cli.doctor.finding import Finding, Verdict
from tests.cli.conftest import Said, Sdesk
from tests.each import each


def findings(said: Said) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in json.loads(said.out):
        found.setdefault(row["check"], []).append(row)
    return found


def wrong(said: Said) -> list[dict[str, str]]:
    return [row for row in json.loads(said.out) if row["verdict"] == "wrong"]


@pytest.mark.usefixtures("store")
def test_a_sound_desk_has_nothing_wrong(sdesk: Sdesk):
    said = sdesk("doctor", "--format", "json")
    assert wrong(said) == []
    assert said.status == 0
    assert "the chain is whole" in findings(said)["events"][0]["said"]


def test_people_get_lines_with_the_mend_below(sdesk: Sdesk, store: Path):
    store.chmod(0o666)
    said = sdesk("doctor")
    assert said.status == 1
    assert "→ chmod 660" in said.out
    assert "wrong" in said.err


@each(
    ("version", "verdict", "words"),
    [
        ((3, 40, 1), Verdict.NOTE, "write lock is active"),
        ((3, 44, 6), Verdict.OK, ""),
        ((3, 50, 6), Verdict.NOTE, "WAL-reset"),
        ((3, 50, 7), Verdict.OK, ""),
        ((3, 51, 2), Verdict.NOTE, "WAL-reset"),
        ((3, 51, 3), Verdict.OK, ""),
        ((3, 30, 0), Verdict.WRONG, "too old"),
    ],
)
def test_the_wal_reset_fault_is_known_by_its_versions(version, verdict, words):
    found = host.sqlite(version)
    assert found.verdict is verdict
    assert words in found.said


def test_an_old_patch_level_of_python_is_a_note():
    assert host.python((3, 11, 7)).verdict is Verdict.NOTE
    assert host.python((3, 11, 15)).verdict is Verdict.OK


def test_a_clock_before_the_programs_time_is_wrong():
    assert host.clock(0).verdict is Verdict.WRONG


@pytest.mark.parametrize("content", [b"", b"hello, I am no database at all", None])
def test_a_file_that_is_no_store_is_wrong_and_stays_as_it_is(sdesk, home, monkeypatch, content):
    path = home / "odd.db"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SDESK_STORE", str(path))
    said = sdesk("doctor", "--format", "json")
    assert said.status == 1
    assert wrong(said)[0]["mend"]
    assert path.read_bytes() == content if content is not None else not path.exists()


def test_a_foreign_database_is_refused_and_stays_as_it_is(sdesk, home, monkeypatch):
    path = home / "foreign.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE x (y)")
    connection.close()
    before = path.read_bytes()
    monkeypatch.setenv("SDESK_STORE", str(path))
    said = sdesk("doctor", "--format", "json")
    assert any("another program" in row["said"] for row in wrong(said))
    assert path.read_bytes() == before


def test_a_newer_schema_is_wrong(sdesk, store):
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert any("newer sdesk" in row["said"] for row in wrong(sdesk("doctor", "--format", "json")))


def test_a_history_changed_from_outside_is_found(sdesk, store):
    sdesk("new", "VPN drops")
    with sqlite3.connect(store) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'event'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE event SET actor = 'mallory' WHERE kind = 'opened'")
    connection.close()
    said = sdesk("doctor", "--format", "json")
    assert any("changed from outside" in row["said"] for row in wrong(said))
    assert "events" not in findings(sdesk("doctor", "--quick", "--format", "json"))


def test_a_damaged_page_is_found(sdesk, store):
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'state'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with store.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(os.urandom(64))
    assert sdesk("doctor", "--format", "json").status == 1


@pytest.mark.parametrize(("mode", "verdict"), [(0o660, None), (0o666, "wrong")])
def test_the_mode_of_the_file_is_looked_at(sdesk, store, mode, verdict):
    store.chmod(mode)
    rows = findings(sdesk("doctor", "--format", "json")).get("mode", [])
    assert (rows[0]["verdict"] if rows else None) == verdict


def test_a_file_that_the_group_cannot_write_is_told(store):
    store.chmod(0o640)
    (found, *_) = list(files.modes(store))
    assert "0640" in found.said
    assert found.mend == f"chmod 660 {store}"


def test_a_folder_open_to_everybody_is_wrong(store):
    store.parent.chmod(0o2777)
    assert files.folder(store.parent).verdict is Verdict.WRONG
    store.parent.chmod(0o750)
    assert files.folder(store.parent).verdict is Verdict.NOTE


def test_who_holds_the_write_lock_is_told(store):
    file = store.with_name(store.name + ".lock")
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert f"Process {os.getpid()}" in files.lock(file).said
    assert files.lock(file).said == "Nobody is writing"


def test_a_full_disk_is_wrong(store):
    assert files.free(1000, store).verdict is Verdict.WRONG
    assert files.free(10**12, store).verdict is Verdict.OK


def test_settings_that_others_can_write_are_wrong(home):
    file = home / "config.toml"
    file.write_text("mouse = true\n")
    file.chmod(0o666)
    assert [f.verdict for f in settings.mode(file)] == [Verdict.WRONG]
    file.chmod(0o600)
    assert list(settings.mode(file)) == []


@pytest.mark.usefixtures("store")
def test_settings_that_cannot_be_understood_are_wrong(sdesk, home):
    (home / "config.toml").write_text("colour = 'red'\n")
    assert any("line 1" in row["said"] for row in wrong(sdesk("doctor", "--format", "json")))
    (home / "config.toml").write_text("[keys]\n'ticket.tak' = 'x'\n")
    assert any("ticket.take" in row["mend"] for row in wrong(sdesk("doctor", "--format", "json")))


@each(
    ("found", "verdict"),
    [
        (terminal.kind({"TERM": "dumb"}), Verdict.WRONG),
        (terminal.kind({"TERM": "xterm-256color"}), Verdict.OK),
        (terminal.encoding("ISO-8859-1"), Verdict.NOTE),
        (terminal.encoding("utf-8"), Verdict.OK),
        (terminal.room(70, 24), Verdict.NOTE),
        (terminal.escape_time("500"), Verdict.NOTE),
        (terminal.escape_time("10"), Verdict.OK),
        (terminal.clipboard("off"), Verdict.NOTE),
    ],
)
def test_the_terminal_is_judged(found: Finding, verdict):
    assert found.verdict is verdict
    assert found.mend or verdict is Verdict.OK

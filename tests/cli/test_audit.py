"""`audit`, `backup`, `restore --check` and what `doctor` says of them, as they are typed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sdesk.desk import Desk
from tests.cli.conftest import Sdesk


def head(store: Path) -> tuple[int, str]:
    with Desk.open(store) as desk:
        row = desk.read.reader.one("SELECT id, hash FROM event ORDER BY id DESC LIMIT 1")
    assert row is not None
    return row[0], row[1]


def tampered(store: Path, sql: str) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("DROP TRIGGER IF EXISTS event_is_not_changed")
        connection.execute(sql)
        connection.commit()


def test_a_whole_history_says_that_without_an_anchor_it_proves_little(sdesk: Sdesk, store: Path) -> None:  # fmt: skip
    said = sdesk("audit", "verify")
    assert said.status == 0
    assert "the chain is whole." in said.lines[0]
    assert said.lines[1].startswith("No anchor that lies elsewhere agrees")


def test_manifests_are_anchors_by_themselves(sdesk: Sdesk, store: Path) -> None:
    sdesk("backup")
    sdesk("queues", "add", "printers")
    said = sdesk("audit", "verify")
    assert said.status == 0
    assert "Held against 1 anchor; the newest is event" in said.lines[1]
    assert "the 2 events since could have been." in said.lines[1]


def test_anchors_are_given_as_they_stand_in_a_log(sdesk: Sdesk, store: Path, tmp_path: Path) -> None:  # fmt: skip
    number, found = head(store)
    with Desk.open(store) as desk:
        first = desk.read.reader.one("SELECT hash FROM event WHERE id = 1")
    assert first is not None
    line = f"Nov 22 10:00:00 host sdesk: sdesk-anchor store={first[0][:16]} event={number} hash={found} at=1764150000\n"
    assert "Held against 1 anchor" in sdesk("audit", "verify", "--against", "-", stdin=line).lines[1]  # fmt: skip
    log = tmp_path / "auth.log"
    log.write_text("something else\n" + line)
    both = sdesk("audit", "verify", "--against", str(log), "--against", f"{number}:{found[:16]}")
    assert "Held against 2 anchors" in both.lines[1]
    other = sdesk("audit", "verify", "--against", "-", stdin="nothing\n")
    assert (other.status, "holds no anchor of this store" in other.err) == (2, True)


def test_a_fault_is_named_and_the_exit_status_is_one(sdesk: Sdesk, store: Path) -> None:
    number, found = head(store)
    tampered(store, "UPDATE event SET actor = 'bob' WHERE id = 5")
    said = sdesk("audit", "verify", "--against", f"{number}:{found}")
    assert said.status == 1
    assert said.lines[0] == "changed column: event 5 was changed: it does not fit the one before it"
    wrong = "0" * 64
    assert "rewritten: event 7" in sdesk("audit", "verify", "--against", f"7:{wrong}").out
    assert "The history was changed from outside: event 5" in sdesk("doctor").out


def test_what_concerns_no_ticket_is_shown(sdesk: Sdesk, store: Path) -> None:
    sdesk("queues", "add", "printers")
    sdesk("export")
    rows = [json.loads(line) for line in sdesk("audit", "show", "--setup", "--format", "jsonl").lines]  # fmt: skip
    assert [row["kind"] for row in rows[-2:]] == ["queue_saved", "exported"]
    assert "took out: tickets, 0 tickets" in rows[-1]["said"]
    only = sdesk("audit", "show", "--kind", "exported", "--limit", "1", "--format", "tsv").lines
    assert len(only) == 1


def test_two_dumps_of_the_same_state_are_the_same(sdesk: Sdesk, store: Path, tmp_path: Path) -> None:  # fmt: skip
    sdesk("queues", "add", "printers")
    for name in "ab":
        assert sdesk("dump", str(tmp_path / name)).status == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sdesk("audit", "show", "--kind", "exported", "--format", "tsv").out.count("whole desk") == 1  # fmt: skip


def test_backups_are_listed_verified_and_rehearsed(sdesk: Sdesk, store: Path, tmp_path: Path) -> None:  # fmt: skip
    to = str(tmp_path / "b")
    made = Path(sdesk("backup", "--to", to, "--keep", "7d").lines[0])
    assert "whole" in sdesk("backup", "--verify", str(made)).out
    assert "thrown away" in sdesk("restore", "--check", str(made)).out
    row = json.loads(sdesk("backup", "--list", "--to", to, "--format", "jsonl").lines[0])
    assert (row["file"], row["where"]) == (made.name, "here")
    assert row["restored"]
    assert row["expires"]
    out = sdesk("doctor").out
    assert "A backup was last restored" in out
    assert "all on the disk that holds the store" in out
    assert sdesk("backup", "--keep", "7x").status == 2
    failed = sdesk("backup", "--to-command", "false")
    assert (failed.status, failed.err.count("\n")) == (1, 2)


def test_a_copy_made_by_hand_is_told_until_it_is_accepted(sdesk: Sdesk, store: Path, tmp_path: Path) -> None:  # fmt: skip
    sdesk("queues", "add", "printers")
    folder = tmp_path / "copied"
    folder.mkdir(mode=0o770)
    copy = folder / "desk.db"
    shutil.copy(store, copy)
    copy.chmod(0o660)
    for _ in range(2):
        assert "was copied by hand" in sdesk("--store", str(copy), "ls").err
    assert "sdesk doctor --accept-copy" in sdesk("--store", str(copy), "doctor").out
    assert sdesk("--store", str(copy), "doctor", "--accept-copy").status == 0
    assert sdesk("--store", str(copy), "ls").err == "No tickets.\n"
    assert "copy_accepted" in sdesk("--store", str(copy), "audit", "show", "--format", "tsv").out


@pytest.mark.parametrize("name", ["audit", "backup", "restore"])
def test_each_has_help(name: str, sdesk: Sdesk) -> None:
    assert "Example:" in sdesk(name, "--help").out

"""Chat, files, time, checklists and watching from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdesk.desk import Desk
from tests.cli.conftest import Sdesk


@pytest.fixture
def one(store: Path, sdesk: Sdesk) -> str:
    assert store.exists()
    return sdesk("new", "VPN drops").lines[0]


def test_files_are_attached_listed_printed_and_saved(
    one: str, sdesk: Sdesk, tmp_path: Path
) -> None:
    (tmp_path / "vpn.log").write_text("jam \x1b[31mred\n")
    (tmp_path / ".core").write_bytes(bytes(1_500))
    done = sdesk("attach", one, str(tmp_path / "vpn.log"), str(tmp_path / ".core"))
    assert done.status == 0, done.err
    assert "attached vpn.log (13 B)." in done.err
    listed = sdesk("attachments", one, "--format", "tsv").lines
    assert [line.split("\t")[1:4] for line in listed] == [
        ["vpn.log", "13 B", "text/plain"], ["core", "2 kB", "application/octet-stream"],
    ]  # fmt: skip
    assert sdesk("attachments", one, "--open", "1").out == "jam red\n"
    assert "is no text" in sdesk("attachments", one, "--open", "2").err
    folder = tmp_path / "out"
    assert sdesk("attachments", one, "--save", str(folder)).status == 3
    folder.mkdir()
    for names in (("vpn.log", "core"), ("vpn-1.log", "core-1")):
        saved = sdesk("attachments", one, "--save", str(folder))
        assert saved.lines == [str(folder / name) for name in names]
    assert (folder / "core-1").read_bytes() == bytes(1_500)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    one: str, sdesk: Sdesk, store: Path, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.iso"
    with huge.open("wb") as stream:
        stream.truncate(30_000_000_000)
    done = sdesk("attach", one, str(huge))
    assert (done.status, done.out) == (1, "")
    assert "huge.iso has 30000 MB; a file may have 25 MB." in done.err
    assert sdesk("attach", one, "/nowhere").status == 3
    with Desk.open(store) as desk:
        assert desk.read.attachments(1) == ()


def test_time_is_recorded_and_reported(one: str, sdesk: Sdesk) -> None:
    done = sdesk("time", one, "1h30m", "on the phone")
    assert done.status == 0, done.err
    assert "spent 1h 30m: on the phone" in done.err
    sdesk("time", one, "0:15")
    assert sdesk("time", "report", "--format", "csv").lines[1].endswith(",105,1h 45m,1,2")
    assert sdesk("time", "report", "--by", "queue", "--format", "tsv").lines == ["service-desk\t105\t1h 45m\t1\t2"]  # fmt: skip
    assert [line.split("\t")[3] for line in sdesk("time", one, "--format", "tsv").lines] == ["1h 30m", "15m"]  # fmt: skip
    assert "is no time spent" in sdesk("time", one, "soon").err
    assert sdesk("time", "report", "--from", "2026-13-01").status == 2


def test_a_checklist_is_kept_by_the_numbers_of_its_lines(one: str, sdesk: Sdesk) -> None:
    sdesk("check", one, "--add", "order a laptop", "--add", "badge")
    sdesk("check", one, "--done", "2", "--drop", "1")
    assert sdesk("check", one, "--format", "tsv").lines == ["1\tyes\tbadge"]
    assert "checklist    ☑ badge" in sdesk("show", one).out
    assert '"text": "badge"' in sdesk("show", one, "--format", "json").out
    assert "has no line 7" in sdesk("check", one, "--done", "7").err


def test_chat_and_watching(one: str, sdesk: Sdesk, store: Path) -> None:
    sdesk("agents", "add", "ben", "--name", "Ben Okafor")
    assert sdesk("chat", one, "@ben look").status == 0
    assert sdesk("ls", "mentions:ben", "--format", "tsv").lines
    assert sdesk("watch", one).status == 0
    assert sdesk("ls", "watcher:me", "--format", "tsv").lines
    assert sdesk("watch", one, "--off").status == 0
    with Desk.open(store, actor="ben") as ben:
        assert [notice.kind for notice in ben.read.notices()] == ["mention"]

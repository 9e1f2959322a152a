"""Names of files from outside choose nothing on this host; what is saved overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdesk.errors import Invalid, NotFound, Refused, Usage
from sdesk.files import (
    NAME_BYTES,
    as_text,
    check_limit,
    file_name,
    file_size,
    media_of,
    read_file,
    save_file,
)
from sdesk.rules.spent import parse_spent, run_seconds
from tests.each import each


@each(
    ("given", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\a.doc", "a.doc"),
        (".ssh", "ssh"),
        ("-rf", "rf"),
        ("--.- x", "x"),
        ("a\x1b]52;c;QQ==\x07b\n.txt", "ab.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a:b*c?.txt", "a_b_c_.txt"),
        ("..", "file"),
        ("", "file"),
        ("nul\x00.txt", "nul.txt"),
        ("dots...", "dots"),
    ],
)
def test_a_name_is_made_plain(given: str, kept: str) -> None:
    assert file_name(given) == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = file_name("ä" * 400 + ".tar")
    assert name.endswith(".tar")
    assert len(name.encode()) <= NAME_BYTES


def test_what_is_saved_follows_no_link_and_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("safe")
    (tmp_path / "a.txt").symlink_to(tmp_path / "victim")
    assert save_file(tmp_path, "../a.txt", b"new") == tmp_path / "a-1.txt"
    assert (tmp_path / "victim").read_text() == "safe"
    assert (tmp_path / "a-1.txt").stat().st_mode & 0o777 == 0o600
    with pytest.raises(NotFound):
        save_file(tmp_path / "nowhere", "a", b"x")


def test_a_file_is_read_within_the_limit_only(tmp_path: Path) -> None:
    place = tmp_path / "a.bin"
    place.write_bytes(b"x" * 11)
    assert read_file(place, 11).body == b"x" * 11
    with pytest.raises(Refused):
        read_file(place, 10)
    with pytest.raises(Usage):
        read_file(tmp_path)
    with pytest.raises(Invalid):
        check_limit("99999999999")


@each(
    ("body", "text"),
    [
        (b"plain", "plain"),
        ("\ufeffstraße".encode(), "straße"),
        ("tower".encode("utf-16"), "\ufefftower"),
        ("caf\xe9".encode("latin-1"), "café"),
        (b"\x7fELF\x00\x01", None),
        (b"\x89PNG\r\n\x1a\xff", None),
    ],
)
def test_text_is_told_from_bytes(body: bytes, text: str | None) -> None:
    found = as_text(body)
    assert (found or "").lstrip("\ufeff") == (text or "").lstrip("\ufeff")
    assert (found is None) == (text is None)


def test_sort_and_size_are_told() -> None:
    assert media_of("a.log", b"text") == "text/plain"
    assert media_of("a.pdf", b"%PDF") == "application/pdf"
    assert media_of("a.tar.gz", b"\x1f\x8b") == "application/octet-stream"
    assert [file_size(n) for n in (999, 1_000, 999_499, 25_000_000, 3_400_000)] == [
        "999 B", "1 kB", "999 kB", "25 MB", "3.4 MB",
    ]  # fmt: skip


@each(
    ("typed", "seconds", "note"),
    [
        ("15m", 900, ""), ("1h", 3_600, ""), ("1h30m at her desk", 5_400, "at her desk"),
        ("1h 30m", 5_400, ""), ("0:05 x", 300, "x"), ("1,5h", 5_400, ""), ("90 min call", 5_400, "call"),
    ],
)  # fmt: skip
def test_time_spent_is_read_as_people_write_it(typed: str, seconds: int, note: str) -> None:
    assert parse_spent(typed) == (seconds, note)


@each("typed", ["", "soon", "15", "0m", "m", "15mx"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        parse_spent(typed)


def test_a_begun_minute_counts() -> None:
    assert [run_seconds(0, at) for at in (0, 1, 60, 61)] == [60, 60, 60, 120]

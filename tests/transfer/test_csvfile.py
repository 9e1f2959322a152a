"""Encodings, delimiters and quotes, found per file."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdesk.errors import Invalid, NotFound
from sdesk.transfer.csvfile import CsvFile, check_encoding, defused, restored, sniff_encoding
from sdesk.transfer.source import SourceFile
from tests.each import each

Write = Callable[..., Path]


def read(path: Path) -> CsvFile:
    source = SourceFile(str(path))
    return CsvFile(source, sniff_encoding(source))


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found_from_the_bytes(write: Write, encoding: str, found: str) -> None:
    file = read(write("Subject;From\nGrüße aus Köln – €;Åsa\n".encode(encoding)))
    assert file.encoding.name == found
    assert [row.cells for row in file.rows()] == [("Grüße aus Köln – €", "Åsa")]
    assert file.header == ("Subject", "From")


def test_a_few_bad_bytes_in_utf8_reject_their_rows_and_not_the_file(write: Write) -> None:
    file = read(write("subject,from\nGrüße äöü,Åsa\n".encode() + b"br\xf6ken,x\nfine,y\n"))
    assert [file.wrong(row) for row in file.rows()] == [
        "",
        "It holds bytes that are not UTF-8.",
        "",
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_although_others_are_in_the_text(
    write: Write, delimiter: str
) -> None:
    lines = [
        ("number", "subject, or title", "text"),
        ("1", "a; b, c", "x|y"),
        ("2", "d", "e, f, g; h"),
    ]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    file = read(write(text))
    assert file.delimiter == delimiter
    assert [row.cells for row in file.rows()] == lines[1:]


def test_an_open_quote_is_an_error_that_names_its_line(write: Write) -> None:
    file = read(write('subject,text\nfine,"two\nlines"\nbad,"never closed\nnext,row\n'))
    with pytest.raises(Invalid, match="Line 4: a quote is opened here"):
        list(file.rows())


def test_an_open_quote_on_a_later_line_of_its_record_is_found_there(write: Write) -> None:
    file = read(write('subject,text,more\nfine,"two\nlines","open\nx,y,z\n'))
    with pytest.raises(Invalid, match="Line 3"):
        list(file.rows())


def test_rows_of_another_width_are_told_and_blank_lines_are_not(write: Write) -> None:
    file = read(write("a,b\n1,2\n\n3\n4,5,6\n"))
    assert [(row.line, file.wrong(row)) for row in file.rows()] == [
        (2, ""),
        (4, "1 cells where the header has 2."),
        (5, "3 cells where the header has 2."),
    ]


def test_a_gzipped_file_is_read_directly(write: Write) -> None:
    file = read(write(gzip.compress(b"a,b\n1,2\n"), "x.csv.gz"))
    assert [row.cells for row in file.rows()] == [("1", "2")]
    assert "gzipped" in file.describe()


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory(write: Write) -> None:
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * 20_000_000, 9)
    with pytest.raises(Invalid, match="MB of text come out of it"):
        list(read(write(bomb, "bomb.csv.gz")).rows())


def test_a_line_without_end_is_refused(write: Write) -> None:
    with pytest.raises(Invalid, match="a line of more than"):
        read(write(b"a" * 20_000_000))


def test_a_damaged_gzip_file_is_refused_with_a_sentence(write: Write) -> None:
    whole = gzip.compress(b"a,b\n" + bytes(range(32, 120)) * 900)
    with pytest.raises(Invalid, match="packed file is damaged"):
        list(read(write(whole[: len(whole) // 2], "x.gz")).rows())


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"%PDF-1.7", b"SQLite format 3\x00"])
def test_files_of_other_kinds_are_named_and_refused(write: Write, content: bytes) -> None:
    with pytest.raises(Invalid, match="CSV, JSON lines"):
        SourceFile(str(write(content)))


@each("place", ["https://example.org/x.csv", "/nowhere/at/all.csv", "a\x00b"])
def test_what_is_no_file_is_not_found(place: str) -> None:
    with pytest.raises(NotFound):
        SourceFile(place)


@each("place", ["/dev/zero", "/"])
def test_devices_and_folders_are_refused(place: str) -> None:
    with pytest.raises(Invalid, match="is not a file"):
        SourceFile(place)


def test_an_unknown_encoding_is_refused_with_the_nearest() -> None:
    with pytest.raises(Invalid, match="utf-8"):
        check_encoding("utf-88")
    with pytest.raises(Invalid):
        check_encoding("rot13")


@each("cell", ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1", "''+2", " =1"])
def test_a_formula_leaves_as_text_and_comes_back_letter_for_letter(cell: str) -> None:
    assert defused(cell) == "'" + cell
    assert restored(defused(cell)) == cell


@given(st.text())
def test_every_cell_survives_leaving_and_coming_back(cell: str) -> None:
    assert restored(defused(cell)) == cell

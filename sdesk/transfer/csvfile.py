"""Tables of text: encoding and delimiter are found per file, quotes are taken strictly.

An open quote would swallow the rest of a file in silence, so it is an error that names its line. A
cell that a spreadsheet would run as a formula leaves the desk with a `'` before it, and loses it
again when the desk reads its own export.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from sdesk.errors import Invalid, did_you_mean
from sdesk.text import clean_line
from sdesk.transfer.records import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.transfer.source import SourceFile

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
MAX_CELL = 4_000_000
MAX_COLUMNS = 2_000
_SAMPLE_RECORDS = 50
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SURROGATE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    name: str
    bad_bytes: bool = False
    """The text is UTF-8 but for some bytes; the rows that hold them are rejected."""
    has_nul: bool = False
    """Some row holds a NUL, which is taken out and counted."""


def sniff_encoding(source: SourceFile) -> Encoding:
    """By its mark, else UTF-16 without one by its zeros, else UTF-8 when it is, else cp1252 or Latin-1."""
    with source.open() as stream:
        head = stream.read(4096)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name, bad_bytes=name == "utf-8-sig")
    if head and head.count(0) > len(head) * 0.3:
        return Encoding("utf-16-be" if head[0] == 0 else "utf-16-le")
    return _sniff_without_mark(source)


def _sniff_without_mark(source: SourceFile) -> Encoding:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    latin = nul = False
    for data in source.chunks():
        nul = nul or b"\0" in data
        if data.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(data)
        wrong = len(_SURROGATE.findall(text))
        bad += wrong
        good += len(_NOT_ASCII.findall(text)) - wrong
        latin = latin or _NOT_IN_CP1252.search(data) is not None
    if not bad or good * 2 > bad:
        # Letters of Latin-1 hardly ever come to a letter of UTF-8 by chance.
        return Encoding("utf-8", bad_bytes=bad > 0, has_nul=nul)
    return Encoding("latin-1" if latin else "cp1252", has_nul=nul)


def check_encoding(name: str) -> Encoding:
    """A person's choice. Raises `Invalid` for one that Python doesn't know, or that is no text."""
    try:
        if not codecs.lookup(name)._is_text_encoding:
            raise LookupError
    except LookupError:
        known = ("utf-8", "utf-16", "cp1252", "latin-1", "iso8859-15", "cp1251", "shift_jis")
        raise Invalid(f"Encoding '{name}' is not known.", did_you_mean(name, known)) from None
    name = codecs.lookup(name).name
    return Encoding("utf-8-sig" if name == "utf-8" else name, bad_bytes=name.startswith("utf-8"))


def open_text(source: SourceFile, encoding: Encoding) -> io.TextIOWrapper:
    """The file's text with its own line endings. Bytes that are not UTF-8 come as lone surrogates."""
    errors = "surrogateescape" if encoding.name.startswith("utf-8") else "strict"
    return io.TextIOWrapper(source.open(), encoding.name, errors=errors, newline="")


def not_decodable(
    source: SourceFile, encoding: Encoding, line: int, error: UnicodeError
) -> Invalid:
    return Invalid(
        f"{source.name}, after line {line}: this is not {encoding.name} ({error}).",
        "Name the right one with --encoding.",
    )


def _records(source: SourceFile, encoding: Encoding, delimiter: str) -> Iterator[Row]:
    """Every record that isn't blank, the header first. Raises `Invalid` naming the line of an open quote."""
    csv.field_size_limit(MAX_CELL)
    start = 1
    has_header = False
    with open_text(source, encoding) as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                if not has_header and len(cells) > MAX_COLUMNS:
                    raise _too_wide(cells)
                if cells and (has_header or any(cell.strip() for cell in cells)):
                    has_header = True
                    yield Row(start, tuple(cells))
                start = reader.line_num + 1
        except csv.Error as error:
            if "field larger" not in str(error):
                start += _open_quote(source, encoding, delimiter, start, reader.line_num)
            raise _explained(start, error) from None
        except UnicodeError as error:
            raise not_decodable(source, encoding, reader.line_num, error) from None


def _too_wide(cells: list[str]) -> Invalid:
    return Invalid(f"{len(cells):,} columns are more than the {MAX_COLUMNS:,} that are read.")


def _explained(line: int, error: csv.Error) -> Invalid:
    if "field larger" in str(error):
        return Invalid(
            f"Line {line}: a cell of more than {MAX_CELL:,} characters.", "Is a quote left open?"
        )
    return Invalid(
        f"Line {line}: a quote is opened here and not closed properly ({error}).",
        "Inside a quoted cell a quote is written twice.",
    )


def _open_quote(
    source: SourceFile, encoding: Encoding, delimiter: str, first: int, last: int
) -> int:
    """In which line of a broken record, counted from 0, its last quoted cell begins."""
    inside, fresh, found = False, True, 0
    with open_text(source, encoding) as stream:
        for number, line in enumerate(islice(stream, first - 1, last)):
            for char in line:
                if inside:
                    inside = char != '"'
                elif char == '"' and fresh:
                    inside, found = True, number
                fresh = not inside and (char == delimiter or char in "\r\n")
    return found


def sniff_delimiter(source: SourceFile, encoding: Encoding) -> str:
    """The one that parts the first records most evenly into the most cells."""
    scores = {each: _score(source, encoding, each) for each in DELIMITERS}
    return max(scores, key=lambda each: scores[each])


def _score(source: SourceFile, encoding: Encoding, delimiter: str) -> tuple[int, int]:
    widths: list[int] = []
    try:
        for row in islice(_records(source, encoding, delimiter), _SAMPLE_RECORDS):
            widths.append(len(row.cells))
    except Invalid:
        # A wrong guess often breaks quotes; with the right one the error comes again, and is told.
        pass
    if not widths or widths[0] == 1:
        return 0, 0
    return sum(1 for width in widths if width == widths[0]), widths[0]


class CsvFile:
    """A table of text with a header, read again from the start by every `rows()`."""

    kind = "csv"

    def __init__(self, source: SourceFile, encoding: Encoding, delimiter: str = "") -> None:
        self.source, self.encoding = source, encoding
        self.delimiter = delimiter or sniff_delimiter(source, encoding)
        self.header = self._read_header()

    def describe(self) -> str:
        packed = "gzipped " if self.source.packed else ""
        return (
            f"{packed}CSV, {DELIMITERS.get(self.delimiter, self.delimiter)}, {self.encoding.name}"
        )

    def _read_header(self) -> tuple[str, ...]:
        first = next(_records(self.source, self.encoding, self.delimiter), None)
        if first is None:
            raise Invalid(f"{self.source.name}: there is no header line in it.")
        return tuple(clean_line(cell) for cell in first.cells)

    def rows(self) -> Iterator[Row]:
        """Every record after the header, also those of a wrong width; blank lines are left out."""
        return islice(_records(self.source, self.encoding, self.delimiter), 1, None)

    def wrong(self, row: Row) -> str:
        """Why the row can't be read, or nothing."""
        if len(row.cells) != len(self.header):
            return f"{len(row.cells)} cells where the header has {len(self.header)}."
        if self.encoding.bad_bytes and any(_SURROGATE.search(cell) for cell in row.cells):
            return "It holds bytes that are not UTF-8."
        return ""


_RISKY = re.compile(r"'*\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")


def defused(cell: str) -> str:
    """The cell as text for every spreadsheet; `restored` gives back the same letters."""
    return "'" + cell if _RISKY.match(cell) else cell


def restored(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell

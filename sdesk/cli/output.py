"""Rows on standard output: a table for people, tab-separated, CSV or JSON for programs.

Nothing that came from outside reaches a terminal uncleaned, in any format. Without Rich: a table
here is padded text with a few colours, and costs no import.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sdesk.cli.guard import guarded
from sdesk.cli.options import Format
from sdesk.text import clean, clean_line, cut

T = TypeVar("T")
STYLES = {"title": "1", "bad": "1;31", "warn": "33", "dim": "2", "good": "32"}


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column: its name, the value a program gets, and the text a person reads."""

    name: str
    value: Callable[[T], Any]
    text: Callable[[T], str] | None = None
    """None: the value, as text."""
    help: str = ""
    most: int = 60
    """The widest the table lets it become."""
    right: bool = False
    style: Callable[[T], str] | None = None
    """A name in `STYLES`, or ""."""
    cell: Callable[[T], str] | None = None
    """The text in a table where it differs: text of our own, set in columns, and not cleaned."""

    def shown(self, row: T) -> str:
        if self.text is not None:
            return clean_line(self.text(row))
        return clean_line(plain(self.value(row)))


def plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(plain(item) for item in value)
    if isinstance(value, dict):
        return " ".join(f"{key}={plain(item)}" for key, item in value.items())
    return str(value)


def on_terminal() -> bool:
    return sys.stdout.isatty()


def put(what: object, *, end: str = "\n", flush: bool = False) -> None:
    """`print`, of whatever comes from outside; styles of ours stay."""
    print(guarded(str(what)), end=end, flush=flush)


def styled(text: str, style: str) -> str:
    """The text in a style of ours, where standard output is a terminal that wants colours."""
    wanted = on_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if wanted and style else text


def emit(rows: Iterable[T], columns: Sequence[Column[T]], form: Format | None) -> int:
    """Write the rows as `form`; by default a table on a terminal, tab-separated in a pipe.

    Returns how many there were.
    """
    form = form or (Format.TABLE if on_terminal() else Format.TSV)
    counted = _Counted(rows)
    _WRITERS[form](counted, columns, sys.stdout.write)
    return counted.number


class _Counted(Generic[T]):
    """The rows, counted as they pass."""

    def __init__(self, rows: Iterable[T]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[T]:
        for row in self._rows:
            self.number += 1
            yield row


def _table(rows: Iterable[T], columns: Sequence[Column[T]], write: Callable[[str], Any]) -> None:
    rows = list(rows)
    lines = [[c.cell(row) if c.cell else c.shown(row) for c in columns] for row in rows]
    widths = _widths([[heading(c.name) for c in columns], *lines], columns)
    titles = [_pad(heading(c.name), w, c.right) for c, w in zip(columns, widths, strict=True)]
    write(styled("  ".join(titles).rstrip(), "title") + "\n")
    for row, line in zip(rows, lines, strict=True):
        parts = []
        for column, text, width in zip(columns, line, widths, strict=True):
            padded = _pad(text, width, column.right)
            parts.append(styled(padded, column.style(row)) if column.style else padded)
        write("  ".join(parts).rstrip() + "\n")


def heading(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _widths(lines: list[list[str]], columns: Sequence[Column[T]]) -> list[int]:
    """Each column as wide as its widest cell, the widest columns cut until the screen holds them."""
    widths = [min(max(cells(line[i]) for line in lines), c.most) for i, c in enumerate(columns)]
    room = screen_width() - 2 * (len(columns) - 1)
    while sum(widths) > room and max(widths) > 12:
        widths[widths.index(max(widths))] -= 1
    return widths


def screen_width() -> int:
    import shutil

    return max(40, shutil.get_terminal_size((100, 24)).columns)


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(char) for char in text)


def _cell(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _pad(text: str, width: int, right: bool) -> str:
    if cells(text) > width:
        text = cut(text, width)
        while cells(text) > width:
            text = cut(text, len(text) - 1)
    space = " " * (width - cells(text))
    return space + text if right else text + space


def _tsv(rows: Iterable[T], columns: Sequence[Column[T]], write: Callable[[str], Any]) -> None:
    for row in rows:
        write("\t".join(column.shown(row) for column in columns) + "\n")


def _csv(rows: Iterable[T], columns: Sequence[Column[T]], write: Callable[[str], Any]) -> None:
    # Here, not above: the other formats need no CSV reader.
    from sdesk.transfer.csvfile import defused

    def cell(value: Any) -> str:
        text = clean(plain(value))
        return _quoted(text if isinstance(value, int) else defused(text))

    write(",".join(column.name for column in columns) + "\n")
    for row in rows:
        write(",".join(cell(column.value(row)) for column in columns) + "\n")


def _quoted(cell: str) -> str:
    if any(c in cell for c in ',"\n\r'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _record(row: T, columns: Sequence[Column[T]]) -> str:
    import json

    return json.dumps({column.name: cleaned(column.value(row)) for column in columns})


def cleaned(value: Any) -> Any:
    """A JSON value whose texts hold no control characters."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item) for item in value]
    return value


def _json(rows: Iterable[T], columns: Sequence[Column[T]], write: Callable[[str], Any]) -> None:
    before = "[\n"
    for row in rows:
        write(before + _record(row, columns))
        before = ",\n"
    write("\n]\n" if before == ",\n" else "[]\n")


def _jsonl(rows: Iterable[T], columns: Sequence[Column[T]], write: Callable[[str], Any]) -> None:
    for row in rows:
        write(_record(row, columns) + "\n")


_WRITERS: dict[Format, Callable[..., None]] = {
    Format.TABLE: _table,
    Format.TSV: _tsv,
    Format.CSV: _csv,
    Format.JSON: _json,
    Format.JSONL: _jsonl,
}

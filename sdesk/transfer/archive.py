"""The whole desk in one text file: JSON lines that are the same, byte for byte, for the same content.

The first line names the format and the schema. Every table has a line with its columns, then one line
a row in the order of its key. The last line counts the lines before it and holds their SHA-256, so
that a torn archive is known before anything is restored. Nothing tells when or by whom it was made.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sdesk.errors import Invalid, Refused
from sdesk.files import expanded
from sdesk.store import archive as store
from sdesk.store import place
from sdesk.store.backup import drop
from sdesk.store.leftovers import swept
from sdesk.transfer.output import whole_file
from sdesk.transfer.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMAT = "sdesk-archive"
VERSION = 1
_MAX_LINE = 64_000_000
"""Bytes of a row: a mail of 25 MB as base64, and room."""
_MAX_TEXT = 1 << 44
"""Bytes of an archive: a million tickets make several GB of text."""


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class _Counted:
    """Lines on their way out, counted and hashed."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.lines = 0
        self.hash = hashlib.sha256()

    def write(self, value: Any) -> None:
        line = _line(value)
        self.hash.update(line)
        self._stream.write(line)
        self.lines += 1


def dump(desk: str | Path, to: str) -> int:
    """Write the archive of a store to a file (packed when its name ends in .gz) or to `-`; its lines."""
    with store.snapshot(desk) as tables, whole_file(to) as stream:
        out = _Counted(stream)
        out.write({"format": FORMAT, "version": VERSION, "schema": store.schema()})
        for name, columns, rows in tables:
            out.write({"table": name, "columns": columns})
            for row in rows:
                out.write(row)
        stream.write(_line({"lines": out.lines, "sha256": out.hash.hexdigest()}))
        return out.lines


def restore(
    archive: str, desk: str | Path, on_progress: Callable[[str, float], None] | None = None
) -> int:
    """Make a store of an archive, all or nothing; its rows. An empty desk at that place gives way.

    Raises `Invalid` for a damaged or newer archive, `Refused` where a desk with work in it stands.
    """
    tell = on_progress or (lambda _what, _share: None)
    source = SourceFile(archive, most=_MAX_TEXT, longest=_MAX_LINE)
    schema = _check(source, tell)
    if not store.is_empty(desk):
        raise Refused(
            f"There is a desk with work in it at {place.shown(desk)}; nothing was restored.",
            "Name another place with --store.",
        )
    if place.is_postgres(desk):
        from sdesk.store import postgres_archive

        return postgres_archive.load(str(desk), schema, _tables(source, tell))
    target = expanded(desk).absolute()
    with swept(target.parent):
        fresh = place.make(target.with_name(f".{target.name}.{os.getpid()}.restoring"))
        try:
            rows = store.load(fresh, schema, _tables(source, tell))
            store.put_in_place(fresh, target.resolve())
        finally:
            drop(fresh)
    return rows


def check(archive: str) -> int:
    """The schema of an archive that is whole. Raises `Invalid` for any other."""
    return _check(
        SourceFile(archive, most=_MAX_TEXT, longest=_MAX_LINE), lambda _what, _share: None
    )


def _check(source: SourceFile, tell: Callable[[str, float], None]) -> int:
    """Read the archive through: whole, of this format, not newer than this program. Its schema."""
    damaged = Invalid(
        f"{source.name} is damaged or cut short; nothing was restored.", "Make the archive again."
    )
    found, lines = hashlib.sha256(), 0
    last = b""
    schema = 0
    with source.open() as stream:
        for number, line in enumerate(iter(lambda: stream.readline(_MAX_LINE), b"")):
            if number == 0:
                schema = _read_header(line, source.name)
            else:
                found.update(last)
                lines += 1
            last = line
            if number % 5000 == 0:
                tell("Checking the archive", source.position / max(1, source.size))
    end = _parsed(last)
    if not isinstance(end, dict) or end != {"lines": lines, "sha256": found.hexdigest()}:
        raise damaged
    return schema


def _read_header(line: bytes, name: str) -> int:
    header = _parsed(line)
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise Invalid(f"{name} is no archive of sdesk.", "Archives are made with: sdesk dump FILE")
    version, schema = header.get("version"), header.get("schema")
    if not isinstance(version, int) or not isinstance(schema, int) or version < 1 or schema < 1:
        raise Invalid(f"{name} has a header that can't be read.")
    if version > VERSION or schema > store.schema():
        raise Invalid(
            f"{name} was made by a newer sdesk; nothing was restored.", "Update sdesk on this host."
        )
    return schema


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _tables(source: SourceFile, tell: Callable[[str, float], None]) -> Iterator[store.Table]:
    with source.open() as stream:
        lines = enumerate(iter(lambda: stream.readline(_MAX_LINE), b""))
        next(lines)
        opened = _parsed(next(lines, (0, b""))[1])
        while isinstance(opened, dict) and "table" in opened:
            after: list[Any] = []

            def rows(width: int, after: list[Any]) -> Iterator[list[Any]]:
                for number, line in lines:
                    value = _parsed(line)
                    if isinstance(value, dict):
                        after.append(value)
                        return
                    _check_row(value, width, number + 1)
                    if number % 5000 == 0:
                        tell("Restoring", source.position / max(1, source.size))
                    yield value

            columns = opened.get("columns")
            if not isinstance(columns, list):
                raise Invalid("The archive has a table without columns.")
            yield str(opened["table"]), columns, rows(len(columns), after)
            opened = after[0] if after else None


def _check_row(value: Any, width: int, line: int) -> None:
    if (
        not isinstance(value, list)
        or len(value) != width
        or any(isinstance(v, bool | dict | list) for v in value)
    ):
        raise Invalid(f"Line {line} of the archive is no row of its table.")

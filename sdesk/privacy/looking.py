"""Looking for words in all that a store is made of: its files byte by byte, its tables value by value.

The files are read by a process of its own: a process that closes a file loses every lock that
SQLite holds on it, and other processes could then write at once.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.errors import StoreFault
from sdesk.store import purging, scanning
from sdesk.store.reader import open_reader
from sdesk.surroundings import python

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdesk.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Found:
    """How often words were found, and where: by file, and by table and column."""

    where: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.where.values())


def occurrences(place: str | Path, strings: Iterable[str]) -> Found:
    """How often any of these stands in a store's files (as UTF-8, UTF-16, base64 and
    quoted-printable, whatever its case), in the files beside it, and in its tables."""
    wanted = [text for text in dict.fromkeys(strings) if text]
    where = in_files([*purging.file_texts(place).values(), *_models(place)], wanted)
    reader = open_reader(place)
    try:
        where |= _in_tables(reader, wanted)
    finally:
        reader.close()
    return Found({name: count for name, count in where.items() if count})


def in_files(files: Iterable[Path], strings: Iterable[str]) -> dict[str, int]:
    """File → how often. Read by another process."""
    asked = {"files": [str(file) for file in files], "strings": list(strings)}
    if not asked["files"] or not asked["strings"]:
        return {}
    ran = subprocess.run(
        python("-m", "sdesk.store.scanning"), input=json.dumps(asked).encode(),
        capture_output=True, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise StoreFault("The store's files could not be looked through.", "See: sdesk doctor")
    found: dict[str, int] = json.loads(ran.stdout)
    return found


def _models(place: str | Path) -> list[Path]:
    from sdesk.suggesting import cache_file

    file = cache_file(place)
    return [file] if file.exists() else []


def _in_tables(reader: Reader, strings: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    needles = scanning.spellings(strings)
    for table, columns in purging.columns(reader).items():
        for column, block in purging.blocks(reader, table, columns):
            if count := scanning.count(block, needles):
                name = f"{table}.{column}"
                found[name] = found.get(name, 0) + count
    return found

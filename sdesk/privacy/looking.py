"""Looking for words in all that a store is made of: its files byte by byte, its tables value by value.

The files are read by a process of its own: a process that closes a file loses every lock that
SQLite holds on it, and other processes could then write at once.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.errors import StoreFault
from sdesk.store import purging
from sdesk.store.reader import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sdesk.rules.traces import Traces
    from sdesk.store.reader import Reader

CHUNK = 8 * 1024 * 1024


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
        [sys.executable, "-m", "sdesk.privacy.looking"], input=json.dumps(asked).encode(),
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
    needles = spellings(strings)
    for table, column in purging.columns(reader):
        count = 0
        for value in purging.values(reader, table, column):
            raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)
            count += _count(raw, needles)
        if count:
            found[f"{table}.{column}"] = count
    return found


class Spellings:
    """Words as bytes: those that are looked for in lower case, and those as they are."""

    def __init__(self, low: set[bytes], exact: set[bytes]) -> None:
        self.low, self.exact = low, exact
        self.longest = max(map(len, (*low, *exact)), default=1)


def spellings(strings: Iterable[str]) -> Spellings:
    low: set[bytes] = set()
    exact: set[bytes] = set()
    for text in strings:
        for form in {text, text.casefold()}:
            low |= {_low(form.encode(code)) for code in ("utf-8", "utf-16-le", "utf-16-be")}
            low.add(_low(_quoted(form)))
        exact |= set(_in_base64(text.encode()))
    # Of two words one of which begins as the other does, one hit is one hit.
    return Spellings({w for w in low if len(w) > 3}, {w for w in exact if len(w) > 5})


def _low(raw: bytes) -> bytes:
    return raw.lower()


def _quoted(text: str) -> bytes:
    import quopri

    return quopri.encodestring(text.encode()).replace(b"=\n", b"")


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """The letters of base64 that stand for these bytes, wherever they begin."""
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        start = -(-shift * 8 // 6)
        whole = (shift + len(raw)) * 8 // 6
        yield coded[start:whole]


def _count(raw: bytes, wanted: Spellings) -> int:
    low = raw.lower()
    return sum(low.count(word) for word in wanted.low) + sum(map(raw.count, wanted.exact))


def _count_file(file: Path, wanted: Spellings) -> int:
    total = 0
    rest = b""
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            block = rest + chunk
            total += _count(block, wanted)
            # What stands whole in the overlap has been counted, and must not be again.
            rest = block[-(wanted.longest - 1) :] if wanted.longest > 1 else b""
            total -= _count(rest, wanted)
        return total + _count(rest, wanted)


def left(reader: Reader, traces: Traces) -> dict[str, int]:
    """Table → how many rows name them still, by the rules by which names are taken out."""
    from sdesk.store.mentions import mentions

    found: dict[str, int] = {}
    for mention in mentions(reader, traces):
        name = mention.place.table + (" files" if mention.is_file else "")
        found[name] = found.get(name, 0) + 1
    return found


def _main() -> None:
    asked = json.loads(sys.stdin.buffer.read())
    wanted = spellings(asked["strings"])
    found = {Path(file).name: _count_file(Path(file), wanted) for file in asked["files"]}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    _main()

"""Counting words in files byte by byte, as a program of its own: `python -m sdesk.store.scanning`.

A process that closes a file loses every lock that SQLite holds on it, and other processes could then
write at once: so no process that has the store open may read its file. The words come by standard
input, where nobody else sees them. Standard library only.
"""

from __future__ import annotations

import base64
import json
import quopri
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHUNK = 8 * 1024 * 1024


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
    return quopri.encodestring(text.encode()).replace(b"=\n", b"")


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """The letters of base64 that stand for these bytes, wherever they begin."""
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        start = -(-shift * 8 // 6)
        whole = (shift + len(raw)) * 8 // 6
        yield coded[start:whole]


def count(raw: bytes, wanted: Spellings) -> int:
    low = raw.lower()
    return sum(low.count(word) for word in wanted.low) + sum(map(raw.count, wanted.exact))


def _count_file(file: Path, wanted: Spellings) -> int:
    total = 0
    rest = b""
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            block = rest + chunk
            total += count(block, wanted)
            # What stands whole in the overlap has been counted, and must not be again.
            rest = block[-(wanted.longest - 1) :] if wanted.longest > 1 else b""
            total -= count(rest, wanted)
        return total + count(rest, wanted)


def _main() -> None:
    asked = json.loads(sys.stdin.buffer.read())
    wanted = spellings(asked["strings"])
    found = {Path(file).name: _count_file(Path(file), wanted) for file in asked["files"]}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    _main()

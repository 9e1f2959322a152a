"""What is packed into a file: the parts of an archive or an office document, the streams of a PDF. Pure.

Bounded, and never raises: a file may be anything, a bomb as well.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST, LEAST, TIMES = 32 << 20, 1 << 20, 40
"""Bytes that are unpacked of one file: so many times its own, within these."""
PARTS = 500
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError, NotImplementedError, KeyError, IndexError, struct.error)  # fmt: skip
"""What reading an archive that is none may end in."""
_STREAM = re.compile(rb"stream\r?\n")


def unpacked(raw: bytes) -> Iterator[bytes]:
    """What stands in the parts of it, as far as `MOST` goes."""
    room = min(MOST, max(LEAST, TIMES * len(raw)))
    for part in _parts(raw, room):
        yield part[:room]
        room -= len(part)
        if room <= 0:
            return


def _parts(raw: bytes, room: int) -> Iterator[bytes]:
    if raw[:2] == b"PK":
        yield from _zipped(raw, room)
    elif raw[:2] == b"\x1f\x8b":
        yield _inflated(raw, 31, room)
    elif raw[:1024].find(b"%PDF-") >= 0:
        for found in list(_STREAM.finditer(raw))[:PARTS]:
            yield _inflated(raw[found.end() :], 15, room)


def _zipped(raw: bytes, room: int) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for one in archive.infolist()[:PARTS]:
                yield one.filename.encode("utf-8", "replace")
                with archive.open(one) as stream:
                    yield stream.read(room)
    except _BROKEN:
        return


def _inflated(raw: bytes, form: int, room: int) -> bytes:
    try:
        return zlib.decompressobj(form).decompress(raw, room)
    except zlib.error:
        return b""

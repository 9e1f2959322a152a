"""A file to import, opened with limits: plain or gzip, never a path or an address found in its content."""

from __future__ import annotations

import gzip
import io
import stat
import sys
import tempfile
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from sdesk.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_EXPANDED = 2 * 1024**3
"""Bytes of text that are read at most."""
MAX_LINE = 16_000_000
_GZIP = b"\x1f\x8b"
_ALWAYS_FINE = 64 * 1024**2
_MAX_RATIO = 200
"""A log packs to a twentieth or so; a bomb packs to a thousandth."""
_PICTURES = {
    b"PK\x03\x04": "a ZIP or Office file",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"%PDF": "a PDF file",
    b"BZh": "packed with bzip2",
    b"\xfd7zX": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"SQLite format 3": "a database",
    b"7z\xbc\xaf": "packed with 7-Zip",
    b"Rar!": "packed with RAR",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x7fELF": "a program",
    b"<?xml": "an XML file",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}


class _Limited(io.RawIOBase):
    """The unpacked bytes, with an end to patience."""

    def __init__(
        self, inner: IO[bytes], most: int, longest: int, name: str, below: IO[bytes]
    ) -> None:
        self._inner, self._most, self._name, self._below = inner, most, name, below
        self._longest = longest
        self._read = self._line = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            data = self._inner.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise Invalid(f"{self._name}: the packed file is damaged ({error}).") from None
        except OSError as error:
            raise _unreadable(self._name, error) from None
        self._read += len(data)
        if self._read > self._most:
            raise Invalid(
                f"{self._name}: more than {self._most // 1024**2:,} MB of text come out of it.",
                "Split the file, or unpack it first if it is meant to be so large.",
            )
        self._check_line(data)
        buffer[: len(data)] = data
        return len(data)

    def _check_line(self, data: bytes) -> None:
        at = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self._line = len(data) - at if at >= 0 else self._line + len(data)
        if self._line > self._longest:
            raise Invalid(
                f"{self._name}: a line of more than {self._longest:,} bytes; this is no list of tickets."
            )

    def close(self) -> None:
        # GzipFile leaves the file that it unpacks open.
        self._inner.close()
        self._below.close()
        super().close()


class SourceFile:
    """A regular file (or standard input, kept aside) that can be read from its start again and again."""

    def __init__(self, place: str, *, most: int = MAX_EXPANDED, longest: int = MAX_LINE) -> None:
        """At most so many bytes of text are read from it, and no longer line."""
        self.most, self.longest = most, longest
        self.name = "standard input" if place == "-" else place
        self._spool = _keep_aside(self.name, most) if place == "-" else None
        self._path = Path(place)
        self.packed = self._check()
        self._raw: IO[bytes] | None = None
        self._stamp = self.stamp()
        if self.packed:
            self._check_unpacked()

    def _check(self) -> bool:
        if self._spool is None:
            _refuse_unreadable(self._path)
        try:
            with self._raw_bytes() as raw:
                head = raw.read(16)
        except OSError as error:
            raise _unreadable(self.name, error) from None
        self._refuse_others(head)
        return head.startswith(_GZIP)

    def _refuse_others(self, head: bytes) -> None:
        for magic, what in _PICTURES.items():
            if head.startswith(magic):
                raise Invalid(
                    f"{self.name} is {what}: CSV, JSON lines and either of them gzipped are read.",
                    "Save a sheet as CSV (UTF-8) and import that.",
                )

    def _check_unpacked(self) -> None:
        """What is packed must be a text, too."""
        with self.open() as stream:
            head = stream.read(16)
        if head.startswith(_GZIP):
            raise Invalid(f"{self.name} is gzipped twice.", "Unpack it once with gunzip.")
        self._refuse_others(head)

    def _raw_bytes(self) -> IO[bytes]:
        if self._spool is None:
            return self._path.open("rb")
        self._spool.seek(0)
        return io.BufferedReader(_Borrowed(self._spool))

    @property
    def size(self) -> int:
        """Bytes as stored, packed or not."""
        if self._spool is None:
            return self._path.stat().st_size
        return self._spool.seek(0, io.SEEK_END)

    @property
    def position(self) -> int:
        """How far the last opened reader has come, in stored bytes."""
        return 0 if self._raw is None or self._raw.closed else self._raw.tell()

    @property
    def share(self) -> float:
        return self.position / max(1, self.size)

    @property
    def is_on_disk(self) -> bool:
        return self._spool is None

    def __getstate__(self) -> dict[str, object]:
        """Without the reader that is open: another process opens its own."""
        return {**self.__dict__, "_raw": None, "_path": self._path.resolve()}

    def stamp(self) -> tuple[int, ...]:
        """By what it is known whether somebody writes to the file; nobody does to what is kept aside."""
        if self._spool is not None:
            return ()
        known = self._path.stat()
        return known.st_ino, known.st_size, known.st_mtime_ns

    @property
    def is_changed(self) -> bool:
        """Whether it is no longer the file that it was when it was named."""
        try:
            return self.stamp() != self._stamp
        except OSError:
            return True

    def changed(self) -> Invalid:
        return Invalid(
            f"{self.name} has been changed while it was read.",
            "Import it when nobody writes to it.",
        )

    def open(self) -> BinaryIO:
        """The text's bytes from the start. Raises `Invalid` while reading when they are too many."""
        if self.is_changed:
            raise self.changed()
        self._raw = raw = self._raw_bytes()
        if not self.packed:
            return io.BufferedReader(
                _Limited(raw, self.most, self.longest, self.name, raw), 1 << 18
            )
        most = min(self.most, max(_ALWAYS_FINE, _MAX_RATIO * self.size))
        unpacked = cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
        return io.BufferedReader(_Limited(unpacked, most, self.longest, self.name, raw), 1 << 18)

    def chunks(self) -> Iterator[bytes]:
        with self.open() as stream:
            while data := stream.read(1 << 20):
                yield data


class _Borrowed(io.RawIOBase):
    """Standard input kept aside, read without being closed at the end."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._inner.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._inner.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _refuse_unreadable(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        raise NotFound(f"There is no file '{path}'.") from None
    if stat.S_ISFIFO(mode):
        raise Invalid(
            f"'{path}' is a pipe.", "Let standard input be read instead: sdesk import - < PIPE"
        )
    if not stat.S_ISREG(mode):
        raise Invalid(f"'{path}' is not a file.")
    try:
        path.open("rb").close()
    except OSError as error:
        raise _unreadable(str(path), error) from None


def _unreadable(name: str, error: OSError) -> Invalid:
    return Invalid(f"'{name}' can't be read: {error.strerror}.")


def _keep_aside(name: str, most: int) -> IO[bytes]:
    """Standard input, which comes once, to be read again and again; at most so many bytes of it."""
    spool = tempfile.SpooledTemporaryFile(max_size=16 * 1024**2)  # noqa: SIM115 - lives as long as the import
    size = 0
    while data := sys.stdin.buffer.read(1 << 20):
        size += len(data)
        if size > most:
            raise Invalid(f"{name}: more than {most // 1024**2:,} MB come out of it.")
        spool.write(data)
    return spool

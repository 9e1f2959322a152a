"""Where an export is written: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import gzip
import io
import os
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from sdesk.errors import StoreFault
from sdesk.files import expanded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def whole_file(to: str) -> Iterator[IO[bytes]]:
    """A file written beside its place and renamed at the end, for its owner alone; packed for `.gz`.

    `-` is standard output. What was at the place before stays when anything goes wrong.
    """
    if to == "-":
        with _standard_output() as stream:
            yield stream
        return
    try:
        target = expanded(to)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
    except ValueError as error:
        raise StoreFault(f"'{to}' can't be written: {error}.", "Name a file.") from None
    try:
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise StoreFault(f"{target} can't be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as plain:
            yield from _streams(plain, packed=target.suffix == ".gz")
            plain.flush()
            os.fsync(plain.fileno())
        part.replace(target)
    except OSError as error:
        raise StoreFault(
            f"{target} can't be written: {error.strerror}.", "What was there before is untouched."
        ) from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _standard_output() -> Iterator[IO[bytes]]:
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StoreFault(
            f"Standard output can't be written: {error.strerror}.",
            "What it has taken so far is not whole.",
        ) from None


def _streams(plain: IO[bytes], *, packed: bool) -> Iterator[IO[bytes]]:
    if not packed:
        yield plain
        return
    # Without a name and a time, the same content packs to the same bytes.
    with gzip.GzipFile(filename="", mode="wb", fileobj=plain, mtime=0, compresslevel=6) as stream:
        buffered = io.BufferedWriter(stream, 1 << 18)
        yield buffered
        buffered.flush()


@contextmanager
def output(to: str) -> Iterator[Callable[[str], Any]]:
    """The same for text in UTF-8: a function that writes."""
    with whole_file(to) as stream:
        yield lambda text: stream.write(text.encode("utf-8", "replace"))

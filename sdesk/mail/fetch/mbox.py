"""An mbox file: read on from where the last look ended, and never written.

How far it was read is remembered with a mark: the hash of what stands right before that place. When
the mark is not there any more, somebody has rewritten the file, and it is read from the start; what
was taken in before is known by its bytes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from sdesk.mail.fetch.source import MOST, Found, Knowing, Trouble
from sdesk.text import clean_line

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.mail.settings import Mailbox

PATIENCE = 10.0
"""Seconds to wait for whoever delivers into the file just now."""
PAUSE = 0.1
MARK = 512
"""Bytes before a place by which it is known again."""
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


class MboxSource:
    """The mails of a file, in their order."""

    generation = ""
    reached: Mapping[str, Any] = {}

    def __init__(self, box: Mailbox) -> None:
        assert box.path is not None
        self.box = box
        self._file = _opened(box.path)
        self._dot = box.path.with_name(box.path.name + ".lock")
        self._holds_dot = False
        try:
            self._lock()
        except BaseException:
            self._file.close()
            raise

    def _lock(self) -> None:
        """As delivering programs do: by the kernel's lock, and by a file beside it where we may."""
        for step in range(int(PATIENCE / PAUSE)):
            if step:
                time.sleep(PAUSE)
            with suppress(BlockingIOError):
                fcntl.lockf(self._file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                if self._take_dot():
                    return
                fcntl.lockf(self._file, fcntl.LOCK_UN)
        raise Trouble(f"{clean_line(str(self.box.path))} is locked by another program.")

    def _take_dot(self) -> bool:
        try:
            handle = os.open(self._dot, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            return False
        except OSError:
            return True  # the folder isn't ours to write: the kernel's lock must do
        os.close(handle)
        self._holds_dot = True
        return True

    def news(self, known: Knowing) -> Iterator[Found]:
        state = known.mailbox(self.box.name)
        start = state.position
        if start and _mark_before(self._file, start) != state.mark:
            start = 0
        self.generation = _generation(self._file, start == 0 and bool(state.position))
        for begun, end, raw, size in _mails(self._file, start):
            digest = hashlib.sha256(raw).hexdigest()[:16]
            spot = f"{self.generation}{begun}:{digest}"
            progress = {"position": end, "mark": _mark_before(self._file, end)}
            yield Found(spot, raw, size, progress)

    def finish(self, spots: Sequence[str]) -> None:
        """Nothing: the file is somebody else's."""

    def close(self) -> None:
        self._file.close()
        if self._holds_dot:
            with suppress(OSError):
                self._dot.unlink()


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise Trouble(f"{clean_line(str(path))} can't be read: {error.strerror}.") from None


def _generation(file: BinaryIO, rewritten: bool) -> str:
    """Empty for a file that has only grown; else a word for how it begins and ends now."""
    if not rewritten:
        return ""
    size = os.fstat(file.fileno()).st_size
    return f"{_mark_before(file, size)[:12]}/"


def _mark_before(file: BinaryIO, place: int) -> str:
    """The hash of what stands right before a place; empty where the file is shorter."""
    if os.fstat(file.fileno()).st_size < place:
        return ""
    file.seek(max(0, place - MARK))
    return hashlib.sha256(file.read(min(place, MARK))).hexdigest()


def _mails(file: BinaryIO, start: int) -> Iterator[tuple[int, int, bytes, int]]:
    """(where it begins, where it ends, its bytes as far as they are taken in, its size) of each."""
    file.seek(start)
    place, begun, size, blank = start, start, 0, True
    parts: list[bytes] = []
    inside = False
    while line := file.readline(MOST):
        if blank and line.startswith(b"From "):
            if inside:
                yield _mail(begun, place, parts, size)
                file.seek(place + len(line))
            begun, parts, size, inside = place, [], 0, True
        elif inside:
            size += len(line)
            if size <= MOST + len(line):
                parts.append(line)
        place += len(line)
        blank = line in (b"\n", b"\r\n")
    if inside:
        yield _mail(begun, place, parts, size)


def _mail(begun: int, end: int, parts: list[bytes], size: int) -> tuple[int, int, bytes, int]:
    """A mail without the empty line that ends it, and without the quoting of its "From "."""
    if parts and parts[-1] in (b"\n", b"\r\n"):
        parts = parts[:-1]
    raw = _QUOTED.sub(rb"\1", b"".join(parts)[:MOST])
    return begun, end, raw, size if size > MOST else len(raw)

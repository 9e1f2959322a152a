"""The last cleaner of the command line: what is written to standard output and error, in any format.

Every command cleans what it shows; this stands behind all of them, as the driver does behind the
desk's screens. It also meets what nobody here writes: warnings, and what libraries complain of.
"""

from __future__ import annotations

import codecs
import re
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from sdesk.errors import SdeskError
from sdesk.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Colours, and what a bar of progress needs; the line ends of CSV.
_OURS = re.compile(
    r"(\x1b\[(?:(?!8m)[0-9;]{0,40}m|2K|[0-9]{0,3}[AB]|\?25[lh])|\r\n|\r(?=\x1b\[2K))"
)


def guarded(text: str) -> str:
    """The text with nothing in it but characters and the few sequences that this program writes."""
    if "\x1b" not in text and "\r" not in text:
        return clean(text)
    parts = _OURS.split(text)
    parts[::2] = map(clean, parts[::2])
    return "".join(parts)


class Unwritten(SdeskError):
    """Standard output takes no more: its disk is full, say, or it is closed."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"Standard output can't be written: {error.strerror}.",
            "What it changed in the desk is kept.",
        )


class Guarded:
    """A text stream that passes on `guarded` text; in all else it is the stream."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with self._told():
            self._stream.write(guarded(text))
        return len(text)

    def flush(self) -> None:
        with self._told():
            self._stream.flush()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the system says of the stream as a sentence; of standard error there is nowhere to say it."""
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            if self._stream.fileno() != 2:
                raise Unwritten(error) from None

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        """Where bytes go: a raw mail, an archive. As they are into a pipe or a file, as text to a terminal."""
        return _Bytes(self) if self._stream.isatty() else self._stream.buffer  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


TAB = " " * 4


class _Bytes:
    """Bytes for a terminal, read as UTF-8; a tab in them is somebody else's, and moves no cursor."""

    def __init__(self, stream: Guarded) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, data: bytes) -> int:
        text = self._decoder.decode(bytes(data))
        self._stream.write(text.replace("\r\n", "\n").replace("\t", TAB))
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


@contextmanager
def guard() -> Iterator[None]:
    """While it stands, standard output and error are guarded."""
    before = sys.stdout, sys.stderr
    streams: list[Any] = [s if isinstance(s, Guarded) else Guarded(s) for s in before]
    sys.stdout, sys.stderr = streams
    try:
        yield
    finally:
        if (sys.stdout, sys.stderr) == tuple(streams):
            sys.stdout, sys.stderr = before

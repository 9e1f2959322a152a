"""Files of one mail each: one, or a folder of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdesk.mail.fetch.source import MOST, Found, Knowing, Trouble
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.mail.settings import Mailbox


class EmlSource:
    """A file, or the files of a folder by name; hidden ones and folders are none."""

    generation = ""
    reached: Mapping[str, Any] = {}

    def __init__(self, box: Mailbox) -> None:
        assert box.path is not None
        self.box, self.path = box, box.path
        self._files: dict[str, Path] = {}

    def news(self, known: Knowing) -> Iterator[Found]:
        for file in files_of(self.path):
            raw, size = read_some(file)
            spot = f"{file.name}:{hashlib.sha256(raw).hexdigest()[:16]}"
            self._files[spot] = file
            if known.mail_at(self.box.name, spot) is None:
                yield Found(spot, raw, size)
            else:
                self.finish([spot])

    def finish(self, spots: Sequence[str]) -> None:
        if self.box.done != "move":
            return
        folder = self.path.parent if self.path.is_file() else self.path
        for spot in spots:
            file = self._files[spot]
            target = folder / self.box.done_folder
            try:
                target.mkdir(exist_ok=True)
                file.rename(target / file.name)
            except OSError as error:
                raise Trouble(
                    f"{clean_line(str(file))} can't be moved: {error.strerror}."
                ) from None

    def close(self) -> None:
        return None


def files_of(path: Path) -> list[Path]:
    """The file itself, or the plain files of a folder. Raises `Trouble`."""
    try:
        if not path.is_dir():
            return [path]
        found = [file for file in path.iterdir() if not file.name.startswith(".")]
        return sorted(file for file in found if file.is_file())
    except OSError as error:
        raise _unreadable(path, error) from None


def read_some(path: Path) -> tuple[bytes, int]:
    """As much of a file as is taken in, and how large it is. Raises `Trouble`."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST)
        return raw, path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> Trouble:
    return Trouble(f"{clean_line(str(path))} can't be read: {error.strerror}.")

"""A Maildir: what is in `new` goes to `cur` once it is committed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdesk.mail.fetch.eml import read_some
from sdesk.mail.fetch.source import Found, Knowing, Trouble
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.mail.settings import Mailbox

SEEN = ":2,S"


class MaildirSource:
    """The mails of `new`; the unique part of a file's name is its spot, in `new` and in `cur`."""

    generation = ""
    reached: Mapping[str, Any] = {}

    def __init__(self, box: Mailbox) -> None:
        assert box.path is not None
        self.box, self.path = box, box.path
        if not (self.path / "new").is_dir():
            raise Trouble(
                f"{clean_line(str(self.path))} is no Maildir: it has no folder 'new'.",
                "Name the folder that holds new, cur and tmp.",
            )

    def news(self, known: Knowing) -> Iterator[Found]:
        for name in self._names():
            spot = name.partition(":")[0]
            if known.mail_at(self.box.name, spot) is not None:
                # It was committed, and whoever did it did not come to move it.
                self.finish([spot])
                continue
            try:
                raw, size = read_some(self.path / "new" / name)
            except Trouble:
                if (self.path / "new" / name).exists():
                    raise
                continue
            yield Found(spot, raw, size)

    def _names(self) -> list[str]:
        """The names in `new`; by the time they begin with, oldest first."""
        try:
            with_paths = list((self.path / "new").iterdir())
        except OSError as error:
            raise Trouble(
                f"{clean_line(str(self.path))} can't be read: {error.strerror}."
            ) from None
        names = [path.name for path in with_paths if not path.name.startswith(".")]
        return sorted(names, key=lambda name: (_seconds(name), name))

    def finish(self, spots: Sequence[str]) -> None:
        if self.box.done == "leave":
            return
        where = self.path / "cur"
        if self.box.done == "move":
            where = self.path / self.box.done_folder / "cur"
        there = {name.partition(":")[0]: name for name in self._names()} if len(spots) > 1 else {}
        for spot in spots:
            name = there.get(spot) or self._name_of(spot)
            if name:
                self._move(self.path / "new" / name, where / f"{spot}{SEEN}")

    def _name_of(self, spot: str) -> str:
        if (self.path / "new" / spot).exists():
            return spot
        return next((name for name in self._names() if name.partition(":")[0] == spot), "")

    def _move(self, file: Path, target: Path) -> None:
        try:
            if not target.parent.is_dir():
                target.parent.mkdir(mode=0o700, parents=True)
            file.rename(target)
        except FileNotFoundError:
            return  # somebody else has moved it
        except OSError as error:
            raise Trouble(f"{clean_line(str(file))} can't be moved: {error.strerror}.") from None

    def close(self) -> None:
        return None


def _seconds(name: str) -> int:
    first = name.partition(".")[0]
    return int(first) if first.isdecimal() and len(first) < 15 else 0

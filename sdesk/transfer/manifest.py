"""The slip beside each backup: what it holds, how it is known again, and the anchor of its history."""

from __future__ import annotations

import json
import os
import re
import stat
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdesk.errors import StoreFault
from sdesk.store.archive import sync_folder
from sdesk.store.chained import Anchor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdesk.model import Instant

FORMAT, VERSION = "sdesk-backup", 1
ENDING = ".json"
WAITING = ".part"
"""Behind the name of a manifest whose backup has no name yet."""
_NAME = re.compile(r"[^/]+-\d{4}-\d{2}-\d{2}T\d{6}Z(-\d+)?\.(db|jsonl\.gz)", re.ASCII)
_MOMENTS = ("made_at", "event_at", "expires_at", "rehearsed_at")
_MOST = 1_000_000
"""Bytes that are read of a file that says it is one."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup. Moments are 0 where there is none."""

    file: str
    """The backup's name, beside the manifest."""
    store: str
    """Which store it is of, as `chained.store_id` tells them apart."""
    made_at: Instant
    schema: int
    bytes: int
    sha256: str
    event: int
    """The newest event in it."""
    hash: str
    event_at: Instant = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    """Table → rows."""
    expires_at: Instant = 0
    """When it is kept no longer, at the latest."""
    verified: bool = True
    rehearsed_at: Instant = 0
    """When it was last restored to see whether it can be."""
    sent: str = ""
    """The program that has taken it; the file itself is elsewhere then."""
    folder: Path = field(default=Path(), compare=False)

    @property
    def path(self) -> Path:
        return self.folder / self.file

    @property
    def is_here(self) -> bool:
        """Whether the backup itself lies there, as large as it was."""
        try:
            status = self.path.lstat()
        except OSError:
            return False
        return stat.S_ISREG(status.st_mode) and status.st_size == self.bytes

    @property
    def anchor(self) -> Anchor:
        return Anchor(self.event, self.hash, self.made_at, str(self.path) + ENDING)

    def write(self, *, waiting: bool = False) -> None:
        """Beside the backup, whole or not at all, for its owner alone. Raises `StoreFault`.

        `waiting`: under a name of its own, until the backup has its name as well (`put_waiting`). A kill
        between both leaves a backup without a manifest, and the next one gives it that (`complete`).
        """
        target, part = self._target, self._part
        values = {"format": FORMAT, "version": VERSION, **asdict(self)}
        del values["folder"]
        for name in _MOMENTS:
            values[name] = _written(values[name])
        try:
            part.unlink(missing_ok=True)
            handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(values, stream, indent=1, sort_keys=True, ensure_ascii=False)
                stream.write("\n")
                stream.flush()
                os.fsync(stream.fileno())
            if not waiting:
                part.replace(target)
        except OSError as error:
            self.drop_waiting()
            raise StoreFault(f"{target} can't be written: {error.strerror}.") from None

    def put_waiting(self) -> None:
        """Raises `StoreFault`."""
        try:
            self._part.replace(self._target)
        except FileNotFoundError:
            # Somebody else, who makes one in this moment, has done it.
            if not self._target.exists():
                raise StoreFault(f"{self._target} is gone.") from None
        except OSError as error:
            raise StoreFault(f"{self._target} can't be written: {error.strerror}.") from None
        sync_folder(self.folder)

    def drop_waiting(self) -> None:
        with suppress(OSError):
            self._part.unlink(missing_ok=True)

    @property
    def _target(self) -> Path:
        return self.folder / (self.file + ENDING)

    @property
    def _part(self) -> Path:
        return self.folder / f".{self.file}{ENDING}{WAITING}"

    def rehearsed(self, at: Instant) -> Manifest:
        return replace(self, rehearsed_at=at)


def of(backup: Path) -> Manifest | None:
    """The manifest of a backup; None where there is none that can be read and names it."""
    found = _read(backup.with_name(backup.name + ENDING))
    return found if found is not None and found.file == backup.name else None


def in_folder(folder: Path) -> list[Manifest]:
    """Those of all backups in a folder, the oldest first; what is none of ours is passed over."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        return []
    found = []
    for name in names:
        if name.endswith(ENDING) and _NAME.fullmatch(name.removesuffix(ENDING)):
            manifest = of(folder / name.removesuffix(ENDING))
            if manifest is not None:
                found.append(manifest)
    return sorted(found, key=lambda one: (one.made_at, one.file))


def complete(folder: Path) -> None:
    """Give backups their manifests whose making was killed between the two names."""
    with suppress(OSError):
        for part in sorted(folder.glob(f".*{ENDING}{WAITING}")):
            found = _read(part)
            if (
                found is not None
                and part == found._part
                and found.is_here
                and not found._target.exists()
            ):
                found.put_waiting()


def _read(path: Path) -> Manifest | None:
    try:
        if not stat.S_ISREG(path.lstat().st_mode) or path.stat().st_size > _MOST:
            return None
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        if values.pop("format") != FORMAT or values.pop("version") != VERSION:
            return None
        for name in _MOMENTS:
            values[name] = _moment(values[name])
        made = Manifest(**values, folder=path.parent)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return made if _is_sound(made) else None


def _is_sound(made: Manifest) -> bool:
    """A manifest may come from anywhere: its values are what they should be, its file a plain name."""
    numbers = (made.schema, made.bytes, made.event)
    texts = (made.file, made.store, made.sha256, made.hash, made.sent)
    return (
        all(type(number) is int for number in numbers)
        and all(type(text) is str for text in texts)
        and isinstance(made.counts, dict)
        and _NAME.fullmatch(made.file) is not None
    )


def _written(at: Instant) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _moment(text: str) -> Instant:
    return int(datetime.fromisoformat(text).timestamp()) if text else 0

"""A verified copy of the store's file, made while others write; and what such a copy holds."""

from __future__ import annotations

import ctypes
import errno
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk.errors import SdeskError, StoreFault
from sdesk.store import chained, place
from sdesk.store.archive import SINCE, TABLES, check_place, settle, sync_folder
from sdesk.store.chained import Chain
from sdesk.store.health import damage, spoilt_files
from sdesk.store.reader import Reader, SqliteReader, check_schema, connect, fault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MODE = 0o600
_HERE, _NO_REPLACE = -100, 1
"""Of `renameat2`: paths as they are given; what has the name stays."""
UNTOUCHED = "Earlier backups are untouched."
MEND = "For a store see: sdesk doctor; of a backup take an earlier one."


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found in a store whose pages, references, history and files are all whole."""

    store: str
    name: str
    schema: int
    chain: Chain
    counts: Mapping[str, int]


class StillReader(SqliteReader):
    """A file that nobody writes: read without a lock and without a file beside it.

    `called` is what it is for people: the backup that it is a copy of.
    """

    def __init__(self, path: Path, called: Path | None = None) -> None:
        self._file = path
        super().__init__(called or path)

    def _take(self) -> sqlite3.Connection:
        try:
            return sqlite3.connect(
                f"{self._file.absolute().as_uri()}?mode=ro&immutable=1", uri=True,
                isolation_level=None, check_same_thread=False,
            )  # fmt: skip
        except sqlite3.Error as error:
            raise fault(error, self.path) from error


def copy(store: str | Path, part: Path) -> Facts:
    """Copy the store as it is at one moment into a new file, and verify it. Raises `StoreFault`.

    In WAL mode the copy reads one snapshot and stops no writer. The caller throws the file away
    where this raises, and gives it its name where not.
    """
    check_place(store)
    source = place.find(store)
    begin(part)
    try:
        with (
            closing(connect(source, query_only=True)) as reading,
            closing(sqlite3.connect(part)) as writing,
        ):
            check_schema(reading, source)
            # In one step: another's commit makes a copy in several steps begin again.
            reading.backup(writing)
        settle(part)
        return look_through(part, source)
    except sqlite3.Error as error:
        told = fault(error, part.parent)
        if not isinstance(told, SdeskError):
            raise told from error
        raise StoreFault(told.message, f"{told.hint} {UNTOUCHED}") from None
    except OSError as error:
        raise StoreFault(f"{part.parent} can't be written: {error.strerror}.", UNTOUCHED) from None


def begin(part: Path) -> None:
    """Make an empty file for its owner alone; what stays of it is swept (`leftovers`)."""
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW, _MODE))
    except OSError as error:
        raise StoreFault(
            f"Nothing can be made in {part.parent}: {error.strerror}.", UNTOUCHED
        ) from None


def drop(part: Path) -> None:
    """Throw an unfinished file away, and what SQLite has put beside it."""
    for suffix in ("", "-journal", "-wal", "-shm", ".lock"):
        with suppress(OSError):
            part.with_name(part.name + suffix).unlink(missing_ok=True)


def put_in_place(part: Path, target: Path) -> None:
    """Give a finished file its name, which nothing has yet. Raises `FileExistsError` where it is taken."""
    try:
        _rename_new(part, target)
    except FileExistsError:
        raise
    except OSError as error:
        raise StoreFault(f"{target} can't be written: {error.strerror}.", UNTOUCHED) from None
    sync_folder(target.parent)


def _rename_new(old: Path, new: Path) -> None:
    """Rename in one step, to a name that nothing has: a second link would outlive a kill between its
    making and the end of the first. Raises `FileExistsError`."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is not None:
        if not rename(_HERE, os.fsencode(old), _HERE, os.fsencode(new), _NO_REPLACE):
            return
        number = ctypes.get_errno()
        # Some file systems know no such flag.
        if number not in (errno.EINVAL, errno.ENOSYS):
            raise OSError(number, os.strerror(number), str(new))
    if new.exists():
        raise FileExistsError(new)
    old.rename(new)


def look_through(path: Path, called: Path | None = None) -> Facts:
    """Verify a file that nobody writes; what it holds. Raises `StoreFault` with the first fault.

    `called` is what the fault names: the file that this one is a copy of.
    """
    reader = StillReader(path, called)
    try:
        chain = check(reader, str(called or path))
        (schema,) = reader.one("PRAGMA user_version") or (0,)
        name = reader.one("SELECT value FROM setting WHERE name = 'name'")
        return Facts(
            chained.store_id(reader), str(name[0]) if name else "", int(schema), chain,
            {table: _count(reader, table) for table in TABLES if SINCE.get(table, 1) <= schema},
        )  # fmt: skip
    finally:
        reader.close()


def _count(reader: Reader, table: str) -> int:
    row = reader.one(f'SELECT count(*) FROM "{table}"')
    return int(row[0]) if row else 0


def verify(path: Path) -> None:
    """Check a store's pages, references, chain of events and files. Raises `StoreFault` with the first fault."""
    reader = SqliteReader(path)
    try:
        check(reader)
    finally:
        reader.close()


def check(reader: Reader, called: str = "The store") -> Chain:
    """The same of a store that is open; what its chain was found to be."""
    if found := damage(reader, thorough=True):
        raise StoreFault(f"{called} is damaged: {found[0]}.", MEND)
    chain = chained.verify(reader)
    if not chain.is_whole:
        raise StoreFault(
            f"{called}: the history was changed from outside: {chain.broken[0].said}.",
            "See: sdesk audit verify; compare with an earlier backup.",
        )
    if spoilt := spoilt_files(reader):
        raise StoreFault(f"{called} is damaged: {spoilt[0]}.", MEND)
    return chain

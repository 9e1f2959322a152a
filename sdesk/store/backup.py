"""A verified copy of the store's file, made while others write."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from sdesk.errors import StoreFault
from sdesk.store import chained, place
from sdesk.store.archive import check_place, settle, sync_folder
from sdesk.store.chained import Chain
from sdesk.store.health import damage, spoilt_files
from sdesk.store.reader import Reader, SqliteReader, check_schema, connect, fault

if TYPE_CHECKING:
    from pathlib import Path

_MODE = 0o600


def copy(store: str | Path, target: Path) -> int:
    """Copy the store as it is at one moment to a file that isn't there yet; bytes of the copy.

    Written beside its place, verified, made to last, then renamed: a copy that is there is whole. In
    WAL mode the copy reads one snapshot and stops no writer. Raises `StoreFault`.
    """
    check_place(store)
    source = place.find(store)
    part = target.with_name(f".{target.name}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, _MODE))
    except OSError as error:
        raise StoreFault(f"{part} can't be made: {error.strerror}.") from None
    try:
        _copy(source, part)
        # A link refuses to step on what is there, which a rename would not.
        os.link(part, target)
    except FileExistsError:
        raise StoreFault(f"{target} is there already.") from None
    except sqlite3.Error as error:
        raise fault(error, target) from error
    except OSError as error:
        raise StoreFault(
            f"{target} can't be written: {error.strerror}.", "Earlier backups are untouched."
        ) from None
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)
    return target.stat().st_size


def _copy(source: Path, part: Path) -> None:
    with (
        closing(connect(source, query_only=True)) as reading,
        closing(sqlite3.connect(part)) as writing,
    ):
        check_schema(reading, source)
        # In one step: another's commit makes a copy in several steps begin again.
        reading.backup(writing)
    settle(part)
    verify(part)


def verify(path: Path) -> None:
    """Check a store's pages, references, chain of events and files. Raises `StoreFault` with the first fault."""
    reader = SqliteReader(path)
    try:
        check(reader)
    finally:
        reader.close()


def check(reader: Reader) -> Chain:
    """The same of a store that is open; what its chain was found to be."""
    if found := damage(reader, thorough=True):
        raise StoreFault(f"The store is damaged: {found[0]}.", "See: sdesk doctor")
    chain = chained.verify(reader)
    if not chain.is_whole:
        raise StoreFault(
            f"The history was changed from outside: {chain.broken[0].said}.",
            "See: sdesk audit verify; compare with an earlier backup.",
        )
    if spoilt := spoilt_files(reader):
        raise StoreFault(f"The store is damaged: {spoilt[0]}.", "See: sdesk doctor")
    return chain

"""A verified copy of the store's file, made while others write."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from sdesk.errors import StoreFault
from sdesk.store import place
from sdesk.store.archive import _check_place, settle, sync_folder
from sdesk.store.reader import check_schema, connect, fault

if TYPE_CHECKING:
    from pathlib import Path

_MODE = 0o600
_CHAINED = "id, ticket_id, at, actor, kind, source, batch, cause_id, rule, digest"


def copy(store: str | Path, target: Path) -> int:
    """Copy the store as it is at one moment to a file that isn't there yet; bytes of the copy.

    Written beside its place, verified, made to last, then renamed: a copy that is there is whole. In
    WAL mode the copy reads one snapshot and stops no writer. Raises `StoreFault`.
    """
    _check_place(store)
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
    with closing(connect(part, query_only=True)) as copied:
        verify(copied)


def verify(connection: sqlite3.Connection) -> int:
    """Check a store's pages, references and chain of events; the number of events. Raises `StoreFault`."""
    (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        raise StoreFault(f"The store is damaged: {answer}.", "See: sdesk doctor")
    if (row := connection.execute("PRAGMA foreign_key_check").fetchone()) is not None:
        raise StoreFault(
            f"The store is damaged: a row of '{row[0]}' refers to nothing in '{row[2]}'."
        )
    return verify_events(connection)


def verify_events(connection: sqlite3.Connection) -> int:
    """Follow the chain of hashes over every event; their number. Raises `StoreFault` at a broken link."""
    before, count = "", 0
    rows = connection.execute(f"SELECT {_CHAINED}, hash, salt, payload FROM event ORDER BY id")
    for *columns, found, salt, payload in rows:
        # The same bytes as the writing side's `transaction.chain`, without its SQLAlchemy.
        text = json.dumps(columns, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        expected = hashlib.sha256(f"{before}|{text}".encode()).hexdigest()
        # An erased payload has no salt any more; its digest stays.
        digest = columns[9] if not salt else hashlib.sha256(f"{salt}{payload}".encode()).hexdigest()
        if found != expected or digest != columns[9]:
            raise StoreFault(
                f"The history was changed from outside: event {columns[0]} does not fit the one before it.",
                "Compare with an earlier backup.",
            )
        before, count = found, count + 1
    return count

"""Short writes of a process about itself, on the plain drivers: they cost no SQLModel and wait for no disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdesk.store import place as places
from sdesk.store.lock import FileLock
from sdesk.store.reader import connect, connect_postgres, fault, translate

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def written(place: str | Path) -> Iterator[Any]:
    """One short transaction: what to run statements by. Raises `Busy`, `StoreFault`."""
    if places.is_postgres(place):
        with _asked(str(place)) as connection, connection.transaction():
            yield lambda sql, values: connection.execute(translate(sql), values)
        return
    path = Path(place)
    with FileLock(path.with_name(path.name + ".lock")).held():
        try:
            with closing(connect(path, query_only=False)) as connection:
                # What a loss of power takes back here is no loss: nobody waits for the disk.
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("BEGIN IMMEDIATE")
                yield connection.execute
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise fault(error, path) from error


@contextmanager
def _asked(url: str) -> Iterator[Any]:
    """A connection to PostgreSQL whose outages have a sentence."""
    with closing(connect_postgres(url)) as connection:
        import psycopg  # here: it is an extra, and there by now

        try:
            yield connection
        except psycopg.Error as error:
            raise fault(error, url) from error

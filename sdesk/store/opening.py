"""A store made ready to be opened: brought up to the schema of this program, and taken away again
where it could not be made whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.store import place as places

if TYPE_CHECKING:
    from pathlib import Path


def upgrade_if_behind(path: Path) -> None:
    from sdesk.store.reader import schema_version

    version = schema_version(path)
    if not 0 < version < places.SCHEMA:
        return
    from sdesk.store.engine import SqliteWriter
    from sdesk.store.migrations import keep_copy, upgrade

    keep_copy(path, version)
    writer = SqliteWriter(path)
    try:
        upgrade(writer)
    finally:
        writer.close()


def at_server(url: str) -> str:
    """As whom one is at the server; a desk there that is behind is upgraded by its owner."""
    from sdesk.store.postgres import opened

    found = opened(url)
    if found.schema < places.SCHEMA:
        from sdesk.store.engine import PostgresWriter
        from sdesk.store.migrations import upgrade
        from sdesk.store.roles import renew

        writer = PostgresWriter(url)
        try:
            upgrade(writer)
        finally:
            writer.close()
        renew(url)
    return found.login


def remove(made: Path | str) -> None:
    """Take a store away that was begun here a moment ago."""
    if isinstance(made, str):
        from sdesk.store.roles import clear

        clear(made)
        return
    for suffix in ("", "-wal", "-shm", ".lock"):
        made.with_name(made.name + suffix).unlink(missing_ok=True)

"""A store made ready to be opened: brought up to the schema of this program, and taken away again
where it could not be made whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.store import place as places

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def upgrade_if_behind(path: Path, told: Callable[[str], None] | None = None) -> None:
    """Copy a store of an earlier schema beside itself and upgrade it; `told` hears of it before it begins."""
    from sdesk.store.reader import schema_version

    version = schema_version(path)
    if not 0 < version < places.SCHEMA:
        return
    from sdesk.store.engine import SqliteWriter
    from sdesk.store.migrations import copy_of, keep_copy, upgrade

    if told is not None:
        size = path.stat().st_size / 1e6
        told(
            f"{path} was made by an earlier sdesk: it is copied to {copy_of(path, version).name}"
            f" ({size:,.0f} MB) and upgraded from schema {version} to {places.SCHEMA}. Please wait."
        )
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
    try:
        for suffix in ("", "-wal", "-shm", ".lock"):
            made.with_name(made.name + suffix).unlink(missing_ok=True)
    except OSError as error:
        raise places.trouble(made, error) from None

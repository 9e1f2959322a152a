"""`sdesk backup`: where the copy goes and what it is called."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.errors import StoreFault
from sdesk.store import backup as store
from sdesk.store import place

if TYPE_CHECKING:
    from sdesk.model import Instant


def backup(desk: str | Path, folder: str, now: Instant) -> tuple[Path, int]:
    """Copy a store into a folder (empty: `backups` beside it), named with the time in UTC.

    The copy's path and size. Earlier backups stay whatever happens. Raises `StoreFault`.
    """
    if place.is_postgres(desk):
        stem, into = "sdesk", Path(folder or ".")
    else:
        source = place.find(desk)
        stem, into = source.stem, Path(folder).expanduser() if folder else source.parent / "backups"
    try:
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreFault(f"The folder {into} can't be made: {error.strerror}.") from None
    target = _free_name(into, f"{stem}-{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H%M%SZ}")
    return target, store.copy(desk, target)


def _free_name(folder: Path, stem: str) -> Path:
    target, number = folder / f"{stem}.db", 1
    while target.exists():
        number += 1
        target = folder / f"{stem}-{number}.db"
    return target

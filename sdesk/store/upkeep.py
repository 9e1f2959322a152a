"""What upkeep remembers of this one store: when it was last copied, checked and anchored, where it lies.

On the plain drivers, and in no archive. The names are `HOME`, `BACKUP` and so on; each has a moment
and a text, which is JSON wherever it is more than a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from sdesk.store.brief import written

if TYPE_CHECKING:
    from pathlib import Path

    from sqlmodel import Session

    from sdesk.model import Instant
    from sdesk.store.engine import Writer
    from sdesk.store.reader import Reader

HOME, BACKUP, VERIFIED, PAGES = "home", "backup", "verified", "pages"
ANCHOR, RETENTION = "anchor", "retention"


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing remembered."""

    name: str
    at: Instant
    value: str


REMEMBER = """INSERT INTO upkeep (name, at, value) VALUES (:name, :at, :value)
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, value = excluded.value"""
_KNOWN = "SELECT name, at, value FROM upkeep WHERE name = :name"
_ALL = "SELECT name, at, value FROM upkeep ORDER BY name"
# Inside somebody's transaction another one may have come first: then nothing is taken.
_CLAIM = """INSERT INTO upkeep (name, at, value) VALUES (:name, :at, :value)
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, value = excluded.value
    WHERE upkeep.at <= :before OR upkeep.at > excluded.at"""


def remember(where: Writer | str | Path, name: str, value: str, at: Instant) -> None:
    """Keep this in place of what was kept under the name: a short write of its own, so never inside
    another one (there: `remember_in`). Raises `Busy`, `StoreFault`."""
    with written(_place(where)) as run:
        run(REMEMBER, {"name": name, "at": at, "value": value})


def remember_in(session: Session, name: str, value: str, at: Instant) -> None:
    """The same inside a write that is under way: it is kept if that one is."""
    from sqlalchemy import text

    session.connection().execute(text(REMEMBER), {"name": name, "at": at, "value": value})


def claim(where: Writer | str | Path, name: str, value: str, at: Instant, before: Instant) -> bool:
    """Keep it if what is kept is of `before` or earlier, or of the future; whether it was.

    So one of several processes begins what all of them see is due.
    """
    with written(_place(where)) as run:
        return bool(
            run(_CLAIM, {"name": name, "at": at, "value": value, "before": before}).rowcount
        )


def known(reader: Reader, name: str) -> Kept | None:
    """What is kept under a name; None when nothing is."""
    row = reader.one(_KNOWN, {"name": name})
    return Kept(*row) if row else None


def all_known(reader: Reader) -> dict[str, Kept]:
    """Name → what is kept."""
    return {row[0]: Kept(*row) for row in reader.all(_ALL)}


def _place(where: Writer | str | Path) -> str | Path:
    if isinstance(where, str | PurePath):
        return where
    place: str | Path = getattr(where, "path", "") or getattr(where, "url", "")
    return place

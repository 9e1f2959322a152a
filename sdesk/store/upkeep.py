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
FAILED = "backup-failed", "verify-failed"
"""Why the last backup by schedule could not be made, the last rehearsal not be held: not there, or empty,
where it went well."""
CLOCK = "clock"
"""When somebody looked at this host's clock last; and, as a number, when it had jumped ahead before that."""
LEAP, DOUBTED = 30 * 86_400, 14 * 86_400
"""Seconds by which a clock jumps, and for which it is doubted afterwards."""
_OFTEN = 3_600


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


def jumped(
    where: Writer | str | Path, reader: Reader, now: Instant, *, keep: bool = True
) -> Instant:
    """When this host's clock has jumped ahead, while that is in doubt; else 0. With `keep` it is kept that
    it was looked at: whoever does so each hour tells a jump from a time in which nothing happened."""
    last = known(reader, CLOCK)
    before = int(last.value) if last is not None and last.value.isdigit() else 0
    if last is not None and now - last.at > LEAP:
        jump = now
    else:
        jump = before if 0 <= now - before < DOUBTED else 0
    if keep and (last is None or jump != before or not 0 <= now - last.at < _OFTEN):
        remember(where, CLOCK, str(jump), now)
    return jump


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

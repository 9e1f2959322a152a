"""Backups: made lately, restored lately, on another disk, holding nobody who was erased; pages and anchors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, note, ok, wrong
from sdesk.errors import SdeskError
from sdesk.present import counted, duration, moment, stamp
from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.desk import Desk
    from sdesk.store.upkeep import Kept
    from sdesk.transfer.manifest import Manifest
    from sdesk.upkeep.settings import Settings

CHECK = "backup"
WEEK = 7 * 86_400
HOURS = 3 * 3_600
"""Seconds after which a check or an anchor that comes each hour is missed."""


def findings(desk: Desk) -> Iterator[Finding]:
    from sdesk.upkeep.backing import known
    from sdesk.upkeep.settings import load

    try:
        settings = load()
    except SdeskError as error:
        yield wrong(CHECK, clean_line(error.message), error.hint or "See: docs/backup.md")
        return
    kept = known(desk)
    yield from _copied(desk)
    yield _last(desk, settings, kept.get("backup"))
    yield _restored(desk, kept.get("verified"))
    yield from _failed(desk, kept)
    yield from _of_folders(desk)
    yield from _checked(desk, kept)


def _copied(desk: Desk) -> Iterator[Finding]:
    from sdesk.audit import copied_by_hand

    if (found := desk.copied) is not None:
        said = copied_by_hand(desk, found).partition(" If nothing")[0]
        yield wrong("copy", said.rstrip("."), "If nothing is missing: sdesk doctor --accept-copy")


def _last(desk: Desk, settings: Settings, kept: Kept | None) -> Finding:
    mend = "sdesk backup; to have it done: [backup] in config.toml, see docs/backup.md"
    if kept is None:
        return note(CHECK, "There is no backup of this store", mend)
    now = desk.now()
    said = f"The last backup is of {moment(kept.at, desk.settings.zone, now)}"
    if settings.schedule("UTC").late(kept.at, now):
        return note(CHECK, f"{said}: older than two periods", mend)
    return ok(CHECK, f"{said}{'' if settings.every else ', by hand: none is made by schedule'}")


def _failed(desk: Desk, kept: dict[str, Kept]) -> Iterator[Finding]:
    """What the worker could not do, until it could."""
    from sdesk.store.upkeep import FAILED

    for name, what in zip(FAILED, ("backup by schedule", "rehearsal of a backup"), strict=True):
        if (failed := kept.get(name)) is not None and failed.value:
            ago = duration(max(0, desk.now() - failed.at))
            why = clean_line(failed.value).rstrip(".")
            yield wrong(CHECK, f"The last {what} failed {ago} ago: {why}", "It is tried again each half hour by sdesk worker; see docs/backup.md.")  # fmt: skip


def _restored(desk: Desk, kept: Kept | None) -> Finding:
    mend = "sdesk restore --check FILE; sdesk worker does it each week where [backup] is configured"
    if kept is None:
        return note(CHECK, "No backup was ever restored to see whether it can be", mend)
    age = desk.now() - kept.at
    said = f"A backup was last restored {duration(max(0, age))} ago"
    return note(CHECK, f"{said}: more than 7 days", mend) if age > WEEK else ok(CHECK, said)


def _of_folders(desk: Desk) -> Iterator[Finding]:
    from sdesk.upkeep.backing import erased_since, own_backups

    here = [one for one in own_backups(desk) if one.is_here]
    store = Path(str(desk.place))
    if here and store.exists() and all(_device(one) == store.stat().st_dev for one in here):
        yield note(CHECK, f"{counted(len(here), 'backup')}, all on the disk that holds the store: one broken disk takes both", "sdesk backup --to another disk, or --to-command")  # fmt: skip
    loose = [one for one in here if one.path.stat().st_mode & 0o077]
    if loose:
        yield wrong(CHECK, f"{loose[0].path} can be read by others", f"chmod 600 {loose[0].path}")
    for one, people in erased_since(desk, here):
        gone = f"it is kept until {stamp(one.expires_at, 'UTC')[:10]} at the latest" if one.expires_at else "it is kept until somebody removes it"  # fmt: skip
        yield note(CHECK, f"{one.file} holds {counted(people, 'person', 'people')} erased since; {gone}", "Remove it sooner where that is owed.")  # fmt: skip


def _device(one: Manifest) -> int:
    return one.path.stat().st_dev


def _checked(desk: Desk, kept: dict[str, Kept]) -> Iterator[Finding]:
    """What the worker does each hour."""
    now = desk.now()
    if (pages := kept.get("pages")) is not None:
        found = _found(pages.value)
        for said in found:
            yield wrong("pages", clean_line(said), "Restore the last backup: sdesk restore.")
        if not found:
            late = now - pages.at > HOURS
            tell = f"Checked {duration(max(0, now - pages.at))} ago, nothing found"
            yield note("pages", tell, "Run sdesk worker.") if late else ok("pages", tell)
    if (anchor := kept.get("anchor")) is not None:
        said = f"The newest anchor in syslog is {duration(max(0, now - anchor.at))} old"
        late = now - anchor.at > HOURS
        yield note("anchor", said, "Run sdesk worker; see docs/audit.md.") if late else ok("anchor", said)  # fmt: skip
        if not Path("/dev/log").exists():
            yield note("anchor", "This host has no syslog: anchors go nowhere", "Start one, or keep the manifests of backups elsewhere.")  # fmt: skip


def _found(text: str) -> list[str]:
    try:
        return [str(said) for said in json.loads(text)["found"]]
    except (ValueError, KeyError, TypeError):
        return []

"""A backup from its copy to the mention in the history; and the rehearsal of the newest one."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sdesk.desk import Desk
from sdesk.errors import SdeskError
from sdesk.model import Source
from sdesk.store import home, upkeep
from sdesk.store import place as places
from sdesk.store.archive import settle
from sdesk.store.chained import store_id
from sdesk.store.reader import open_reader
from sdesk.transfer import manifest as manifests
from sdesk.transfer import restoring
from sdesk.transfer.backup import Made, backup, folder_of, remember
from sdesk.transfer.manifest import Manifest
from sdesk.upkeep.settings import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.model import Instant
    from sdesk.rules.keeping import Keep
    from sdesk.store.upkeep import Kept

KIND = "backed_up"
RESTRICTED = "restricted"
"""The folder of its own below the other backups."""


STAY = "All earlier backups stay: this host's clock jumped ahead lately."


class Done(NamedTuple):
    """What came of a backup."""

    made: Made
    trouble: str = ""
    """Why that it was made could not be kept in the store, or why the earlier ones stay; empty where all
    went well."""
    restricted: Made | None = None
    """The backup of the file for restricted tickets."""
    missed: str = ""
    """Why that file is in no backup; empty where it is, or there is none."""


def back_up(
    place: str | Path, to: str, now: Instant, *, keep: Keep | None = None,
    command: Sequence[str] = (), actor: str | None = None, source: Source = Source.CLI,
) -> Done:  # fmt: skip
    """Make a backup of the store, and of the file for restricted tickets beside it, and keep that they
    were made and by whom. Raises what making the first raises."""
    stays = _is_clock_doubted(place, now)
    made = backup(place, to, now, keep=keep, command=command, removes=not stays)
    trouble = _kept(place, made, now, actor, source)
    if stays and keep is not None:
        trouble = trouble or STAY
    if places.is_postgres(place):
        return Done(made, trouble)
    path, missed = _restricted(place)
    if path is None:
        return Done(made, trouble, missed=missed)
    # Below the other's folder, which only its owner reads; with the group that may read the file.
    folder = made.path.parent / RESTRICTED
    second = backup(
        path,
        str(folder),
        now,
        keep=keep,
        command=command,
        label=f"-{RESTRICTED}",
        removes=not stays,
    )
    _give(path, [folder, second.path])
    return Done(made, trouble or _kept(path, second, now, actor, source), second)


def _is_clock_doubted(place: str | Path, now: Instant) -> bool:
    where = place if places.is_postgres(place) else places.find(place)
    reader = open_reader(where)
    try:
        with suppress(SdeskError):
            return bool(upkeep.jumped(where, reader, now))
        return False
    finally:
        reader.close()


def _kept(place: str | Path, made: Made, now: Instant, actor: str | None, source: Source) -> str:
    details = {"file": made.manifest.file, "event": made.manifest.event, "sent": made.manifest.sent}
    try:
        remember(place, made, now)
        record(place, KIND, details, now, actor=actor, source=source)
    except SdeskError as error:
        return f"That it was made could not be kept in the store: {error.message}"
    return ""


def _restricted(place: str | Path) -> tuple[Path | None, str]:
    """The file for restricted tickets, or why this user leaves it out."""
    from sdesk import restricted

    with Desk.open(place) as desk:
        setting = desk.restricted_store
    if not setting:
        return None, ""
    try:
        path = restricted.openable(places.find(place), setting)
    except SdeskError as error:
        return None, error.message
    why = "The file for restricted tickets is not in this backup: you are not in its group."
    return path, "" if path is not None else why


def _give(path: Path, made: Sequence[Path]) -> None:
    for one in made:
        with suppress(OSError):
            os.chown(one, -1, path.stat().st_gid)


def record(
    place: str | Path, kind: str, details: dict[str, object], now: Instant, *,
    actor: str | None = None, source: Source = Source.CLI,
) -> None:  # fmt: skip
    """Put into the history that somebody took something out of the desk, or looked after it."""
    with (
        Desk.open(place, actor=actor, source=source, clock=lambda: now) as desk,
        desk.door().transaction() as work,
    ):
        work.tx.record(kind, details=details)


def backups(place: str | Path, to: str = "") -> list[Manifest]:
    """The backups of this store in a folder, the oldest first."""
    reader = open_reader(place if places.is_postgres(place) else places.find(place))
    try:
        own = store_id(reader)
    finally:
        reader.close()
    return [one for one in manifests.in_folder(folder_of(place, to)) if one.store == own]


def rehearse(place: str | Path, to: str, now: Instant) -> Manifest | None:
    """Restore the newest backup that lies there for a moment; None where there is none."""
    here = [one for one in backups(place, to) if one.is_here]
    if not here:
        return None
    done = restoring.check(str(here[-1].path), place, now)
    restoring.remember(place, done, now)
    return here[-1]


def folders(desk: Desk) -> list[Path]:
    """Where backups of a store may lie: as configured, beside it, and where the last one went."""
    found = [folder_of(desk.place, load().to), folder_of(desk.place, "")]
    kept = upkeep.known(desk.read.reader, upkeep.BACKUP)
    if kept is not None:
        with suppress(ValueError, KeyError, TypeError):
            found.append(Path(json.loads(kept.value)["folder"]))
    return list(dict.fromkeys(folder.absolute() for folder in found))


def known(desk: Desk) -> dict[str, Kept]:
    """All that upkeep remembers of the store."""
    return upkeep.all_known(desk.read.reader)


def own_backups(desk: Desk) -> list[Manifest]:
    """The backups of the store in every folder where there may be any, the oldest first."""
    own = store_id(desk.read.reader)
    found = [one for folder in folders(desk) for one in manifests.in_folder(folder)]
    return sorted((one for one in found if one.store == own), key=lambda one: one.made_at)


def erased_since(desk: Desk, made: Sequence[Manifest]) -> list[tuple[Manifest, int]]:
    """Those of the backups that hold people who have been erased since, and how many."""
    rows = desk.read.reader.all("SELECT erased_at FROM person WHERE erased_at IS NOT NULL")
    counts = [(one, sum(at > one.made_at for (at,) in rows)) for one in made]
    return [(one, count) for one, count in counts if count]


def accept_copy(desk: Desk) -> bool:
    """Take a store that was copied by hand for what it is from now on, and keep who did; whether it was one."""
    if (found := desk.copied) is None:
        return False
    home.accept(found.path)
    with desk.door().transaction() as work:
        work.tx.record("copy_accepted", details={"newest_at": found.newest_at})
    return True


def settle_down(place: Path) -> None:
    """Bring a store that nobody has open into its one file, so that it may be copied as it is."""
    with suppress(SdeskError):
        settle(place)

"""A backup from its copy to the mention in the history; and the rehearsal of the newest one."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.desk import Desk
from sdesk.errors import SdeskError
from sdesk.model import Source
from sdesk.store import place as places
from sdesk.store import upkeep
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

KIND = "backed_up"


def back_up(
    place: str | Path, to: str, now: Instant, *, keep: Keep | None = None,
    command: Sequence[str] = (), actor: str | None = None, source: Source = Source.CLI,
) -> tuple[Made, str]:  # fmt: skip
    """Make a backup and keep that it was made, and by whom; the backup, and why that could not be
    kept where it could not. Raises what making it raises."""
    made = backup(place, to, now, keep=keep, command=command)
    details = {"file": made.manifest.file, "event": made.manifest.event, "sent": made.manifest.sent}
    try:
        remember(place, made, now)
        record(place, KIND, details, now, actor=actor, source=source)
    except SdeskError as error:
        return made, error.message
    return made, ""


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

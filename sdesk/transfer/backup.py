"""Backups: made under load, verified, named with their moment, handed on, thrown away when their time is over."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sdesk.errors import StoreFault
from sdesk.files import expanded
from sdesk.rules.keeping import Copied, Keep
from sdesk.store import backup as store
from sdesk.store import place, upkeep
from sdesk.store.backup import Facts
from sdesk.store.leftovers import swept
from sdesk.transfer import manifest as manifests
from sdesk.transfer.manifest import Manifest
from sdesk.transfer.sending import send

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.model import Instant

STRANGE = 92 * 86_400
"""Seconds since the backup before, after which nothing is removed: the clock may have jumped ahead."""


class Made(NamedTuple):
    """A backup that is done."""

    path: Path
    """Where it lies; where it was made, when a command has taken it."""
    size: int
    manifest: Manifest
    removed: tuple[str, ...] = ()
    """The names of those whose time was over."""


def folder_of(desk: str | Path, folder: str) -> Path:
    """The folder meant; without one, `backups` beside the store (PostgreSQL: where one stands)."""
    if folder:
        return expanded(folder)
    return Path() if place.is_postgres(desk) else place.find(desk).parent / "backups"


def backup(
    desk: str | Path, folder: str, now: Instant, *, keep: Keep | None = None,
    command: Sequence[str] = (), label: str = "", removes: bool = True,
) -> Made:  # fmt: skip
    """Copy a store into a folder (empty: `backups` beside it), named with the time in UTC.

    With a command the verified copy goes to its standard input and doesn't stay; its manifest does.
    `label` stands in its name behind the store's. Without `removes` all earlier ones stay.
    Earlier backups stay whatever happens. Raises `StoreFault`.
    """
    into = _made_folder(folder_of(desk, folder))
    is_archive = place.is_postgres(desk)
    stem = ("sdesk" if is_archive else place.find(desk).stem) + label
    stem = f"{stem}-{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H%M%SZ}"
    ending = ".jsonl.gz" if is_archive else ".db"
    # Of its own for each process: another may make one in the same second.
    part = into / f".{stem}{ending}.{os.getpid()}.part"
    manifests.complete(into)
    with swept(into):
        try:
            facts = _archived(str(desk), part, into) if is_archive else store.copy(desk, part)
            made = _described(facts, part, _free_name(into, stem, ending), now, keep)
            if command:
                made = replace(made, sent=send(part, command, made.file))
                made.write()
            else:
                made = _put(part, made, stem, ending)
        finally:
            store.drop(part)
        removed = prune(into, made.store, keep, now) if keep is not None and removes else ()
    return Made(made.path, made.bytes, made, removed)


def _made_folder(into: Path) -> Path:
    try:
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
    except FileExistsError:
        why = "leads nowhere" if into.is_symlink() else "is no folder"
        raise StoreFault(f"{into} {why}.", "Name a folder with --to.") from None
    except OSError as error:
        raise StoreFault(f"The folder {into} can't be made: {error.strerror}.") from None
    return into


def _put(part: Path, made: Manifest, stem: str, ending: str) -> Manifest:
    """Give the copy its name and its manifest; another name where somebody has just taken it."""
    while True:
        made.write(waiting=True)
        try:
            store.put_in_place(part, made.path)
        except FileExistsError:
            made.drop_waiting()
            made = replace(made, file=_free_name(made.folder, stem, ending).name)
            continue
        except BaseException:
            made.drop_waiting()
            raise
        made.put_waiting()
        return made


def _free_name(folder: Path, stem: str, ending: str) -> Path:
    target, number = folder / f"{stem}{ending}", 1
    while target.exists() or target.with_name(target.name + manifests.ENDING).exists():
        number += 1
        target = folder / f"{stem}-{number}{ending}"
    return target


def _archived(desk: str, part: Path, into: Path) -> Facts:
    """The archive of a store that is no file, restored once to see that it can be."""
    from sdesk.transfer.archive import dump
    from sdesk.transfer.restoring import rehearsed

    packed = part.with_name(part.name + ".gz")
    try:
        dump(desk, str(packed))
        facts = rehearsed(packed, into)
        packed.replace(part)
    finally:
        packed.unlink(missing_ok=True)
    return facts


def _described(facts: Facts, part: Path, target: Path, now: Instant, keep: Keep | None) -> Manifest:
    head = facts.chain.head
    return Manifest(
        file=target.name, store=facts.store, made_at=now, schema=facts.schema,
        bytes=part.stat().st_size, sha256=sha256_of(part),
        event=head.event if head else 0, hash=head.hash if head else "",
        event_at=head.at if head else 0, counts=facts.counts,
        expires_at=keep.expires(now) if keep is not None else 0, folder=target.parent,
    )  # fmt: skip


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def prune(folder: Path, of_store: str, keep: Keep, now: Instant) -> tuple[str, ...]:
    """Remove what the rule keeps no longer; the names. Only what is known by its manifest as a backup
    of this store, and still is as large as that says."""
    own = [one for one in manifests.in_folder(folder) if one.store == of_store]
    here = [one for one in own if one.sent or one.is_here]
    earlier = [one.made_at for one in here if one.made_at < now]
    if earlier and now - max(earlier) > STRANGE:
        return ()
    stays = keep.kept([Copied(one.file, one.made_at, one.verified) for one in here], now)
    removed = []
    for one in here:
        if one.file in stays:
            continue
        try:
            if not one.sent:
                one.path.unlink()
            one.path.with_name(one.file + manifests.ENDING).unlink()
        except OSError as error:
            raise StoreFault(
                f"{one.path} can't be removed: {error.strerror}.", "The new backup is whole."
            ) from None
        removed.append(one.file)
    return tuple(removed)


def remember(desk: str | Path, made: Made, now: Instant) -> None:
    """Keep in the store where its last backup went. Raises `Busy`, `StoreFault`."""
    said = made.manifest
    value = {"file": said.file, "folder": str(said.folder.resolve()), "event": said.event, "hash": said.hash, "sent": said.sent}  # fmt: skip
    upkeep.remember(_place(desk), upkeep.BACKUP, json.dumps(value, ensure_ascii=False), now)


def _place(desk: str | Path) -> str | Path:
    return desk if place.is_postgres(desk) else place.find(desk)

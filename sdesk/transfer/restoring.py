"""Restoring: from an archive or a backup, all or nothing; and the rehearsal that throws the result away."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sdesk.errors import Invalid, NotFound, Refused, StoreFault
from sdesk.files import expanded
from sdesk.store import archive as archives
from sdesk.store import place, upkeep
from sdesk.store.backup import Facts, begin, drop, look_through
from sdesk.store.leftovers import REHEARSAL, swept
from sdesk.transfer import archive
from sdesk.transfer import manifest as manifests
from sdesk.transfer.backup import sha256_of
from sdesk.transfer.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sdesk.model import Instant

    Tell = Callable[[str, float], None]

_MAGIC = b"SQLite format 3\x00"


class Restored(NamedTuple):
    """What came of it."""

    facts: Facts
    manifest: Manifest | None
    """What the backup was held against; None where there is none beside it."""

    @property
    def rows(self) -> int:
        return sum(self.facts.counts.values())


def is_backup(file: str) -> bool:
    """Whether it is the copy of a store's file, not an archive."""
    if file == "-":
        return False
    try:
        if not stat.S_ISREG(Path(file).stat().st_mode):
            raise Invalid(f"'{file}' is not a file.", "An archive on standard input is named -.")
        with Path(file).open("rb") as stream:
            return stream.read(len(_MAGIC)) == _MAGIC
    except FileNotFoundError:
        raise NotFound(f"There is no file '{file}'.") from None
    except OSError as error:
        raise Invalid(f"'{file}' can't be read: {error.strerror}.") from None


def restore(file: str, desk: str | Path, tell: Tell | None = None) -> int:
    """Make a store of an archive or a backup; its rows. An untouched desk at that place gives way.

    Raises `Invalid` or `StoreFault` for what is damaged, `Refused` where a desk with work in it stands.
    """
    if not is_backup(file):
        return archive.restore(file, desk, tell)
    if place.is_postgres(desk):
        raise Refused(
            "A backup of a file is restored to a file.",
            f"Carry it over: sdesk --store {file} dump - | sdesk --store postgresql://… restore -",
        )
    if not archives.is_empty(desk):
        raise Refused(
            f"There is a desk with work in it at {desk}; nothing was restored.",
            "Name another place with --store.",
        )
    target = expanded(desk).absolute()
    with swept(target.parent):
        fresh = place.make(target.with_name(f".{target.name}.{os.getpid()}.restoring"))
        try:
            done = _copied(Path(file), fresh)
            archives.put_in_place(fresh, target.resolve())
        finally:
            drop(fresh)
    return done.rows


def check(file: str, desk: str | Path, now: Instant) -> Restored:
    """The rehearsal: restore into a private folder, verify, compare with the manifest, throw away.

    That it went well is remembered in the store the backup is of, where that is `desk`, and beside it.
    """
    where = Path(tempfile.gettempdir()) if place.is_postgres(desk) else _room(desk)
    if is_backup(file):
        with _stage(where) as folder:
            fresh = folder / "desk.db"
            begin(fresh)
            done = _copied(Path(file), fresh)
    else:
        known = manifests.of(Path(file)) if file != "-" else None
        _compare_bytes(Path(file), known)
        done = Restored(_compared(rehearsed(file, where), known), known)
    if done.manifest is not None:
        done.manifest.rehearsed(now).write()
    return done


def remember(desk: str | Path, done: Restored, now: Instant) -> bool:
    """Keep in the store that a backup of it was restored; whether it was one of this store."""
    from sdesk.store.chained import store_id
    from sdesk.store.reader import open_reader

    reader = open_reader(desk)
    try:
        if store_id(reader) != done.facts.store:
            return False
    finally:
        reader.close()
    said = f"{done.manifest.file if done.manifest else ''}"
    upkeep.remember(desk if place.is_postgres(desk) else place.find(desk), upkeep.VERIFIED, said, now)  # fmt: skip
    return True


def verify(file: str) -> Restored:
    """Look through a backup where it lies, and hold it against its manifest. Raises what is wrong with it."""
    path, is_file = Path(file), is_backup(file)
    known = manifests.of(path)
    _compare_bytes(path, known)
    facts = look_through(path) if is_file else rehearsed(path, Path(tempfile.gettempdir()))
    return Restored(_compared(facts, known), known)


def rehearsed(file: str | Path, where: Path) -> Facts:
    """An archive made into a store in a private folder below that one, and what that holds."""
    with _stage(where) as folder:
        fresh = folder / "desk.db"
        archive.restore(str(file), fresh)
        return look_through(fresh, Path(file))


@contextmanager
def _stage(where: Path) -> Iterator[Path]:
    """A private folder for a rehearsal, thrown away afterwards; what a killed one left goes first."""
    with swept(where):
        try:
            made = tempfile.mkdtemp(prefix=REHEARSAL, dir=where)
        except OSError as error:
            raise StoreFault(f"Nothing can be made in {where}: {error.strerror}.") from None
        try:
            yield Path(made)
        finally:
            shutil.rmtree(made, ignore_errors=True)


def _room(desk: str | Path) -> Path:
    """Where a rehearsal finds room: beside the store, else where temporary files go."""
    folder = expanded(desk).absolute().parent
    return folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir())


def _copied(backup: Path, fresh: Path) -> Restored:
    """Copy a backup into a file that is there, empty; verified before and brought up to date after."""
    known = manifests.of(backup)
    _compare_bytes(backup, known)
    try:
        shutil.copyfile(backup, fresh)
    except OSError as error:
        raise StoreFault(
            f"Nothing can be written in {fresh.parent}: {error.strerror}.", "Nothing was restored."
        ) from None
    facts = _compared(look_through(fresh, backup), known)
    if facts.schema < place.SCHEMA:
        _upgrade(fresh)
        facts = look_through(fresh)
    else:
        # The mode too, so that it is known for what it is: no copy made by hand.
        archives.settle(fresh)
    return Restored(facts, known)


def _upgrade(fresh: Path) -> None:
    from sdesk.store.engine import SqliteWriter
    from sdesk.store.migrations import upgrade

    writer = SqliteWriter(fresh)
    try:
        upgrade(writer)
    finally:
        writer.close()
    archives.settle(fresh)


def _compare_bytes(backup: Path, known: Manifest | None) -> None:
    if known is not None and sha256_of(backup) != known.sha256:
        raise StoreFault(
            f"{backup} is not as it was made: its bytes differ from its manifest.",
            "Take another backup.",
        )


def _compared(facts: Facts, known: Manifest | None) -> Facts:
    """Raises `StoreFault` where a backup holds something else than its manifest says."""
    if known is None:
        return facts
    head = facts.chain.head
    told = (known.store, known.schema, known.event, known.hash)
    if (facts.store, facts.schema, head.event if head else 0, head.hash if head else "") != told:
        raise StoreFault(
            f"{known.path} is not what its manifest says: another store, schema or history.",
            "Take another backup.",
        )
    for table, count in known.counts.items():
        if facts.counts.get(table) != count:
            raise StoreFault(
                f"{known.path}: the table '{table}' has {facts.counts.get(table)} rows, its manifest says {count}.",
                "Take another backup.",
            )
    return facts

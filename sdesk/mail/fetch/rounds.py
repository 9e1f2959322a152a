"""One look into a mailbox: keep what is new, decide about it, and only then flag or move it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.errors import SdeskError
from sdesk.files import file_size
from sdesk.locations import state_folder
from sdesk.mail.fetch.source import Found, Source, Trouble, open_source
from sdesk.store import place as places

if TYPE_CHECKING:
    from sdesk.intake import Intake, Taken
    from sdesk.mail.settings import Mailbox

BATCH = 20
"""Mails that are kept in one transaction."""
BATCH_BYTES = 4_000_000
RESERVE = 200_000_000
"""Bytes of the disk that mail leaves free: a full one would stop every agent."""


@dataclass
class Fetched:
    """What one look came to."""

    counts: Counter[str] = field(default_factory=Counter)
    """Outcome → how many mails."""
    taken: list[Taken] = field(default_factory=list)

    def add(self, taken: Iterable[Taken]) -> None:
        for one in taken:
            if one.first:
                self.counts[one.outcome] += 1
                self.taken.append(one)

    @property
    def words(self) -> str:
        """ "3 mails: 2 new, 1 append"; empty for none."""
        total = self.counts.total()
        each = ", ".join(f"{count:,} {name}" for name, count in self.counts.most_common())
        return f"{total:,} mail{'' if total == 1 else 's'}: {each}" if total else ""


def fetch(
    intake: Intake, box: Mailbox, *, until: Callable[[], bool] = lambda: False,
    source: Source | None = None,
) -> Fetched:  # fmt: skip
    """Look into a mailbox once. Raises `Trouble` and what the store raises; what was committed stays.

    An open `source` is used, and left open; else one is opened for this look.
    """
    done = Fetched()
    done.add(intake.settle_waiting(until))
    with mailbox_lock(intake.desk.place, box.name):
        opened = source or open_source(box)
        try:
            _look(intake, box, opened, done, until)
        finally:
            if source is None:
                opened.close()
        intake.note(box.name, checked_at=intake.desk.now(), trouble="", **opened.reached)
    return done


def _look(
    intake: Intake, box: Mailbox, source: Source, done: Fetched, until: Callable[[], bool]
) -> None:
    for batch in batched(source.news(intake.desk.read)):
        check_room(intake.desk.place, sum(len(found.raw) for found in batch))
        progress = {name: value for found in batch for name, value in found.progress.items()}
        numbers = intake.keep_all(
            box.name, [(found.spot, found.raw, found.size) for found in batch],
            generation=source.generation, progress=progress,
        )  # fmt: skip
        done.add([intake.settle(number) for number in numbers])
        source.finish([found.spot for found in batch])
        if until():
            return


def batched(mails: Iterable[Found]) -> Iterator[list[Found]]:
    """So many mails, or so many bytes, at a time."""
    batch: list[Found] = []
    size = 0
    for found in mails:
        batch.append(found)
        size += len(found.raw)
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def check_room(place: str | Path, size: int) -> None:
    """Raises `Trouble` where keeping so many bytes would fill the disk; the mail stays where it is."""
    if places.is_postgres(place):
        return
    try:
        free = shutil.disk_usage(Path(place).parent).free
    except OSError:
        return
    if free - 2 * size < RESERVE:
        raise Trouble(
            f"The store's disk has {file_size(free)} left: mail waits where it is.",
            f"Make room; {file_size(RESERVE)} stay free.",
        )


@contextmanager
def mailbox_lock(place: str | Path, name: str) -> Iterator[None]:
    """One fetcher a mailbox, over all processes. Raises `Trouble` while there is another one."""
    mark = hashlib.sha256(name.encode()).hexdigest()[:10]
    folder = state_folder() if places.is_postgres(place) else Path(place).parent
    start = "sdesk" if places.is_postgres(place) else Path(place).name
    try:
        handle = os.open(
            folder / f"{start}.{mark}.fetching",
            os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, places.FILE_MODE,
        )  # fmt: skip
    except OSError as error:
        raise Trouble(f"The lock of the mailbox {name} can't be made: {error.strerror}.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Held(f"Another process reads the mailbox {name} just now.") from None
    try:
        yield
    finally:
        os.close(handle)


class Held(Trouble):
    """Somebody else does it: no trouble at all."""


def tell_trouble(intake: Intake, box: Mailbox, error: SdeskError) -> None:
    """Keep with the mailbox what troubles it, where the store can still be written."""
    if not isinstance(error, Held):
        intake.note(box.name, trouble=error.message)

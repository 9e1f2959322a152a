"""P13: a backup that is made while others write is whole, and of one moment."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sdesk.prove.model import Bench, Promise, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.desk import Desk

BACKUPS, WRITERS, TICKETS, COPIES = 10, 8, 20, 5
ENDLESS = 1_000_000
PATIENCE = 120.0
"""Seconds for the writers to write a little."""
FILE = 20_000
"""Bytes of an attachment."""
FIELDS = "SELECT count(*) FROM event WHERE kind = 'field_set'"
TEXTS = "SELECT count(*) FROM field"


class Checked(NamedTuple):
    """What came of one backup."""

    wrong: str
    events: int
    files: int


def run(bench: Bench) -> Verdict:
    """Eight processes write without a pause; each backup is restored into a store of its own."""
    from sdesk import ops
    from sdesk.model import TicketId
    from sdesk.prove import desks

    chance = bench.chance()
    with desks.make(bench.store, TICKETS) as desk:
        for number in range(1, TICKETS + 1):
            desk.apply(TicketId(number), ops.Attach(f"{number}.bin", chance.randbytes(FILE)))
    with writing(bench) as desk:
        found = [checked(bench, desk, number) for number in range(bench.count(BACKUPS))]
        copies = [copied(bench, number) for number in range(bench.count(COPIES))]
    wrong, known = [one.wrong for one in found if one.wrong], sum(copies)
    said = (
        f"{len(found)} backups under {WRITERS} writers, {found[0].events:,} to {found[-1].events:,} events and"
        f" {found[-1].files} files: {len(found) - len(wrong)} restored whole and of one moment;"
        f" {known} of {len(copies)} copies by cp recognised"
    )
    told = f"; the first: {wrong[0]}" if wrong else ""
    return Verdict(not wrong and known == len(copies), said + told, {
        "backups": len(found), "wrong": len(wrong), "copies": len(copies), "recognised": known,
        "events": found[-1].events,
    })  # fmt: skip


@contextmanager
def writing(bench: Bench) -> Iterator[Desk]:
    """Eight writers at work, and a desk that looks on."""
    from sdesk.desk import Desk
    from sdesk.prove import children, desks

    started = [
        children.start(
            bench.folder, "sdesk.prove.writer", bench.store, login, str(number * ENDLESS),
            str(ENDLESS), str(TICKETS), "start", stdin=children.PIPE,
        )
        for number, login in enumerate(desks.AGENTS[:WRITERS])
    ]  # fmt: skip
    try:
        for writer in started:
            assert writer.stdout is not None
            assert writer.stdin is not None
            assert writer.stdout.readline().strip() == "ready", "a writer did not begin"
        for writer in started:
            assert writer.stdin is not None
            writer.stdin.write("\n")
            writer.stdin.flush()
        with Desk.open(bench.store, actor=desks.AGENTS[0]) as desk:
            yield desk
            assert all(writer.poll() is None for writer in started), "a writer has ended"
    finally:
        children.stop(started)


def await_writes(desk: Desk, count: int) -> None:
    """Until so much has been written since now: a backup beside writers that sleep shows nothing."""
    begun, pause, ends = desk.read.last_event(), threading.Event(), time.monotonic() + PATIENCE
    while desk.read.last_event() < begun + count:
        assert time.monotonic() < ends, "nobody writes"
        pause.wait(0.01)


def checked(bench: Bench, desk: Desk, number: int) -> Checked:
    """Make a backup, restore it, look into it, and hold it against the store it is of."""
    from sdesk.errors import SdeskError
    from sdesk.prove import sound
    from sdesk.store import chained
    from sdesk.store.backup import check
    from sdesk.store.reader import open_reader
    from sdesk.transfer import restoring
    from sdesk.transfer.backup import backup

    bench.tell(f"backup {number + 1}")
    await_writes(desk, WRITERS)
    before = chained.head(desk.read.reader)
    fresh = bench.room(f"restored{number}") / "sdesk.db"
    try:
        made = backup(bench.store, str(bench.room("backups")), 1_764_150_000 + number)
        restoring.restore(str(made.path), fresh)
    except SdeskError as error:
        return Checked(f"{error.message} {error.hint}", 0, 0)
    reader = open_reader(fresh)
    try:
        chain, half = check(reader), sound.wrong_in(reader)
        one = [int((reader.one(sql) or (0,))[0]) for sql in (FIELDS, TEXTS)]
        files = int((reader.one("SELECT count(*) FROM attachment") or (0,))[0])
    except SdeskError as error:
        return Checked(error.message, 0, 0)
    finally:
        reader.close()
    head = chain.head
    assert head is not None
    assert before is not None
    there = desk.read.reader.one("SELECT hash FROM event WHERE id = :id", {"id": head.event})
    said = {
        half: half != "",
        f"{one[0]} events tell of {one[1]} values": one[0] != one[1],
        "it lacks what was there when it began": head.event < before.event,
        "its newest event is none of the store's": there is None or there[0] != head.hash,
        f"{files} files of {TICKETS}": files != TICKETS,
    }
    return Checked("; ".join(what for what, is_so in said.items() if is_so), chain.events, files)


def copied(bench: Bench, number: int) -> bool:
    """Whether a copy of the file in use, made by hand, is known for what it is."""
    from sdesk.desk import Desk
    from sdesk.errors import SdeskError
    from sdesk.prove import desks

    there = bench.room(f"copied{number}") / "sdesk.db"
    # By another process: closing the file here would let go of the locks that SQLite holds on it.
    _copy_elsewhere(Path(bench.store), there)
    try:
        with Desk.open(there, actor=desks.AGENTS[0]) as desk:
            return desk.copied is not None
    except SdeskError:
        # Torn in the middle of a page: it does not open, which is said as well.
        return True


def _copy_elsewhere(source: Path, target: Path) -> None:
    from sdesk.prove import forking

    forking.in_child(lambda: shutil.copyfile(source, target))


PROMISE = Promise(
    "backup", 13,
    "Backups made while 8 processes write: pages, references, history and files whole, of one moment;"
    " a copy by cp is known for what it is.",
    run,
)  # fmt: skip

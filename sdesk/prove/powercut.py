"""P4: the power fails. What was not synced is there, torn, or not there; all that was acknowledged is.

The store's own code writes through the SQLite that Python uses, on a disk that notes each write,
each sync and each acknowledgement (`vfs`). For each of the cuts the files are put together again as
a disk may leave them: what was synced, and of the rest a part drawn by chance, in sectors of 512
bytes. Then the desk is opened on them, as on the morning after.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import SdeskError
from sdesk.model import TicketId
from sdesk.prove import desks, sound, vfs
from sdesk.prove.model import Bench, Figures, Promise, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sdesk.prove.vfs import Step

CUTS, ACTS, TICKETS = 300, 160, 12
CHECKS = 60
"""Cuts with which it is shown that losses would be found: on the same disk, told less often to sync."""
REOPEN_EVERY = 45
_SECTOR = 512


def run(bench: Bench) -> Verdict:
    cuts = bench.count(CUTS)
    found = _tried(bench, "FULL", cuts)
    lazy = {mode: _tried(bench, mode, max(12, bench.count(CHECKS))) for mode in ("NORMAL", "OFF")}
    can_fail = all(one.lost + one.broken for one in lazy.values())
    text = (
        f"{found.cuts} power cuts among {found.steps:,} writes and syncs, {found.acknowledged:,}"
        f" acts acknowledged: {found.lost} cuts lost one, {found.broken} damaged the store"
        f" (the same with synchronous=NORMAL: {lazy['NORMAL'].said}; OFF: {lazy['OFF'].said})"
    )
    if not can_fail:
        text += "; this proof finds no losses where there must be some, so it shows nothing"
    figures: Figures = {
        "cuts": found.cuts, "steps": found.steps, "acknowledged": found.acknowledged,
        "lost": found.lost, "corrupt": found.broken,
        "normal_lost": lazy["NORMAL"].lost, "normal_corrupt": lazy["NORMAL"].broken,
        "off_lost": lazy["OFF"].lost, "off_corrupt": lazy["OFF"].broken,
    }  # fmt: skip
    if found.first:
        text += f"; first: {found.first}"
    return Verdict(not found.lost and not found.broken and can_fail, text, figures)


class _Found(NamedTuple):
    """What the cuts of one run have shown."""

    cuts: int
    steps: int
    acknowledged: int
    lost: int
    broken: int
    first: str

    @property
    def said(self) -> str:
        return f"{self.lost + self.broken} of {self.cuts} cuts"


def _tried(bench: Bench, mode: str, cuts: int) -> _Found:
    folder = bench.room(f"power-{mode.lower()}")
    store = folder / "desk.db"
    desks.make(store, TICKETS).close()
    base = {str(path): path.read_bytes() for path in folder.iterdir() if path.is_file()}
    acts = max(24, min(ACTS, bench.count(ACTS)))
    bench.tell(f"{acts} acts with synchronous={mode}")
    with vfs.watched(folder) as disk:
        _work(store, disk, mode, acts)
    places = _places(disk.steps, cuts, bench.chance())
    lost = broken = told = 0
    first = ""
    morning = bench.room("morning")
    for number, files in enumerate(_cut(disk.steps, base, places, bench.chance())):
        told = sum(step.kind == vfs.NOTE for step in disk.steps[: places[number]])
        wrong, missing = _look(morning, store, files, told)
        broken, lost = broken + bool(wrong), lost + bool(missing and not wrong)
        first = first or wrong or missing
        if number % 20 == 0:
            bench.tell(f"synchronous={mode}: {number} of {cuts} cuts")
    return _Found(cuts, len(disk.steps), told, lost, broken, first)


def _work(store: Path, disk: vfs.Disk, mode: str, acts: int) -> None:
    """Act after act, each noted once it is acknowledged; from time to time a desk is closed."""
    done = 0
    while done < acts:
        with Desk.open(store, actor="ana") as desk:
            if mode != "FULL":
                _slacken(desk, mode)
            for _ in range(min(REOPEN_EVERY, acts - done)):
                _act(desk, done)
                disk.note(str(done))
                done += 1


def _slacken(desk: Desk, mode: str) -> None:
    """Let the desk's writing connection wait for the disk less than the store wants it to."""
    writer: Any = desk.door().writer
    connection = writer.engine.raw_connection()
    connection.driver_connection.execute(f"PRAGMA synchronous = {mode}")
    connection.close()


def _act(desk: Desk, number: int) -> None:
    ticket, token = TicketId(1 + number % TICKETS), f"act {number}"
    if number % 3 == 0:
        desk.apply(ticket, ops.AddNote(token), ops.Assign("ben" if number % 2 else "lea"))
    elif number % 3 == 1:
        desk.apply(ticket, ops.AddNote(token), ops.SetField("last", token))
    else:
        desk.apply(None, ops.Open(f"Another one, {number}", token))


def _places(steps: Sequence[Step], cuts: int, chance: random.Random) -> list[int]:
    """Before which steps the power fails: half right after an acknowledgement, half anywhere."""
    told = [n + 1 for n, step in enumerate(steps) if step.kind == vfs.NOTE]
    after = [chance.choice(told) for _ in range(cuts // 2)]
    return sorted(after + [chance.randint(1, len(steps)) for _ in range(cuts - len(after))])


class _File:
    """One file: what the disk has for certain, and what was written since."""

    def __init__(self, content: bytes = b"") -> None:
        self.content = bytearray(content)
        self.pending: list[Step] = []

    def sync(self) -> None:
        for step in self.pending:
            _apply(self.content, step)
        self.pending.clear()

    def after(self, chance: random.Random) -> bytes:
        """What may be found of it: of each write since the last sync all, nothing, or some sectors."""
        left, share = bytearray(self.content), chance.choice((0.0, 0.5, 0.9, 1.0))
        for step in self.pending:
            if step.kind == vfs.TRUNCATE:
                if chance.random() < share:
                    _apply(left, step)
                continue
            for at in range(0, len(step.data), _SECTOR):
                if chance.random() < share:
                    part = step.data[at : at + _SECTOR]
                    _apply(left, step._replace(at=step.at + at, data=part))
        return bytes(left)


def _apply(content: bytearray, step: Step) -> None:
    if step.kind == vfs.TRUNCATE:
        del content[step.at :]
        return
    if len(content) < step.at:
        content.extend(bytes(step.at - len(content)))
    content[step.at : step.at + len(step.data)] = step.data


def _cut(
    steps: Sequence[Step], base: dict[str, bytes], places: Sequence[int], chance: random.Random
) -> Iterator[dict[str, bytes]]:
    """The files as the disk may have them after each of the cuts."""
    now = {name: _File(content) for name, content in base.items()}
    kept = dict(now)  # the folder as the disk has it
    waiting = list(places)
    for number in range(len(steps) + 1):
        while waiting and waiting[0] == number:
            waiting.pop(0)
            yield _left(now, kept, chance)
        if number == len(steps):
            return
        step = steps[number]
        if step.kind == vfs.DELETE:
            now.pop(step.file, None)
            if step.at:
                kept.pop(step.file, None)
        elif step.kind == vfs.SYNC and step.file in now:
            # SQLite syncs the folder as well when a log is new.
            now[step.file].sync()
            kept[step.file] = now[step.file]
        elif step.kind in (vfs.WRITE, vfs.TRUNCATE):
            now.setdefault(step.file, _File()).pending.append(step)


def _left(now: dict[str, _File], kept: dict[str, _File], chance: random.Random) -> dict[str, bytes]:
    found = {}
    for name in now.keys() | kept.keys():
        one, other = now.get(name), kept.get(name)
        file = one if one is other or chance.random() < 0.5 else other
        if file is not None:
            found[name] = file.after(chance)
    return found


def _look(morning: Path, store: Path, files: dict[str, bytes], told: int) -> tuple[str, str]:
    """What is damaged, and what is missing, when the desk is opened on these files."""
    shutil.rmtree(morning)
    morning.mkdir(mode=0o700)
    for name, content in files.items():
        (morning / Path(name).name).write_bytes(content)
    place = morning / store.name
    try:
        with Desk.open(place, actor="ana") as desk:
            rows = desk.read.reader.all("SELECT body FROM entry WHERE body LIKE 'act %'")
            if wrong := sound.wrong_in(desk.read.reader):
                return wrong, ""
            # It must be possible to go on.
            desk.apply(TicketId(1), ops.AddNote("the morning after"))
    except SdeskError as error:
        return str(error), ""
    missing = {f"act {number}" for number in range(told)} - {str(row[0]).strip() for row in rows}
    return "", f"{sorted(missing)[0]} is missing" if missing else ""


PROMISE = Promise(
    "powercut",
    4,
    "Three hundred power cuts, simulated below the real SQLite: no store damaged, nothing lost that was"
    " acknowledged.",
    run,
    on_disk=False,
)

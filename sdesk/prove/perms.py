"""P18: four users of the host, whatever their umask, write to one store; a fifth can't read a word of it.

Needs root, to become others: users are numbers that nobody on the host has, no accounts are made.
"""

from __future__ import annotations

import os
import tempfile
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.prove import commands, desks, forking, sound
from sdesk.prove.commands import Change, sdesk
from sdesk.prove.model import Bench, Figures, Promise, Skipped, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUP = 64_200
USERS = (64_201, 64_202, 64_203, 64_204)
OUTSIDER = 64_299
UMASKS = (0o077, 0o022, 0o077, 0o022)
CANARY = "quince and cobalt"
"""Words that stand in the store, and nowhere else on this host."""
ORDERS, TIMES, PARTS = 12, 25, 2


def run(bench: Bench) -> Verdict:
    if os.getuid() != 0:
        raise Skipped("needs root, to become four users: sudo sdesk prove perms")
    commands.open_the_way(bench.folder)
    forking.warm()
    home = bench.folder / "group"
    _make(bench, home)
    orders = list(permutations(range(4)))[: bench.count(ORDERS)]
    wrong = [
        said
        for number, order in enumerate(orders)
        for said in _in_turn(bench, home, order, number)
        if said
    ]
    times = bench.count(TIMES)
    wrong += _at_once(bench, home, times)
    leaks = list(_leaks(bench, home))
    broken = sound.wrong(home / "desk.db")
    lost = _lost(home, len(orders) * 4 + times * 4 * PARTS) if not wrong else 0
    text = (
        f"4 users with umask 077 and 022 in {len(orders)} orders and {times} times at once,"
        f" {len(wrong)} turned away, {lost} acts lost; an outsider reads {len(leaks)} files"
    )
    figures: Figures = {
        "orders": len(orders),
        "refused": len(wrong),
        "lost": lost,
        "leaks": len(leaks),
    }
    said = [*wrong[:3], *leaks[:3], *([broken] if broken else [])]
    return Verdict(not said and not lost, text + "".join(f"; {one}" for one in said), figures)  # fmt: skip


def _change(number: int) -> Change:
    return Change(user=USERS[number], groups=(GROUP,), umask=UMASKS[number])


def _make(bench: Bench, home: Path) -> None:
    """A store that the first of them makes, in the group's folder, as docs say it should be."""
    home.mkdir()
    os.chown(home, USERS[0], GROUP)
    home.chmod(0o2770)
    more = [
        ops.SaveAgent(f"uid-{user}", f"User {user}", "admin", queues=("service-desk",))
        for user in USERS
    ]

    def make() -> None:
        commands.become(_change(0))
        desk = desks.make(home / "desk.db", 4, more=more)
        desk.apply(TicketId(1), ops.AddNote(CANARY))
        desk.close()

    scratch = bench.room("scratch")
    desks.make(scratch / "desk.db", 2, more=more).close()
    for words in (("ls",), ("note", "SD-1", "x"), ("show", "SD-1")):
        commands.rehearse(scratch, *words)
    ended = forking.in_child(make)
    assert ended == 0, f"the first user could not make the store ({ended})"  # fmt: skip


def _in_turn(bench: Bench, home: Path, order: tuple[int, ...], number: int) -> Iterator[str]:
    """Each reads and writes, after whoever left the log and the lock there with his own umask."""
    bench.tell(f"order {number + 1}")
    if number % 3 == 0:
        (home / "desk.db.lock").unlink(missing_ok=True)
    for who in order:
        ran = sdesk(home, "note", "SD-1", f"turn {number}-{who}", change=_change(who))
        yield (
            "" if ran.status == 0 else f"user {who + 1} can't write: {ran.complaint.strip()[:150]}"
        )


def _at_once(bench: Bench, home: Path, times: int) -> list[str]:
    """All four begin at once, again and again: the first to come makes lock and log, for all."""

    def write(who: int, number: int) -> None:
        commands.become(_change(who))
        with Desk.open(home / "desk.db") as desk:
            for part in range(PARTS):
                desk.apply(TicketId(1 + who), ops.AddNote(f"turn at-once-{who}-{number}-{part}"))

    wrong: list[str] = []
    for number in range(times):
        bench.tell(f"at once, {number + 1} of {times}")
        (home / "desk.db.lock").unlink(missing_ok=True)
        running = [forking.fork(lambda who=who: write(who, number)) for who in range(4)]  # type: ignore[misc]  # noqa: B023
        ended = [forking.wait(child) for child in running]
        wrong += [
            f"user {who + 1} ended with {status}" for who, status in enumerate(ended) if status
        ]
    return wrong


def _lost(home: Path, written: int) -> int:
    with Desk.open(home / "desk.db", actor="ana") as desk:
        row = desk.read.reader.one("SELECT count(*) FROM entry WHERE body LIKE 'turn %'")
    return written - int(row[0] if row else 0)


def _leaks(bench: Bench, home: Path) -> Iterator[str]:
    """What the outsider can do with the store, and which files of the four hold its words for all to read."""
    outsider = Change(user=OUTSIDER, umask=0o022)
    for words in (("ls",), ("note", "SD-1", "x"), ("show", "SD-1")):
        ran = sdesk(home, *words, change=outsider)
        if ran.refused or CANARY in ran.out + ran.complaint:
            yield f"{words[0]}: {ran.refused or 'it told the words'}"
    report = bench.folder / "opened"
    report.touch()
    os.chown(report, OUTSIDER, OUTSIDER)
    names = [str(home), *(str(path) for path in home.iterdir())]
    forking.in_child(lambda: report.write_text("\n".join(_readable(names, outsider))))
    yield from report.read_text().splitlines()
    yield from _told_elsewhere(bench)


def _readable(names: list[str], who: Change) -> list[str]:
    commands.become(who)
    found = []
    for name in names:
        try:
            os.close(os.open(name, os.O_RDONLY))
        except OSError:
            continue
        found.append(f"{name} can be opened")
    return found


def _told_elsewhere(bench: Bench) -> Iterator[str]:
    """Files of the four outside the store, in their homes or among temporary ones, that all may read."""
    temporary = Path(tempfile.gettempdir())
    theirs = [path for path in temporary.iterdir() if path.lstat().st_uid in USERS]
    for top in (bench.folder, *theirs):
        for path in (top, *top.rglob("*")):
            # What our own commands said is kept in files for us to read.
            if path.name not in ("out", "complaint") and _tells(path):
                yield f"{path} tells the words to all"


def _tells(path: Path) -> bool:
    try:
        status = path.lstat()
        mine = status.st_uid in USERS and status.st_mode & 0o004 and path.is_file()
        return bool(mine) and CANARY.encode() in path.read_bytes()
    except OSError:
        return False


PROMISE = Promise(
    "perms",
    18,
    "Four users of the host with the umasks 077 and 022 all read and write one store; a fifth reads"
    " nothing of it.",
    run,
)

"""SIGKILL at every line between fetching a mail and flagging it: one ticket, always.

    python -m tests.mail.killpoints            every line of sdesk that a fetch executes
    python -m tests.mail.killpoints --narrow   the lines of fetching, keeping and settling
    python -m tests.mail.killpoints --every 6  one line in six

A line is met the first time it is executed. After each kill another fetch runs to its end, as the
next round of a worker would, and the store and the mailbox are looked at.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import sdesk
from sdesk.desk import Desk
from sdesk.mail.fetch import fetch
from sdesk.mail.settings import Mailbox
from sdesk.mail.taking import open_desk, open_intake
from sdesk.store.archive import settle
from tests.conftest import Clock
from tests.mail.desks import mail, setup_operations

ROOT = str(Path(sdesk.__file__).parent)
NARROW = ("mail/fetch/", "intake/", "store/incoming.py", "store/engine.py", "store/letters.py")
Point = tuple[str, int]


class Place:
    """A store and a Maildir with one mail, as they were before anybody looked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, Clock()
        self.fresh = folder / "fresh"
        (self.fresh / "box" / "new").mkdir(parents=True)
        (self.fresh / "box" / "cur").mkdir()
        store = self.fresh / "desk.db"
        Desk.create(store, setup=setup_operations(), actor="ann", clock=self.clock).close()
        settle(store)
        (self.fresh / "box" / "new" / "1.M1.host").write_bytes(mail("Printer"))

    def copy(self) -> Path:
        there = self.folder / "run"
        shutil.rmtree(there, ignore_errors=True)
        shutil.copytree(self.fresh, there)
        return there

    def fetch(self, there: Path) -> None:
        box = Mailbox("box", "maildir", None, "", there / "box", "flag", "", False, "test")
        with open_desk(there / "desk.db", self.clock) as desk:
            fetch(open_intake(desk), box)

    def wrong(self, there: Path) -> str:
        """What is not as it should be after the next fetch; empty when all is."""
        self.fetch(there)
        found = {}
        with open_desk(there / "desk.db", self.clock) as desk:
            for name, sql in (
                ("tickets", "ticket"),
                ("mails", "mail"),
                ("letters", "letter"),
                ("entries", "entry"),
            ):
                found[name] = (desk.read.reader.one(f"SELECT count(*) FROM {sql}") or (0,))[0]
            found["judged"] = desk.read.count_mail().get("new", 0)
        found["new"] = 1 + len(list((there / "box" / "new").iterdir()))
        found["flagged"] = len(list((there / "box" / "cur").glob("1.M1.host:2,S")))
        return ", ".join(f"{name}: {count}" for name, count in found.items() if count != 1)


def traced(
    act: Callable[[], None], on_line: Callable[[Point], None], wanted: Sequence[str]
) -> None:
    """Run it, and call `on_line` before each line of ours is executed for the first time."""
    seen: set[Point] = set()

    def local(frame: FrameType, event: str, _: Any) -> Any:
        point = (frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and point not in seen:
            seen.add(point)
            on_line(point)
        return local

    def begin(frame: FrameType, _event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        ours = name.startswith(ROOT)
        return local if ours and (not wanted or any(part in name for part in wanted)) else None

    sys.settrace(begin)
    try:
        act()
    finally:
        sys.settrace(None)


def in_child(act: Callable[[], None]) -> int:
    """Do it in a process of its own; the number of the signal that ended it, 0 for none."""
    if child := os.fork():
        status = os.waitpid(child, 0)[1]
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise RuntimeError(f"the fetch itself failed: {os.WEXITSTATUS(status)}")
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    failed = 1
    try:
        act()
        failed = 0
    finally:
        os._exit(failed)


def points_of(place: Place, wanted: Sequence[str]) -> list[Point]:
    """Every line that one fetch executes, in order."""
    there, notes = place.copy(), place.folder / "points"

    def run() -> None:
        with notes.open("w") as out:
            traced(lambda: place.fetch(there), lambda p: print(*p, file=out), wanted)

    in_child(run)
    lines = (line.rsplit(" ", 1) for line in notes.read_text().splitlines())
    return [(name, int(number)) for name, number in lines]


def die_at(point: Point) -> Callable[[Point], None]:
    def on_line(here: Point) -> None:
        if here == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return on_line


def kills(place: Place, points: Sequence[Point], wanted: Sequence[str]) -> Iterator[str]:
    """Kill a fetch at each of the points; what was wrong afterwards."""
    for point in points:
        there = place.copy()
        ended = in_child(lambda: traced(lambda: place.fetch(there), die_at(point), wanted))  # noqa: B023
        where = f"{point[0].removeprefix(ROOT)}:{point[1]}"
        if ended != signal.SIGKILL:
            yield f"{where}: not reached"
        elif said := place.wrong(there):
            yield f"{where}: {said}"


def main() -> int:
    wanted = NARROW if "--narrow" in sys.argv[1:] else ()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sdesk-kill-") as folder:
        place = Place(Path(folder))
        place.fetch(place.copy())  # what is imported late is imported now
        points = points_of(place, wanted)
        chosen = points[
            :: int(sys.argv[sys.argv.index("--every") + 1]) if "--every" in sys.argv else 1
        ]
        wrong = list(kills(place, chosen, wanted))
    for said in wrong:
        print(said)
    print(
        f"{len(points):,} lines, {len(chosen):,} kills, {len(wrong)} wrong, {time.monotonic() - begun:.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

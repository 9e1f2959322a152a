"""A fetch that is killed at a line, and the one after it: one ticket, and the mail is done with.

A line is met the first time it is executed once the fetch has begun. Every try has a mail, an author
and a mailbox of its own, so that many share one store. `Watched` does a fetch line by line on files
of its own, and looks at what a kill at each of them would leave (see `remains`).
"""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sdesk.credentials import Place
from sdesk.mail.fetch import fetch
from sdesk.mail.settings import Mailbox, Server
from sdesk.mail.taking import open_desk, open_intake
from sdesk.prove import forking, remains
from sdesk.prove.lines import Point, executed, killed_at
from sdesk.prove.mails.clock import Clock
from sdesk.prove.mails.desks import mail
from sdesk.prove.mails.imap_server import Script, ScriptedServer

MAILDIR, IMAP = "maildir", "imap"
KINDS = (MAILDIR, IMAP)
TRIES = 3
"""Times that a kill is tried where the line was not come to: another process may have done its work."""
COUNTS = (
    ("tickets", "SELECT count(*) FROM ticket WHERE subject = :subject"),
    ("mails", "SELECT count(*) FROM mail WHERE mailbox = :box"),
    ("undecided mails", "SELECT count(*) + 1 FROM mail WHERE mailbox = :box AND outcome = ''"),
    ("entries", "SELECT count(*) FROM entry e JOIN ticket t ON t.id = e.ticket_id WHERE t.subject = :subject"),
    ("people", "SELECT count(*) FROM person WHERE email = :address"),
    ("thanks", "SELECT count(*) FROM letter WHERE recipients LIKE :named"),
)  # fmt: skip
"""What there must be one of, after all."""


class Fetching:
    """One desk; mailboxes that are fetched from, one for each try."""

    def __init__(self, store: str | Path, folder: Path, name: str) -> None:
        self.store, self.folder, self.name = store, folder, name
        self.clock, self.server, self.tried = Clock(), ScriptedServer(Script()), 0
        self.kills = self.missed = 0

    def close(self) -> None:
        self.server.close()

    # One try

    def fresh(self, kind: str) -> Mailbox:
        """A mailbox with one mail that nobody has fetched."""
        self.tried += 1
        # The time goes on, so that thanks are not too many for an hour.
        self.clock.forward(3_600)
        name = f"{self.name}-{self.tried}"
        raw = mail(f"Printer {name}", author=f"<{name}@customer-a.example>")
        if kind == MAILDIR:
            for part in ("new", "cur"):
                (self.folder / name / part).mkdir(parents=True)
            (self.folder / name / "new" / "1.M1.host").write_bytes(raw)
            return Mailbox(name, kind, None, "", self.folder / name, "flag", "", False, "prove")
        self.server.script = Script({3: raw})
        nobody = Place(origin="prove")
        server = Server("127.0.0.1", self.server.port, "none-on-localhost", "", nobody, 30, "", "prove")  # fmt: skip
        return Mailbox(name, kind, server, "INBOX", None, "flag", "", False, "prove")

    def fetch(self, box: Mailbox, around: Callable[[Callable[[], object]], None] | None = None) -> None:  # fmt: skip
        with open_desk(self.store, self.clock) as desk:
            intake = open_intake(desk)
            if around is None:
                fetch(intake, box)
            else:
                around(lambda: fetch(intake, box))

    def left(self, box: Mailbox) -> str:
        """What is not as it should be after the next fetch; empty when all is."""
        self.fetch(box)
        values = {
            "subject": f"Printer {box.name}", "box": box.name,
            "address": f"{box.name}@customer-a.example", "named": f'%"{box.name}@customer-a.example"%',
        }  # fmt: skip
        with open_desk(self.store, self.clock) as desk:
            one = desk.read.reader.one
            found = {name: int((one(sql, values) or (0,))[0]) for name, sql in COUNTS}
        found["mails marked as read"] = self.done(box)
        return ", ".join(f"{count} {name}" for name, count in found.items() if count != 1)

    def done(self, box: Mailbox) -> int:
        """How many mails of the box are marked as read."""
        if box.path is None:
            return len(self.server.script.seen)
        is_left = list((box.path / "new").iterdir())
        return 0 if is_left else len(list((box.path / "cur").glob("1.M1.host:2,S")))

    # All of them

    def points(self, kind: str, wanted: Sequence[str] = ()) -> list[Point]:
        """Every line of ours that one fetch executes, in order; of the wanted files only, if any."""
        box, notes = self.fresh(kind), self.folder / f"{self.name}.points"

        def note(act: Callable[[], object]) -> None:
            notes.write_text(json.dumps(list(executed(act, wanted))), encoding="utf-8")

        assert forking.in_child(lambda: self.fetch(box, note)) == 0, "the fetch itself failed"
        return [Point(*each) for each in json.loads(notes.read_text(encoding="utf-8"))]

    def kill(self, kind: str, points: Sequence[Point]) -> Iterator[str]:
        """Kill a fetch at each of the points; what was wrong afterwards."""
        for point in points:
            if said := self._killed(kind, point):
                yield f"killed at {point.said}: {said}"

    def _killed(self, kind: str, point: Point) -> str:
        for _ in range(TRIES):
            box = self.fresh(kind)
            ended = forking.in_child(
                lambda: self.fetch(box, lambda act: killed_at(point, act))  # noqa: B023
            )
            if said := self.left(box):
                return said
            if ended == -signal.SIGKILL:
                self.kills += 1
                return ""
            assert ended == 0, "the fetch itself failed"
        self.missed += 1
        return ""


class Watched:
    """One fetch, done line by line on files that are its own; each state that they go through."""

    def __init__(self, store: Path, folder: Path, kind: str) -> None:
        """`store` is copied: one that is closed, with nothing of the box in it."""
        self._store, self._folder, self._ran = store, folder, folder / "ran"
        self._fetching = Fetching(self.copy("ran"), self._ran, kind)
        self._fetching.fetch(self._fetching.fresh(kind))
        self._box = self._fetching.fresh(kind)
        self.states = self.times = 0
        self.points: dict[Point, int] = {}
        """Each line and the number of the state before it."""

    def copy(self, name: str) -> Path:
        """A store like the one that the fetch is done on, in a folder of its own."""
        there = self._folder / name
        there.mkdir(parents=True)
        return Path(shutil.copy(self._store, there / STORE))

    def close(self) -> None:
        self._fetching.close()

    def run(self) -> None:
        notes = self._folder / "points"
        self._fetching.server.script.seen_file = self._ran / SEEN

        def note(act: Callable[[], object]) -> None:
            files = remains.Remains(self._ran, self._folder / "states")
            points = executed(act, look=files.look)
            files.look()
            rows = [list(points.items()), files.states, files.looks]
            notes.write_text(json.dumps(rows), encoding="utf-8")

        ended = forking.in_child(lambda: self._fetching.fetch(self._box, note))
        assert ended == 0, "the fetch itself failed"
        rows, self.states, self.times = json.loads(notes.read_text(encoding="utf-8"))
        self.points = {Point(*point): number for point, number in rows}

    def left(self) -> Iterator[str]:
        """The next fetch on each of the states; what was wrong afterwards."""
        where = {number: point.said for point, number in reversed(self.points.items())}
        for number in range(self.states):
            there = remains.fresh_copy(self._folder / "states" / str(number), self._folder / "left")
            if said := self._wrong(there):
                yield f"left before {where.get(number, 'its end')}: {said}"

    def _wrong(self, there: Path) -> str:
        script = self._fetching.server.script
        script.seen_file = None
        seen = there / SEEN
        script.seen = set(map(int, seen.read_text().split())) if seen.exists() else set()
        self._fetching.store = there / STORE
        path = self._box.path
        return self._fetching.left(replace(self._box, path=path and there / path.name))


STORE, SEEN = "sdesk.db", "seen"

"""A fetch that is killed at a line, and the one after it: one ticket, and the mail is done with.

A line is met the first time it is executed once the fetch has begun. Every try has a mail, an author
and a mailbox of its own, so that many share one store.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sdesk.credentials import Place
from sdesk.mail.fetch import fetch
from sdesk.mail.settings import Mailbox, Server
from sdesk.mail.taking import open_desk, open_intake
from sdesk.prove import forking
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
        found["mails marked as read"] = self._done(box)
        return ", ".join(f"{count} {name}" for name, count in found.items() if count != 1)

    def _done(self, box: Mailbox) -> int:
        if box.path is None:
            return len(self.server.script.seen)
        is_left = list((box.path / "new").iterdir())
        return 0 if is_left else len(list((box.path / "cur").glob("1.M1.host:2,S")))

    # All of them

    def points(self, kind: str, wanted: Sequence[str] = ()) -> list[Point]:
        """Every line of ours that one fetch executes, in order; of the wanted files only, if any."""
        box, notes = self.fresh(kind), self.folder / f"{self.name}.points"

        def note(act: Callable[[], object]) -> None:
            notes.write_text(json.dumps(executed(act, wanted)), encoding="utf-8")

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

"""Mails through a server that breaks at every step, by senders that are killed.

None is lost, none is sent more often than something died between the mail and its 250, every copy
has the same Message-ID, and no header is there that we did not write.
"""

from __future__ import annotations

import random
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from email.parser import BytesHeaderParser
from email.policy import compat32
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from sdesk import ops
from sdesk.desk import Desk
from sdesk.mail.checking import ALLOWED
from sdesk.model import PersonId
from sdesk.prove.children import environment, start
from sdesk.prove.mails.certificate import certificate
from sdesk.prove.mails.clock import TICK, Clock, SharedClock
from sdesk.prove.mails.desks import ALICE
from sdesk.prove.mails.senders import PASSWORD
from sdesk.prove.mails.smtp_server import BEFORE, STEPS, Fault, Server
from sdesk.store import letters

ADMIN = "ann"
SENDERS = 2
STEP = 50
"""Mails after which it is told how far they are."""
SUBJECTS = (
    "VPN drops", "Ääkköset 日本語", "x\r\nBcc: evil@x.example", "=?utf-8?q?x=0ABcc:_evil@x.example?=",
    "x\u2028Bcc: evil@x.example", "{7*7} ${x}", "a" * 250,
)  # fmt: skip
BODIES = (
    "It works.",
    ".\r\n.\r\nMAIL FROM:<evil@x.example>",
    "From here\n.\n..",
    "ä" * 2000,
    "\r.\r",
)


class Result(NamedTuple):
    """What came of it."""

    mails: int
    lost: int
    copies: int
    extra: int
    crashes: int
    ids_changed: int
    injected: int
    faults: dict[str, int]
    seconds: float
    waiting: int = 0
    """Letters that time ran out on."""

    @property
    def is_well(self) -> bool:
        return (
            not (self.lost or self.ids_changed or self.injected or self.waiting)
            and self.extra <= self.crashes
        )

    @property
    def words(self) -> str:
        return (
            f"{self.mails:,} mails, {sum(self.faults.values())} faults at {len(STEPS)} steps: {self.lost} lost, {self.extra} extra copies after {self.crashes} "
            f"crashes with a mail under way, {self.ids_changed} Message-IDs changed, "
            f"{self.injected} headers injected"
            + (f"; {self.waiting} had not left after {self.seconds:.0f} s" if self.waiting else "")
        )


def fill(place: str | Path, count: int) -> dict[str, str]:
    """Write so many letters; Message-ID → whom each goes to."""
    with Desk.open(place, actor=ADMIN, clock=Clock()) as desk:
        desk.apply(None, ops.SaveSetting("mail_address", "desk@acme.example"))
        ticket = desk.apply(None, ops.Open(SUBJECTS[0], requester=PersonId(ALICE))).ticket
        for number in range(max(1, count // 20)):
            desk.apply(ticket, ops.Reply(BODIES[number % len(BODIES)]))
        with desk.door().transaction() as work:
            for number in range(count - max(1, count // 20)):
                letters.put(
                    work.tx, "announcement", template="outage", to=[f"person{number}@d{number % 40}.example"],
                    values={"title": SUBJECTS[number % len(SUBJECTS)], "text": BODIES[number % len(BODIES)]},
                )  # fmt: skip
        return {one.message_id: one.to[0] for one in desk.read.outbox(limit=count + 1)}


class Plan:
    """Every step and manner in turn, then at random; asked at each connection and at each mail."""

    def __init__(self, seed: int, rate: float) -> None:
        self.random, self.rate = random.Random(seed), rate
        self.all = [Fault(step, manner) for step in STEPS for manner in ("drop", "4xx", "kill")]
        # Who has not said EHLO yet can't be found to be killed.
        unknown = ("connect", "greeting")
        self.all = [f for f in self.all if f.manner != "kill" or f.step not in unknown]
        self.first = list(self.all)

    def __call__(self, *, is_new: bool) -> Fault | None:
        mine = [f for f in self.first if (f.step in BEFORE) == is_new]
        if mine:
            self.first.remove(mine[0])
            return mine[0]
        if self.random.random() >= self.rate:
            return None
        return self.random.choice([f for f in self.all if (f.step in BEFORE) == is_new])


def run(
    count: int, place: str | Path, folder: Path, *, seed: int = 1, rate: float = 0.3,
    limit: float = 600, tell: Callable[[str], None] = lambda _: None,
) -> Result:  # fmt: skip
    """So many mails, until each has left or the time is over. ann is the admin of the store."""
    clock, trusted = SharedClock(folder / "clock"), certificate(folder)
    expected = fill(place, count)
    server = Server(trusted)
    server.wires.faults = Plan(seed, rate)
    words = (str(place), str(folder / "clock"), str(server.port), str(trusted), str(SENDERS))
    senders = start(
        folder, "sdesk.prove.mails.senders", *words, stdout=subprocess.DEVNULL,
        env=environment(folder, **{PASSWORD: "secret"}),
    )  # fmt: skip
    begun, pause, left, told = monotonic(), threading.Event(), count, count
    try:
        with Desk.open(place, actor=ADMIN, clock=clock) as desk:
            while left and monotonic() - begun < limit:
                _forward(desk, clock)
                pause.wait(TICK[desk.read.reader.dialect])
                left = desk.read.letter_counts().get("waiting", 0)
                if left <= told - STEP:
                    told = left
                    tell(f"{count - left:,} of {count:,} mails have left")
    finally:
        senders.terminate()
        senders.wait()
        server.close()
    with Desk.open(place, actor=ADMIN, clock=clock) as desk:
        unsent = [one for one in desk.read.outbox(limit=count + 1) if one.state != "sent"]
    found = result(server, expected, len(unsent), monotonic() - begun)
    return found._replace(lost=max(0, found.lost - left), waiting=left)


def _forward(desk: Desk, clock: SharedClock) -> None:
    """To when the next letter is due, where nothing is due or on its way now."""
    row = desk.read.reader.one(
        "SELECT min(next_at), count(held_until) FROM letter WHERE state = 'waiting'"
    )
    if row and row[0] is not None and row[0] > clock() and not row[1]:
        clock.set(row[0])


def result(server: Server, expected: dict[str, str], unsent: int, seconds: float) -> Result:  # fmt: skip
    parser = BytesHeaderParser(policy=compat32)
    ids: Counter[str] = Counter()
    injected = changed = 0
    for got in server.wires.got:
        head = parser.parsebytes(got.raw)
        names = head.keys()
        injected += len(names) != len(set(names)) or not set(names) <= set(ALLOWED)
        wanted = expected.get(head["Message-ID"])
        changed += wanted is None
        injected += wanted is not None and got.recipients != (wanted,)
        ids[head["Message-ID"]] += 1
    faults = Counter(fault.step for fault, times in server.wires.used.items() for _ in range(times))
    lost = max(unsent, len(set(expected) - set(ids)))
    late = ("after DATA", "QUIT")
    kills = sum(n for f, n in server.wires.used.items() if f.manner == "kill" and f.step in late)
    return Result(
        len(expected), lost, ids.total(), ids.total() - len(ids),
        kills + server.wires.lost_after_data, changed, injected,
        {step: faults[step] for step in STEPS}, seconds,
    )  # fmt: skip

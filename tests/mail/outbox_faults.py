"""Mails through a server that breaks at every step, with senders that are killed.

    python -m tests.mail.outbox_faults 1000

None is lost, none is sent more often than something died between the mail and its 250, every copy
has the same Message-ID, and no header is ours that we did not write.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from email.parser import BytesHeaderParser
from email.policy import compat32
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from sdesk import ops
from sdesk.desk import Desk
from sdesk.mail.checking import ALLOWED
from sdesk.store import letters
from tests.conftest import Clock, setup_operations
from tests.mail.outbox_senders import PASSWORD
from tests.mail.shared_clock import SharedClock
from tests.mail.smtp_server import BEFORE, STEPS, Fault, Server, certificate

SENDERS = 2
ROOT = Path(__file__).parents[2]
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

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.ids_changed or self.injected) and self.extra <= self.crashes

    @property
    def words(self) -> str:
        steps = ", ".join(f"{step} {count}" for step, count in self.faults.items())
        return (
            f"{self.mails} mails: {self.lost} lost, {self.extra} extra copies after {self.crashes} "
            f"crashes with a mail under way, {self.ids_changed} Message-IDs changed, "
            f"{self.injected} headers injected; {self.seconds:.1f} s\nfaults: {steps}"
        )


def made(place: Path) -> Path:
    """A new store."""
    Desk.create(place, setup=setup_operations(), actor="ana", clock=Clock()).close()
    return place


def fill(place: Path, count: int) -> dict[str, str]:
    """Write so many letters; Message-ID → whom each goes to."""
    with Desk.open(place, actor="ana", clock=Clock()) as desk:
        desk.apply(None, ops.SaveSetting("mail_address", "desk@acme.example"))
        ticket = desk.apply(None, ops.Open(SUBJECTS[0], requester=1)).ticket
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
    count: int, place: Path, folder: Path, *, seed: int = 1, rate: float = 0.3, limit: float = 600
) -> Result:
    """So many mails, until each has left or the time is over."""
    clock, trusted = SharedClock(folder / "clock"), certificate(folder)
    os.environ[PASSWORD] = "secret"
    expected = fill(place, count)
    server = Server(trusted)
    server.wires.faults = Plan(seed, rate)
    command = [sys.executable, "-m", "tests.mail.outbox_senders", str(place), str(folder / "clock")]
    command += [str(server.port), str(trusted), str(SENDERS)]
    senders = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    begun, pause = monotonic(), threading.Event()
    try:
        with Desk.open(place, actor="ana", clock=clock) as desk:
            while desk.read.letter_counts().get("waiting") and monotonic() - begun < limit:
                _forward(desk, clock)
                pause.wait(0.01)
    finally:
        os.killpg(senders.pid, signal.SIGKILL)
        senders.wait()
        server.close()
    with Desk.open(place, actor="ana", clock=clock) as desk:
        left = [one for one in desk.read.outbox(limit=count + 1) if one.state != "sent"]
    for one in left[:10]:
        print(f"not sent: {one.state} to {one.to}: {one.answer}", file=sys.stderr)
    return _result(server, expected, len(left), monotonic() - begun)


def _forward(desk: Desk, clock: SharedClock) -> None:
    """To when the next letter is due, where nothing is due or on its way now."""
    row = desk.read.reader.one(
        "SELECT min(next_at), sum(held_until IS NOT NULL) FROM letter WHERE state = 'waiting'"
    )
    if row and row[0] is not None and row[0] > clock() and not row[1]:
        clock.set(row[0])


def _result(server: Server, expected: dict[str, str], unsent: int, seconds: float) -> Result:  # fmt: skip
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


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory(prefix="sdesk-outbox-") as folder:
        place = made(Path(folder) / "desk" / "sdesk.db")
        result = run(count, place, Path(folder), seed=seed)
    print(result.words)
    return 0 if result.is_well else 1


if __name__ == "__main__":
    raise SystemExit(main())

"""Damaged mails through the whole intake: one outcome each, in time, with their bytes as they came."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from sdesk.desk import Desk
from sdesk.prove.cases.mails import MAILS
from sdesk.prove.mailfuzz import STUMBLED
from sdesk.prove.mails.clock import Clock
from sdesk.prove.mails.damage import SECONDS, mutated
from sdesk.prove.mails.desks import ALICE, Post, add_ticket, open_post, setup_operations
from sdesk.prove.mails.samples import SAMPLES
from sdesk.rules.mail import Outcome


def seeds() -> list[bytes]:
    """What is damaged: mails of our own of every kind that reading must know, hostile ones too."""
    return [*SAMPLES, *(case.raw for case in MAILS if len(case.raw) < 200_000)]


class Fuzzed:
    """A desk that damaged mails come to."""

    def __init__(self, store: str | Path) -> None:
        self.clock = Clock()
        with Desk.create(store, setup=setup_operations(), actor="ann", clock=self.clock) as desk:
            add_ticket(desk, 1001, ALICE, ["<sd.1001.1.kq3v9x7c2m@desk.example>"])
        self.post: Post = open_post(store, self.clock)
        self.slowest = 0.0

    def run(self, numbers: Iterable[int], corpus: Sequence[bytes]) -> list[str]:
        """Take these mails in; what went wrong."""
        return [said for number in numbers if (said := self._take(number, mutated(number, corpus)))]

    def _take(self, number: int, raw: bytes) -> str:
        self.clock.forward(30)
        begun = time.process_time()
        taken = self.post.take(raw)
        self.slowest = max(self.slowest, spent := time.process_time() - begun)
        kept = self.post.desk.read.mail(taken.mail)
        if taken.outcome not in tuple(Outcome) or any(said in kept.told for said in STUMBLED):
            return f"mail {number}: {taken.outcome or 'undecided'}: {kept.reason}"
        if self.post.desk.read.mail_bytes(taken.mail) != raw:
            return f"mail {number}: its bytes are not as they came"
        return f"mail {number}: took {spent:.1f} s" if spent > SECONDS else ""

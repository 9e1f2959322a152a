"""Damaged mails through the whole intake: `python -m tests.mail.fuzz_intake 10000`.

What must hold: every mail ends in exactly one outcome, within two seconds of the processor, its bytes
are kept as they came, and none trips over a fault of ours.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sdesk.desk import Desk
from sdesk.rules.mail import Outcome
from tests.conftest import Clock
from tests.mail.desks import Post, add_ticket, open_post, setup_operations
from tests.mail.fuzz import SECONDS, mutated, seeds

STUMBLED = ("could not be taken in", "could not be read:")


class Fuzzed:
    """A desk that damaged mails come to."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        store = folder / "desk.db"
        with Desk.create(store, setup=setup_operations(), actor="ann", clock=self.clock) as desk:
            add_ticket(desk, 1001, 1, ["<sd.1001.1.kq3v9x7c2m@desk.example>"])
        self.post: Post = open_post(store, self.clock)
        self.slowest = 0.0

    def run(self, numbers: Sequence[int]) -> list[str]:
        """Take these mails in; what went wrong."""
        corpus, wrong = seeds(), []
        for number in numbers:
            raw, begun = mutated(number, corpus), time.process_time()
            self.clock.forward(30)
            taken = self.post.take(raw)
            self.slowest = max(self.slowest, spent := time.process_time() - begun)
            kept = self.post.desk.read.mail(taken.mail)
            if taken.outcome not in tuple(Outcome) or any(said in kept.told for said in STUMBLED):
                wrong.append(f"{number}: {taken.outcome or 'undecided'}: {kept.reason}")
            if self.post.desk.read.mail_bytes(taken.mail) != raw:
                wrong.append(f"{number}: its bytes are not as they came")
            if spent > SECONDS:
                wrong.append(f"{number}: took {spent:.1f} s")
        return wrong

    def counts(self) -> Counter[str]:
        return Counter(self.post.desk.read.count_mail())


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory(prefix="sdesk-fuzz-") as folder:
        fuzzed = Fuzzed(Path(folder))
        wrong, counts = fuzzed.run(range(count)), fuzzed.counts()
        fuzzed.post.desk.close()
    for said in wrong[:30]:
        print(said)
    print(f"{count:,} mails, {len(wrong)} wrong, {counts.total():,} counted: {dict(counts)}; slowest {fuzzed.slowest:.2f} s")  # fmt: skip
    return int(bool(wrong) or counts.total() != count)


if __name__ == "__main__":
    sys.exit(main())

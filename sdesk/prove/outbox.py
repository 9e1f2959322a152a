"""P8: what is written to somebody leaves, whatever the mail server does and whoever is killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.prove.mails.shared import needs_mail
from sdesk.prove.model import ENGINES, Promise, Verdict

if TYPE_CHECKING:
    from sdesk.prove.model import Bench

MAILS = 1_000


def run(bench: Bench) -> Verdict:
    """Senders are killed in the middle of a mail and replaced; the server breaks at every step."""
    needs_mail()
    from sdesk.desk import Desk
    from sdesk.prove.mails.clock import Clock
    from sdesk.prove.mails.desks import setup_operations
    from sdesk.prove.mails.sendings import run as send

    Desk.create(bench.store, setup=setup_operations(), actor="ann", clock=Clock()).close()
    count = bench.count(MAILS)
    found = send(count, bench.store, bench.room("post"), seed=bench.seed, tell=bench.tell)
    figures = {name: value for name, value in found._asdict().items() if name != "faults"}
    steps = {f"broken_at_{step.replace(' ', '_')}": times for step, times in found.faults.items()}
    return Verdict(found.is_well, found.words, {**figures, **steps})


PROMISE = Promise(
    "outbox", 8,
    "1,000 mails through a server that breaks at every step, by senders that are killed: 0 lost, extra"
    " copies at most one a crash, the Message-ID constant, 0 headers injected.",
    run,
    engines=ENGINES,
    on_disk=False,
)  # fmt: skip

"""P11: nobody from outside writes into, or hears of, somebody else's ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sdesk.prove.mails.shared import PARTS, in_parts, needs_mail
from sdesk.prove.model import Figures, Promise, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.prove.model import Bench

MAILS = 10_000
NAMES = ("new", "append", "hold", "machine", "bounce", "duplicate", "drop")


class Found(NamedTuple):
    """What one part found."""

    wrong: list[str]
    outcomes: dict[str, int]


def run(bench: Bench) -> Verdict:
    """Every part has a desk of its own; a mail's mix depends on its number and the seed alone."""
    needs_mail()
    count = bench.count(MAILS)
    found = in_parts(attack, bench.folder, count, bench.seed)
    wrong = [said for one in found for said in one.wrong]
    outcomes = {name: sum(one.outcomes.get(name, 0) for one in found) for name in NAMES}
    sent = sum(outcomes.values())
    said = f"{sent:,} mails of outsiders, {len(wrong)} writes into or words out of others' tickets"
    kinds = ", ".join(f"{count:,} {name}" for name, count in outcomes.items() if count)
    told = f"; the first: {wrong[0]}" if wrong else f" ({kinds})"
    figures: Figures = {"mails": sent, "wrong": len(wrong), **outcomes}
    return Verdict(not wrong and sent == count, said + told, figures)


def attack(part: int, folder: Path, count: int, seed: int) -> Found:
    """Send one part's mails to a desk of its own."""
    from sdesk.prove.mails.outsiders import Attack, numbered

    attacked = Attack(folder / f"desk{part}" / "sdesk.db")
    wrong = attacked.run(numbered(count, seed, part, PARTS))
    attacked.post.desk.close()
    return Found(wrong, dict(attacked.outcomes))


PROMISE = Promise(
    "hijack", 11,
    "10,000 mails of outsiders with every mix of number, reference, sender and authentication:"
    " 0 writes into and 0 words out of a ticket of somebody else.",
    run,
    on_disk=False,
)  # fmt: skip

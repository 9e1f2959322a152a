"""P9: nobody is written to for ever, and nobody whose address nobody vouches for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.prove.mails.clock import Clock
from sdesk.prove.mails.shared import needs_mail
from sdesk.prove.model import Promise, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.prove.mails.houses import House
    from sdesk.prove.model import Bench

FORMS = 1_000
MARKED = {"marked": {"Auto_Submitted": "auto-replied"}, "unmarked": {}}
"""Whether a vacation responder says that it is one."""


def run(bench: Bench) -> Verdict:
    needs_mail()
    from sdesk.prove.mails import houses

    most: dict[str, int] = {}
    fresh = houses.make(bench.room("fresh") / "sdesk.db")
    for name, without in houses.LOST.items():
        clock = Clock()
        here, there = (
            _house(bench, fresh, f"{place} {name}", clock) for place in ("here", "there")
        )
        counts = houses.answering_each_other(here, there, without)
        most[f"two desks, headers {name}"] = max(counts.values())
    for name, marks in MARKED.items():
        most[f"a vacation responder, {name}"] = houses.away(
            _house(bench, fresh, name, Clock()), marks
        )
    form = _house(bench, fresh, "form", Clock())
    unverified = houses.abused(form, bench.count(FORMS))
    loud = {name: count for name, count in most.items() if count > houses.MOST}
    said = (
        f"{len(most)} pairs of answering programs: at most {max(most.values())} mails each;"
        f" {bench.count(FORMS):,} forms in others' names: {len(unverified)} mails to unverified addresses"
    )
    told = "".join(f"; {name}: {count}" for name, count in loud.items())
    figures = {"most": max(most.values()), "forms": bench.count(FORMS), "to_unverified": len(unverified)}  # fmt: skip
    return Verdict(not loud and not unverified, said + told, {**figures})


def _house(bench: Bench, fresh: Path, name: str, clock: Clock) -> House:
    from sdesk.prove.mails.houses import House

    word = name.replace(" ", "-")
    return House(bench.room(word) / "sdesk.db", f"help@{word}.example", clock, fresh)


PROMISE = Promise(
    "loops", 9,
    "Two desks that answer each other, a vacation responder and a form filled in by others: at most 2"
    " mails each, 0 to addresses that nobody vouches for.",
    run,
    on_disk=False,
)  # fmt: skip

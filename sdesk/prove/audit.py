"""P14: whoever changes the history from outside is found out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sdesk.prove.model import ENGINES, Figures, Promise, Verdict

if TYPE_CHECKING:
    from sdesk.prove.model import Bench
    from sdesk.prove.tampering import Trail
    from sdesk.store.chained import Anchor

TAMPERINGS = 1_000
TICKETS = 12


class Tally:
    """What was done, and what of it nobody noticed."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.alone = 0
        """Found without an anchor."""
        self.missed: list[str] = []
        self.alarms = 0
        """Times that an untouched history was said to be changed."""


def run(bench: Bench) -> Verdict:
    """The anchor is read back from a line as syslog gets it."""
    from sdesk.audit import anchor_line, anchors_in
    from sdesk.prove.tampering import Trail
    from sdesk.store import chained

    make(bench.store)
    trail = Trail(bench.store)
    head, number = chained.head(trail.reader), chained.store_id(trail.reader)
    assert head is not None
    line = f"Nov 22 12:00:00 host sdesk[17]: {anchor_line(number, head)}"
    (anchor,) = anchors_in([line], number, "syslog")
    tally = tamper(bench, trail, anchor)
    trail.close()
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(tally.done.items()))
    total, missed = tally.done.total(), len(tally.missed)
    said = (
        f"{total:,} tamperings of {len(trail.rows)} events, {total - missed:,} found, {tally.alone:,} of them"
        f" without the anchor, {tally.alarms} false alarms ({kinds})"
    )
    told = f"; missed: {', '.join(sorted(set(tally.missed)))}" if tally.missed else ""
    figures: Figures = {
        "tamperings": total, "missed": missed, "without_anchor": tally.alone, "false_alarms": tally.alarms,
        **{kind.replace(" ", "_"): count for kind, count in tally.done.items()},
    }  # fmt: skip
    return Verdict(not missed and not tally.alarms, said + told, figures)


def tamper(bench: Bench, trail: Trail, anchor: Anchor) -> Tally:
    """Change the history again and again, each time from the right one, and look."""
    tally, chance = Tally(), bench.chance()
    tally.alarms += not trail.verify(anchor).is_whole
    for _ in range(bench.count(TAMPERINGS)):
        attack = trail.attacked(chance)
        trail.put(attack)
        tally.done[attack.kind] += 1
        is_found = not trail.verify().is_whole
        tally.alone += is_found
        if not (is_found or (not attack.alone and not trail.verify(anchor).is_whole)):
            tally.missed.append(attack.kind)
    trail.put(attack._replace(rows=trail.rows, covers_up=True))
    tally.alarms += not trail.verify(anchor).is_whole
    return tally


def make(store: str) -> None:
    """A history with acts of every day in it, and with a person who was erased."""
    from sdesk import ops, privacy
    from sdesk.model import PersonId, TicketId
    from sdesk.prove import desks

    with desks.make(store, TICKETS) as desk:
        for number in range(1, TICKETS + 1):
            ticket = TicketId(number)
            desk.apply(ticket, ops.Take())
            desk.apply(ticket, ops.Reply(f"What do you see? ({number})"))
            desk.apply(ticket, ops.AddNote(f"Looked at {number}."))
            if number % 3 == 0:
                desk.apply(ticket, ops.Resolve("solved"))
        desk.apply(None, ops.SavePerson("Zelda Quackenbush", "zelda@canary.example"))
        person = PersonId((desk.read.reader.one("SELECT max(id) FROM person") or (0,))[0])
        desk.apply(None, ops.Open("Hers", "Her words.", requester=person))
        privacy.erase_person(desk, person)
        desk.apply(TicketId(1), ops.AddNote("After all that."))


PROMISE = Promise(
    "audit", 14,
    "1,000 tamperings with the history, by somebody who can write the store: 1,000 found, those that"
    " make the whole chain anew by the anchor.",
    run,
    engines=ENGINES,
    on_disk=False,
)  # fmt: skip

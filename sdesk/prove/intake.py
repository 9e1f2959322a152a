"""P7: a mail that is fetched becomes one ticket, wherever the fetch is killed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sdesk.prove import lines
from sdesk.prove.mails.shared import PARTS, in_parts, needs_mail
from sdesk.prove.model import ENGINES, POSTGRESQL, Figures, Promise, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.prove.model import Bench

FIRST, KILLED_SHARE = 10, 0.1
"""Lines at which the fetch is killed in earnest: of the first ones in a state of the files all, also at
a tenth of the scale; of those between them a tenth."""
IMAP_ONLY = ("mail/fetch/",)
"""What fetching from an IMAP server adds; the rest is the same as from a Maildir."""
PURE, ONE_IN = ("rules/", "mail/reading/", "ops/", "text.py"), 8
"""Rooms that only think: nothing that lasts changes there, so that one line in so many will do."""


class Found(NamedTuple):
    """What one part found."""

    lines: int
    states: int
    kills: int
    missed: int
    wrong: list[str]


def run(bench: Bench) -> Verdict:
    """Lines of ours between the beginning of a fetch and its end, from a Maildir and by IMAP."""
    needs_mail()
    boxes = bench.room("boxes")
    if bench.engine == POSTGRESQL:
        make(bench.store)
        found = in_parts(kill, bench.store, boxes, bench.scale)
    else:
        fresh = bench.room("fresh") / "sdesk.db"
        make(str(fresh))
        found = in_parts(watch_and_kill, fresh, boxes, bench.scale)
    every, states, kills, missed = (sum(column) for column in tuple(zip(*found, strict=True))[:4])
    wrong = [said for one in found for said in one.wrong]
    looked = f" leave {states} states of the files, all looked at;" if states else ","
    said = (
        f"{every:,} lines between fetch and delete{looked} {kills:,} kills, {len(wrong)} times not"
        f" exactly one ticket, {missed:,} lines not come to"
    )
    told = f"; the first: {wrong[0]}" if wrong else ""
    figures: Figures = {
        "lines": every, "states": states, "kills": kills, "wrong": len(wrong), "missed": missed
    }  # fmt: skip
    # A proof that came to hardly any line has proved nothing.
    return Verdict(not wrong and kills > 19 * missed, said + told, figures)


def make(store: str) -> None:
    from sdesk.desk import Desk
    from sdesk.prove.mails.clock import Clock
    from sdesk.prove.mails.desks import setup_operations

    Desk.create(store, setup=setup_operations(), actor="ann", clock=Clock()).close()


def watch_and_kill(part: int, fresh: Path, folder: Path, scale: float) -> Found:
    """One part's share: a Maildir, or IMAP. Every line is looked at, and some are killed at."""
    from sdesk.prove.mails.fetchings import KINDS, Fetching, Watched

    count = states = kills = missed = 0
    wrong: list[str] = []
    for kind in KINDS[part::PARTS]:
        room = folder / kind
        watched = Watched(fresh, room, kind)
        fetching = Fetching(watched.copy("killed"), room, f"{kind}-killed")
        # What is imported late is imported now, and a store that grows is made to grow.
        fetching.fetch(fetching.fresh(kind))
        watched.run()
        wrong += watched.left()
        first, others = lines.by_state(watched.points)
        chosen = [*lines.some(first, scale * FIRST), *lines.some(others, scale * KILLED_SHARE)]
        wrong += fetching.kill(kind, chosen)
        count, states = count + len(watched.points), states + watched.states
        kills, missed = kills + fetching.kills, missed + fetching.missed
        watched.close()
        fetching.close()
    return Found(count, states, kills, missed, wrong)


def kill(part: int, store: str, folder: Path, scale: float) -> Found:
    """One part's share of the lines, on one store for all."""
    from sdesk.prove.mails.fetchings import IMAP, MAILDIR, Fetching

    fetching = Fetching(store, folder, f"p{part}")
    count = 0
    wrong: list[str] = []
    for kind, wanted in ((MAILDIR, ()), (IMAP, IMAP_ONLY)):
        fetching.fetch(fetching.fresh(kind))
        points = fetching.points(kind, wanted)
        count += len(points[part::PARTS])
        thinking = [point for point in points if point.said.startswith(PURE)]
        acting = [point for point in points if not point.said.startswith(PURE)]
        chosen = [*acting, *thinking[::ONE_IN]][:: max(1, round(1 / scale))]
        wrong += fetching.kill(kind, chosen[part::PARTS])
    fetching.close()
    return Found(count, 0, fetching.kills, fetching.missed, wrong)


PROMISE = Promise(
    "intake", 7,
    "A crash at any point between fetching a mail and marking it as done, from a Maildir and by IMAP:"
    " exactly one ticket.",
    run,
    engines=ENGINES,
    on_disk=False,
)  # fmt: skip

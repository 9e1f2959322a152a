"""P7: a mail that is fetched becomes one ticket, wherever the fetch is killed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sdesk.prove.mails.shared import PARTS, in_parts, needs_mail
from sdesk.prove.model import ENGINES, POSTGRESQL, Promise, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.prove.model import Bench

IMAP_ONLY = ("mail/fetch/",)
"""What fetching from an IMAP server adds; the rest is the same as from a Maildir."""


PURE, ONE_IN = ("rules/", "mail/reading/", "ops/", "text.py"), 8
"""Rooms that only think: nothing that lasts changes there, so that one line in so many will do."""


class Found(NamedTuple):
    """What one part found."""

    lines: int
    kills: int
    missed: int
    wrong: list[str]


def run(bench: Bench) -> Verdict:
    """Lines of ours between the beginning of a fetch and its end, from a Maildir and by IMAP."""
    needs_mail()
    stores = [bench.store] * PARTS
    if bench.engine != POSTGRESQL:
        stores = [str(bench.room(f"desk{part}") / "sdesk.db") for part in range(PARTS)]
    for store in dict.fromkeys(stores):
        make(store)
    found = in_parts(kill, stores, bench.room("boxes"), bench.scale)
    wrong = [said for one in found for said in one.wrong]
    kills, missed = sum(one.kills for one in found), sum(one.missed for one in found)
    said = (
        f"{found[0].lines:,} lines between fetch and delete, {kills:,} kills, {len(wrong)} times not"
        f" exactly one ticket, {missed:,} lines not come to"
    )
    told = f"; the first: {wrong[0]}" if wrong else ""
    figures = {"lines": found[0].lines, "kills": kills, "wrong": len(wrong), "missed": missed}
    # A proof that came to hardly any line has proved nothing.
    return Verdict(not wrong and kills > 19 * missed, said + told, {**figures})


def make(store: str) -> None:
    from sdesk.desk import Desk
    from sdesk.prove.mails.clock import Clock
    from sdesk.prove.mails.desks import setup_operations

    Desk.create(store, setup=setup_operations(), actor="ann", clock=Clock()).close()


def kill(part: int, stores: list[str], folder: Path, scale: float) -> Found:
    """One part's share of the lines."""
    from sdesk.prove.mails.fetchings import IMAP, MAILDIR, Fetching

    fetching = Fetching(stores[part], folder, f"p{part}")
    lines = 0
    wrong: list[str] = []
    for kind, wanted in ((MAILDIR, ()), (IMAP, IMAP_ONLY)):
        # What is imported late is imported now, and a store that grows is made to grow.
        fetching.fetch(fetching.fresh(kind))
        points = fetching.points(kind, wanted)
        lines += len(points)
        thinking = [point for point in points if point.said.startswith(PURE)]
        acting = [point for point in points if not point.said.startswith(PURE)]
        chosen = [*acting, *thinking[::ONE_IN]][:: max(1, round(1 / scale))]
        wrong += fetching.kill(kind, chosen[part::PARTS])
    fetching.close()
    return Found(lines, fetching.kills, fetching.missed, wrong)


PROMISE = Promise(
    "intake", 7,
    "A crash at any point between fetching a mail and marking it as done, from a Maildir and by IMAP:"
    " exactly one ticket.",
    run,
    engines=ENGINES,
)  # fmt: skip

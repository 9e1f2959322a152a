"""How well a report of the same trouble is found: real texts, each told a second time by somebody else.

No file at hand says which tickets were the same, so second reports are made of real ones. *Told shorter*
keeps six in ten words of subject and text; *both shorter* does so with the first report too, each by
chance: they have four in ten words in common. (Of a report in other words altogether nothing is found.)
A ticket without a second report for which one is offered counts as a false alarm, also where two real
tickets happen to be alike: it is an upper bound.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from bench import stores
from bench.bench_start import SDESK
from bench.figures import Figure
from sdesk.desk import Desk
from sdesk.model import PersonId, TicketId
from sdesk.ops import Open, SavePerson
from sdesk.rules.suggestion import Example
from sdesk.suggesting import compared

TICKETS = 300
KEPT = 0.6
"""Of the words, in a shorter telling."""
EVERY = 3
"""One in so many is told twice."""
APART = 60 * 60
"""Seconds between two tickets: all lie within the two weeks that are looked at."""
Telling = Callable[[str, Random], tuple[str, str]]
"""What each of the two wrote."""


@dataclass(slots=True)
class Found:
    """What was offered for second reports, and for tickets that are none."""

    first: list[bool] = field(default_factory=list)
    among: list[bool] = field(default_factory=list)
    false: list[bool] = field(default_factory=list)


def _some(text: str, chance: Random) -> str:
    return " ".join(word for word in text.split() if chance.random() < KEPT)


def shorter(text: str, chance: Random) -> tuple[str, str]:
    return text, _some(text, chance)


def both_shorter(text: str, chance: Random) -> tuple[str, str]:
    return _some(text, chance), _some(text, chance)


TOLD = {"told shorter": shorter, "both shorter": both_shorter}


def measure(texts: list[Example]) -> Iterator[Figure]:
    for name, tell in TOLD.items():
        found = ask(texts, tell)
        what = f"perhaps the same, {name}"
        least = 0.75 if tell is shorter else None
        yield Figure(f"{what}: listed first", share(found.first), "", least=least)
        yield Figure(f"{what}: among five", share(found.among), "")
        if tell is shorter:
            none = share(found.false)
            yield Figure("perhaps the same: offered where there is none", none, "", most=0.2)


def ask(texts: list[Example], tell: Telling) -> Found:
    """Let the tickets come in one by one, and ask of each as it comes."""
    chance, found = Random(1), Found()
    usable = [e for e in texts if e.subject.strip() and len(e.text.split()) >= 8]
    path = stores.KEPT / "duplicates.db"
    stores.remove(path)
    now = 1_767_600_000
    subprocess.run([*SDESK, "--store", str(path), "init", "--yes"], check=True, capture_output=True)
    people = [SavePerson(f"Person {n}", f"p{n}@example.org") for n in range(2 * TICKETS)]
    with Desk.open(path, clock=lambda: now) as desk:
        desk.apply(None, *people)
        numbers = desk.read.reader.all("SELECT id FROM person ORDER BY id")
        callers = iter([PersonId(number) for (number,) in numbers])
        for number, example in enumerate(chance.sample(usable, TICKETS)):
            now += APART
            one, second = zip(
                tell(example.subject, chance), tell(example.text, chance), strict=True
            )
            first = _open(desk, next(callers), *one)
            if tell is shorter:
                found.false.append(bool(_offered(desk, first)))
            if number % EVERY == 0:
                now += APART // 2
                offered = _offered(desk, _open(desk, next(callers), *second))
                found.first.append(offered[:1] == [first])
                found.among.append(first in offered)
    stores.remove(path)
    return found


def _open(desk: Desk, caller: PersonId, subject: str, text: str) -> TicketId:
    made = desk.apply(None, Open(subject or "Help", text, requester=caller)).ticket
    assert made is not None
    return made


def _offered(desk: Desk, ticket: TicketId) -> list[TicketId]:
    return [one.ticket.id for one in compared(desk.read, ticket)[0]]


def share(claims: list[bool]) -> float:
    return sum(claims) / len(claims) if claims else 0.0

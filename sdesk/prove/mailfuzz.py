"""P5: whatever bytes come as a mail, reading them ends, in time, in exactly one counted outcome."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sdesk.prove.mails.shared import PARTS, in_parts, needs_mail
from sdesk.prove.model import Promise, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sdesk.prove.model import Bench

MAILS = 10_000
TAKEN_IN = 5
"""One mail in so many goes through the whole intake as well, into a store."""
STUMBLED = ("could not be taken in", "could not be read:")
"""What the desk notes of a mail that tripped over a fault of ours."""


class Found(NamedTuple):
    """What one part found."""

    read: int
    damaged: int
    taken: int
    counted: int
    slowest: float
    wrong: list[str]


def run(bench: Bench) -> Verdict:
    needs_mail()
    count = bench.count(MAILS)
    found = in_parts(fuzz, bench.folder, count, bench.seed)
    read, damaged, taken, counted = (sum(column) for column in tuple(zip(*found, strict=True))[:4])
    wrong, slowest = (
        [said for one in found for said in one.wrong],
        max(one.slowest for one in found),
    )
    said = (
        f"{read:,} damaged mails read, {len(wrong)} crashes or faults, slowest {slowest:.2f} s;"
        f" {taken:,} taken in, {counted:,} outcomes counted"
    )
    told = f"; the first: {wrong[0]}" if wrong else ""
    holds = not wrong and read == count and taken == counted
    return Verdict(holds, said + told, {
        "mails": read, "wrong": len(wrong), "not_fully_read": damaged, "taken_in": taken,
        "counted": counted, "slowest_seconds": round(slowest, 3),
    })  # fmt: skip


def fuzz(part: int, folder: Path, count: int, seed: int) -> Found:
    """Read one part's mails; take some of them in."""
    from sdesk.prove.mails.fuzzed import Fuzzed, seeds

    corpus, first = seeds(), (seed - 1) * MAILS
    numbers = range(first + part, first + count, PARTS)
    damaged, slowest, wrong = read_all(numbers, corpus)
    fuzzed = Fuzzed(folder / f"desk{part}" / "sdesk.db")
    taken = numbers[::TAKEN_IN]
    wrong += fuzzed.run(taken, corpus)
    counted = Counter(fuzzed.post.desk.read.count_mail()).total()
    fuzzed.post.desk.close()
    slowest = max(slowest, fuzzed.slowest)
    return Found(len(numbers), damaged, len(taken), counted, slowest, wrong)


def read_all(numbers: Iterable[int], corpus: Sequence[bytes]) -> tuple[int, float, list[str]]:
    """How many were read in part only, the longest time that one took, what went wrong."""
    from sdesk.mail.reading.reader import read_or_raise
    from sdesk.prove.mails.damage import SECONDS, mutated, wrong_with

    damaged, slowest, wrong = 0, 0.0, []
    for number in numbers:
        raw, begun = mutated(number, corpus), time.process_time()
        try:
            message = read_or_raise(raw)
        except CRASHES as fault:
            wrong.append(f"mail {number}: {type(fault).__name__}: {fault}")
            continue
        slowest = max(slowest, spent := time.process_time() - begun)
        damaged += bool(message.damaged)
        if said := wrong_with(message) or (f"took {spent:.1f} s" if spent > SECONDS else ""):
            wrong.append(f"mail {number}: {said}")
    return damaged, slowest, wrong


CRASHES = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError, OSError,
    RuntimeError, MemoryError, ImportError, NameError, StopIteration, SyntaxError,
)  # fmt: skip
"""Whatever a reader may trip over; RecursionError and UnicodeError are among them."""

PROMISE = Promise(
    "mailfuzz", 5,
    "10,000 mails damaged by chance are read: 0 crashes, none takes 2 s; one in five is taken in as"
    " well, and ends in exactly one counted outcome with its bytes kept.",
    run,
    on_disk=False,
)  # fmt: skip

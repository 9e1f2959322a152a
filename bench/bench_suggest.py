"""How good suggestions are on real tickets, by time: learned from the earlier ones, asked of the later."""

from __future__ import annotations

import csv
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from time import perf_counter, process_time

from bench import duplicates, stores
from bench.bench_import import LOG, bring_in
from bench.bench_start import SDESK
from bench.figures import Figure
from sdesk.desk import Desk
from sdesk.rules.suggestion import Example, Model
from sdesk.suggesting import LEARNED, lessons

TEXTS = stores.ROOT.parent / "shared" / "data" / "ticket-text" / "all_tickets.csv"
SURE = 0.8
TRAINED = 0.8
"""The share of the tickets that is learned from."""


def measure(_tickets: int) -> Iterator[Figure]:
    if TEXTS.exists():
        texts = _texts()
        yield from _report("texts in order", texts, {"category": 0.84, "queue": 0.38}, sure=None)
        Random(1).shuffle(texts)
        yield from _report("texts mixed", texts, {"category": 0.85, "queue": 0.6})
        yield from duplicates.measure(texts)
    else:
        print(f"No {TEXTS.name} beside the repository: not measured on it.", file=sys.stderr)
    if LOG.exists():
        yield from _report("event log", _log(), {"category": 0.5, "queue": 0.66, "priority": 0.97})
    else:
        print(f"No {LOG.name} beside the repository: not measured on it.", file=sys.stderr)


def _texts() -> list[Example]:
    """Subject, text and category; what the file calls the business service stands for the queue.

    It has no times. Its order stands for them, but is sorted by kinds of ticket: what comes last is
    unlike all before, worse than time does. Mixed, the last ones are like the first: better than it.
    """
    with TEXTS.open(newline="", encoding="utf-8") as file:
        return [
            Example(
                row["title"], row["body"], {},
                {"category": row["category"], "queue": row["business_service"]},
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip


def _log() -> list[Example]:
    """Facts without a text, as they were when the ticket came in, and what it came to; the category as
    if nobody had set it: the subject, which the import makes of it, is left out."""
    path = stores.KEPT / "suggest.db"
    stores.remove(path)
    sdesk = [*SDESK, "--store", str(path)]
    subprocess.run([*sdesk, "init", "--yes"], check=True, capture_output=True)
    bring_in(sdesk)
    with Desk.open(path) as desk:
        order = {seen.ticket: seen.created_at for seen in desk.read.solved(limit=50_000)}
        examples = list(lessons(desk.read, 50_000))
    stores.remove(path)
    by_time = sorted(zip(order.values(), range(len(examples)), strict=True))
    return [replace(examples[index], subject="") for _, index in by_time]


def _report(
    what: str, examples: list[Example], least: dict[str, float], sure: float | None = 0.75
) -> Iterator[Figure]:
    known = examples[: int(len(examples) * TRAINED)]
    begun = process_time()
    model = Model.learn(known[-LEARNED:])
    seconds = process_time() - begun
    for question in model.judges:
        asked = [e for e in examples[len(known) :] if e.answers.get(question)]
        usual = Counter(e.answers[question] for e in known if e.answers.get(question))
        yield from _accuracy(f"{what}: {question}", model, question, asked, usual, least, sure)
    yield Figure(
        f"{what}: learn {min(len(known), LEARNED):,} tickets, processor", seconds, "s", most=3
    )
    yield Figure(f"{what}: one ticket, every question", _ask(model, examples[-200:]), "ms", most=20)


def _accuracy(
    name: str, model: Model, question: str, asked: list[Example], usual: Counter[str],
    least: dict[str, float], at_least: float | None,
) -> Iterator[Figure]:  # fmt: skip
    """Right at once; against the floor of always saying the commonest value; and how honest."""
    told = [(model.judge(question, example), example.answers[question]) for example in asked]
    always = usual.most_common(1)[0][0]
    floor = _share([right == always for _, right in told])
    first = _share([best[0][0] == right for best, right in told])
    yield Figure(f"{name}, right at once", first, "", floor, least=least.get(question))
    among = [right in [value for value, _ in best[:3]] for best, right in told]
    yield Figure(f"{name}, right among three", _share(among), "")
    sure = [best[0][0] == right for best, right in told if best[0][1] >= SURE]
    yield Figure(f"{name}, share that is sure", len(sure) / len(told), "")
    yield Figure(f"{name}, right where sure", _share(sure), "", least=at_least)
    off = calibration_error([(best[0][1], best[0][0] == right) for best, right in told])
    yield Figure(f"{name}, off in how sure", off, "")


def _share(claims: list[bool]) -> float:
    return statistics.fmean(claims) if claims else 0.0


def calibration_error(told: list[tuple[float, bool]]) -> float:
    """Expected calibration error over ten bins: |how sure - how often right|, by tickets."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for chance, hit in told:
        bins.setdefault(min(9, int(chance * 10)), []).append((chance, hit))
    return sum(
        abs(sum(chance for chance, _ in some) - sum(hit for _, hit in some))
        for some in bins.values()
    ) / len(told)


def _ask(model: Model, asked: list[Example]) -> float:
    begun = perf_counter()
    for example in asked:
        model.suggest(example)
    return (perf_counter() - begun) / len(asked) * 1e3

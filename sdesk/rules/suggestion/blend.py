"""How far each kind of evidence is trusted, and how sure that makes: fitted on tickets not yet learned.

Two steps. The trust in each kind of evidence is fitted so that the newest tickets, each judged
before it was learned, become as likely as possible. Then "how sure" is corrected by how often it
was right on them, so that 0.9 means nine in ten.
"""

from __future__ import annotations

from bisect import bisect
from math import exp, sqrt
from random import Random

Evidence = dict[str, dict[int, float]]
"""Kind → answer → what is said for it."""
Lesson = tuple[Evidence, int]
"""Evidence, and the right answer; -1 for one that had never been given before."""
Sureness = list[tuple[float, float]]
"""(as thought, as it was), rising."""

CANDIDATES = 12
"""Answers that are weighed against each other."""
PASSES, ROUNDS, STEP = 2, 3, 0.15
BEGIN = 0.5
"""Trust in evidence that nothing was learned about."""
FEWEST = 25
"""Tickets that one point of the correction stands for."""
RESERVE = 4
"""So many tickets that were as right as thought are added to each point."""


def ranked(evidence: Evidence, trust: dict[str, float], answers: int) -> list[tuple[float, int]]:
    """(score, answer) of the best candidates, the best first."""
    total = [0.0] * answers
    for kind, says in evidence.items():
        if weight := trust.get(kind, BEGIN):
            for answer, amount in says.items():
                total[answer] += weight * amount
    found = sorted(((score, -answer) for answer, score in enumerate(total)), reverse=True)
    return [(score, -answer) for score, answer in found[:CANDIDATES]]


def shares(scores: list[float]) -> list[float]:
    """Scores as probabilities."""
    top = max(scores)
    odds = [exp(score - top) for score in scores]
    total = sum(odds)
    return [odd / total for odd in odds]


def fit(lessons: list[Lesson], answers: int) -> dict[str, float]:
    """Trust by kind of evidence."""
    kinds = sorted({kind for evidence, _ in lessons for kind in evidence})
    trust = dict.fromkeys(kinds, BEGIN) | {"": 1.0}
    order, paces = Random(1), dict.fromkeys(trust, 1e-4)
    for _ in range(PASSES):
        rows = [row for lesson in lessons if (row := _row(lesson, trust, answers))]
        for _ in range(ROUNDS):
            order.shuffle(rows)
            for candidates, right in rows:
                _step(trust, paces, candidates, right)
        trust = {kind: max(0.0, weight) for kind, weight in trust.items()}
    return {kind: round(weight, 4) for kind, weight in trust.items()}


_Row = tuple[list[list[tuple[str, float]]], int]


def _row(lesson: Lesson, trust: dict[str, float], answers: int) -> _Row | None:
    """What is said for each candidate, and which is right; None where the right one is no candidate."""
    evidence, right = lesson
    best = [answer for _, answer in ranked(evidence, trust, answers)]
    if right not in best:
        return None
    said = [[(kind, says.get(answer, 0.0)) for kind, says in evidence.items()] for answer in best]
    return said, best.index(right)


def _step(
    trust: dict[str, float], paces: dict[str, float], candidates: list[list[tuple[str, float]]],
    right: int,
) -> None:  # fmt: skip
    """One step up the likelihood, each kind at a pace of its own (AdaGrad)."""
    chances = shares([sum(trust[kind] * said for kind, said in says) for says in candidates])
    slope = dict.fromkeys((kind for kind, _ in candidates[0]), 0.0)
    for number, (says, chance) in enumerate(zip(candidates, chances, strict=True)):
        missing = (number == right) - chance
        for kind, said in says:
            slope[kind] += missing * said
    for kind, amount in slope.items():
        paces[kind] += amount * amount
        trust[kind] += STEP * amount / sqrt(paces[kind])


def sureness(lessons: list[Lesson], trust: dict[str, float], answers: int) -> Sureness:
    """How often the best answer was right, by how likely it seemed (isotonic regression)."""
    told = []
    for evidence, right in lessons:
        best = ranked(evidence, trust, answers)
        told.append((shares([score for score, _ in best])[0], best[0][1] == right))
    told.sort()
    size = max(FEWEST, len(told) // 20)
    blocks: list[tuple[float, float, int]] = []
    for start in range(0, len(told), size):
        some = told[start : start + size]
        thought = sum(chance for chance, _ in some)
        hits = sum(hit for _, hit in some) + RESERVE * thought / len(some)
        blocks.append((thought, hits * len(some) / (len(some) + RESERVE), len(some)))
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            one, other = blocks.pop(), blocks.pop()
            blocks.append((one[0] + other[0], one[1] + other[1], one[2] + other[2]))
    return [(round(thought / n, 4), round(hits / n, 4)) for thought, hits, n in blocks]


def corrected(chance: float, points: Sureness) -> float:
    """The probability as it was on tickets that seemed so likely, straight between the points."""
    if not points:
        return chance
    place = bisect(points, (chance, 2.0))
    if place == len(points):
        return points[-1][1]
    right = points[place]
    left = points[place - 1] if place else (0.0, 0.0)
    width = right[0] - left[0]
    share = (chance - left[0]) / width if width > 0 else 1.0
    return left[1] + share * (right[1] - left[1])

"""Words weighed against each other: a logistic regression, learned one ticket after the other."""

from __future__ import annotations

from math import exp, log1p, sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.rules.suggestion.features import Features

RATE = 5.0
LEAST = 0.05
"""Answers less likely than this are left as they are by a lesson: it keeps learning short."""
COMMON = 0.4
"""Words that more of the tickets have say nothing, and would cost most."""
WIDEST = 16
"""Answers that one word has weights for: a word that came with more tells little, and would cost most."""
NOTHING = 0.02
"""Smaller weights aren't kept in a file."""

Vector = list[tuple[str, float]]


class Linear:
    """Weights by word by answer. Words that only one ticket had have none."""

    def __init__(self, rarity: dict[str, float], lessons: int) -> None:
        self.rarity = rarity
        self.weights: dict[str, dict[int, float]] = {}
        self.bias: list[float] = []
        self._lessons, self._taken = max(1, lessons), 0

    @classmethod
    def of(cls, sightings: dict[str, int], lessons: int) -> Linear:
        """To be taught so many lessons, in which words were seen so often."""
        most = max(2, lessons * COMMON)
        rarity = {name: log1p(lessons / n) for name, n in sightings.items() if 1 < n <= most}
        return cls(rarity, lessons)

    def vector(self, found: Features) -> Vector:
        """The ticket's known words, the rare ones heavy, as a vector of length one."""
        rarity = self.rarity
        vector = [(name, rarity[name]) for name in names(found) if name in rarity]
        length = sqrt(sum(weight * weight for _, weight in vector)) or 1.0
        return [(name, weight / length) for name, weight in vector]

    def scores(self, vector: Vector) -> list[float]:
        scores = list(self.bias)
        weights = self.weights
        for name, amount in vector:
            if held := weights.get(name):
                for answer, weight in held.items():
                    scores[answer] += weight * amount
        return scores

    def widen(self, answers: int) -> None:
        """Know so many answers."""
        self.bias += [0.0] * (answers - len(self.bias))

    def learn(self, vector: Vector, right: int) -> None:
        """One lesson: what was right for a ticket."""
        scores = self.scores(vector)
        top = max(scores)
        odds = [exp(score - top) for score in scores]
        total = sum(odds)
        rate = RATE * (1.02 - self._taken / self._lessons)
        self._taken = min(self._taken + 1, self._lessons)
        if odds[right] > (1 - LEAST / 2) * total:
            return
        steps = [
            (answer, rate * ((answer == right) - odd / total))
            for answer, odd in enumerate(odds)
            if answer == right or odd > LEAST * total
        ]
        for answer, step in steps:
            self.bias[answer] += step * 0.1
        for name, amount in vector:
            held = self.weights.setdefault(name, {})
            for answer, step in steps:
                if answer in held:
                    held[answer] += step * amount
                elif len(held) < WIDEST:
                    held[answer] = step * amount

    def to_json(self) -> dict[str, Any]:
        kept = {}
        for name, held in self.weights.items():
            flat: list[float] = []
            for answer, weight in held.items():
                if abs(weight) >= NOTHING:
                    flat += (answer, round(weight, 3))
            kept[name] = [round(self.rarity[name], 3), *flat]
        return {"words": kept, "bias": [round(weight, 4) for weight in self.bias]}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Linear:
        made = cls({name: float(flat[0]) for name, flat in said["words"].items()}, 1)
        made.bias = [float(weight) for weight in said["bias"]]
        for name, (_, *flat) in said["words"].items():
            made.weights[name] = dict(zip(map(int, flat[::2]), flat[1::2], strict=True))
        return made


def names(found: Features) -> Iterator[str]:
    """Words with their families, so that a word of a subject weighs on its own."""
    for family, words in found.items():
        for word in words:
            yield f"{family} {word}"

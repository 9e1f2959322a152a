"""Counts of which word came with which answer, and what they say of a new ticket."""

from __future__ import annotations

from math import log, log1p, sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdesk.rules.suggestion.features import Features

DOUBT = 2.0
"""So many tickets of the usual mix are added to what was seen with a word: one sighting decides little."""


class Counts:
    """Answers by word by family. Answers are numbered; the numbers are given out by the caller."""

    def __init__(self) -> None:
        self.total = 0
        self.answers: list[int] = []
        """How often each answer was given."""
        self.seen: dict[str, dict[str, dict[int, int]]] = {}
        """Family → word → answer → tickets."""

    def add(self, found: Features, answer: int) -> None:
        self.total += 1
        self.answers += [0] * (answer + 1 - len(self.answers))
        self.answers[answer] += 1
        for family, words in found.items():
            known = self.seen.setdefault(family, {})
            for word in words:
                held = known.get(word)
                if held is None:
                    known[word] = {answer: 1}
                else:
                    held[answer] = held.get(answer, 0) + 1

    def usual(self) -> list[float]:
        """Per answer the tickets that stand for doubt."""
        return [DOUBT * count / max(1, self.total) for count in self.answers]

    def before(self) -> dict[int, float]:
        """What is to be expected of each answer before anything is known of a ticket."""
        return {answer: log(count / self.total) for answer, count in enumerate(self.answers)}

    def evidence(self, family: str, words: list[str], usual: list[float]) -> dict[int, float]:
        """What the words of a family say for each answer they were seen with: logarithms of how much
        likelier they make it. The words of one text repeat each other, so that many count as less."""
        known = self.seen.get(family)
        says: dict[int, float] = {}
        if not known:
            return says
        for word in words:
            if held := known.get(word):
                for answer, count in held.items():
                    says[answer] = says.get(answer, 0.0) + log1p(count / usual[answer])
        if len(words) > 1:
            share = 1 / sqrt(len(words))
            return {answer: amount * share for answer, amount in says.items()}
        return says

    def of(self, family: str, word: str) -> Mapping[int, int]:
        """Answer → how many tickets with that word had it."""
        return self.seen.get(family, {}).get(word, {})

    def to_json(self) -> dict[str, Any]:
        seen = {
            family: {
                word: [n for pair in held.items() for n in pair] for word, held in known.items()
            }
            for family, known in self.seen.items()
        }
        return {"answers": self.answers, "seen": seen}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Counts:
        made = cls()
        made.answers = [int(count) for count in said["answers"]]
        made.total = sum(made.answers)
        made.seen = {
            family: {
                word: dict(zip(flat[::2], flat[1::2], strict=True)) for word, flat in known.items()
            }
            for family, known in said["seen"].items()
        }
        return made

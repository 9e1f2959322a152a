"""One question (which queue?) with all that solved tickets have taught about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import log1p, sqrt
from typing import TYPE_CHECKING, Any

from sdesk.rules.suggestion import blend
from sdesk.rules.suggestion.counting import Counts
from sdesk.rules.suggestion.features import SUBJECT, TEXT, WORD
from sdesk.rules.suggestion.linear import Linear, names

if TYPE_CHECKING:
    from sdesk.rules.suggestion.features import Features

FEWEST_TICKETS = 40
"""With fewer solved tickets nothing is suggested."""
FEWEST_OF_VALUE = 3
"""A value that fewer tickets came to is not suggested."""
LESSONS, WEIGHED = 6_000, 400_000
"""Newest tickets that the words' weights are learned from; fewer where there are many answers, so that
tickets times answers stay under the second number: it bounds the time."""
JUDGED = 500
"""At most so many of the newest tickets are judged before they are learned, to fit trust."""
MOST_REASONS = 3
LEAST_WEIGHT = 0.05
"""What adds less to a score is no reason."""
BEFORE, LINEAR = "", "linear"
"""Kinds of evidence that are no family: what is usual, and the weighed words."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A word, or a fact, that speaks for a value."""

    family: str
    """word, pair (two words of the subject), or the name of a fact: requester, organization, channel …"""
    text: str
    support: int
    """Solved tickets with it that came to this value …"""
    of: int
    """… of so many with it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a field will probably come to."""

    value: str
    probability: float
    """0.9: nine in ten of such suggestions were right on tickets that were not learned yet."""
    reasons: tuple[Reason, ...]
    """What decides, the weightiest first."""
    support: int
    """Solved tickets that came to this value."""
    others: tuple[tuple[str, float], ...] = ()
    """The next likely values."""


class Judge:
    """Evidence counted and weighed for one question."""

    def __init__(self, answers: list[str], counts: Counts, linear: Linear) -> None:
        self.answers, self.counts, self.linear = answers, counts, linear
        self.trust: dict[str, float] = {}
        self.sureness: blend.Sureness = []
        self._usual: list[float] | None = None

    @classmethod
    def learn(cls, tickets: list[tuple[Features, str]]) -> Judge | None:
        """From tickets and their answers, the oldest first; None where there are too few to say a thing."""
        answers = len({answer for _, answer in tickets})
        if len(tickets) < FEWEST_TICKETS or answers < 2:
            return None
        taught = max(0, len(tickets) - min(LESSONS, WEIGHED // answers))
        judged = len(tickets) - min(JUDGED, max(len(tickets) // 10, min(100, len(tickets) // 2)))
        sightings = Counter(name for found, _ in tickets[taught:] for name in names(found))
        made = cls([], Counts(), Linear.of(sightings, len(tickets) - taught))
        known: dict[str, int] = {}
        lessons: list[blend.Lesson] = []
        for place, (found, answer) in enumerate(tickets):
            if place >= judged:
                lessons.append((made._evidence(found), known.get(answer, -1)))
            number = known.setdefault(answer, len(known))
            made._add(found, number, with_words=place >= taught)
        made.answers = list(known)
        made.trust = blend.fit(lessons, len(known))
        made.sureness = blend.sureness(lessons, made.trust, len(known))
        return made

    def _add(self, found: Features, answer: int, *, with_words: bool) -> None:
        self.counts.add(found, answer)
        self.linear.widen(len(self.counts.answers))
        self._usual = None
        if with_words:
            self.linear.learn(self.linear.vector(found), answer)

    def _evidence(self, found: Features) -> blend.Evidence:
        if self._usual is None:
            self._usual = self.counts.usual()
        said: blend.Evidence = {BEFORE: self.counts.before()}
        for family, words in found.items():
            if says := self.counts.evidence(family, words, self._usual):
                said[family] = says
        said[LINEAR] = dict(enumerate(self.linear.scores(self.linear.vector(found))))
        return said

    def judge(self, found: Features) -> list[tuple[str, float]]:
        """Values by probability, the likeliest first."""
        return [(self.answers[number], chance) for number, chance in self._chances(found)]

    def _chances(self, found: Features) -> list[tuple[int, float]]:
        best = blend.ranked(self._evidence(found), self.trust, len(self.answers))
        chances = blend.shares([score for score, _ in best])
        first = blend.corrected(chances[0], self.sureness)
        rest = (1 - first) / max(1e-9, 1 - chances[0])
        # What the correction takes from the first, the others don't all get: it may be none of them.
        others = [min(chance * rest, first, chance + 0.1) for chance in chances[1:]]
        return [
            (number, chance) for (_, number), chance in zip(best, [first, *others], strict=True)
        ]

    def suggest(self, found: Features, least: float) -> Suggestion | None:
        """The likeliest value; None where it is too unsure, too rare, or nothing in the ticket speaks for it."""
        chances = self._chances(found)
        number, chance = chances[0]
        support = self.counts.answers[number]
        if chance < least or support < FEWEST_OF_VALUE:
            return None
        reasons = self._reasons(found, number, [other for other, _ in chances[1:4]])
        if not reasons:
            return None
        others = tuple((self.answers[other], round(share, 4)) for other, share in chances[1:3])
        return Suggestion(self.answers[number], round(chance, 4), reasons, support, others)

    def _reasons(self, found: Features, best: int, others: list[int]) -> tuple[Reason, ...]:
        """The words and facts that speak most for one answer against the others."""
        weights: dict[tuple[str, str], float] = {}
        for family, words in found.items():
            for word in words:
                said = self._said(family, word, best)
                against = [self._said(family, word, other) for other in others]
                key = (WORD if family == SUBJECT else family, word)
                more = said - (sum(against) / len(against) if against else 0.0)
                weights[key] = weights.get(key, 0.0) + more
        for (family, word), weight in list(weights.items()):
            if family in TEXT:
                weights[family, word] = weight / sqrt(max(1, len(found.get(WORD, ()))))
        told: list[Reason] = []
        said_already: set[str] = set()
        for (family, word), weight in sorted(weights.items(), key=lambda held: -held[1]):
            if weight <= LEAST_WEIGHT or len(told) == MOST_REASONS:
                break
            parts = set(word.split()) if family in TEXT else set()
            if not parts & said_already and (reason := self._reason(family, word, best)):
                told.append(reason)
                said_already |= parts
        return tuple(told)

    def _reason(self, family: str, word: str, best: int) -> Reason | None:
        """None where tickets with the word came to the answer no oftener than others."""
        held = self.counts.of(family, word)
        support, of = held.get(best, 0), sum(held.values())
        usual = self.counts.answers[best] / self.counts.total
        if support < 2 or support / of < min(1.05 * usual, 0.9):
            return None
        return Reason(family, word, support, of)

    def _said(self, family: str, word: str, answer: int) -> float:
        """How much one word adds to an answer's score."""
        usual = self._usual = self._usual or self.counts.usual()
        count = self.counts.of(family, word).get(answer, 0)
        score = self.trust.get(family, blend.BEGIN) * log1p(count / usual[answer])
        name = f"{family} {word}"
        if held := self.linear.weights.get(name):
            weight = held.get(answer, 0.0) * self.linear.rarity[name]
            score += self.trust.get(LINEAR, blend.BEGIN) * weight / 3
        return score

    def to_json(self) -> dict[str, Any]:
        return {
            "answers": self.answers, "counts": self.counts.to_json(),
            "linear": self.linear.to_json(), "trust": self.trust, "sureness": self.sureness,
        }  # fmt: skip

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Judge:
        made = cls(
            [str(answer) for answer in said["answers"]],
            Counts.from_json(said["counts"]),
            Linear.from_json(said["linear"]),
        )
        made.trust = {kind: float(weight) for kind, weight in said["trust"].items()}
        made.sureness = [(float(thought), float(was)) for thought, was in said["sureness"]]
        sizes = {len(made.answers), len(made.counts.answers), len(made.linear.bias)}
        if len(sizes) > 1:
            raise ValueError("The parts of a judge don't fit each other.")
        return made

"""What a new ticket will probably come to, learned from the desk's own solved tickets. Pure.

`Model.learn(examples)` takes solved tickets as they came in, with what they came to; `model.suggest`
takes a new one and says category, queue, priority and assignee, each with how sure and why, or
nothing where it can't tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sdesk.rules.suggestion.features import Example, features
from sdesk.rules.suggestion.judge import Judge, Reason, Suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sdesk.rules.suggestion.features import Features

__all__ = ["FLOORS", "QUESTIONS", "Example", "Model", "Reason", "Suggestion", "Suggestions"]

FORMAT = 1
FLOORS = {"category": 0.4, "queue": 0.4, "priority": 0.5, "assignee": 0.6}
"""Question → how sure a suggestion must be to be made."""
QUESTIONS = tuple(FLOORS)
OWN = ("category", "assignee")
"""Facts that don't count for the question of the same name. A ticket always has a queue and a
priority, and where it starts says where it goes; a category is there or is what is asked for."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What is suggested for one ticket; None where the desk can't tell."""

    category: Suggestion | None = None
    queue: Suggestion | None = None
    priority: Suggestion | None = None
    assignee: Suggestion | None = None
    learned: int = 0
    """From so many solved tickets."""

    def __iter__(self) -> Any:
        """(question, suggestion) of those that were made."""
        for question in QUESTIONS:
            if (made := getattr(self, question)) is not None:
                yield question, made


class Model:
    """A judge for each question that enough tickets have answered."""

    def __init__(self, judges: dict[str, Judge], learned: int) -> None:
        self.judges, self.learned = judges, learned

    @classmethod
    def learn(cls, examples: Iterable[Example]) -> Model:
        """From solved tickets, the oldest first. The same examples make the same model."""
        taught: dict[str, list[tuple[Features, str]]] = {question: [] for question in QUESTIONS}
        learned = 0
        for example in examples:
            learned += 1
            found = features(example)
            for question, answer in example.answers.items():
                if answer:
                    taught[question].append((_seen_by(question, found), answer))
        judges = {question: Judge.learn(tickets) for question, tickets in taught.items()}
        return cls({question: judge for question, judge in judges.items() if judge}, learned)

    def suggest(
        self, example: Example, allowed: Mapping[str, Iterable[str]] | None = None
    ) -> Suggestions:
        """`allowed`: question → values that exist still; others are not suggested."""
        found = features(example)
        made: dict[str, Suggestion] = {}
        for question, judge in self.judges.items():
            one = judge.suggest(_seen_by(question, found), FLOORS[question])
            if one and (not allowed or question not in allowed or one.value in allowed[question]):
                made[question] = one
        return Suggestions(**made, learned=self.learned)

    def judge(self, question: str, example: Example) -> list[tuple[str, float]]:
        """Every likely value with its probability, whatever the floors."""
        judge = self.judges.get(question)
        return judge.judge(_seen_by(question, features(example))) if judge else []

    def to_json(self) -> dict[str, Any]:
        judges = {question: judge.to_json() for question, judge in self.judges.items()}
        return {"format": FORMAT, "learned": self.learned, "judges": judges}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Model:
        """Raises `ValueError`, `KeyError`, `TypeError`, `AttributeError` or `IndexError` for what is no model."""
        if said["format"] != FORMAT:
            raise ValueError("The model was written by another sdesk.")
        judges = {q: Judge.from_json(said["judges"][q]) for q in QUESTIONS if q in said["judges"]}
        return cls(judges, int(said["learned"]))


def _seen_by(question: str, found: Features) -> Features:
    """The features without the question's own answer."""
    if question in OWN and question in found:
        return {family: words for family, words in found.items() if family != question}
    return found

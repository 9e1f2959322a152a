"""How near two tickets are to being the same report. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DUPLICATE = 0.5
"""From here on two open tickets are probably one report."""
SIMILAR = 0.08
"""Under this two tickets only share a word."""
SAME_REQUESTER, SAME_ORGANIZATION, SOON = 0.15, 0.05, 0.1
SUBJECT = 0.6
"""The subject's share where both have a text."""
LEAST_WORDS = 0.3
"""The words alone must be so near: two tickets of one person are no duplicates for that."""
DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Report:
    """What is compared of a ticket; the words folded."""

    subject: str
    body: str
    requester: int | None
    organization: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near, from 0 to 1, and what both have."""

    near: float
    same_words: tuple[str, ...]
    """The rarest first."""
    same_requester: bool
    same_organization: bool
    seconds_apart: int


def rarity(texts: Iterable[str]) -> dict[str, float]:
    """Word → how much it tells apart among these texts."""
    seen: dict[str, int] = {}
    number = 0
    for text in texts:
        number += 1
        for word in set(text.split()):
            seen[word] = seen.get(word, 0) + 1
    return {word: log1p(number / count) for word, count in seen.items()}


def likeness(one: Report, other: Report, rare: Mapping[str, float]) -> Likeness:
    subject = _overlap(one.subject.split(), other.subject.split(), rare)
    near = subject
    if one.body.strip() and other.body.strip():
        body = _overlap(one.body.split(), other.body.split(), rare)
        near = SUBJECT * subject + (1 - SUBJECT) * body
    apart = abs(one.created_at - other.created_at)
    requester = one.requester is not None and one.requester == other.requester
    organization = bool(one.organization) and one.organization == other.organization
    if near >= LEAST_WORDS:
        near += SAME_REQUESTER * requester + SAME_ORGANIZATION * organization
        near += SOON * max(0.0, 1 - apart / (2 * DAY))
    both = set(one.subject.split()) & set(other.subject.split())
    words = tuple(sorted(both, key=lambda word: (-rare.get(word, 0.0), word))[:5])
    return Likeness(round(min(1.0, near), 4), words, requester, organization, apart)


def _overlap(one: Sequence[str], other: Sequence[str], rare: Mapping[str, float]) -> float:
    """The weight of the words both have, of the weight of all."""
    first, second = set(one), set(other)
    together = sum(rare.get(word, 1.0) for word in first | second)
    return sum(rare.get(word, 1.0) for word in first & second) / together if together else 0.0

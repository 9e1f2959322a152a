"""What a ticket shows that may decide its category, queue and priority.

A feature is a word of a family: the words of subject and text, the subject's own words, its pairs of
neighbours, and each fact (requester, organization, channel …), which is a family of one word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

WORD, SUBJECT, PAIR = "word", "subject", "pair"
TEXT = (WORD, SUBJECT, PAIR)
"""The families that are read from text; all others are facts."""
MOST_TEXT = 2_000
"""Characters of a text that are looked at: what a mail is about stands in its beginning."""
MOST_WORDS = 60
MOST_SUBJECT = 24
MOST_WORD = 40
MOST_FACT = 80

Features = dict[str, list[str]]
"""Family → its words."""


@dataclass(frozen=True, slots=True)
class Example:
    """A ticket as it came in; with its answers, if it is one to learn from."""

    subject: str
    text: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Name → value, as known when it came in: requester, organization, channel, queue …"""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What is to be suggested → what it came to in the end."""


def features(example: Example) -> Features:
    """The example's words by family, each once; families that are empty are left out."""
    subject = fold(example.subject[:MOST_TEXT]).split()[:MOST_SUBJECT]
    text = fold(example.text[:MOST_TEXT]).split()
    pairs = [f"{one} {other}" for one, other in pairwise(subject)]
    found = {
        WORD: _distinct(subject + text)[:MOST_WORDS],
        SUBJECT: _distinct(subject),
        PAIR: list(dict.fromkeys(pairs)),
    }
    for name, value in example.facts.items():
        if value:
            found[name] = [value[:MOST_FACT]]
    return {family: words for family, words in found.items() if words}


def _distinct(words: list[str]) -> list[str]:
    """Each word once; single letters and numbers of more than four digits say nothing."""
    return [
        word
        for word in dict.fromkeys(words)
        if 1 < len(word) <= MOST_WORD and not (len(word) > 4 and word.isdigit())
    ]

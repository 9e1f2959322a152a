"""Type a few letters, find the choice: a fuzzy match in one pass over the text.

Textual's own matcher tries every combination of positions, which a long line of repeated letters
from outside turns into minutes.
"""

from __future__ import annotations

import unicodedata

LONGEST = 300
"""Characters of a choice that are looked at."""


def _plain(text: str) -> str:
    """Lower case without accents, one character for each, so that positions stay."""
    text = text[:LONGEST]
    if text.isascii():
        return text.lower()
    return "".join(unicodedata.normalize("NFKD", char.lower())[0] for char in text)


def match(query: str, text: str) -> tuple[float, tuple[int, ...]] | None:
    """How well the query fits (more is better) and where, or None when its letters aren't there in order.

    The whole query in one piece beats initials of words, which beat scattered letters; words of the
    query may stand in any order.
    """
    where: list[int] = []
    total = 0.0
    plain = _plain(text)
    for word in _plain(query).split():
        if (found := _match_word(word, plain)) is None:
            return None
        total += found[0]
        where.extend(found[1])
    return total, tuple(where)


def _starts_word(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()


def _match_word(word: str, text: str) -> tuple[float, list[int]] | None:
    at = text.find(word)
    while at != -1:
        piece = list(range(at, at + len(word)))
        if _starts_word(text, at):
            return 100.0 + (20 if at == 0 else 0) + len(word) / (1 + len(text)), piece
        if (later := text.find(word, at + 1)) == -1:
            return 60.0 + len(word) / (1 + len(text)), piece
        at = later
    return _match_letters(word, text)


def _match_letters(word: str, text: str) -> tuple[float, list[int]] | None:
    where: list[int] = []
    score, at = 0.0, -1
    for letter in word:
        first = text.find(letter, at + 1)
        if first == -1:
            return None
        start = first
        while start != -1 and not _starts_word(text, start) and start != at + 1:
            start = text.find(letter, start + 1)
        # A letter that begins a word, or goes on from the last one, is what a person means.
        chosen = start if start != -1 and _rest_fits(word, len(where) + 1, text, start) else first
        score += 4 if _starts_word(text, chosen) else 2 if chosen == at + 1 else 0.5
        where.append(chosen)
        at = chosen
    return score, where


def _rest_fits(word: str, index: int, text: str, at: int) -> bool:
    for letter in word[index:]:
        at = text.find(letter, at + 1)
        if at == -1:
            return False
    return True

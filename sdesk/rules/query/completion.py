"""What may come next while a filter is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk.rules.query import times
from sdesk.rules.query.nodes import quoted
from sdesk.rules.query.terms import (
    NAMES,
    SLA_STATES,
    SLA_TARGETS,
    SORT_KEYS,
    TERMS,
    Takes,
    Term,
    Vocabulary,
)
from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST = 50
_TOKEN = re.compile(r'(?:"(?:[^"\\]|\\.)*(?:"|$)|[^\s()"])+')
_HEAD = re.compile(
    r'(-?)([A-Za-z][A-Za-z0-9_-]*)(\.(?:"[^"]*"|[^\s:<>=!,]+))?(:[<>]=?|:=|:|!=|[<>]=?|=)'
)
_TIMES = {
    "1h": "an hour", "4h": "four hours", "1d": "a day", "2d": "two days", "1w": "a week",
    "today": "", "yesterday": "", "tomorrow": "", "monday": "", "week": "this week",
    "last-week": "", "month": "this month", "last-month": "", "now": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Completion:
    """Put `text` in the place of the characters from `start` to `end` (counted from 0)."""

    start: int
    end: int
    text: str
    help: str = ""


def complete(text: str, cursor: int, vocabulary: Vocabulary) -> tuple[Completion, ...]:
    """Ways to go on at the cursor: term names, then the values of the term it stands in."""
    cursor = max(0, min(cursor, len(text)))
    start, word = _token(text, cursor)
    head = _HEAD.match(word)
    if head is None:
        return tuple(_names(start, cursor, word, vocabulary))[:MOST]
    term = NAMES.get(head[2].lower())
    if term is None:
        return ()
    begun = _last_value(word[head.end() :])
    values = _values(term, vocabulary)
    if term.takes is Takes.SORT and begun.startswith("-"):
        values = ((f"-{key}", f"{hint}, turned round") for key, hint in values)
    found = _matching(begun, values)
    return tuple(
        Completion(cursor - len(begun), cursor, _written(term, value), hint)
        for value, hint in found
    )[:MOST]


def _token(text: str, cursor: int) -> tuple[int, str]:
    """The word the cursor stands in or behind, up to the cursor."""
    for found in _TOKEN.finditer(text, 0, cursor):
        if found.end() == cursor:
            return found.start(), found[0]
    return cursor, ""


def _names(start: int, cursor: int, word: str, vocabulary: Vocabulary) -> Iterator[Completion]:
    minus = "-" if word.startswith("-") else ""
    begun = word[len(minus) :].lower()
    if begun.startswith("field."):
        for name in vocabulary.fields:
            if fold(name).startswith(fold(begun[6:])):
                yield Completion(start, cursor, f"{minus}field.{quoted(name)}:", "custom field")
        return
    for term in TERMS.values():
        if term.name.startswith(begun) and not (minus and term.takes is Takes.SORT):
            end = "." if term.takes is Takes.FIELD else ":"
            yield Completion(start, cursor, minus + term.name + end, term.help)


def _last_value(written: str) -> str:
    """What has been typed of the last of several values."""
    inside = False
    for index in range(len(written) - 1, -1, -1):
        inside ^= written[index] == '"'
        if written[index] == "," and written.count('"', 0, index) % 2 == 0:
            return written[index + 1 :]
    return written


def _matching(begun: str, values: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Values that begin so first, then those with a word (of the value or its hint) that does."""
    plain = fold(begun)
    later = []
    for value, hint in values:
        if not begun or value.lower().startswith(begun.lower().lstrip('"')):
            yield value, hint
        elif plain and f" {plain}" in f" {fold(value)} {fold(hint)}":
            later.append((value, hint))
    yield from later


def _written(term: Term, value: str) -> str:
    return value if term.takes in (Takes.SORT, Takes.PAST, Takes.AHEAD) else quoted_value(value)


def quoted_value(value: str) -> str:
    """The value as a filter takes it; `me` and `none` keep their meaning."""
    return value if value in ("me", "none") else quoted(value)


def _values(term: Term, words: Vocabulary) -> Iterable[tuple[str, str]]:
    none = [("none", "empty")] if term.empty else []
    match term.takes:
        case Takes.STATE:
            return [*term.choices.items(), *words.states.items()]
        case Takes.CHOICE | Takes.CLAIM:
            return term.choices.items()
        case Takes.KEY:
            return [*_keys(term, words), *none]
        case Takes.NUMBER:
            return [*_numbers(term), *none]
        case Takes.PAST | Takes.AHEAD:
            lengths = [(text, hint) for text, hint in _TIMES.items() if text[0].isdigit()]
            return lengths if term.name == "age" else [*_TIMES.items(), *none]
        case Takes.TAG:
            return [*((tag, "") for tag in words.tags), *none]
        case Takes.SLA:
            return [*SLA_STATES.items(), *((target, "target") for target in SLA_TARGETS), *none]
        case Takes.SORT:
            return SORT_KEYS.items()
        case Takes.TEXT:
            known = {"category": words.categories, "org": words.organizations}.get(term.name, ())
            return [*((value, "") for value in known), *none]
    return none


def _keys(term: Term, words: Vocabulary) -> Iterable[tuple[str, str]]:
    if term.name == "queue":
        return words.queues.items()
    if term.name == "policy":
        return ((name, "") for name in words.policies)
    return [("me", "the agent who asks"), *words.agents.items()]


def _numbers(term: Term) -> Iterable[tuple[str, str]]:
    if term.numbers:
        return ((str(number), name) for name, number in term.numbers.items())
    low, high = term.bounds
    return ((str(number), "") for number in range(low, high + 1)) if high < 10 else ()


assert set(_TIMES) & set(times.NAMED)

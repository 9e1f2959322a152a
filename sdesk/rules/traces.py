"""The traces of a person in others' texts: their addresses, phone numbers and full names. Pure.

Texts are compared as searches compare them: case, accents and width are forgotten, and the words of
a name may be parted by a line's end and its quote marks, or stand the other way round. A name of
one word is no trace: it would tear holes into texts that are about somebody else.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ERASED = "[erased]"
"""What stands in the place of a trace."""
LEAST_DIGITS, COMPARED_DIGITS = 6, 8
"""A phone number has at least so many; so many of its last ones tell it from others, with or
without the country before them."""
_BETWEEN = r"[\s>\"'.,;:_()-]{1,12}"
"""What may part the words of a name."""
_PARTED = r"[\s().\-/]{0,3}"
"""What may part the digits of a number."""


class Known(NamedTuple):
    """By what a person can be found. As JSON it is three lists."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    def but(self, others: Known) -> Known:
        """Less what others are called by as well: their names stay theirs."""
        folded = {fold(name) for name in others.names}
        taken = {address.casefold() for address in others.addresses}
        numbers = {digits(phone)[-COMPARED_DIGITS:] for phone in others.phones}
        return Known(
            tuple(name for name in self.names if fold(name) not in folded),
            tuple(address for address in self.addresses if address.casefold() not in taken),
            tuple(p for p in self.phones if digits(p)[-COMPARED_DIGITS:] not in numbers),
        )

    def sound(self) -> Known:
        """Each once, and only what says enough to be looked for."""
        return Known(
            tuple(dict.fromkeys(name for name in self.names if is_full(name))),
            tuple(dict.fromkeys(a.casefold() for a in self.addresses if "@" in a)),
            tuple(dict.fromkeys(p for p in self.phones if len(digits(p)) >= LEAST_DIGITS)),
        )


def is_full(name: str) -> bool:
    """Whether a name has more than one word, and enough letters to be told from other words."""
    words = fold(name).split()
    return len(words) > 1 and sum(map(len, words)) >= 5 and any(len(word) > 2 for word in words)


def digits(phone: str) -> str:
    return "".join(char for char in phone if char.isdecimal() and char.isascii())


class Traces:
    """What is looked for. `mark` stands in the place of what is found."""

    def __init__(self, known: Known, mark: str = ERASED) -> None:
        self.known, self.mark = known.sound(), mark
        self.hints = tuple(dict.fromkeys(self._hints()))
        """One of these stands in every text that holds a trace: the folded word that says most."""

    def _hints(self) -> Iterable[str]:
        for name in self.known.names:
            yield max(fold(name).split(), key=len)
        for address in self.known.addresses:
            yield max(fold(address).split(), key=len)

    def __bool__(self) -> bool:
        return any(self.known)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = [*map(_address, self.known.addresses)]
        for name in self.known.names:
            words = fold(name).split()
            parts.append(_words(words))
            if len(words) > 1:
                parts.append(_words([words[-1], *words[:-1]]))
        return re.compile("|".join([*parts, *map(_phone, self.known.phones)]) or r"(?!)")

    @cached_property
    def _numbers(self) -> re.Pattern[str] | None:
        # Only its last digits: a pattern that begins with one of them is found much quicker.
        found = [_last(phone) for phone in self.known.phones]
        return re.compile("|".join(found)) if found else None

    def maybe(self, text: str) -> bool:
        """Whether a trace may stand there: quick, and never wrong where it says no."""
        plain = text.lower() if text.isascii() else fold(text)
        if any(hint in plain for hint in self.hints):
            return True
        return self._numbers is not None and self._numbers.search(text) is not None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where traces stand in the text, in order."""
        if not self.maybe(text):
            return []
        plain, places = _mapped(text)
        found = [match.span() for match in self._pattern.finditer(plain)]
        return [(places[start], places[end - 1] + 1) for start, end in found]

    def holds(self, text: str) -> bool:
        return bool(self.spans(text))

    def redacted(self, text: str) -> str:
        return cut_out(text, self.spans(text), self.mark)

    def redacted_value(self, value: Any) -> Any:
        """The same in every text of a JSON value, the names of its parts too."""
        if isinstance(value, str):
            return self.redacted(value)
        if isinstance(value, list):
            return [self.redacted_value(part) for part in value]
        if isinstance(value, dict):
            return {self._redacted_name(n): self.redacted_value(part) for n, part in value.items()}
        return value

    def _redacted_name(self, name: str) -> str:
        """A name of the desk's own may stand before an address: "participant.ann@example.org"."""
        kind, dot, rest = name.partition(".")
        return f"{kind}{dot}{self.redacted(rest)}" if dot else self.redacted(name)

    def redacted_json(self, text: str) -> str:
        """The same of JSON text; as it is where nothing is found, or where it is no JSON."""
        if not self.maybe(text):
            return text
        try:
            value = json.loads(text)
        except ValueError:
            return self.redacted(text)
        again = self.redacted_value(value)
        if again == value:
            return text
        return json.dumps(again, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def cut_out(text: str, spans: Iterable[tuple[int, int]], mark: str) -> str:
    """The text with the mark in the place of these parts, which stand in order."""
    kept, at = [], 0
    for start, end in spans:
        if start < at:
            continue
        kept += [text[at:start], mark]
        at = end
    return "".join([*kept, text[at:]])


def moved(folds: str, spans: Sequence[tuple[int, int]], mark: str) -> str:
    """A message's folds (JSON spans of its text) after these parts have given way to the mark."""
    if not folds or not spans:
        return folds

    def at(place: int) -> int:
        shift = 0
        for start, end in spans:
            if place >= end:
                shift += len(mark) - (end - start)
            elif place > start:
                return start + shift
        return place + shift

    try:
        return json.dumps([[at(a), at(b)] for a, b in json.loads(folds)], separators=(",", ":"))
    except (ValueError, TypeError):
        return ""


def _address(address: str) -> str:
    local, _, domain = address.partition("@")
    at = rf"{re.escape(_plain(local))}(?:@|%40){re.escape(_plain(domain))}"
    return rf"(?<![\w+-])(?<!\w\.){at}(?![\w-]|\.\w)"


def _words(words: Sequence[str]) -> str:
    return rf"(?<![\w-]){_BETWEEN.join(map(re.escape, words))}(?!\w|-\w)"


def _phone(phone: str) -> str:
    """Its last digits, with what stands before them as part of the same number."""
    last = _last(phone)
    return rf"(?<!\d)\+?\(?(?:\d[ ().\-/]{{0,3}}){{0,7}}(?:\(0\) ?)?{last}(?!\d)"


def _last(phone: str) -> str:
    return _PARTED.join(digits(phone)[-COMPARED_DIGITS:])


def _plain(text: str) -> str:
    return _mapped(text)[0]


def _mapped(text: str) -> tuple[str, Sequence[int]]:
    """The text without case, accents and width, and for each of its letters where it stood."""
    if text.isascii():
        return text.lower(), range(len(text))
    plain: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for part in unicodedata.normalize("NFKD", char.casefold()).casefold():
            if not unicodedata.combining(part):
                plain.append(part)
                places.append(place)
    return "".join(plain), places

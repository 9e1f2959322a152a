"""The traces of a person in others' texts: their addresses, phone numbers and full names. Pure.

Texts are compared as searches compare them: case, accents and width are forgotten, "Müller" is
"Mueller" as well, and the words of a name may be parted by a line's end and its quote marks, or the
last ones stand first. A name of one word is no trace: it would tear holes into texts that are about
somebody else.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ERASED = "[erased]"
"""What stands in the place of a trace."""
LEAST_DIGITS, COMPARED_DIGITS = 6, 8
"""A phone number has at least so many; so many of its last ones tell it from others, with or
without the country before them."""
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2212\u00ad-"
_BETWEEN = rf"[\s>\"'\u2019.,;:_(){_HYPHENS}]{{1,12}}"
"""What may part the words of a name."""
_TURNED = rf"(?:[\s>\"'\u2019.,_{_HYPHENS}]{{1,12}}|;)"
"""The same where the last words stand first: what comes behind a semicolon may be the next name."""
_PARTED = r"[\s().\-/]{0,3}"
"""What may part the digits of a number."""
_TWO = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ł": "l", "đ": "d"}  # fmt: skip
"""Letters that are written with others where they can't be typed."""
_SPELT = str.maketrans(_TWO)


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


def initials(name: str) -> list[str]:
    """How a name is shortened: "J. Smith" for "John Smith", and for "Smith, John"."""
    last, comma, first = name.partition(",")
    words = [*first.split(), *last.split()] if comma else name.split()
    if len(words) < 2 or not words[0][:1].isalpha():
        return []
    short = [f"{words[0][0]}. {' '.join(words[1:])}", f"{words[0][0]}. {words[-1]}"]
    return list(dict.fromkeys(short))


def spelt(text: str) -> str:
    """With the letters that many keyboards have: "Mueller" for "Müller"."""
    return (
        text if text.isascii() else unicodedata.normalize("NFC", text.casefold()).translate(_SPELT)
    )


def digits(phone: str) -> str:
    return "".join(char for char in phone if char.isdecimal() and char.isascii())


class Traces:
    """What is looked for. `mark` stands in the place of what is found."""

    def __init__(self, known: Known, mark: str = ERASED) -> None:
        self.known, self.mark = known.sound(), mark
        self.hints = tuple(dict.fromkeys(self._hints()))
        """One of these stands in every text that holds a trace: the folded word that says most."""

    def _hints(self) -> Iterable[str]:
        for name in (*self.known.names, *self._spelt):
            yield max(fold(name).split(), key=len)
        for address in self.known.addresses:
            yield max(fold(address).split(), key=len)

    def __bool__(self) -> bool:
        return any(self.known)

    @cached_property
    def _spelt(self) -> tuple[str, ...]:
        """Names of which a part may be written with other letters."""
        return tuple(
            spelt(name) for name in self.known.names
            if not name.isascii() or any(two in name.casefold() for two in _TWO.values())
        )  # fmt: skip

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = [*map(_address, self.known.addresses)]
        for name in self.known.names:
            parts += _turned(fold(name).split())
        return re.compile("|".join([*parts, *map(_phone, self.known.phones)]) or r"(?!)")

    @cached_property
    def _other_pattern(self) -> re.Pattern[str]:
        """Of texts whose letters are spelt out."""
        parts = [part for name in self._spelt for part in _turned(fold(name).split())]
        return re.compile("|".join(parts))

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
        if self._spelt and not text.isascii():
            plain = fold(spelt(text))
            if any(hint in plain for hint in self.hints):
                return True
        return self._numbers is not None and self._numbers.search(text) is not None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where traces stand in the text, in order."""
        if not self.maybe(text):
            return []
        found = _found(self._pattern, *_mapped(text))
        if self._spelt:
            found += _found(self._other_pattern, *_mapped(text, _TWO))
        return _joined(found)

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


def _found(
    pattern: re.Pattern[str], plain: str, places: Sequence[int]
) -> list[tuple[int, int]]:  # fmt: skip
    spans = (match.span() for match in pattern.finditer(plain))
    return [(places[start], places[end - 1] + 1) for start, end in spans]


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, and what overlaps as one."""
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if made and start < made[-1][1]:
            made[-1] = made[-1][0], max(end, made[-1][1])
        else:
            made.append((start, end))
    return made


def _turned(words: Sequence[str]) -> list[str]:
    """The name as it is, and with its last words first."""
    turned = [_words([*words[at:], *words[:at]], _TURNED) for at in range(1, len(words))]
    return [_words(words, _BETWEEN), *turned]


def _address(address: str) -> str:
    """With whatever stands behind a + in it."""
    local, _, domain = address.partition("@")
    tag = r"(?:(?:\+|%2b)[\w.+-]{1,60})?"
    at = rf"{re.escape(_plain(local))}{tag}(?:@|%40){re.escape(_plain(domain))}"
    return rf"(?<![\w+-])(?<!\w\.){at}(?![\w-]|\.\w)"


def _words(words: Sequence[str], between: str) -> str:
    return rf"(?<![\w{_HYPHENS}]){between.join(map(re.escape, words))}(?!\w|[{_HYPHENS}]\w)"


def _phone(phone: str) -> str:
    """Its last digits, with what stands before them as part of the same number."""
    last = _last(phone)
    return rf"(?<!\d)\+?\(?(?:\d[ ().\-/]{{0,3}}){{0,7}}(?:\(0\) ?)?{last}(?!\d)"


def _last(phone: str) -> str:
    return _PARTED.join(digits(phone)[-COMPARED_DIGITS:])


def _plain(text: str) -> str:
    return _mapped(text)[0]


def _mapped(text: str, spelt: Mapping[str, str] | None = None) -> tuple[str, Sequence[int]]:
    """The text without case, accents and width, and for each of its letters where it stood; these
    spelt with others."""
    if text.isascii():
        return text.lower(), range(len(text))
    spelt = spelt or {}
    plain: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        low = char.casefold()
        for part in unicodedata.normalize("NFKD", spelt.get(low, low)).casefold():
            if not unicodedata.combining(part):
                plain.append(part)
                places.append(place)
    return "".join(plain), places

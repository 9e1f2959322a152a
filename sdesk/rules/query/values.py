"""Reading the values of a term, each kind in its own way, and finding the nearest right one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sdesk.errors import QueryError, did_you_mean, nearest
from sdesk.numbering import MARK, number_in
from sdesk.rules.query import times
from sdesk.rules.query.nodes import (
    Condition,
    Distance,
    Me,
    Moment,
    Nothing,
    Number,
    Or,
    Range,
    Scalar,
    Text,
    Value,
    Words,
)
from sdesk.rules.query.terms import CATEGORIES, LIVE_WORDS, Takes, Term, Vocabulary
from sdesk.rules.query.words import caseless, folded
from sdesk.text import clean_line, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sdesk.rules.query.scan import Head, Item, Scanner

COMPARISONS = ("<", "<=", ">", ">=")
_EQUALS = {"=": ":", "!=": ":", ":<": "<", ":<=": "<=", ":>": ">", ":>=": ">="}
_REFERENCE = re.compile(rf"(?:#|[A-Za-z]{{1,10}}-)?({MARK}?[0-9]{{1,15}})", re.IGNORECASE)


class Given(NamedTuple):
    """One value as written, and what it is read by."""

    term: Term
    operator: str
    item: Item
    vocabulary: Vocabulary

    @property
    def word(self) -> str:
        return self.item.text.strip().lower()

    def refusal(self, message: str, hint: str = "") -> QueryError:
        return QueryError(message, column=self.item.column, word=self.item.text, hint=hint)


def read_condition(
    scan: Scanner, head: Head, term: Term, vocabulary: Vocabulary
) -> Condition | Words | Or:
    """The values of the term whose head has just been read. Raises `QueryError`."""
    operator = plain_operator(head.operator)
    _check_operator(term, head, operator)
    items = scan.items()
    for item in items:
        if not item.text and not (item.pieces and term.takes is Takes.EXACT):
            raise QueryError(
                f"'{head.name}' needs a value, like {term.example}.", column=item.column, word=head.name
            )  # fmt: skip
    if operator in COMPARISONS and len(items) > 1:
        raise QueryError(
            f"'{operator}' takes one value.", column=items[1].column, word=items[1].text
        )
    given = [Given(term, operator, item, vocabulary) for item in items]
    if term.takes is Takes.WORDS:
        return _words(given)
    if operator == ":=" and term.takes not in (Takes.STATE, Takes.TEXT, Takes.FIELD):
        operator = ":"
    values = tuple(map(_value, given))
    return Condition(term.name, operator, values, _field_name(head.part, vocabulary))


def plain_operator(written: str) -> str:
    return _EQUALS.get(written, written)


def _field_name(part: str, vocabulary: Vocabulary) -> str:
    """The field as the desk spells it; an unknown one is taken as it stands: tickets bring new ones."""
    known = {name.casefold(): name for name in vocabulary.fields}
    return known.get(part.casefold(), part)


def _check_operator(term: Term, head: Head, operator: str) -> None:
    orders = term.takes in (Takes.NUMBER, Takes.PAST, Takes.AHEAD)
    if operator in COMPARISONS and not orders:
        raise QueryError(
            f"'{head.name}' can't be compared with '{operator}'.", column=head.column, word=head.name,
            hint=f"Write it like {term.example}.",
        )  # fmt: skip


def _words(given: list[Given]) -> Words | Or:
    found = []
    for value in given:
        item, is_prefix = value.item.starred()
        value = value._replace(item=item)
        found.append(Words(_searchable(value), is_prefix, value.term.attribute))
    return found[0] if len(found) == 1 else Or(tuple(found))


def _searchable(given: Given) -> str:
    text = given.item.text
    if not folded(text):
        raise given.refusal(f"'{text}' has no letter or digit to search for.")
    return text


def _value(given: Given) -> Value:
    term = given.term
    is_none = given.item.is_bare and given.word == "none" and given.operator not in COMPARISONS
    if is_none and term.empty:
        return Nothing()
    if is_none and term.takes in (Takes.NUMBER, Takes.PAST):
        raise given.refusal(f"'{term.name}' is never empty.")
    return _READ[term.takes](given)


def _state(given: Given) -> Text:
    categories = (*CATEGORIES, *LIVE_WORDS) if given.operator == ":" else ()
    if given.word in categories:
        return Text(given.word, "@live" if given.word in LIVE_WORDS else f"@{given.word}")
    return _named(given, "state", given.vocabulary.states, categories)


def _key(given: Given) -> Text | Me:
    words = given.vocabulary
    match given.term.name:
        case "queue":
            return _named(given, "queue", words.queues)
        case "policy":
            return _named(given, "policy", {name: name for name in words.policies})
    if given.item.is_bare and given.word == "me":
        return Me()
    return _named(given, "agent", words.agents, ("me", "none"))


def _named(given: Given, what: str, names: Mapping[str, str], others: Iterable[str] = ()) -> Text:
    """The value with the key that it is, or that has it for a name."""
    written = clean_line(given.item.text)
    key = _found(written, names) if names else written
    if key is None:
        choices = list(dict.fromkeys((*others, *names, *names.values())))
        hint = did_you_mean(written, choices) or did_you_mean(written, names)
        raise given.refusal(f"there is no {what} '{written}'.", hint)
    return Text(given.item.text, key)


def _found(written: str, names: Mapping[str, str]) -> str | None:
    if written in names:
        return written
    word, plain = written.casefold(), fold(written)
    for key, name in names.items():
        if word in (key.casefold(), name.casefold()):
            return key
    return next((k for k, name in names.items() if plain and plain in (fold(name), fold(k))), None)


def _choice(given: Given) -> Text:
    choices = given.term.choices
    if given.word not in choices:
        hint = did_you_mean(given.word, choices) or "Known: " + ", ".join(choices) + "."
        raise given.refusal(f"'{given.term.name}:' does not know '{given.item.text}'.", hint)
    return Text(given.word, given.word)


def _number(given: Given) -> Scalar | Range:
    return _scalar(given, _one_number)


def _one_number(given: Given) -> Number:
    term = given.term
    named = term.numbers.get(given.word)
    found = _REFERENCE.fullmatch(given.word)
    if named is None and found is None:
        near = did_you_mean(given.word, term.numbers)
        raise given.refusal(
            f"'{given.item.text}' is no {term.name}.", near or f"Write it like {term.example}."
        )
    number = number_in(found[1]) or 0 if found else named or 0
    low, high = term.bounds
    if not low <= number <= high:
        raise given.refusal(f"{term.name} is {low} to {high}.")
    return Number(number)


def instant(given: Given) -> Scalar | Range:
    """A length of time, a moment, or a range of either."""
    return _scalar(given, _one_length if given.term.name == "age" else _one_instant)


def _one_instant(given: Given) -> Distance | Moment:
    seconds, moment = times.duration(given.word), times.moment(given.word)
    if seconds is not None:
        return Distance(seconds, given.word)
    if moment is not None:
        return Moment(moment)
    near = nearest(given.word, times.NAMED) if given.word.isalpha() else None
    like = "Write it like 30m, 2d, today, monday, 2026-11-01 or 2026-11-01T14:30."
    raise given.refusal(
        f"'{given.item.text}' is no time.", f"Did you mean '{near}'?" if near else like
    )


def _one_length(given: Given) -> Distance:
    seconds = times.duration(given.word)
    if seconds is None:
        raise given.refusal(
            f"'{given.item.text}' is no length of time.", "Write it like 30m, 2h, 1d or 1w."
        )
    return Distance(seconds, given.word)


def _scalar(given: Given, read: Callable[[Given], Scalar]) -> Scalar | Range:
    """One value, or a range of two."""
    if (ends := given.item.ends()) is None:
        return read(given)
    if given.operator in COMPARISONS:
        raise given.refusal(f"'{given.operator}' takes no range.")
    low, high = (read(given._replace(item=end)) if end.pieces else None for end in ends)
    if low is None and high is None:
        raise given.refusal("a range needs an end.", "Write it like 1..3 or 2026-11-01.. .")
    if low and high and type(low) is not type(high):
        raise given.refusal("both ends of a range are dates, or both are lengths of time.")
    return Range(low, high)


def _text(given: Given) -> Text:
    item, is_prefix = given.item.starred() if given.operator == ":" else (given.item, False)
    return Text(_searchable(given._replace(item=item)), prefix=is_prefix)


def _exact(given: Given) -> Text:
    item, is_prefix = given.item.starred()
    return Text(item.text, clean_line(item.text), is_prefix)


def _tag(given: Given) -> Text:
    """An unknown tag is refused only where a known one is near: any word may become a tag."""
    item, is_prefix = given.item.starred()
    key = caseless(clean_line(item.text))
    known = {caseless(tag): tag for tag in given.vocabulary.tags}
    if key not in known and not is_prefix and (near := nearest(key, known)):
        hint = f"Did you mean '{known[near]}'? If not, write tag:{item.text}* ."
        raise given.refusal(f"no ticket has the tag '{item.text}'.", hint)
    return Text(item.text, key, is_prefix)


_READ: Mapping[Takes, Callable[[Given], Value]] = {
    Takes.STATE: _state,
    Takes.KEY: _key,
    Takes.CHOICE: _choice,
    Takes.CLAIM: _choice,
    Takes.NUMBER: _number,
    Takes.PAST: instant,
    Takes.AHEAD: instant,
    Takes.TEXT: _text,
    Takes.FIELD: _text,
    Takes.EXACT: _exact,
    Takes.TAG: _tag,
}

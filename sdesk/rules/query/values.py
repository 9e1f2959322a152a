"""Reading the values of a term, each kind in its own way, and finding the nearest right one."""

# Functions that stand in one table share one signature, and not all of them need all of it.
# ruff: noqa: ARG001

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdesk.errors import QueryError, did_you_mean, nearest
from sdesk.model import StateCategory
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
from sdesk.rules.query.terms import (
    CATEGORIES,
    LIVE_WORDS,
    SLA_STATES,
    SLA_TARGETS,
    Takes,
    Term,
    Vocabulary,
)
from sdesk.rules.query.words import caseless, folded
from sdesk.text import clean_line, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sdesk.rules.query.scan import Head, Item, Scanner

COMPARISONS = ("<", "<=", ">", ">=")
_EQUALS = {"=": ":", "!=": ":", ":<": "<", ":<=": "<=", ":>": ">", ":>=": ">="}
_REFERENCE = re.compile(r"(?:#|[A-Za-z]{1,10}-)?([0-9]{1,15})")
_SLA_WORD = re.compile(r"[A-Za-z][A-Za-z-]*")
_SLA_OPERATOR = re.compile(r":[<>]=?|:|[<>]=?")


def read_condition(
    scan: Scanner, head: Head, term: Term, vocabulary: Vocabulary
) -> Condition | Words | Or:
    """The term whose head has just been read. Raises `QueryError`."""
    operator = _EQUALS.get(head.operator, head.operator)
    if term.takes is Takes.SLA:
        return _sla(scan, head, operator)
    _check_operator(term, head, operator)
    items = scan.items()
    for item in items:
        if not item.text and not (item.pieces and term.takes is Takes.EXACT):
            raise QueryError(
                f"'{head.name}' needs a value, like {term.example}.",
                column=item.column,
                word=head.name,
            )
    if operator in COMPARISONS and len(items) > 1:
        raise QueryError(
            f"'{operator}' takes one value.", column=items[1].column, word=items[1].text
        )
    if term.takes is Takes.WORDS:
        return _words(term, items)
    values = tuple(_value(term, operator, item, vocabulary) for item in items)
    if operator == ":=" and term.takes not in (Takes.STATE, Takes.TEXT, Takes.FIELD):
        operator = ":"
    return Condition(term.name, operator, values, _field_name(head.part, vocabulary))


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


def _words(term: Term, items: list[Item]) -> Words | Or:
    found = []
    for written in items:
        item, is_prefix = written.starred()
        found.append(Words(_searchable(item), is_prefix, term.attribute))
    return found[0] if len(found) == 1 else Or(tuple(found))


def _searchable(item: Item) -> str:
    if not folded(item.text):
        raise QueryError(
            f"'{item.text}' has no letter or digit to search for.",
            column=item.column,
            word=item.text,
        )
    return item.text


def _value(term: Term, operator: str, item: Item, vocabulary: Vocabulary) -> Value:
    if item.is_bare and item.text.lower() == "none" and operator not in COMPARISONS:
        if not (term.empty or term.takes in (Takes.STATE, Takes.CHOICE, Takes.CLAIM)):
            raise QueryError(f"'{term.name}' is never empty.", column=item.column, word=item.text)
        if term.empty:
            return Nothing()
    return _READ[term.takes](term, operator, item, vocabulary)


def _state(term: Term, operator: str, item: Item, vocabulary: Vocabulary) -> Text:
    word = item.text.lower()
    if operator == ":" and word in (*CATEGORIES, *LIVE_WORDS):
        return Text(word, "@live" if word in LIVE_WORDS else f"@{word}")
    return Text(
        item.text, _key("state", item, vocabulary.states, CATEGORIES if operator == ":" else ())
    )


def _key_value(term: Term, operator: str, item: Item, vocabulary: Vocabulary) -> Text | Me:
    if term.name in ("assignee", "owner"):
        if item.is_bare and item.text.lower() == "me":
            return Me()
        return Text(item.text, _key("agent", item, vocabulary.agents, ("me", "none")))
    if term.name == "policy":
        return Text(item.text, _key("policy", item, {name: name for name in vocabulary.policies}))
    return Text(item.text, _key("queue", item, vocabulary.queues))


def _key(what: str, item: Item, names: Mapping[str, str], others: Iterable[str] = ()) -> str:
    """The key for a key or a name."""
    written = clean_line(item.text)
    if not names or written in names:
        return written
    word, plain = written.casefold(), fold(written)
    for key, name in names.items():
        if key.casefold() == word or name.casefold() == word:
            return key
    for key, name in names.items():
        if plain and plain in (fold(name), fold(key)):
            return key
    choices = list(dict.fromkeys((*others, *names, *names.values())))
    raise QueryError(
        f"there is no {what} '{written}'.", column=item.column, word=item.text,
        hint=did_you_mean(written, choices) or did_you_mean(written, names),
    )  # fmt: skip


def _choice(term: Term, operator: str, item: Item, vocabulary: Vocabulary) -> Text:
    word = item.text.lower()
    if word not in term.choices:
        raise QueryError(
            f"'{term.name}:' does not know '{item.text}'.", column=item.column, word=item.text,
            hint=did_you_mean(word, term.choices) or "Known: " + ", ".join(term.choices) + ".",
        )  # fmt: skip
    return Text(word, word)


def _number(term: Term, operator: str, item: Item, vocabulary: Vocabulary) -> Number | Range:
    return _scalar(term, operator, item, _one_number)  # type: ignore[return-value]


def _one_number(term: Term, item: Item) -> Number:
    word = item.text.strip().lower()
    named = term.numbers.get(word)
    found = _REFERENCE.fullmatch(word)
    if named is None and found is None:
        raise QueryError(
            f"'{item.text}' is no {term.name}.", column=item.column, word=item.text,
            hint=did_you_mean(word, term.numbers) if term.numbers else f"Write it like {term.example}.",
        )  # fmt: skip
    number = named if named is not None else int(found[1]) if found else 0
    low, high = term.bounds
    if not low <= number <= high:
        raise QueryError(f"{term.name} is {low} to {high}.", column=item.column, word=item.text)
    return Number(number)


def _instant(term: Term, operator: str, item: Item, vocabulary: Vocabulary) -> Scalar | Range:
    return _scalar(term, operator, item, _one_instant)


def _one_instant(term: Term, item: Item) -> Distance | Moment:
    word = item.text.strip().lower()
    seconds = times.duration(word)
    if seconds is not None:
        return Distance(seconds, word)
    moment = times.moment(word)
    if moment is None or (term.name == "age" and moment[0] not in "+-"):
        if term.name == "age":
            raise QueryError(
                f"'{item.text}' is no length of time.",
                column=item.column,
                word=item.text,
                hint="Write it like 30m, 2h, 1d or 1w.",
            )
        raise QueryError(
            f"'{item.text}' is no time.", column=item.column, word=item.text,
            hint=_time_hint(word),
        )  # fmt: skip
    return Moment(moment)


def _time_hint(word: str) -> str:
    near = nearest(word, times.NAMED) if word.isalpha() else None
    return (
        f"Did you mean '{near}'?"
        if near
        else "Write it like 30m, 2d, today, monday, 2026-11-01 or 2026-11-01T14:30."
    )


def _scalar(
    term: Term, operator: str, item: Item, read: Callable[[Term, Item], Scalar]
) -> Scalar | Range:
    """One value, or a range of two."""
    if (ends := item.ends()) is None:
        return read(term, item)
    if operator in COMPARISONS:
        raise QueryError(f"'{operator}' takes no range.", column=item.column, word=item.text)
    low, high = (read(term, end) if end.pieces else None for end in ends)
    if low is None and high is None:
        raise QueryError(
            "a range needs an end.",
            column=item.column,
            word=item.text,
            hint="Write it like 1..3 or 2026-11-01.. .",
        )
    if low and high and type(low) is not type(high):
        raise QueryError(
            "both ends of a range are dates, or both are lengths of time.",
            column=item.column,
            word=item.text,
        )
    return Range(low, high)


def _text(term: Term, operator: str, item: Item, vocabulary: Vocabulary) -> Text:
    written, is_prefix = item.starred() if operator == ":" else (item, False)
    return Text(_searchable(written), prefix=is_prefix)


def _exact(term: Term, operator: str, item: Item, vocabulary: Vocabulary) -> Text:
    written, is_prefix = item.starred()
    return Text(written.text, clean_line(written.text), is_prefix)


def _tag(term: Term, operator: str, item: Item, vocabulary: Vocabulary) -> Text:
    """An unknown tag is refused only where a known one is near: any word may become a tag."""
    written, is_prefix = item.starred()
    key = caseless(clean_line(written.text))
    known = {caseless(tag): tag for tag in vocabulary.tags}
    if known and key not in known and not is_prefix and (near := nearest(key, known)):
        raise QueryError(
            f"no ticket has the tag '{written.text}'.", column=item.column, word=written.text,
            hint=f"Did you mean '{known[near]}'? If not, write tag:{written.text}* .",
        )  # fmt: skip
    return Text(written.text, key, is_prefix)


_READ: Mapping[Takes, Callable[[Term, str, Item, Vocabulary], Value]] = {
    Takes.STATE: _state,
    Takes.KEY: _key_value,
    Takes.CHOICE: _choice,
    Takes.CLAIM: _choice,
    Takes.NUMBER: _number,
    Takes.PAST: _instant,
    Takes.AHEAD: _instant,
    Takes.TEXT: _text,
    Takes.FIELD: _text,
    Takes.EXACT: _exact,
    Takes.TAG: _tag,
}


def _sla(scan: Scanner, head: Head, operator: str) -> Condition:
    """`sla:breached`, `sla:response`, `sla:response:met`, `sla:resolution<30m`, `sla:none`."""
    from sdesk.rules.query.terms import TERMS

    if operator != ":":
        raise QueryError(
            "'sla' is written like sla:resolution<30m.", column=head.column, word=head.name
        )
    column = scan.column
    found = scan.match(_SLA_WORD)
    word = found[0].lower() if found else ""
    if word == "none":
        return Condition("sla", ":", (Nothing(),))
    if word in SLA_STATES:
        states = [word]
        while scan.take(","):
            states.append(_sla_state(scan))
        return Condition("sla", ":", tuple(Text(state, state) for state in states))
    if word not in SLA_TARGETS:
        known = (*SLA_TARGETS, *SLA_STATES)
        raise QueryError(
            f"'{word}' is neither a target nor a clock's state.", column=column, word=word,
            hint=did_you_mean(word, known) or "Known: " + ", ".join(known) + ".",
        )  # fmt: skip
    comparison = scan.match(_SLA_OPERATOR)
    if comparison is None:
        return Condition("sla", ":", (), word)
    sign = _EQUALS.get(comparison[0], comparison[0])
    if sign == ":" and (state := scan.match(_SLA_WORD)):
        scan.at = state.start()
        if state[0].lower() in SLA_STATES or times.moment(state[0]) is None:
            states = [_sla_state(scan)]
            while scan.take(","):
                states.append(_sla_state(scan))
            return Condition("sla", ":", tuple(Text(s, s) for s in states), word)
    values = [_instant(TERMS["due"], sign, item, Vocabulary()) for item in _needed(scan, head)]
    if sign in COMPARISONS and len(values) > 1:
        raise QueryError(f"'{sign}' takes one value.", column=column, word=word)
    return Condition("sla", sign, tuple(values), word)


def _needed(scan: Scanner, head: Head) -> list[Item]:
    items = scan.items()
    for item in items:
        if not item.text:
            raise QueryError(
                "'sla' needs a value, like sla:resolution<30m.", column=item.column, word=head.name
            )
    return items


def _sla_state(scan: Scanner) -> str:
    column = scan.column
    found = scan.match(_SLA_WORD)
    word = found[0].lower() if found else ""
    if word not in SLA_STATES:
        raise QueryError(
            f"'{word}' is no state of a clock.", column=column, word=word,
            hint=did_you_mean(word, SLA_STATES),
        )  # fmt: skip
    return word


assert set(StateCategory) == {StateCategory(name) for name in CATEGORIES}

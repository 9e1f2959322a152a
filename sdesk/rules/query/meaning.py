"""What a condition's values come to for one asker at one moment: the part both faces share.

Numbers and instants become half-open stretches of whole numbers, `[low, high)`, None for no end.
So `<`, `:`, ranges and dates are one comparison, in Python and in SQL alike.
"""

from __future__ import annotations

from sdesk.model import StateCategory
from sdesk.rules.query import times
from sdesk.rules.query.nodes import (
    Condition,
    Distance,
    Me,
    Moment,
    Nothing,
    Number,
    Range,
    Scalar,
    Text,
    Value,
)
from sdesk.rules.query.terms import LIVE_CATEGORIES, TERMS, Context, Takes

Stretch = tuple[int | None, int | None]


def wants_nothing(condition: Condition) -> bool:
    """Whether `none` is among the values."""
    return any(isinstance(value, Nothing) for value in condition.values)


def keys(condition: Condition, context: Context) -> list[str]:
    """The keys asked for, the empty key for `none`. `me` is nobody where nobody asks, as in a policy."""
    asked = [value for value in condition.values if context.me or not isinstance(value, Me)]
    return [_key(value, context) for value in asked]


def _key(value: Value, context: Context) -> str:
    if isinstance(value, Me):
        return context.me
    return value.key if isinstance(value, Text) else ""


def states(condition: Condition) -> tuple[list[StateCategory], list[str]]:
    """The categories and the very states asked for."""
    found: list[StateCategory] = []
    exact: list[str] = []
    for value in condition.values:
        key = value.key if isinstance(value, Text) else ""
        if key == "@live":
            found.extend(LIVE_CATEGORIES)
        elif key.startswith("@"):
            found.append(StateCategory(key[1:]))
        else:
            exact.append(key)
    return list(dict.fromkeys(found)), exact


def stretches(condition: Condition, context: Context) -> list[Stretch]:
    """The stretches of a number or an instant that satisfy the condition."""
    ahead = TERMS[condition.name].takes in (Takes.AHEAD, Takes.SLA)
    return [
        _stretch(condition.operator, value, context, ahead)
        for value in condition.values
        if isinstance(value, Number | Distance | Moment | Range)
    ]


def _stretch(operator: str, value: Value, context: Context, ahead: bool) -> Stretch:
    if isinstance(value, Range):
        return _range(value, context, ahead)
    assert isinstance(value, Number | Distance | Moment)
    low, high = _span(value, context, ahead)
    if isinstance(value, Distance) and not ahead:
        # "Less than an hour ago" lies after the moment an hour ago: distances grow into the past.
        operator = operator.translate(_TURNED)
    match operator:
        case "<":
            return None, low
        case "<=":
            return None, high
        case ">":
            return high, None
        case ">=":
            return low, None
    if isinstance(value, Distance):
        return (context.now, high) if ahead else (low, context.now + 1)
    return low, high


_TURNED = str.maketrans("<>", "><")


def _range(value: Range, context: Context, ahead: bool) -> Stretch:
    low = _span(value.low, context, ahead) if value.low is not None else None
    high = _span(value.high, context, ahead) if value.high is not None else None
    if isinstance(value.low or value.high, Distance):
        # "Up to two days": nearer than that, on this side of now.
        now = (context.now, context.now + 1)
        if not ahead:
            low, high = high, low or now
        else:
            low = low or now
    return (low[0] if low else None), (high[1] if high else None)


def _span(value: Scalar, context: Context, ahead: bool) -> tuple[int, int]:
    if isinstance(value, Number):
        return value.value, value.value + 1
    if isinstance(value, Distance):
        at = context.now + value.seconds if ahead else context.now - value.seconds
        return at, at + 1
    return times.span(value.text, context.now, context.zone, ahead=ahead)


def within(number: int | None, found: list[Stretch]) -> bool:
    """Whether a number lies in one of the stretches; nothing lies nowhere."""
    if number is None:
        return False
    return any(
        (low is None or low <= number) and (high is None or number < high) for low, high in found
    )

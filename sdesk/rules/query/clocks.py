"""Reading `sla:`, whose values name a target, a clock's state or a time.

`sla:breached` · `sla:response` · `sla:response:met,paused` · `sla:resolution<30m` · `sla:none`
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdesk.errors import QueryError, did_you_mean
from sdesk.rules.query import times
from sdesk.rules.query.nodes import Condition, Nothing, Text
from sdesk.rules.query.terms import SLA_STATES, SLA_TARGETS, TERMS, Vocabulary
from sdesk.rules.query.values import COMPARISONS, Given, instant, plain_operator

if TYPE_CHECKING:
    from sdesk.rules.query.scan import Head, Scanner

_WORD = re.compile(r"[A-Za-z][A-Za-z-]*")
_OPERATOR = re.compile(r":[<>]=?|:|[<>]=?")


def read_sla(scan: Scanner, head: Head) -> Condition:
    """The condition whose `sla:` has just been read. Raises `QueryError`."""
    if plain_operator(head.operator) != ":":
        raise QueryError(
            "'sla' is written like sla:resolution<30m.", column=head.column, word=head.name
        )
    word, column = _word(scan)
    if word == "none":
        return Condition("sla", ":", (Nothing(),))
    if word in SLA_STATES:
        return Condition("sla", ":", (Text(word, word), *_more_states(scan)))
    if word not in SLA_TARGETS:
        raise _unknown(
            word, column, (*SLA_TARGETS, *SLA_STATES), "neither a target nor a state of a clock"
        )
    operator = scan.match(_OPERATOR)
    return (
        Condition("sla", ":", (), word) if operator is None else _of_target(scan, word, operator[0])
    )


def _of_target(scan: Scanner, target: str, written: str) -> Condition:
    """What follows `sla:response:` or `sla:response<`."""
    operator, start = plain_operator(written), scan.at
    word, column = _word(scan)
    if operator == ":" and word and times.moment(word) is None:
        if word not in SLA_STATES:
            raise _unknown(word, column, tuple(SLA_STATES), "no state of a clock")
        return Condition("sla", ":", (Text(word, word), *_more_states(scan)), target)
    scan.at = start
    items = scan.items()
    if not all(item.text for item in items) or (operator in COMPARISONS and len(items) > 1):
        raise QueryError(
            f"'sla' needs a value, like sla:{target}<30m.", column=start + 1, word=target
        )
    values = tuple(instant(Given(TERMS["due"], operator, item, Vocabulary())) for item in items)
    return Condition("sla", operator, values, target)


def _more_states(scan: Scanner) -> list[Text]:
    states = []
    while scan.take(","):
        word, column = _word(scan)
        if word not in SLA_STATES:
            raise _unknown(word, column, tuple(SLA_STATES), "no state of a clock")
        states.append(Text(word, word))
    return states


def _word(scan: Scanner) -> tuple[str, int]:
    column = scan.column
    found = scan.match(_WORD)
    return (found[0].lower() if found else ""), column


def _unknown(word: str, column: int, known: tuple[str, ...], what: str) -> QueryError:
    return QueryError(
        f"'{word}' is {what}.", column=column, word=word, hint=did_you_mean(word, known)
    )

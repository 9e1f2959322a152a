"""The tree of a parsed filter. Frozen; `str` of every part is text that parses to the same part.

What holds values is a named tuple, quicker to load and to make; what combines is not: two of those with the
same parts would be equal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

_PLAIN = re.compile(r"[^\s()\"'\\:<>=!*,#-][^\s()\"\\:<>=!*,]*")
_WORDS = ("or", "and", "not", "none", "me")


def quoted(text: str, *, word: bool = False) -> str:
    """The text as it is written in a filter: plain where that is safe, else between quotes.

    `word` stands alone in the filter, where `or` and `..` have no meaning but `or` has.
    """
    safe = _PLAIN.fullmatch(text) and text.casefold() not in _WORDS and (word or ".." not in text)
    return text if safe else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Text(NamedTuple):
    """A word or phrase as a term's value. `key` is the key it was resolved to."""

    text: str
    key: str = ""
    prefix: bool = False

    def __str__(self) -> str:
        return quoted(self.text) + ("*" if self.prefix else "")


class Number(NamedTuple):
    value: int

    def __str__(self) -> str:
        return str(self.value)


class Distance(NamedTuple):
    """So many seconds away from now, on the side where the term's times lie."""

    seconds: int
    text: str

    def __str__(self) -> str:
        return self.text


class Moment(NamedTuple):
    """A stretch of the calendar: a year, a day, a minute, `monday`, `now`, `-2d` …"""

    text: str

    def __str__(self) -> str:
        return quoted(self.text) if " " in self.text else self.text


@dataclass(frozen=True, slots=True)
class Nothing:
    """`none`: the field is empty."""

    def __str__(self) -> str:
        return "none"


@dataclass(frozen=True, slots=True)
class Me:
    """The agent who asks."""

    def __str__(self) -> str:
        return "me"


Scalar = Number | Distance | Moment


class Range(NamedTuple):
    """From the beginning of one to the end of the other; None is open."""

    low: Scalar | None
    high: Scalar | None

    def __str__(self) -> str:
        return f"{'' if self.low is None else self.low}..{'' if self.high is None else self.high}"


Value = Text | Scalar | Nothing | Me | Range


class Words(NamedTuple):
    """A word or phrase to find in the ticket's text; `column` "" is all of it."""

    text: str
    prefix: bool = False
    column: str = ""
    """subject · body · people."""

    def __str__(self) -> str:
        name = f"{_COLUMN_TERMS[self.column]}:" if self.column else ""
        return name + quoted(self.text, word=not name) + ("*" if self.prefix else "")


_COLUMN_TERMS = {"subject": "subject", "body": "text", "people": "from"}


class Condition(NamedTuple):
    """`name:value,value`, or `name<value`. Several values: any of them."""

    name: str
    operator: str
    """: · := · < · <= · > · >="""
    values: tuple[Value, ...]
    part: str = ""
    """The field's name of `field.NAME`, the target of `sla:TARGET`."""

    def __str__(self) -> str:
        values = ",".join(map(str, self.values))
        if self.name == "field":
            return f"field.{quoted(self.part)}{self.operator}{values}"
        if self.part:
            return f"{self.name}:{self.part}" + (f"{self.operator}{values}" if values else "")
        return f"{self.name}{self.operator}{values}"


@dataclass(frozen=True, slots=True)
class Not:
    node: Node

    def __str__(self) -> str:
        return "-" + _inner(self.node)


@dataclass(frozen=True, slots=True)
class And:
    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(f"({n})" if isinstance(n, Or) else str(n) for n in self.nodes)


@dataclass(frozen=True, slots=True)
class Or:
    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.nodes))


Node = Words | Condition | Not | And | Or


def _inner(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or | Not) else str(node)


def asked(node: Node | None) -> frozenset[str]:
    """The terms that the answer depends on; a claim together with what it claims ("is:vip"), and
    "words" for all that is looked for in texts."""
    match node:
        case Words():
            return frozenset({"words"})
        case Condition():
            if node.name not in ("is", "has"):
                return frozenset({node.name})
            keys = (value.key for value in node.values if isinstance(value, Text))
            return frozenset(f"{node.name}:{key}" for key in keys)
        case Not():
            return asked(node.node)
        case And() | Or():
            return frozenset[str]().union(*map(asked, node.nodes))
    return frozenset()


def asks_words(node: Node | None) -> bool:
    """Whether the answer can depend on what is written in a ticket, which is dear to fold."""
    match node:
        case Words():
            return True
        case Condition():
            return node.name == "has"
        case Not():
            return asks_words(node.node)
        case And() | Or():
            return any(asks_words(inner) for inner in node.nodes)
    return False


class SortKey(NamedTuple):
    name: str
    descending: bool = False

    def __str__(self) -> str:
        return ("-" if self.descending else "") + self.name


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed filter. Two are equal that ask the same, however they were typed."""

    text: str = field(compare=False)
    where: Node | None
    sort: tuple[SortKey, ...] = ()

    def with_sort(self, *keys: SortKey) -> Query:
        query = Query("", self.where, keys)
        return Query(str(query), self.where, keys)

    def __str__(self) -> str:
        parts = [] if self.where is None else [str(self.where)]
        if self.sort and isinstance(self.where, Or):
            parts = [f"({self.where})"]
        if self.sort:
            parts.append("sort:" + ",".join(map(str, self.sort)))
        return " ".join(parts)

"""The filter language: one way to say which tickets, for people, views, policies, rules and scripts.

`parse` reads it, `matches` is its Python face, `sdesk.store.where` its SQL face, and `complete`
helps to type it. The terms are listed in `TERMS` and explained in docs/query.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.rules.query.grammar import parse
from sdesk.rules.query.nodes import (
    And,
    Condition,
    Node,
    Not,
    Or,
    Query,
    SortKey,
    Words,
    asked,
    asks_words,
    quoted,
)
from sdesk.rules.query.terms import SORT_KEYS, TERMS, Context, Facts, Term, Vocabulary
from sdesk.rules.query.words import Document, document

if TYPE_CHECKING:
    from sdesk.rules.query.completion import Completion, complete
    from sdesk.rules.query.matching import holds, matches, order, sort_key

__all__ = [
    "SORT_KEYS", "TERMS", "And", "Completion", "Condition", "Context", "Document", "Facts", "Node",
    "Not", "Or", "Query", "SortKey", "Term", "Vocabulary", "Words", "asked", "asks_words", "complete", "document",
    "holds", "matches", "order", "parse", "quoted", "sort_key",
]  # fmt: skip

_LATER = {
    "Completion": "completion", "complete": "completion", "holds": "matching", "matches": "matching",
    "order": "matching", "sort_key": "matching",
}  # fmt: skip
"""What a list never asks for: the price of every start would be ten milliseconds."""


def __getattr__(name: str) -> Any:
    if (module := _LATER.get(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = found
    return found

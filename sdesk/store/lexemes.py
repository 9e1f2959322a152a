"""What PostgreSQL's index over the words of a document is asked.

The index (`ticket_text.words`, see `migrations/postgres_0004`) holds every folded word of a document,
those of the subject and of the people once more with a mark. It knows no places: a `tsvector` counts
them to 16,383 and keeps 256 of a word, so that a phrase in a long conversation would be missed. Phrases
and words of the conversation alone are therefore looked for in the document, once the index has found
those that have all the words.
"""

from __future__ import annotations

from typing import NamedTuple

from sdesk.rules.query.nodes import And, Node, Not, Or, Words
from sdesk.rules.query.words import folded

MARKS = {"": "", "subject": ".", "people": "@"}
"""Column → what its words begin with in the index; the conversation has no mark of its own."""


class Asked(NamedTuple):
    query: str
    """For a `tsquery`: true of every document that is meant."""
    is_exact: bool
    """Whether it is true of no other."""


def asked(node: Node) -> Asked:
    match node:
        case Or(nodes):
            parts = [asked(part) for part in nodes]
            return Asked(_joined(" | ", parts), all(part.is_exact for part in parts))
        case And(nodes):
            wanted = [asked(part) for part in nodes if not isinstance(part, Not)]
            unwanted = [asked(part.node) for part in nodes if isinstance(part, Not)]
            # One that is true of too many would take away too many.
            without = [f"!({part.query})" for part in unwanted if part.is_exact]
            query = " & ".join([_joined(" & ", wanted), *without])
            return Asked(f"({query})", all(part.is_exact for part in (*wanted, *unwanted)))
    assert isinstance(node, Words)
    return _phrase(node)


def either(words: list[str], column: str = "") -> str:
    """Any of these folded words in the column; in any column without one."""
    return " | ".join(_lexeme(word, column) for word in words)


def _phrase(node: Words) -> Asked:
    words = folded(node.text).split()
    parts = [_lexeme(word, node.column) for word in words]
    if node.prefix:
        parts[-1] += ":*"
    return Asked(f"({' & '.join(parts)})", len(words) == 1 and node.column in MARKS)


def _lexeme(word: str, column: str) -> str:
    # Folded words are letters and digits: nothing in them could end the quotes.
    return f"'{MARKS.get(column, '')}{word}'"


def _joined(joint: str, parts: list[Asked]) -> str:
    return f"({joint.join(part.query for part in parts)})"

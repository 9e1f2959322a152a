"""What if there were such a ticket? A query read as a description, and each term's verdict. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sdesk.errors import Invalid
from sdesk.model import Kind
from sdesk.rules.priority import MATRIX
from sdesk.rules.query import Facts, document, parse
from sdesk.rules.query.matching import holds
from sdesk.rules.query.nodes import And, Condition, Me, Node, Number, Text, Words
from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sdesk.model import Instant
    from sdesk.rules.calendar import Calendar
    from sdesk.rules.ladder import Level
    from sdesk.rules.query import Context, Query, Vocabulary

_PRIORITY = re.compile(r"(?<![\w:])[pP]([1-4])(?![\w:])")
_KIND = re.compile(rf"(?<![\w:\"])({'|'.join(Kind)})(?![\w:])", re.IGNORECASE)
NAMED = 4
"""Organizations that a refusal names."""
_COLUMNS = {"category": "path", "org": "organization", "requester": "requester_name"}
_PLAIN = (
    "queue", "assignee", "owner", "kind", "priority", "impact", "urgency", "service", "channel",
    "site", "tier", *_COLUMNS,
)  # fmt: skip


def suppose(text: str, facts: Facts, vocabulary: Vocabulary, organizations: Iterable[str]) -> Facts:
    """The ticket described by "incident P1 org:acme vpn" where it says nothing else than `facts`.

    Terms as in a filter, but only such as describe; other words are the subject's. Raises
    `QueryError`, and `Invalid` for a term that describes no new ticket.
    """
    text = _KIND.sub(r"kind:\1", _PRIORITY.sub(r"priority:\1", text))
    query = parse(text, vocabulary)
    values: dict[str, Any] = {}
    words: list[str] = []
    for node in _parts(query.where):
        if isinstance(node, Words) and node.column in ("", "subject"):
            words.append(node.text)
        elif isinstance(node, Condition) and _take(node, values, facts, organizations):
            continue
        else:
            raise Invalid(
                f"'{node}' describes no new ticket.", 'For example: "incident P1 org:acme queue:network"'
            )  # fmt: skip
    if "priority" not in values and values.keys() & {"impact", "urgency"}:
        weights = values.get("impact", facts.impact), values.get("urgency", facts.urgency)
        values["priority"] = MATRIX[weights]
    subject = " ".join(words)
    people = (values.get("requester_name", ""), "", values.get("organization", ""))
    return facts._replace(subject=subject, words=document(subject, (), people), **values)


def _parts(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.nodes if isinstance(node, And) else (node,)


def _take(
    node: Condition, values: dict[str, Any], facts: Facts, organizations: Iterable[str]
) -> bool:
    """Note what one term describes; false where it describes nothing."""
    if node.operator not in (":", ":=") or len(node.values) != 1:
        return False
    value = node.values[0]
    if not isinstance(value, Text | Number | Me):
        return False
    if isinstance(value, Me):
        return False
    plain = value.value if isinstance(value, Number) else value.key or value.text
    if node.name in _PLAIN:
        values[_COLUMNS.get(node.name, node.name)] = plain
        if node.name == "org":
            values["organization"] = _whole(node, facts, organizations)
        if node.name in ("org", "requester"):
            values["has_requester"] = True
    elif node.name == "tag":
        values["tags"] = (*values.get("tags", ()), plain)
    elif node.name == "field":
        values["fields"] = {**values.get("fields", {}), node.part: str(plain)}
    elif str(node) == "is:vip":
        values["vip"] = True
    else:
        return False
    return True


def _whole(node: Condition, facts: Facts, organizations: Iterable[str]) -> str:
    """The organization meant by some words of its name; the words themselves where none has them.

    Raises `Invalid` where several have, and none is called just so.
    """
    from sdesk.rules.query import Context

    nobody = Context(me="", now=facts.created_at, zone="UTC")
    said = str(getattr(node.values[0], "text", ""))
    meant = [o for o in organizations if holds(node, facts._replace(organization=o), nobody)]
    exact = [name for name in meant if fold(name) == fold(said)]
    if len(meant) > 1 and len(exact) != 1:
        some = ", ".join(f"'{name}'" for name in meant[:NAMED])
        more = f" and {len(meant) - NAMED:,} more" if len(meant) > NAMED else ""
        raise Invalid(
            f"'{node}' may be any of {len(meant):,} organizations: {some}{more}.",
            "Write more of its name.",
        )
    return (exact or meant or [said])[0]


def verdicts(query: Query, facts: Facts, context: Context) -> Iterator[tuple[str, bool]]:
    """Each term that has to hold, in words, and whether it does."""
    for node in _parts(query.where):
        yield str(node), holds(node, facts, context)


def foretold(
    ladder: Iterable[Level], start: Instant, budget: int, calendar: Calendar
) -> list[tuple[Level, Instant]]:
    """When each step of a clock that starts then and is never paused would come, in that order."""
    worked = [(level, level.at.worked(budget)) for level in ladder]
    found = [(level, calendar.due_s(start, w) if w else start) for level, w in worked]
    return sorted(found, key=lambda step: step[1])

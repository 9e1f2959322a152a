"""What the desk does by itself when something has happened: events in, operations out. Pure.

The rules shipped here are the ones no desk works without; each has a name, which every event it
causes carries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sdesk import ops
from sdesk.model import Event, StateCategory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_DEPTH = 3
"""How far a rule may answer what another rule did."""


class Situation(Protocol):
    """What rules see of a ticket."""

    @property
    def category(self) -> str: ...
    @property
    def assignee(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """Answer events of some kinds, on tickets of which a claim holds, with operations."""

    name: str
    on: frozenset[str]
    when: Callable[[Event, Situation], bool]
    then: tuple[ops.Op, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    rule: str
    op: ops.Op


def _is(*categories: StateCategory) -> Callable[[Event, Situation], bool]:
    return lambda _event, ticket: ticket.category in categories


SHIPPED = (
    Rule(
        "work-opens",
        frozenset({"assigned", "taken"}),
        lambda _event, ticket: ticket.category == StateCategory.NEW and bool(ticket.assignee),
        (ops.SetState("open"),),
    ),
    Rule(
        "answer-opens",
        frozenset({"replied", "called"}),
        _is(StateCategory.NEW),
        (ops.SetState("open"),),
    ),
    Rule(
        "message-wakes",
        frozenset({"received"}),
        _is(StateCategory.WAITING),
        (ops.SetState("open"),),
    ),
    Rule(
        "message-reopens",
        frozenset({"received"}),
        lambda event, ticket: (
            ticket.category == StateCategory.RESOLVED and not event.details.get("keeps_state")
        ),
        (ops.Reopen("the requester wrote again"),),
    ),
)


def decide(
    event: Event, ticket: Situation, rules: tuple[Rule, ...] = SHIPPED
) -> Iterator[Decision]:
    """What the rules answer to one event, in their order. Each looks at the ticket as it is by then."""
    for rule in rules:
        if event.kind in rule.on and rule.when(event, ticket):
            for op in rule.then:
                yield Decision(rule.name, op)

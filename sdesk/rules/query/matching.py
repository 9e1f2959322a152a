"""The Python face: whether a ticket's facts satisfy a filter, and where they stand in its order."""

# Functions that stand in one table share one signature, and not all of them need all of it.
# ruff: noqa: ARG001, ARG005

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from sdesk.rules.query.meaning import keys, states, stretches, wants_nothing, within
from sdesk.rules.query.nodes import (
    And,
    Condition,
    Node,
    Not,
    Or,
    Query,
    SortKey,
    Text,
    Words,
)
from sdesk.rules.query.terms import LIVE_CATEGORIES, RISK_SECONDS, TERMS, Context, Facts, Takes
from sdesk.rules.query.words import caseless, pattern
from sdesk.text import clean_line, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sdesk.model import ClockRow


def matches(query: Query, facts: Facts, context: Context) -> bool:
    """Whether the ticket satisfies the filter; the empty filter is satisfied by all."""
    return query.where is None or holds(query.where, facts, context)


def holds(node: Node, facts: Facts, context: Context) -> bool:
    """The same for one node of the tree: what a trace of verdicts is made of."""
    match node:
        case And(nodes):
            return all(holds(part, facts, context) for part in nodes)
        case Or(nodes):
            return any(holds(part, facts, context) for part in nodes)
        case Not(part):
            return not holds(part, facts, context)
        case Words():
            return _has_words(node, facts)
        case Condition():
            return _FACES[TERMS[node.name].takes](node, facts, context)
    assert_never(node)


def _has_words(node: Words, facts: Facts) -> bool:
    sought = pattern(node.text, prefix=node.prefix)
    columns = (getattr(facts.words, node.column),) if node.column else facts.words
    return any(sought in column for column in columns)


def _state(condition: Condition, facts: Facts, context: Context) -> bool:
    categories, exact = states(condition)
    return facts.category in categories or facts.state in exact


def _key(condition: Condition, facts: Facts, context: Context) -> bool:
    value = getattr(facts, TERMS[condition.name].attribute)
    asked = keys(condition, context)
    if isinstance(value, tuple):
        return any(one in asked for one in value or ("",))
    return value in asked


def _number(condition: Condition, facts: Facts, context: Context) -> bool:
    value = getattr(facts, TERMS[condition.name].attribute)
    if value is None:
        return wants_nothing(condition)
    return within(value, stretches(condition, context))


def _text(condition: Condition, facts: Facts, context: Context) -> bool:
    value: str = getattr(facts, TERMS[condition.name].attribute)
    if condition.name == "requester":
        return _requester(condition, facts)
    return _says(condition, value)


def _says(condition: Condition, value: str) -> bool:
    if not value:
        return wants_nothing(condition)
    return any(
        text_is(item, condition.operator, value)
        for item in condition.values
        if isinstance(item, Text)
    )


def text_is(item: Text, operator: str, value: str) -> bool:
    """Whether a short text says the words, or (`:=`) nothing but them."""
    if operator == ":=":
        return fold(value) == fold(item.text)
    return f" {fold(item.text)}" + ("" if item.prefix else " ") in f" {fold(value)} "


def _requester(condition: Condition, facts: Facts) -> bool:
    """By name as any text; by e-mail as it is written, a part being enough."""
    if not facts.has_requester:
        return wants_nothing(condition)
    email = facts.requester_email.casefold()
    return any(
        text_is(item, condition.operator, facts.requester_name)
        or mail_is(item, condition.operator, email)
        for item in condition.values
        if isinstance(item, Text)
    )


def mail_is(item: Text, operator: str, email: str) -> bool:
    part = mail_part(item)
    return email == part if operator == ":=" else part in email


def mail_part(item: Text) -> str:
    """What is looked for in e-mail addresses."""
    return clean_line(item.text).casefold()


def _field(condition: Condition, facts: Facts, context: Context) -> bool:
    return _says(condition, facts.fields.get(condition.part, ""))


def _exact(condition: Condition, facts: Facts, context: Context) -> bool:
    value: str = getattr(facts, TERMS[condition.name].attribute)
    return any(
        value.startswith(item.key) if item.prefix else value == item.key
        for item in condition.values
        if isinstance(item, Text)
    ) or (not value and wants_nothing(condition))


def _tag(condition: Condition, facts: Facts, context: Context) -> bool:
    tags = [caseless(tag) for tag in facts.tags]
    return any(
        any(tag.startswith(item.key) if item.prefix else tag == item.key for tag in tags)
        for item in condition.values
        if isinstance(item, Text)
    ) or (not tags and wants_nothing(condition))


def _claim(condition: Condition, facts: Facts, context: Context) -> bool:
    claims = _IS if condition.name == "is" else _HAS
    return any(claims[key](facts, context) for key in keys(condition, context))


def _sla(condition: Condition, facts: Facts, context: Context) -> bool:
    clocks = [c for c in facts.clocks if condition.part in ("", c.target)]
    if wants_nothing(condition):
        return not clocks
    if not condition.values:
        return bool(clocks)
    asked = [value.key for value in condition.values if isinstance(value, Text)]
    if asked:
        return any(_CLOCK[key](clock, context) for key in asked for clock in clocks)
    found = stretches(condition, context)
    return any(within(clock.due_at, found) for clock in clocks if _is_running(clock))


def _is_running(clock: ClockRow) -> bool:
    return clock.stopped_at is None and not clock.paused


def _clock_breached(clock: ClockRow, context: Context) -> bool:
    return clock.verdict == "breached" or (
        _is_running(clock) and clock.breach_at is not None and clock.breach_at < context.now
    )


_CLOCK: Mapping[str, Callable[[ClockRow, Context], bool]] = {
    "running": lambda clock, context: _is_running(clock),
    "paused": lambda clock, context: clock.stopped_at is None and clock.paused,
    "met": lambda clock, context: clock.verdict == "met",
    "breached": _clock_breached,
}


def is_breached(facts: Facts, context: Context) -> bool:
    return facts.breached or _is_past(facts.breach_at, context)


def _is_past(at: int | None, context: Context) -> bool:
    return at is not None and at < context.now


def _is_at_risk(facts: Facts, context: Context) -> bool:
    return (
        facts.due_at is not None
        and facts.due_at < context.now + RISK_SECONDS
        and not _is_past(facts.breach_at, context)
    )


def _is_live(facts: Facts, context: Context) -> bool:
    return facts.category in LIVE_CATEGORIES


def _in(category: str) -> Callable[[Facts, Context], bool]:
    return lambda facts, context: facts.category == category


def _given(attribute: str) -> Callable[[Facts, Context], bool]:
    return lambda facts, context: bool(getattr(facts, attribute))


def _dated(attribute: str) -> Callable[[Facts, Context], bool]:
    return lambda facts, context: getattr(facts, attribute) is not None


_IS: Mapping[str, Callable[[Facts, Context], bool]] = {
    "live": _is_live,
    "open": _is_live,
    "new": _in("new"),
    "waiting": _in("waiting"),
    "resolved": _in("resolved"),
    "closed": _in("closed"),
    "mine": lambda facts, context: facts.assignee == context.me != "",
    "owned": lambda facts, context: facts.owner == context.me != "",
    "assigned": _given("assignee"),
    "unassigned": lambda facts, context: not facts.assignee,
    "unread": lambda facts, context: facts.changed and _is_live(facts, context),
    "breached": is_breached,
    "overdue": lambda facts, context: _is_past(facts.due_at, context),
    "late": lambda facts, context: _is_past(facts.due_at, context),
    "at-risk": _is_at_risk,
    "paused": lambda facts, context: (
        _is_live(facts, context) and facts.due_at is None and facts.remaining is not None
    ),
    "answered": _dated("first_answered_at"),
    "unanswered": lambda facts, context: facts.first_answered_at is None,
    "reopened": _given("reopen_count"),
    "vip": _given("vip"),
    "restricted": _given("restricted"),
    "overridden": _given("priority_overridden"),
    "merged": _dated("merged_into"),
    "binned": _given("binned"),
    "erased": _given("erased"),
    "child": _dated("parent"),
    "parent": _given("children"),
}
_HAS: Mapping[str, Callable[[Facts, Context], bool]] = {
    "due": _dated("due_at"),
    "requester": _given("has_requester"),
    "org": _given("organization"),
    "assignee": _given("assignee"),
    "owner": _given("owner"),
    "queue": _given("queue"),
    "category": _given("path"),
    "service": _given("service"),
    "tags": _given("tags"),
    "fields": lambda facts, context: any(facts.fields.values()),
    "parent": _dated("parent"),
    "children": _given("children"),
    "links": _given("links"),
    "until": _dated("state_until"),
    "sla": _given("clocks"),
    "external": _given("external_id"),
    "resolution": _given("resolution_code"),
    "text": lambda facts, context: bool(facts.words.body),
}
_FACES: Mapping[Takes, Callable[[Condition, Facts, Context], bool]] = {
    Takes.STATE: _state,
    Takes.KEY: _key,
    Takes.CHOICE: _key,
    Takes.NUMBER: _number,
    Takes.PAST: _number,
    Takes.AHEAD: _number,
    Takes.TEXT: _text,
    Takes.EXACT: _exact,
    Takes.TAG: _tag,
    Takes.FIELD: _field,
    Takes.CLAIM: _claim,
    Takes.SLA: _sla,
}


class _Turned:
    """A value that sorts the other way round."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Turned) and bool(other.value == self.value)

    def __hash__(self) -> int:
        return hash(self.value)

    def __lt__(self, other: _Turned) -> bool:
        return bool(other.value < self.value)


def order(query: Query) -> tuple[SortKey, ...]:
    """The order a filter asks for, or the one it gets: live tickets by due, others newest first."""
    if query.sort:
        return query.sort
    if not has_words(query.where) and implies_live(query.where):
        return (SortKey("due"),)
    return (SortKey("number", descending=True),)


def without_binned(query: Query) -> Query:
    """The filter as lists and counts mean it: nothing from the bin, unless it asks for that."""
    if implies_live(query.where) or _asks_for_binned(query.where):
        return query
    kept = Not(Condition("is", ":", (Text("binned", "binned"),)))
    where = kept if query.where is None else And((query.where, kept))
    return Query(query.text, where, query.sort)


def _asks_for_binned(node: Node | None) -> bool:
    match node:
        case And(nodes) | Or(nodes):
            return any(map(_asks_for_binned, nodes))
        case Not(part):
            return _asks_for_binned(part)
        case Condition("is"):
            return any(isinstance(v, Text) and v.key == "binned" for v in node.values)
    return False


def implies_live(node: Node | None) -> bool:
    """Whether every ticket that satisfies the node is live, as far as its form tells."""
    match node:
        case And(nodes):
            return any(map(implies_live, nodes))
        case Or(nodes):
            return all(map(implies_live, nodes))
        case Condition("state"):
            categories, exact = states(node)
            return not exact and set(categories) <= set(LIVE_CATEGORIES)
        case Condition("is"):
            return {v.key for v in node.values if isinstance(v, Text)} <= _LIVE_CLAIMS
    return False


_LIVE_CLAIMS = {"live", "open", "new", "waiting", "unread"}


def has_words(node: Node | None) -> bool:
    """Whether text is searched for, other than to exclude it."""
    match node:
        case And(nodes) | Or(nodes):
            return any(map(has_words, nodes))
    return isinstance(node, Words)


def sort_key(query: Query, facts: Facts, context: Context) -> tuple[Any, ...]:
    """What `sorted` needs to bring tickets into the filter's order. Nothing comes last, either way."""
    found: list[Any] = []
    for key in order(query):
        value = _ORDER[key.name](facts)
        if value is None:
            found.append((1,))
        else:
            found.append((0, _Turned(value) if key.descending else value))
    return (*found, facts.id)


_STATE_ORDER = {"new": 0, "open": 1, "waiting": 2, "resolved": 3, "closed": 4}


def _attribute(name: str) -> Callable[[Facts], Any]:
    return lambda facts: getattr(facts, name)


_ORDER: Mapping[str, Callable[[Facts], Any]] = {
    "due": _attribute("due_at"),
    "priority": _attribute("priority"),
    "created": _attribute("created_at"),
    "updated": _attribute("updated_at"),
    "answered": _attribute("first_answered_at"),
    "resolved": _attribute("resolved_at"),
    "closed": _attribute("closed_at"),
    "until": _attribute("state_until"),
    "number": _attribute("id"),
    "impact": _attribute("impact"),
    "urgency": _attribute("urgency"),
    "state": lambda facts: (_STATE_ORDER[facts.category], facts.state),
    "kind": _attribute("kind"),
    "queue": _attribute("queue"),
    "assignee": lambda facts: facts.assignee or None,
    "owner": lambda facts: facts.owner or None,
    "subject": _attribute("subject"),
    "requester": lambda facts: fold(facts.requester_name) or None,
    "org": lambda facts: fold(facts.organization) or None,
    "age": lambda facts: -facts.created_at,
}

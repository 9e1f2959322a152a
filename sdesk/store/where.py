"""The SQL face of the filter language: a parsed query as a condition and an order over `ticket t`.

Values reach the engine as named parameters only. The text is written for the indexes in
`sdesk.store.tables`: they are partial (`live = 1`), so whatever implies a live ticket says
`t.live = 1` in so many words. What is unknown (NULL) counts as false, so `not` is `IS NOT TRUE`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from sdesk.model import StateCategory
from sdesk.rules.query.matching import implies_live, mail_part, order
from sdesk.rules.query.meaning import keys, states, stretches, wants_nothing
from sdesk.rules.query.nodes import And, Condition, Node, Not, Or, Query, SortKey, Text, Words
from sdesk.rules.query.terms import LIVE_CATEGORIES, RISK_SECONDS, TERMS, Context, Takes
from sdesk.rules.query.words import folded, pattern
from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Clause:
    """What follows WHERE and ORDER BY, and the parameters they name.

    `rest` is `where` without the words every ticket must have, and `words` are those: what
    `sdesk.store.finding` weighs to find the first page quickly.
    """

    where: str
    order: str
    params: dict[str, object]
    rest: str = ""
    words: tuple[Words, ...] = ()
    newest_first: bool = False
    live: bool = False
    match: str = ""
    """The name of the parameter that holds the words for FTS5."""
    probe: str = ""
    """The condition that the words are in the document `x` (`ticket_text x`)."""
    table: str = "ticket_fts"
    """The FTS5 table that answers `match`."""


def compile(query: Query, context: Context, dialect: str) -> Clause:  # noqa: A001
    """The query in SQL for "sqlite" or "postgresql", over the alias `t`."""
    writer = _Writer(context, dialect)
    words, others = _divided(query.where)
    rest = writer.all(others)
    if implies_live(query.where) and "t.live = 1" not in rest:
        rest = f"t.live = 1 AND {rest}"
    where = f"{rest} AND {writer.words(words, ' AND ')}" if words else rest
    sort = order(query)
    return Clause(
        where,
        writer.order(sort),
        writer.params,
        rest=rest,
        words=words,
        newest_first=sort[0] == SortKey("number", descending=True),
        live=implies_live(query.where),
        match=writer.name(_expression(words, " AND ")) if words else "",
        probe=writer.probe(words) if words else "",
        table=_table(words),
    )


def _divided(node: Node | None) -> tuple[tuple[Words, ...], tuple[Node, ...]]:
    """The words every ticket must have, and the other conditions."""
    nodes = node.nodes if isinstance(node, And) else () if node is None else (node,)
    return (
        tuple(n for n in nodes if isinstance(n, Words)),
        tuple(n for n in nodes if not isinstance(n, Words)),
    )


def _expression(words: Iterable[Words], joint: str) -> str:
    """The words for FTS5's MATCH. They are folded: letters, digits and spaces, between quotes."""
    return joint.strip().join(f" {_phrase(word)} " for word in words).strip()


def _phrase(word: Words) -> str:
    phrase = f'"{folded(word.text)}"' + (" *" if word.prefix else "")
    return f"{{{word.column}}} : {phrase}" if word.column else phrase


def _table(words: Sequence[Words]) -> str:
    """Subjects have an index of their own, in which short prefixes are quick."""
    is_subject = bool(words) and all(word.column == "subject" for word in words)
    return "ticket_subject" if is_subject else "ticket_fts"


_COLUMNS = {
    "queue": "t.queue", "assignee": "t.assignee", "owner": "t.owner", "policy": "t.policy",
    "kind": "t.kind", "channel": "t.channel", "priority": "t.priority", "impact": "t.impact",
    "urgency": "t.urgency", "number": "t.id", "parent": "t.parent_id", "reopens": "t.reopen_count",
    "due": "t.due_at", "until": "t.state_until", "created": "t.created_at", "age": "t.created_at",
    "updated": "t.updated_at", "answered": "t.first_answered_at", "resolved": "t.resolved_at",
    "closed": "t.closed_at", "category": "t.path", "service": "t.service",
    "source": "t.external_source", "external": "t.external_id", "resolution": "t.resolution_code",
}  # fmt: skip
_RUNNING = "c.stopped_at IS NULL AND c.paused = 0"
_IS: Mapping[str, str] = {
    "live": "t.live = 1",
    "open": "t.live = 1",
    "new": "t.live = 1 AND t.category = 'new'",
    "waiting": "t.live = 1 AND t.category = 'waiting'",
    "resolved": "t.category = 'resolved'",
    "closed": "t.category = 'closed'",
    "mine": "t.assignee = :me AND t.assignee <> ''",
    "owned": "t.owner = :me AND t.owner <> ''",
    "assigned": "t.assignee <> ''",
    "unassigned": "t.assignee = ''",
    "unread": "t.live = 1 AND t.last_event > COALESCE("
    "(SELECT s.event_id FROM seen s WHERE s.agent = :me AND s.ticket_id = t.id), 0)",
    "breached": "t.breached = 1 OR t.breach_at < :now",
    "overdue": "t.due_at < :now",
    "late": "t.due_at < :now",
    "at-risk": "t.due_at < :risk AND (t.breach_at < :now) IS NOT TRUE",
    "paused": "t.due_at IS NULL AND t.remaining IS NOT NULL",
    "answered": "t.first_answered_at IS NOT NULL",
    "unanswered": "t.first_answered_at IS NULL",
    "reopened": "t.reopen_count > 0",
    "vip": "t.requester_id IN (SELECT p.id FROM person p WHERE p.vip = 1)",
    "restricted": "t.restricted = 1",
    "overridden": "t.priority_overridden = 1",
    "child": "t.parent_id IS NOT NULL",
    "parent": "EXISTS (SELECT 1 FROM ticket k WHERE k.parent_id = t.id)",
}
_ORGANIZED = (
    "t.requester_id IN (SELECT p.id FROM person p JOIN organization o ON o.id = p.organization_id "
    "WHERE {})"
)
_HAS: Mapping[str, str] = {
    "due": "t.due_at IS NOT NULL",
    "requester": "t.requester_id IS NOT NULL",
    "org": _ORGANIZED.format("o.name <> ''"),
    "assignee": "t.assignee <> ''",
    "owner": "t.owner <> ''",
    "queue": "t.queue <> ''",
    "category": "t.path <> ''",
    "service": "t.service <> ''",
    "tags": "EXISTS (SELECT 1 FROM tag g WHERE g.ticket_id = t.id)",
    "fields": "EXISTS (SELECT 1 FROM field f WHERE f.ticket_id = t.id AND f.value <> '')",
    "parent": "t.parent_id IS NOT NULL",
    "children": _IS["parent"],
    "links": "EXISTS (SELECT 1 FROM link l WHERE l.ticket_id = t.id) "
    "OR EXISTS (SELECT 1 FROM link l WHERE l.to_id = t.id)",
    "until": "t.state_until IS NOT NULL",
    "sla": "EXISTS (SELECT 1 FROM clock c WHERE c.ticket_id = t.id)",
    "external": "t.external_id <> ''",
    "resolution": "t.resolution_code <> ''",
    "text": "EXISTS (SELECT 1 FROM ticket_text x WHERE x.ticket_id = t.id AND x.body <> '')",
}
_CLOCK: Mapping[str, str] = {
    "running": _RUNNING,
    "paused": "c.stopped_at IS NULL AND c.paused = 1",
    "met": "c.verdict = 'met'",
    "breached": f"c.verdict = 'breached' OR ({_RUNNING} AND c.breach_at < :now)",
}
_FALSE = "1 = 0"
_SHORT_TEXTS = {
    "category": "t.path IN (SELECT f.value FROM folded f WHERE {})",
    "service": "t.service IN (SELECT f.value FROM folded f WHERE {})",
    "site": "t.queue IN (SELECT q.key FROM queue q JOIN folded f ON f.value = q.site WHERE {})",
}


@dataclass(slots=True)
class _Writer:
    """Writes conditions, and collects the values they name."""

    context: Context
    dialect: str
    params: dict[str, object] = field(default_factory=dict)

    def name(self, value: object) -> str:
        """A parameter for the value; `:name` in the text."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def all(self, nodes: Sequence[Node]) -> str:
        """All of the conditions; words among them asked of the index at once."""
        return self._joined(nodes, " AND ") or "1 = 1"

    def node(self, node: Node) -> str:
        """The condition, in parentheses where it needs them."""
        match node:
            case And(nodes):
                return f"({self._joined(nodes, ' AND ')})"
            case Or(nodes):
                return f"({self._joined(nodes, ' OR ')})"
            case Not(part):
                return f"({self.node(part)}) IS NOT TRUE"
            case Words():
                return self.words((node,), " AND ")
            case Condition():
                return _FACES[TERMS[node.name].takes](self, node)
        assert_never(node)

    def _joined(self, nodes: Sequence[Node], joint: str) -> str:
        words = tuple(node for node in nodes if isinstance(node, Words))
        others = [self.node(node) for node in nodes if not isinstance(node, Words)]
        return joint.join([*others, *([self.words(words, joint)] if words else [])])

    def words(self, words: Sequence[Words], joint: str) -> str:
        """The words, joined by AND or OR, in the text of the ticket."""
        if self.dialect == "sqlite":
            table, sought = _table(words), self.name(_expression(words, joint))
            return f"t.id IN (SELECT w.rowid FROM {table} w WHERE w.{table} MATCH {sought})"
        found = joint.join(self.probe((word,)) for word in words)
        return f"EXISTS (SELECT 1 FROM ticket_text x WHERE x.ticket_id = t.id AND ({found}))"

    def probe(self, words: Sequence[Words]) -> str:
        """The words, each of them, in the document `x`."""
        return " AND ".join(f"({self._in_document(word)})" for word in words)

    def _in_document(self, word: Words) -> str:
        sought = self.name(pattern(word.text, prefix=word.prefix))
        columns = (word.column,) if word.column else ("subject", "body", "people")
        return " OR ".join(self.contains(f"x.{column}", sought) for column in columns)

    def contains(self, column: str, part: str) -> str:
        function = "instr" if self.dialect == "sqlite" else "strpos"
        return f"{function}({column}, {part}) > 0"

    def among(self, column: str, values: Sequence[str]) -> str:
        if not values:
            return _FALSE
        names = [self.name(value) for value in values]
        return f"{column} = {names[0]}" if len(names) == 1 else f"{column} IN ({', '.join(names)})"

    def claim(self, text: str) -> str:
        """A ready condition, with the asker and the moments it names."""
        known = {
            "me": self.context.me,
            "now": self.context.now,
            "risk": self.context.now + RISK_SECONDS,
        }
        self.params.update({name: value for name, value in known.items() if f":{name}" in text})
        return f"({text})"

    def order(self, sort: Sequence[SortKey]) -> str:
        # A direction for every column: an index is read backwards only when all of them turn.
        parts = [self._sorted(column, key) for key in sort for column in _ORDER[key.name]]
        if not any(key.name == "number" for key in sort):
            parts.append("t.id")
        return ", ".join(parts)

    def _sorted(self, column: str, key: SortKey) -> str:
        descending = key.descending != (key.name == "age")
        text = f"{column} DESC" if descending else column
        if key.name in _TEXTUAL and column not in _NUMERIC:
            binary = column if self.dialect == "sqlite" else f'{column} COLLATE "C"'
            text = f"{binary} DESC" if descending else binary
        return f"{text} NULLS LAST" if key.name in _NULLABLE else text


_ORDER: Mapping[str, tuple[str, ...]] = {
    "due": ("t.due_at",), "priority": ("t.priority",), "created": ("t.created_at",),
    "updated": ("t.updated_at",), "answered": ("t.first_answered_at",),
    "resolved": ("t.resolved_at",), "closed": ("t.closed_at",), "until": ("t.state_until",),
    "number": ("t.id",), "impact": ("t.impact",), "urgency": ("t.urgency",),
    "state": (
        "CASE t.category WHEN 'new' THEN 0 WHEN 'open' THEN 1 WHEN 'waiting' THEN 2 "
        "WHEN 'resolved' THEN 3 ELSE 4 END",
        "t.state",
    ),
    "kind": ("t.kind",), "queue": ("t.queue",), "subject": ("t.subject",),
    "assignee": ("NULLIF(t.assignee, '')",), "owner": ("NULLIF(t.owner, '')",),
    "requester": ("(SELECT NULLIF(p.name_fold, '') FROM person p WHERE p.id = t.requester_id)",),
    "org": (
        "(SELECT NULLIF(o.name_fold, '') FROM person p JOIN organization o "
        "ON o.id = p.organization_id WHERE p.id = t.requester_id)",
    ),
    "age": ("t.created_at",),
}  # fmt: skip
_TEXTUAL = {"state", "kind", "queue", "subject", "assignee", "owner", "requester", "org"}
_NUMERIC = {_ORDER["state"][0]}
_NULLABLE = {
    "due", "answered", "resolved", "closed", "until", "assignee", "owner", "requester", "org",
}  # fmt: skip


def _state(writer: _Writer, condition: Condition) -> str:
    categories, exact = states(condition)
    parts = [_categories(categories)] if categories else []
    if exact:
        parts.append(writer.among("t.state", exact))
    return _any(parts)


def _categories(categories: Sequence[StateCategory]) -> str:
    inside = ", ".join(f"'{category}'" for category in categories)
    chosen = f"t.category IN ({inside})"
    if set(categories) == set(LIVE_CATEGORIES):
        return "t.live = 1"
    return f"(t.live = 1 AND {chosen})" if set(categories) < set(LIVE_CATEGORIES) else chosen


def _any(parts: Sequence[str]) -> str:
    if not parts:
        return _FALSE
    return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"


def _key(writer: _Writer, condition: Condition) -> str:
    return writer.among(_COLUMNS[condition.name], keys(condition, writer.context))


def _number(writer: _Writer, condition: Condition) -> str:
    if condition.name == "tier":
        return _tier(writer, condition)
    column = _COLUMNS[condition.name]
    parts = _stretches(writer, column, condition)
    if wants_nothing(condition):
        parts.append(f"{column} IS NULL")
    return _any(parts)


def _tier(writer: _Writer, condition: Condition) -> str:
    found = _any(_stretches(writer, "q.tier", condition))
    parts = [f"t.queue IN (SELECT q.key FROM queue q WHERE {found})"]
    if wants_nothing(condition):
        parts.append("t.queue NOT IN (SELECT q.key FROM queue q)")
    return _any(parts)


def _stretches(writer: _Writer, column: str, condition: Condition) -> list[str]:
    parts = []
    for low, high in stretches(condition, writer.context):
        if low is not None and high == low + 1:
            parts.append(f"{column} = {writer.name(low)}")
            continue
        ends = [] if low is None else [f"{column} >= {writer.name(low)}"]
        ends += [] if high is None else [f"{column} < {writer.name(high)}"]
        parts.append(ends[0] if len(ends) == 1 else f"({' AND '.join(ends)})")
    return parts


def _text(writer: _Writer, condition: Condition) -> str:
    if condition.name == "requester":
        return _requester(writer, condition)
    if condition.name == "org":
        said, nothing = _ORGANIZED, f"({_ORGANIZED.format('o.name <> ' + chr(39) * 2)}) IS NOT TRUE"
        column = "o.name_fold"
    else:
        said, column = _SHORT_TEXTS[condition.name], "f.fold"
        nothing = f"{_COLUMNS.get(condition.name)} = ''"
    if condition.name == "site":
        nothing = "t.queue NOT IN (SELECT q.key FROM queue q WHERE q.site <> '')"
    parts = [said.format(text) for text in _texts(writer, column, condition)]
    return _any([*parts, *([nothing] if wants_nothing(condition) else [])])


def _texts(writer: _Writer, column: str, condition: Condition) -> list[str]:
    """A folded column, compared with each of the texts."""
    return [
        _text_is(writer, column, item, condition.operator)
        for item in condition.values
        if isinstance(item, Text)
    ]


def _text_is(writer: _Writer, column: str, item: Text, operator: str) -> str:
    if operator == ":=":
        return f"{column} = {writer.name(fold(item.text))}"
    sought = f" {fold(item.text)}" + ("" if item.prefix else " ")
    return writer.contains(f"' ' || {column} || ' '", writer.name(sought))


def _requester(writer: _Writer, condition: Condition) -> str:
    parts = []
    for item in condition.values:
        if isinstance(item, Text):
            name = _text_is(writer, "p.name_fold", item, condition.operator)
            part = writer.name(mail_part(item))
            mail = (
                f"p.email_fold = {part}"
                if condition.operator == ":="
                else writer.contains("p.email_fold", part)
            )
            parts.append(f"t.requester_id IN (SELECT p.id FROM person p WHERE {name} OR {mail})")
    return _any([*parts, *(["t.requester_id IS NULL"] if wants_nothing(condition) else [])])


def _exact(writer: _Writer, condition: Condition) -> str:
    column = _COLUMNS[condition.name]
    # The index on external numbers is partial: it holds the tickets that have one.
    parts = [
        f"({column} <> '' AND {_begins(writer, column, item)})" if item.key else f"{column} = ''"
        for item in condition.values
        if isinstance(item, Text)
    ]
    return _any([*parts, *([f"{column} = ''"] if wants_nothing(condition) else [])])


def _begins(writer: _Writer, column: str, item: Text) -> str:
    """The column is the key, or begins with it."""
    value = writer.name(item.key)
    return (
        f"substr({column}, 1, {len(item.key)}) = {value}" if item.prefix else f"{column} = {value}"
    )


def _tag(writer: _Writer, condition: Condition) -> str:
    parts = [
        "t.id IN (SELECT g.ticket_id FROM tag g WHERE g.tag IN "
        f"(SELECT f.value FROM folded f WHERE {_begins(writer, 'f.caseless', item)}))"
        for item in condition.values
        if isinstance(item, Text)
    ]
    return _any([*parts, *([f"NOT {_HAS['tags']}"] if wants_nothing(condition) else [])])


def _field(writer: _Writer, condition: Condition) -> str:
    own = f"f.name = {writer.name(condition.part)} AND f.value <> ''"
    parts = [
        f"t.id IN (SELECT f.ticket_id FROM field f WHERE {own} AND {text})"
        for text in _texts(writer, "f.value_fold", condition)
    ]
    if wants_nothing(condition):
        parts.append(f"NOT EXISTS (SELECT 1 FROM field f WHERE f.ticket_id = t.id AND {own})")
    return _any(parts)


def _claim(writer: _Writer, condition: Condition) -> str:
    claims = _IS if condition.name == "is" else _HAS
    return _any([writer.claim(claims[key]) for key in keys(condition, writer.context)])


def _sla(writer: _Writer, condition: Condition) -> str:
    target = f" AND c.target = {writer.name(condition.part)}" if condition.part else ""
    some = f"EXISTS (SELECT 1 FROM clock c WHERE c.ticket_id = t.id{target}"
    if wants_nothing(condition):
        return f"NOT {some})"
    if not condition.values:
        return f"{some})"
    asked = [value.key for value in condition.values if isinstance(value, Text)]
    if asked:
        return f"{some} AND {_any([writer.claim(_CLOCK[key]) for key in asked])})"
    due = _any(_stretches(writer, "c.due_at", condition))
    return f"t.id IN (SELECT c.ticket_id FROM clock c WHERE {_RUNNING}{target} AND {due})"


_FACES: Mapping[Takes, Callable[[_Writer, Condition], str]] = {
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

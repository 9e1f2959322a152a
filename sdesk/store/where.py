"""The SQL face of the filter language: a parsed query as a condition and an order over `ticket t`.

Values reach the engine as named parameters only. The text is written for the indexes in
`sdesk.store.tables`: they are partial (`live = 1`), so whatever implies a live ticket says
`t.live = 1` in so many words. What is unknown (NULL) counts as false, so `not` is `IS NOT TRUE`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sdesk.model import StateCategory
from sdesk.rules.query.matching import implies_live, mail_part, order
from sdesk.rules.query.meaning import keys, states, stretches, wants_nothing
from sdesk.rules.query.nodes import And, Condition, Node, Not, Or, Query, SortKey, Text, Words
from sdesk.rules.query.terms import LIVE_CATEGORIES, RISK_SECONDS, TERMS, Context, Takes
from sdesk.rules.query.words import folded, pattern
from sdesk.store.columns import (
    CLOCK,
    COLUMNS,
    FALSE,
    HAS,
    IS,
    NULLABLE,
    NUMERIC,
    ORDER,
    ORGANIZED,
    ROWS,
    RUNNING,
    SHORT_TEXTS,
    TEXTUAL,
)
from sdesk.store.lexemes import asked
from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


class Clause(NamedTuple):
    """What follows WHERE and ORDER BY, and the parameters they name.

    The other parts serve `sdesk.store.finding`, which weighs two ways to a first page: `where` is
    `rest` and the words that are looked for, if there are any.
    """

    where: str
    order: str
    params: dict[str, object]
    rest: str = ""
    live: bool = False
    newest_first: bool = False
    match: str = ""
    """The parameter that holds the words for FTS5; empty where no words are asked for."""
    probe: str = ""
    """The condition that the document `x` (`ticket_text x`) has the words."""
    table: str = "ticket_fts"
    """The FTS5 table that answers `match`."""
    has_prefix: bool = False
    counting: str = ""
    """Always true: leads SQLite to the index that counts this quickest."""


def compile(  # noqa: A001
    query: Query, context: Context, dialect: str, *, guarded: bool = False
) -> Clause:
    """The query in SQL for "sqlite" or "postgresql", over the alias `t`. `guarded`: for a role of
    PostgreSQL that sees only some tickets."""
    writer = _Writer(context, dialect, guarded=guarded)
    text, others = _divided(_parts(query.where), And)
    rest = writer.joined(others, " AND ") or "1 = 1"
    is_live = implies_live(query.where)
    if is_live and "t.live = 1" not in rest:
        rest = f"t.live = 1 AND {rest}"
    sort = order(query)
    newest_first = sort[0] == SortKey("number", descending=True)
    counting = " AND t.breached >= 0" if is_live and IS["breached"] in rest else ""
    if text is None:
        return Clause(
            rest, writer.order(sort), writer.params, rest, is_live, newest_first, counting=counting
        )
    where = f"{rest} AND {writer.text(text)}"
    return Clause(
        where, writer.order(sort), writer.params, rest, is_live, newest_first,
        match=writer.name(expression(text)), probe=writer.probe(text), table=_table(text),
        has_prefix=any(word.prefix for word in _words(text)), counting=counting,
    )  # fmt: skip


def _parts(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.nodes if isinstance(node, And) else (node,)


def is_text(node: Node) -> bool:
    """Whether the search index alone can answer: words, with something to begin from."""
    match node:
        case Or(nodes):
            return all(map(is_text, nodes))
        case And(nodes):
            return all(is_text(_bared(part)) for part in nodes) and any(map(is_text, nodes))
    return isinstance(node, Words)


def _bared(node: Node) -> Node:
    return node.node if isinstance(node, Not) else node


def _divided(
    nodes: Sequence[Node], joint: type[And] | type[Or]
) -> tuple[Node | None, tuple[Node, ...]]:
    """What the search index answers, as one node, and the other conditions."""
    found = [node for node in nodes if is_text(node)]
    if not found:
        return None, tuple(nodes)
    if joint is And:
        found += [n for n in nodes if isinstance(n, Not) and is_text(n.node)]
    text = found[0] if len(found) == 1 else joint(tuple(found))
    return text, tuple(node for node in nodes if not any(node is part for part in found))


def expression(node: Node) -> str:
    """The words for FTS5's MATCH: folded, so letters, digits and spaces, between quotes."""
    match node:
        case Or(nodes):
            return " OR ".join(f"({expression(part)})" for part in nodes)
        case And(nodes):
            wanted = [f"({expression(n)})" for n in nodes if not isinstance(n, Not)]
            unwanted = [f"({expression(n.node)})" for n in nodes if isinstance(n, Not)]
            without = f" NOT ({' OR '.join(unwanted)})" if unwanted else ""
            return (f"({' AND '.join(wanted)})" if unwanted else " AND ".join(wanted)) + without
    assert isinstance(node, Words)
    phrase = f'"{folded(node.text)}"' + (" *" if node.prefix else "")
    return f"{{{node.column}}} : {phrase}" if node.column else phrase


def has_words(node: Node | None) -> bool:
    return node is not None and next(_words(node), None) is not None


def _words(node: Node) -> Iterator[Words]:
    match node:
        case And(nodes) | Or(nodes):
            for part in nodes:
                yield from _words(part)
        case Not(part):
            yield from _words(part)
        case Words():
            yield node


def _table(node: Node) -> str:
    """Subjects have an index of their own, in which short prefixes are quick."""
    is_subject = all(word.column == "subject" for word in _words(node))
    return "ticket_subject" if is_subject else "ticket_fts"


class _Writer:
    """Writes conditions, and collects the values they name."""

    def __init__(self, context: Context, dialect: str, *, guarded: bool = False) -> None:
        self.context = context
        self.dialect = dialect
        self.guarded = guarded
        self.params: dict[str, object] = {}

    def name(self, value: object) -> str:
        """A parameter for the value; `:name` in the text."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def node(self, node: Node) -> str:
        """The condition, in parentheses where it needs them."""
        if is_text(node):
            return self.text(node)
        match node:
            case And(nodes):
                return f"({self.joined(nodes, ' AND ')})"
            case Or(nodes):
                return f"({self.joined(nodes, ' OR ')})"
            case Not(part):
                return f"({self.node(part)}) IS NOT TRUE"
            case Condition():
                return _FACES[TERMS[node.name].takes](self, node)
        assert isinstance(node, Words)
        return self.text(node)

    def joined(self, nodes: Sequence[Node], joint: str) -> str:
        """The conditions, joined; the words among them asked of the index at once."""
        text, others = _divided(nodes, And if joint == " AND " else Or)
        found = [self.node(node) for node in others]
        return joint.join(found if text is None else [*found, self.text(text)])

    def text(self, node: Node) -> str:
        """The words in the text of the ticket."""
        if self.dialect == "sqlite":
            table, sought = _table(node), self.name(expression(node))
            return f"t.id IN (SELECT w.rowid FROM {table} w WHERE w.{table} MATCH {sought})"
        query, is_exact = asked(node)
        words = f"CAST({self.name(query)} AS tsquery)"
        probe = "" if is_exact else f" AND {self.probe(node)}"
        if not self.guarded:
            return (
                f"t.id IN (SELECT x.ticket_id FROM ticket_text x WHERE x.words @@ {words}{probe})"
            )
        # Behind a policy the index would not be asked.
        found = f"t.id IN (SELECT sdesk_found({words}))"
        text = f"EXISTS (SELECT 1 FROM ticket_text x WHERE x.ticket_id = t.id{probe})"
        return f"({found} AND {text})" if probe else found

    def probe(self, node: Node) -> str:
        """The words in the document `x`."""
        match node:
            case Or(nodes):
                return f"({' OR '.join(self.probe(part) for part in nodes)})"
            case And(nodes):
                return f"({' AND '.join(self.probe(part) for part in nodes)})"
            case Not(part):
                return f"NOT {self.probe(part)}"
        assert isinstance(node, Words)
        sought = self.name(pattern(node.text, prefix=node.prefix))
        columns = (node.column,) if node.column else ("subject", "body", "people")
        return f"({' OR '.join(self.contains(f'x.{column}', sought) for column in columns)})"

    def contains(self, column: str, part: str) -> str:
        function = "instr" if self.dialect == "sqlite" else "strpos"
        return f"{function}({column}, {part}) > 0"

    def among(self, column: str, values: Sequence[str]) -> str:
        if not values:
            return FALSE
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
        parts = [self._sorted(column, key) for key in sort for column in ORDER[key.name]]
        if not any(key.name == "number" for key in sort):
            parts.append("t.id")
        return ", ".join(parts)

    def _sorted(self, column: str, key: SortKey) -> str:
        descending = key.descending != (key.name == "age")
        text = f"{column} DESC" if descending else column
        if key.name in TEXTUAL and column not in NUMERIC:
            binary = column if self.dialect == "sqlite" else f'{column} COLLATE "C"'
            text = f"{binary} DESC" if descending else binary
        return f"{text} NULLS LAST" if key.name in NULLABLE else text


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
        return FALSE
    return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"


def _key(writer: _Writer, condition: Condition) -> str:
    asked = keys(condition, writer.context)
    if (rows := ROWS.get(condition.name)) is None:
        return writer.among(COLUMNS[condition.name], asked)
    column, found = rows
    named = [key for key in asked if key]
    parts = [found.format(f" AND {writer.among(column, named)}")] if named else []
    return _any([*parts, *([f"NOT {found.format('')}"] if "" in asked else [])])


def _number(writer: _Writer, condition: Condition) -> str:
    if condition.name == "tier":
        return _tier(writer, condition)
    if condition.name == "survey":
        return _survey(writer, condition)
    column = COLUMNS[condition.name]
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


def _survey(writer: _Writer, condition: Condition) -> str:
    found = _any(_stretches(writer, "s.score", condition))
    parts = [f"t.id IN (SELECT s.ticket_id FROM survey s WHERE {found})"]
    if wants_nothing(condition):
        parts.append("t.id NOT IN (SELECT s.ticket_id FROM survey s WHERE s.score IS NOT NULL)")
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
        said, nothing = ORGANIZED, f"({ORGANIZED.format('o.name <> ' + chr(39) * 2)}) IS NOT TRUE"
        column = "o.name_fold"
    else:
        said, column = SHORT_TEXTS[condition.name], "f.fold"
        nothing = f"{COLUMNS.get(condition.name)} = ''"
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
    column = COLUMNS[condition.name]
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
    return _any([*parts, *([f"NOT {HAS['tags']}"] if wants_nothing(condition) else [])])


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
    claims = IS if condition.name == "is" else HAS
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
        return f"{some} AND {_any([writer.claim(CLOCK[key]) for key in asked])})"
    due = _any(_stretches(writer, "c.due_at", condition))
    return f"t.id IN (SELECT c.ticket_id FROM clock c WHERE {RUNNING}{target} AND {due})"


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

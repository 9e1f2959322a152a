"""The grammar of the filter language, by recursive descent.

query   = any
any     = all { "or" all }
all     = one { ["and"] one }
one     = ( "-" | "not" ) one | "(" any ")" | term | words | "#" number
term    = name [ "." part ] operator value { "," value }
words   = word [ "*" ] | quoted [ "*" ]
value   = ( word | quoted ) [ "*" ] | [ low ] ".." [ high ] | "none" | "me"
"""

from __future__ import annotations

import re

from sdesk.errors import QueryError, did_you_mean
from sdesk.numbering import MARK, number_in
from sdesk.rules.query.clocks import read_sla
from sdesk.rules.query.nodes import And, Condition, Node, Not, Number, Or, Query, SortKey, Words
from sdesk.rules.query.scan import Head, Scanner
from sdesk.rules.query.terms import NAMES, SORT_KEYS, TERMS, Takes, Term, Vocabulary
from sdesk.rules.query.values import read_condition
from sdesk.rules.query.words import folded

MAX_TEXT = 4_000
MAX_NODES = 300
MAX_DEPTH = 40
_NUMBER = re.compile(rf"#({MARK}?[0-9]{{1,15}})(?=[\s()\"]|$)", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff\x00]")
_NOTHING = Vocabulary()


def parse(text: str, vocabulary: Vocabulary | None = None) -> Query:
    """Read a filter. Raises `QueryError`, which names the column, the word and the nearest right one.

    With a vocabulary, queues, states, agents and policies may go by their names, and unknown ones
    are errors; without, a key is taken as it stands.
    """
    if len(text) > MAX_TEXT:
        raise QueryError(f"a filter has at most {MAX_TEXT:,} characters.", column=MAX_TEXT + 1)
    # Neither driver takes these in a parameter, and no ticket holds them.
    parser = _Parser(_SURROGATE.sub("\ufffd", text), vocabulary or _NOTHING)
    where = parser.query()
    return Query(text, where, tuple(parser.sort))


class _Parser:
    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.scan = Scanner(text)
        self.vocabulary = vocabulary
        self.sort: list[SortKey] = []
        self.depth = 0
        self.nodes = 0
        # How many parentheses are open: the order stands outside of them.
        self.inside = 0
        reference = re.escape(vocabulary.prefix or "SD")
        self.reference = re.compile(
            rf"{reference}-({MARK}?[0-9]{{1,15}})(?=[\s()\"]|$)", re.IGNORECASE
        )

    def query(self) -> Node | None:
        node = self.any()
        if self.scan.peek() == ")":
            raise QueryError(
                "this parenthesis was never opened.", column=self.scan.column, word=")"
            )
        return node

    def any(self) -> Node | None:
        """Alternatives, down to a closing parenthesis or the end."""
        found: list[Node | None] = [self.all()]
        while True:
            column = self.scan.column
            if not self.scan.keyword("or"):
                break
            if found[-1] is None:
                raise _needs_side("or", column)
            found.append(self.all())
            if found[-1] is None:
                raise _needs_side("or", column)
        nodes = [node for node in found if node is not None]
        if len(nodes) > 1:
            return Or(tuple(part for node in nodes for part in _parts(node, Or)))
        return nodes[0] if nodes else None

    def all(self) -> Node | None:
        """What must all hold, down to `or`, a closing parenthesis or the end."""
        nodes: list[Node] = []
        while True:
            self.scan.skip_space()
            if self.scan.peek() in ("", ")") or self._at_or():
                break
            column = self.scan.column
            if self.scan.keyword("and"):
                self._check_and(nodes, column)
                continue
            node = self.one()
            if node is not None:
                nodes.extend(_parts(node, And))
        if len(nodes) > 1:
            return And(tuple(nodes))
        return nodes[0] if nodes else None

    def one(self) -> Node | None:
        """One condition; None for `sort:`, which is none."""
        self._count(1)
        column, sign = self.scan.column, ""
        if self.scan.keyword("not"):
            sign = "not"
            self.scan.skip_space()
        elif (
            self.scan.peek() == "-"
            and not self.scan.text[self.scan.at + 1 : self.scan.at + 2].isspace()
        ):
            sign = "-"
            self.scan.at += 1
        if sign:
            return self._negated(sign, column)
        if self.scan.peek() == "(":
            return self._group()
        return self._atom()

    def _negated(self, sign: str, column: int) -> Node:
        if self.scan.peek() in ("", ")") or self._at_or():
            raise _needs_side(sign, column)
        self._deeper(column)
        node = self.one()
        self.depth -= 1
        if node is None:
            raise QueryError(
                "the order can't be negated.",
                column=column,
                word=sign,
                hint="Write sort:-due to turn it round.",
            )
        return Not(node)

    def _group(self) -> Node:
        column = self.scan.column
        self.scan.at += 1
        self._deeper(column)
        self.inside += 1
        node = self.any()
        self.inside -= 1
        self.depth -= 1
        if not self.scan.take(")"):
            raise QueryError(
                "this parenthesis is not closed.", column=column, word="(", hint="Close it with )."
            )
        if node is None:
            raise QueryError("there is nothing between the parentheses.", column=column, word="()")
        return node

    def _deeper(self, column: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryError(f"conditions nest at most {MAX_DEPTH} deep.", column=column, word="(")

    def _atom(self) -> Node | None:
        column = self.scan.column
        if self.scan.peek() == '"':
            return self._words(self.scan.quoted(), column, prefix=self.scan.take("*"))
        if found := self.scan.match(_NUMBER) or self.scan.match(self.reference):
            return Condition("number", ":", (Number(number_in(found[1]) or 0),))
        if (head := self.scan.head()) is not None:
            return self._term(head)
        word = self.scan.bare()
        is_prefix = word.endswith("*")
        return self._words(word[:-1] if is_prefix else word, column, prefix=is_prefix)

    def _term(self, head: Head) -> Node | None:
        term = self._known(head)
        if term.takes is Takes.SORT:
            self._sort(head)
            return None
        if term.takes is Takes.SLA:
            return self._counted(read_sla(self.scan, head))
        node = self._counted(read_condition(self.scan, head, term, self.vocabulary))
        return Not(node) if head.operator == "!=" else node

    def _counted(self, node: Condition | Words | Or) -> Node:
        """Values count as conditions do: each becomes one in the store's language."""
        match node:
            case Condition():
                self._count(len(node.values))
            case Or(nodes):
                self._count(len(nodes))
        return node

    def _count(self, more: int) -> None:
        self.nodes += more
        if self.nodes > MAX_NODES:
            raise QueryError(
                f"a filter has at most {MAX_NODES} conditions.", column=self.scan.column
            )

    def _known(self, head: Head) -> Term:
        term = NAMES.get(head.name.lower())
        if term is None:
            written = head.name + ("." + head.part if head.part else "") + head.operator
            hint = did_you_mean(head.name, NAMES)
            raise QueryError(
                f"there is no term '{head.name}'.", column=head.column, word=head.name,
                hint=f'{hint} To search for the text, put "{written}…" in quotes.'.strip(),
            )  # fmt: skip
        if bool(head.part) != (term.takes is Takes.FIELD):
            example = TERMS[term.name].example
            raise QueryError(
                f"'{head.name}' is written like {example}.", column=head.column, word=head.name
            )
        return term

    def _sort(self, head: Head) -> None:
        if head.operator not in (":", "="):
            raise QueryError(
                "the order is written like sort:due,-priority.", column=head.column, word=head.name
            )
        if self.inside:
            raise QueryError(
                "the order stands outside of parentheses.", column=head.column, word="sort"
            )
        for item in self.scan.items():
            name = item.text.lower()
            key = SortKey(name.removeprefix("-"), name.startswith("-"))
            key = SortKey(
                {"id": "number", "opened": "created", "organization": "org"}.get(
                    key.name, key.name
                ),
                key.descending,
            )
            if key.name not in SORT_KEYS:
                raise QueryError(
                    f"tickets can't be sorted by '{key.name}'.", column=item.column, word=item.text,
                    hint=did_you_mean(key.name, SORT_KEYS),
                )  # fmt: skip
            if key.name not in [known.name for known in self.sort]:
                self.sort.append(key)

    def _words(self, text: str, column: int, *, prefix: bool) -> Words:
        if not folded(text):
            raise QueryError(
                f"'{text}' has no letter or digit to search for.", column=column, word=text
            )
        return Words(text, prefix)

    def _at_or(self) -> bool:
        at = self.scan.at
        found = self.scan.keyword("or")
        self.scan.at = at
        return found

    def _check_and(self, nodes: list[Node], column: int) -> None:
        self.scan.skip_space()
        if not nodes or self.scan.peek() in ("", ")") or self._at_or():
            raise _needs_side("and", column)


def _parts(node: Node, kind: type[And] | type[Or]) -> tuple[Node, ...]:
    """The parts of a node that may as well stand in the one around it."""
    return node.nodes if isinstance(node, kind) else (node,)


def _needs_side(word: str, column: int) -> QueryError:
    where = "before and after it" if word in ("or", "and") else "after it"
    return QueryError(
        f"'{word}' needs a condition {where}.", column=column, word=word,
        hint=f'To search for the word, write "{word}" in quotes.' if word != "-" else "",
    )  # fmt: skip

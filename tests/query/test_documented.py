"""docs/query.md explains every term, claim and order, and its examples can be read."""

from __future__ import annotations

import re
from pathlib import Path

from sdesk.rules.query import SORT_KEYS, TERMS, parse
from sdesk.rules.query.terms import HAS, IS, SLA_STATES
from sdesk.rules.query.times import NAMED
from tests.each import each

PAGE = (Path(__file__).parents[2] / "docs" / "query.md").read_text(encoding="utf-8")
EXAMPLES = [
    line.partition("  #")[0].strip()
    for block in re.findall(r"```query\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]


@each("name", TERMS)
def test_every_term_has_its_row(name: str) -> None:
    assert re.search(rf"^\| `{name}[`.]", PAGE, re.MULTILINE)


@each("word", [*IS, *HAS, *SLA_STATES, *SORT_KEYS, *NAMED])
def test_every_word_a_term_knows_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE


@each("example", EXAMPLES)
def test_every_example_can_be_read(example: str) -> None:
    parse(example)


@each("term", TERMS.values(), ids=lambda term: term.name)
def test_a_term_s_own_example_can_be_read(term: object) -> None:
    parse(term.example)  # type: ignore[attr-defined]

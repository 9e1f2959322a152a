"""docs/query.md explains every term, claim and order, and its examples can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sdesk.rules.query import SORT_KEYS, TERMS, parse
from sdesk.rules.query.terms import HAS, IS, SLA_STATES
from sdesk.rules.query.times import NAMED

PAGE = (Path(__file__).parents[2] / "docs" / "query.md").read_text(encoding="utf-8")
EXAMPLES = [
    line.partition("  #")[0].strip()
    for block in re.findall(r"```query\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]


@pytest.mark.parametrize("name", TERMS)
def test_every_term_has_its_row(name: str) -> None:
    assert re.search(rf"^\| `{name}[`.]", PAGE, re.MULTILINE)


@pytest.mark.parametrize("word", [*IS, *HAS, *SLA_STATES, *SORT_KEYS, *NAMED])
def test_every_word_a_term_knows_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_can_be_read(example: str) -> None:
    parse(example)


@pytest.mark.parametrize("term", TERMS.values(), ids=lambda term: term.name)
def test_a_term_s_own_example_can_be_read(term: object) -> None:
    parse(term.example)  # type: ignore[attr-defined]

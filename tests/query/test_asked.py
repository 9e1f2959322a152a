"""Facts that are read only as far as a filter asks them decide as all of them do."""

from __future__ import annotations

from sdesk.rules.query import TERMS, Facts, asked, matches, parse
from sdesk.rules.query.terms import HAS, IS
from sdesk.store.reads.facts import COLUMNS, asks_others, facts_of, make_facts
from tests.query.conftest import CONTEXT, Sample
from tests.query.test_parity import KEYS

WORDS = ("printer", "-vpn", "jam or kind:incident")
QUERIES = (
    *WORDS,
    *(term.example for term in TERMS.values() if term.name != "sort"),
    *(f"{name}:{value}" for name, values in KEYS.items() for value in values),
    *(f"is:{claim}" for claim in IS),
    *(f"has:{claim}" for claim in HAS),
    "is:vip -has:children (tag:vip or watcher:me)",
)
SOME = slice(0, None, 4)


def from_row(sample: Sample, facts: Facts) -> Facts:
    sql = f"SELECT {', '.join(COLUMNS)} FROM ticket WHERE id = :id"
    row = sample.reader.one(sql, {"id": facts.id})
    assert row is not None
    return make_facts(facts.id, dict(zip(COLUMNS, row, strict=True)), words=False)


def test_what_is_not_asked_is_not_needed(sample: Sample) -> None:
    whole = sample.facts[SOME]
    rows = [from_row(sample, facts) for facts in whole]
    known: dict[frozenset[str], list[Facts]] = {}
    bare = 0
    for text in QUERIES:
        query = parse(text)
        names = asked(query.where)
        if names not in known:
            numbers = [facts.id for facts in whole]
            known[names] = facts_of(sample.reader, numbers, me="ana", asked=names)
        some = known[names]
        if not asks_others(names):
            bare += 1
            some = rows
        for facts, all_of_it in zip(some, whole, strict=True):
            found = matches(query, facts, CONTEXT)
            assert found == matches(query, all_of_it, CONTEXT), (text, facts.id)
    assert 0 < bare < len(QUERIES)

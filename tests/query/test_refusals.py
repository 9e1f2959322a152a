"""A filter that can't be read says where, which word, and what was probably meant."""

from __future__ import annotations

import pytest

from sdesk.errors import QueryError
from sdesk.rules.query import parse
from tests.each import each
from tests.query.conftest import VOCABULARY

REFUSALS = [
    ("stat:open", 1, "stat", "'state'"),
    ("vpn stat:open", 5, "stat", "quotes"),
    ("error:0x80", 1, "error", '"error:…" in quotes'),
    ("queue:netwrk", 7, "netwrk", "'network'"),
    ("vpn queue:network,netwrk", 19, "netwrk", "'network'"),
    ("state:opne", 7, "opne", "'open'"),
    ('state:"waiting for custmer"', 7, "waiting for custmer", "'Waiting for customer'"),
    ("state:=waiting", 8, "waiting", "waiting-customer"),
    ("assignee:bne", 10, "bne", "'ben'"),
    ("policy:gold", 8, "gold", "Gold P1"),
    ("tag:vipp", 5, "vipp", "'vip'"),
    ("kind:incidnt", 6, "incidnt", "'incident'"),
    ("is:breachd", 4, "breachd", "'breached'"),
    ("has:dues", 5, "dues", "'due'"),
    ("priority:9", 10, "9", ""),
    ("priority:hihg", 10, "hihg", "'high'"),
    ("priority<high,low", 15, "low", ""),
    ("priority<1..2", 10, "1..2", ""),
    ("due<1x", 5, "1x", "30m"),
    ("due<mondy", 5, "mondy", "'monday'"),
    ("created:2026-02-31", 9, "2026-02-31", "2026-11-01"),
    ("created:25:00", 9, "25:00", ""),
    ("created:none", 9, "none", ""),
    ("due:1h..today", 5, "1h..today", ""),
    ("due:..", 5, "..", "1..3"),
    ("age:today", 5, "today", "30m"),
    ("queue<3", 1, "queue", "queue:network"),
    ("tag:", 5, "tag", "tag:vip"),
    ("tag:vip,", 9, "tag", ""),
    ("sla:respons", 5, "respons", "'response'"),
    ("sla:response:pausd", 14, "pausd", "'paused'"),
    ("sla<1h", 1, "sla", ""),
    ("field:3F", 1, "field", "field.room:3F"),
    ("state.x:open", 1, "state", "state:open"),
    ("sort:du", 6, "du", "'due'"),
    ("(a sort:due)", 4, "sort", ""),
    ("-sort:due", 1, "-", "sort:-due"),
    ('a "b c', 3, '"b c', ""),
    ("a (b or c", 3, "(", ""),
    ("a) b", 2, ")", ""),
    ("a ()", 3, "()", ""),
    ("or a", 1, "or", '"or"'),
    ("a or", 3, "or", ""),
    ("a or or b", 3, "or", ""),
    ("and a", 1, "and", ""),
    ("a not", 3, "not", ""),
    ("a -", 3, "-", ""),
    ("a &", 3, "&", ""),
    ('""', 1, "", ""),
    ("subject:!", 9, "!", ""),
    ("(" * 60 + "a" + ")" * 60, 41, "(", ""),
    ("a " * 400, 601, "", ""),
    ("tag:" + "a," * 400 + "a", 806, "", ""),
    ("x" * 4_001, 4_001, "", ""),
]


@each(("text", "column", "word", "hint"), REFUSALS)
def test_a_refusal_names_the_place_the_word_and_the_mend(
    text: str, column: int, word: str, hint: str
) -> None:
    with pytest.raises(QueryError) as refused:
        parse(text, VOCABULARY)
    assert (refused.value.column, refused.value.word) == (column, word)
    assert hint in str(refused.value)
    assert refused.value.message.startswith(f"Column {column}: ")


def test_a_tag_nobody_has_yet_is_no_mistake() -> None:
    assert parse("tag:quarterly-audit", VOCABULARY).where is not None
    assert parse("tag:vipp*", VOCABULARY).where is not None

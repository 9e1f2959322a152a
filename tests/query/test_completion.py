"""What is offered while a filter is typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sdesk.rules.query import TERMS, complete, parse
from tests.each import each
from tests.query.conftest import VOCABULARY


def offered(text: str) -> list[str]:
    """The whole texts that would stand there."""
    cursor = text.index("|") if "|" in text else len(text)
    text = text.replace("|", "")
    return [
        text[: found.start] + found.text + text[found.end :]
        for found in complete(text, cursor, VOCABULARY)
    ]


@each(
    ("text", "completed"),
    [
        ("sta", "state:"), ("vpn -ta", "vpn -tag:"), ("(que", "(queue:"), ("queue:net", "queue:network"),
        ("queue:tea", "queue:network"), ("assignee:", "assignee:me"), ("assignee:", "assignee:none"),
        ("assignee:vir", "assignee:ana"), ("state:wai", "state:waiting"), ("state:wai", "state:waiting-customer"),
        ("tag:vip,on", "tag:vip,on-hold"), ("is:br", "is:breached"), ("priority:hi", "priority:2"),
        ("due<", "due<1h"), ("created>=yes", "created>=yesterday"), ("sort:due,-pri", "sort:due,-priority"),
        ("sort:-", "sort:-due"), ("org:ac", 'org:"ACME Oy"'), ('org:"ac', 'org:"ACME Oy"'),
        ("category:pri", 'category:"Hardware / Printer"'), ("field.", "field.room:"),
        ("field.co", 'field."Cost centre":'), ("sla:re", "sla:response"), ("queue:net| vpn", "queue:network vpn"),
        ("policy:", 'policy:"Gold P1"'), ("kind:in", "kind:incident"),
    ],
)  # fmt: skip
def test_the_likely_word_is_offered(text: str, completed: str) -> None:
    assert completed in offered(text)


def test_nothing_typed_offers_every_term_with_its_help() -> None:
    found = complete("vpn ", 4, VOCABULARY)
    assert len(found) == len(TERMS)
    assert all(item.help for item in found)


def test_nothing_is_offered_for_a_term_that_does_not_exist() -> None:
    assert complete("nonsense:x", 10, VOCABULARY) == ()


@given(text=st.text(max_size=30), cursor=st.integers(-5, 40))
def test_completing_never_fails_and_stays_before_the_cursor(text: str, cursor: int) -> None:
    for found in complete(text, cursor, VOCABULARY):
        assert 0 <= found.start <= found.end <= len(text)


@each("name", sorted(set(TERMS) - {"field", "sort"}))
def test_what_is_offered_can_be_read(name: str) -> None:
    for text in offered(f"{name}:"):
        parse(text, VOCABULARY)

"""The lists an agent lives in are read from an index in their order, without a scan or a sort."""

from __future__ import annotations

import pytest

from sdesk.rules.query import parse
from sdesk.store.where import compile as compile_query
from tests.query.conftest import CONTEXT, VOCABULARY, Sample


def plan(sample: Sample, text: str) -> str:
    clause = compile_query(parse(text, VOCABULARY), CONTEXT, "sqlite")
    sql = f"EXPLAIN QUERY PLAN SELECT t.id FROM ticket t WHERE {clause.where} ORDER BY {clause.order} LIMIT 50"
    return "\n".join(row[3] for row in sample.reader.all(sql, clause.params))


@pytest.mark.parametrize("sample", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("state:open", "ticket_live_due"),
        ("state:open sort:due", "ticket_live_due"),
        ("is:at-risk state:open", "ticket_live_due"),
        ("assignee:me state:open", "ticket_live_assignee"),
        ("is:unassigned state:open sort:due", "ticket_live_assignee"),
        ("queue:network state:open sort:due", "ticket_live_queue"),
        ("state:waiting sort:due", "ticket_live_category"),
        ("is:new sort:due", "ticket_live_category"),
        ("sort:-created", "ticket_created"),
        ("sort:updated", "ticket_updated"),
    ],
)
def test_a_list_comes_from_its_index_in_order(sample: Sample, text: str, index: str) -> None:
    steps = plan(sample, text)
    assert f"INDEX {index}" in steps
    assert "B-TREE FOR ORDER BY" not in steps


@pytest.mark.parametrize("sample", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("sort:priority,due state:open", "ticket_live_priority"),
        ("source:servicenow external:INC12", "ticket_external"),
        ("external:INC12", "ticket_external"),
        ("parent:7", "ticket_parent"),
        ("tag:vip", "tag_ticket"),
    ],
)
def test_a_few_tickets_are_found_by_an_index(sample: Sample, text: str, index: str) -> None:
    assert f"INDEX {index}" in plan(sample, text)


def test_no_value_is_written_into_the_text_of_the_query() -> None:
    hostile = "x'y;--"
    text = f'"{hostile}" tag:"{hostile}" source:"{hostile}" field."{hostile}":"{hostile}" requester:"{hostile}" queue:"{hostile}"'
    for dialect in ("sqlite", "postgresql"):
        clause = compile_query(parse(text), CONTEXT, dialect)
        assert "y;--" not in clause.where + clause.rest + clause.probe + clause.order

"""Rules that undo each other's work: three answers deep, then it is left, and said to be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.present import event_sentence
from sdesk.rules import automation
from sdesk.rules.automation import Rule

CIRCLE = (
    Rule("sets", frozenset({"untagged", "noted"}), lambda *_: True, (ops.AddTags(("x",)),)),
    Rule("resets", frozenset({"tagged"}), lambda *_: True, (ops.RemoveTags(("x",)),)),
)
LINE = (Rule("once", frozenset({"noted"}), lambda *_: True, (ops.AddTags(("x",)),)),)


def with_rules(monkeypatch: pytest.MonkeyPatch, rules: tuple[Rule, ...]) -> None:
    decide = automation.decide
    monkeypatch.setattr(automation, "decide", lambda event, row: decide(event, row, rules))


def test_two_rules_that_reset_each_other_stop_and_it_is_recorded(
    desk: Desk, make_ticket: Callable[..., TicketId], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = make_ticket()
    with_rules(monkeypatch, CIRCLE)
    change = desk.apply(ticket, ops.AddNote("go"))
    kinds = [event.kind for event in change.events]
    assert kinds == ["noted", "tagged", "untagged", "tagged", "rule_failed"]
    assert [event.rule for event in change.events[1:4]] == ["sets", "resets", "sets"]
    said = event_sentence(change.events[-1], zone="UTC", names={})
    assert "kept answering each other" in said
    assert desk.read.ticket(ticket).tags == ("x",)


def test_a_rule_that_has_done_its_work_is_no_circle(
    desk: Desk, make_ticket: Callable[..., TicketId], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = make_ticket()
    with_rules(monkeypatch, LINE)
    change = desk.apply(ticket, ops.AddNote("go"))
    assert [event.kind for event in change.events] == ["noted", "tagged"]

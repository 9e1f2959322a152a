"""Suggestions on a real store, on both engines: what is learned, what is said, what is compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.rules.suggestion import judge
from tests.solved import SOLVED, solve, solve_many


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, and few tickets that are enough."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(judge, "FEWEST_TICKETS", SOLVED)


@pytest.fixture
def solved(desk: Desk) -> Desk:
    return solve_many(desk)


def test_an_empty_desk_suggests_nothing(desk, make_ticket):
    advice = desk.suggest(make_ticket())
    assert list(advice.suggestions) == []
    assert (advice.duplicates, advice.similar, advice.learning) == ((), (), False)


def test_what_was_solved_is_suggested_with_reasons_and_endings(solved, make_ticket):
    advice = solved.suggest(make_ticket("Printer jams again", text="It eats paper", requester=2))
    made = dict(advice.suggestions)
    assert made["category"].value == "Hardware / Printer"
    assert made["queue"].value == "service-desk"
    assert made["priority"].value == "4"
    assert made["category"].probability > 0.5
    assert "“printer” (6 of 6)" in advice.why("category")
    assert advice.suggestions.learned == SOLVED
    assert {one.category for one in advice.similar} == {"Hardware / Printer"}
    assert advice.similar[0].text == "Done: Hardware / Printer."


def test_an_open_ticket_with_the_same_words_is_perhaps_the_same(desk, make_ticket, clock):
    first = make_ticket("Mail server is down", requester=2, text="Nobody gets mail")
    make_ticket("Mail signature", requester=2, text="How do I change it")
    clock.forward(600)
    again = make_ticket("Mail server is down", requester=1, text="Nobody here gets mail")
    found = desk.suggest(again).duplicates
    assert [one.ticket.id for one in found] == [first]
    assert found[0].likeness.same_organization
    assert found[0].likeness.seconds_apart == 600
    desk.apply(first, ops.Resolve("solved", "It is up."))
    assert desk.suggest(again).duplicates == ()


def test_what_is_restricted_cancelled_merged_or_binned_teaches_nothing(desk):
    solve(desk, 0, restricted=True)
    desk.apply(solve(desk, 0), ops.Discard("A test"))
    cancelled = desk.apply(None, ops.Open("Never mind", requester=1)).ticket
    desk.apply(cancelled, ops.Cancel("A mistake"))
    kept = solve(desk, 1)
    desk.apply(solve(desk, 1), ops.Merge(kept))
    assert [seen.ticket for seen in desk.read.solved()] == [kept]


def test_a_lesson_is_the_ticket_as_it_came_in(desk):
    ticket = solve(desk, 1, text="The tunnel breaks.")
    (seen,) = desk.read.solved()
    assert (seen.ticket, seen.text, seen.opened_by) == (ticket, "The tunnel breaks.", "ana")
    assert (seen.opened["queue"], seen.now["queue"]) == ("service-desk", "network")
    assert seen.organization == "ACME Oy"


def test_the_newest_lessons_are_read_the_oldest_first(desk):
    tickets = [solve(desk, number) for number in range(4)]
    assert [seen.ticket for seen in desk.read.solved(limit=3)] == tickets[1:]

"""A round of triage, without a screen."""

from __future__ import annotations

from typing import Any

from sdesk.model import Event
from sdesk.rules.suggestion import Suggestion, Suggestions
from sdesk.rules.triage import Round, kept_of, settled_by


def a_round(*tickets: int) -> Round:
    made = Round(1000)
    made.join(tickets)
    return made


def event(
    number: int, actor: str, rule: str = "", cause: int | None = None, **changes: Any
) -> Event:
    pairs = {name: (None, value) for name, value in changes.items()}
    return Event(number, 1, 0, actor, "changed", pairs, {}, "tui", number, cause, rule)  # type: ignore[arg-type]


def test_the_first_ticket_is_at_hand_and_a_finished_one_gives_way_to_the_next() -> None:
    one = a_round(5, 6, 7)
    assert one.at == 5
    one.finish(5, 1030, {})
    assert (one.at, one.left, one.total) == (6, [6, 7], 3)


def test_skipping_goes_round_and_leaves_all_tickets_in() -> None:
    one = a_round(5, 6, 7)
    assert one.step(-1)
    assert one.at == 7
    assert one.step(1)
    assert one.at == 5
    assert one.left == [5, 6, 7]
    assert not a_round(5).step(1)
    assert not a_round().step(1)


def test_the_last_one_gives_way_to_the_first_that_was_skipped() -> None:
    one = a_round(5, 6)
    one.step(1)
    one.finish(6, 1010, {})
    assert one.at == 5
    one.finish(5, 1020, {})
    assert (one.at, one.left) == (None, [])


def test_newcomers_join_at_the_end_and_what_is_finished_does_not_join_again() -> None:
    one = a_round(5, 6)
    one.finish(5, 1010, {})
    assert one.join([9, 5, 6]) == 1
    assert one.left == [6, 9]


def test_somebody_elses_ticket_leaves_without_counting() -> None:
    one = a_round(5, 6)
    one.lose(5)
    assert (one.at, one.total, one.lost, one.pace()) == (6, 1, 1, None)


def test_a_ticket_that_was_taken_back_is_at_hand_again_and_no_longer_counts() -> None:
    one = a_round(5, 6, 7)
    one.finish(5, 1010, {})
    one.come_back(5, at_hand=True)
    assert (one.at, one.left, one.done) == (5, [5, 6, 7], [])


def test_a_ticket_that_somebody_gave_back_waits_at_the_end() -> None:
    one = a_round(5, 6)
    one.finish(5, 1010, {})
    one.come_back(5, at_hand=False)
    assert (one.at, one.left) == (6, [6, 5])


def test_the_pace_is_that_of_the_last_ten() -> None:
    one = a_round(*range(1, 14))
    now = 1000
    for number in range(1, 13):
        now += 600 if number < 3 else 30
        one.finish(number, now, {})
    assert one.pace() == 30


def test_what_is_read_ahead_is_near() -> None:
    one = a_round(1, 2, 3, 4, 5)
    assert one.ahead(2) == [2, 3, 5]
    assert a_round(1, 2).ahead(2) == [2]
    assert a_round().ahead(2) == []


def test_suggestions_are_compared_with_what_the_ticket_came_to() -> None:
    said = Suggestions(
        queue=Suggestion("network", 0.9, (), 5), priority=Suggestion("2", 0.9, (), 5),
        assignee=Suggestion("lea", 0.9, (), 5),
    )  # fmt: skip
    came_to = {"category": "", "queue": "network", "priority": "3", "assignee": ""}
    right = kept_of(said, came_to)
    assert right == {"queue": True, "priority": False}
    one = a_round(1, 2)
    one.finish(1, 1010, right)
    assert one.kept() == {"queue": (1, 1), "priority": (0, 1)}


def test_who_settled_a_ticket_is_who_did_what_took_it_out() -> None:
    assert settled_by([]) == ""
    assert settled_by([event(1, "ana", subject="x")]) == ""
    assert settled_by([event(1, "ana", queue="n"), event(2, "ben", assignee="ben")]) == "ben"
    assert settled_by([event(1, "ben", assignee="ben"), event(2, "ana", tags="x")]) == "ben"


def test_what_a_rule_answered_was_done_by_whom_it_answered() -> None:
    events = [
        event(1, "ana", queue="network"),
        event(2, "", rule="assign", cause=1, assignee="lea"),
    ]
    assert settled_by(events) == "ana"

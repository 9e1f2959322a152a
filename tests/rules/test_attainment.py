"""How well promises were kept."""

from __future__ import annotations

from sdesk.rules.attainment import By, attainment, judge
from sdesk.rules.clock import Clock, Segment


def broken(*ledger: Segment) -> Clock:
    """A response that was never given: broken at 60, and standing still since the end."""
    return Clock(
        "response", "Gold", "24/7", 1, 60, 0, None, 100, None, None, True, "breached", 60, ledger
    )


def test_what_stands_still_because_the_ticket_has_ended_is_no_pause() -> None:
    clock = broken(
        Segment(0, 50, "ran", 50, "opened"),
        Segment(50, 90, "paused", 40, "prioritized", "waiting-customer"),
        Segment(90, 140, "ran", 50, "received"),
        Segment(140, None, "paused", 9_000, "resolved", "resolved"),
    )
    one = judge(1, [clock], queue="", assignee="", organization="", ended_at=140)
    (kept,) = attainment([one], By.POLICY, 0, 100)
    assert kept.pauses == {"waiting-customer": 40}
    reopened = judge(1, [clock], queue="", assignee="", organization="")
    (kept,) = attainment([reopened], By.POLICY, 0, 100)
    assert kept.pauses == {"waiting-customer": 40, "resolved": 9_000}


def test_a_pause_that_runs_on_into_the_end_counts_up_to_it_in_working_time() -> None:
    clock = broken(
        Segment(0, 90, "ran", 90, "opened"),
        Segment(90, None, "paused", 9_000, "waited", "waiting-customer"),
    )
    one = judge(
        1, [clock], queue="", assignee="", organization="", ended_at=190,
        worked=lambda calendar, start, end: (end - start) // 2 if calendar == "24/7" else 0,
    )  # fmt: skip
    (kept,) = attainment([one], By.POLICY, 0, 100)
    assert kept.pauses == {"waiting-customer": 50}

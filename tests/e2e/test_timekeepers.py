"""Workers as real processes, killed at any moment: nothing is done twice, nothing is missed."""

from __future__ import annotations

from pathlib import Path

from tests.e2e import simulated_week

SEED = 1


def test_two_workers_of_which_one_dies_now_and_then_do_everything_once(tmp_path: Path) -> None:
    """`python -m bench --only timers` kills a hundred, with another seed each time."""
    week = simulated_week.run(tmp_path, seed=SEED, tickets=11, kills=12)
    print(week)
    assert (week.missed, week.doubled) == ([], [])
    assert week.kills == 12
    assert min(week.steps, week.waits, week.closings) > 0, (
        "a week in which nothing comes due shows nothing"
    )

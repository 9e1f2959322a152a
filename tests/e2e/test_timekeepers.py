"""Workers as real processes, killed at any moment: nothing is done twice, nothing is missed."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.store import lease
from tests.e2e import simulated_week
from tests.e2e.conftest import Run

SEED = 1
WAITED_FOR = TicketId(2)


@pytest.fixture
def home(either_home: Path | str) -> Path | str:
    return either_home


def test_two_workers_of_which_one_dies_now_and_then_do_everything_once(tmp_path: Path) -> None:
    """`python -m bench --only timers` kills a hundred, with another seed each time."""
    week = simulated_week.run(tmp_path, seed=SEED, tickets=11, kills=12)
    print(week)
    assert (week.missed, week.doubled) == ([], [])
    assert week.kills == 12
    assert min(week.steps, week.waits, week.closings) > 0, "a week of nothing shows nothing"


def until(holds: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait for it without reading what the desk writes."""
    end = time.perf_counter() + seconds
    while not holds():
        assert time.perf_counter() < end, "it never came true"
        select.select([], [], [], 0.05)


def test_an_open_desk_keeps_time_also_while_its_terminal_is_stalled(run: Run, ben: Desk) -> None:
    ben.apply(WAITED_FOR, ops.Wait(until=int(time.time()) + 5, reason="the vendor"))
    terminal = run()
    terminal.wait("SD-3")
    # Nobody reads the line from here on, and it is too short for so many screens.
    for _ in range(60):
        terminal.send("?", "esc")
    until(lambda: lease.held(ben.read.reader))
    until(lambda: ben.read.ticket(WAITED_FOR).state == "open")
    ended = [e for e in ben.read.history(WAITED_FOR) if e.kind == "wait_ended"]
    assert [(e.actor, e.source) for e in ended] == [("sdesk", "timer")]
    terminal.settle()
    terminal.send("Q")
    assert terminal.ended() == 0
    assert lease.held(ben.read.reader) is None, "who ends in order is not waited for"


def test_a_desk_leaves_time_to_others_when_its_settings_say_so(
    run: Run, ben: Desk, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text("[worker]\nin_desk = false\n", encoding="utf-8")
    terminal = run()
    terminal.wait("SD-3")
    terminal.idle(3)
    assert lease.held(ben.read.reader) is None

"""A process's part in keeping time: when it holds the lease, when it gives way, what it survives."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import StoreFault
from sdesk.model import TicketId
from sdesk.store.lease import Keeper
from sdesk.worker import BATCH, BESIDE, BREATH, TICK, Worker
from tests.conftest import Clock

Make = Callable[..., TicketId]
Hire = Callable[..., Worker]
HOUR = 3_600


@pytest.fixture
def hire(store: Path, clock: Clock) -> Iterator[Hire]:
    """One more process that would keep time."""
    hired: list[Worker] = []

    def hire(kind: Keeper = Keeper.WORKER, **options: object) -> Worker:
        hired.append(Worker(store, kind, clock=clock, **options))  # type: ignore[arg-type]
        return hired[-1]

    yield hire
    for worker in hired:
        worker.close()


def test_an_open_desk_gives_way_to_a_worker(hire: Hire, clock: Clock) -> None:
    desk, worker = hire(Keeper.DESK, login="ben"), hire()
    desk.tick()
    assert desk.is_keeper
    worker.tick()
    assert worker.is_keeper
    clock.forward(4)
    desk.tick()
    assert not desk.is_keeper
    assert desk.held is not None
    assert desk.held.words.startswith("sdesk worker of ")


def test_a_worker_gives_way_to_nobody_while_it_lives(hire: Hire, clock: Clock) -> None:
    first, second, once = hire(), hire(), hire(Keeper.ONCE)
    first.tick()
    for _ in range(20):
        clock.forward(4)
        for worker in (first, second, once):
            worker.tick()
    assert [w.is_keeper for w in (first, second, once)] == [True, False, False]
    first.close()
    second.tick()
    assert second.is_keeper, "who ends in order is not waited for"


@pytest.mark.parametrize(("login", "keeps"), [("ben", True), ("gone", False), ("nobody", False)])
def test_a_desk_keeps_time_for_agents_only(hire: Hire, desk: Desk, login: str, keeps: bool) -> None:
    desk.apply(None, ops.SaveAgent("gone", "Gone", active=False))
    worker = hire(Keeper.DESK, login=login)
    assert worker.tick() == TICK
    assert worker.is_keeper is keeps
    assert worker.trouble is None


def test_a_store_that_can_only_be_looked_at_is_not_written(
    hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdesk.store.place.is_read_only", lambda _: True)
    worker = hire(Keeper.DESK, login="ben")
    worker.tick()
    assert worker.look() is None


def test_a_clock_that_is_set_back_stops_nothing(hire: Hire, clock: Clock) -> None:
    first, second = hire(), hire()
    first.tick()
    clock.forward(-HOUR)
    first.tick()
    assert first.is_keeper
    assert first.held is not None
    assert first.held.beat_at == clock()
    clock.forward(-HOUR)
    second.tick()
    assert second.is_keeper, "the first has not beaten since, as far as anybody can tell"


def test_a_long_backlog_is_done_in_goes_with_room_for_others(
    hire: Hire, desk: Desk, clock: Clock, make_ticket: Make
) -> None:
    until = clock() + HOUR
    for _ in range(BATCH + 2):
        desk.apply(make_ticket(), ops.Wait(until=until))
    worker = hire()
    clock.forward(2 * HOUR)
    assert worker.tick() == BREATH
    assert desk.read.count("state:waiting") == 2
    assert worker.tick() > BREATH
    assert desk.read.count("state:waiting") == 0


def test_an_open_desk_does_a_backlog_in_small_goes(
    hire: Hire, desk: Desk, clock: Clock, make_ticket: Make
) -> None:
    for _ in range(BESIDE + 1):
        desk.apply(make_ticket(), ops.Wait(until=clock() + HOUR))
    worker = hire(Keeper.DESK, login="ben")
    clock.forward(HOUR)
    assert BREATH <= worker.tick() <= 1.0
    assert desk.read.count("state:waiting") == 1


def test_it_wakes_when_the_next_thing_is_due(
    hire: Hire, desk: Desk, clock: Clock, make_ticket: Make
) -> None:
    desk.apply(make_ticket(), ops.Wait(until=clock() + 2))
    assert hire().tick() == 2


def test_a_store_that_is_gone_for_a_while_is_taken_up_again(hire: Hire, store: Path) -> None:
    worker = hire()
    worker.tick()
    store.rename(away := store.with_name("away.db"))
    worker._give_up(StoreFault("as after a restart"))
    assert worker.tick() == TICK
    assert worker.trouble is not None
    away.rename(store)
    worker.tick()
    assert worker.trouble is None
    assert worker.is_keeper


def test_told_to_end_it_stops_in_the_middle_and_lets_go(
    hire: Hire, desk: Desk, clock: Clock, make_ticket: Make
) -> None:
    for _ in range(3):
        desk.apply(make_ticket(), ops.Wait(until=clock() + HOUR))
    clock.forward(HOUR)
    ending = threading.Event()
    worker = hire(on_run=lambda *_: None)
    whole = type(worker.timers)._end_wait

    def end(ticket: TicketId) -> bool:
        ending.set()
        return whole(worker.timers, ticket)

    worker.timers._end_wait = end  # type: ignore[method-assign]
    worker.keep(ending)
    assert desk.read.count("state:waiting") == 2
    assert worker.look() is None


def test_a_desk_with_nothing_due_beats_without_loading_what_writing_needs(store: Path) -> None:
    code = f"""
from sdesk.worker import Keeper, Worker
import sys
worker = Worker({str(store)!r}, Keeper.DESK, login="ben")
worker.tick()
assert worker.is_keeper
worker.close()
print(sorted({{m.split(".")[0] for m in sys.modules}} & {{"sqlmodel", "sqlalchemy", "ssl", "hashlib"}}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""What time alone makes due, and who sees to it, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid, Refused
from sdesk.model import TicketId
from sdesk.store import lease
from sdesk.store.lease import Keeper
from sdesk.timers import SKIPPED, Act, Timers, What
from sdesk.worker import ACTOR, Worker
from tests.conftest import POLICY, Clock

Make = Callable[..., TicketId]
HOUR, DAY = 3_600, 86_400
LADDER = POLICY | {
    "targets": [
        {
            "kind": "response", "budgets": {"*": "4h"}, "warnings": ["50%", "75%"],
            "levels": [{"at": "breach", "tell": ["lead"], "do": ["tag late"]}],
        }
    ]
}  # fmt: skip


@pytest.fixture
def timers(store: Path | str, clock: Clock) -> Iterator[Timers]:
    worker = Worker(store, Keeper.ONCE, clock=clock)
    yield worker.timers
    worker.close()


def told(desk: Desk, ticket: TicketId, kind: str) -> list[tuple[str, str, int]]:
    """(actor, source, at) of each such event."""
    found = [e for e in desk.read.history(ticket) if e.kind == kind]
    return [(e.actor, e.source, e.at) for e in found]


def test_the_actor_is_the_one_that_settling_names() -> None:
    from sdesk.settling import TIMER

    assert ACTOR == TIMER


def test_a_wait_ends_once_at_its_time_and_the_assignee_is_told(
    desk: Desk, timers: Timers, clock: Clock, make_ticket: Make
) -> None:
    ticket = make_ticket(assignee="ben")
    desk.apply(ticket, ops.Wait(until=clock() + HOUR, reason="the vendor calls back"))
    assert timers.next_at() == clock() + HOUR
    assert timers.run().done == ()
    at = clock.forward(HOUR)
    assert timers.run().done == (Act(What.WAIT, ticket),)
    assert timers.run().done == ()
    assert told(desk, ticket, "wait_ended") == [(ACTOR, "timer", at)]
    with Desk.open(desk.place, actor="ben", clock=clock) as ben:
        assert [(n.kind, n.text) for n in ben.read.notices()] == [
            ("wait", "the wait is over: the vendor calls back"),
            ("assigned", "assigned to you by ana"),
        ]
    assert desk.read.ticket(ticket).state == "open"
    assert desk.read.rows([ticket])[0].unread, "the desk's own act is news to whoever runs it"


def test_two_who_see_the_same_things_due_do_each_once(
    desk: Desk, timers: Timers, clock: Clock, make_ticket: Make, store: Path | str
) -> None:
    desk.apply(None, ops.SavePolicy("Standard", LADDER), ops.SaveSetting("close_after", "72h"))
    warned, waiting, done = make_ticket(), make_ticket(), make_ticket()
    desk.apply(waiting, ops.Reply("one moment"), ops.Wait(until=clock() + HOUR))
    desk.apply(done, ops.Reply("there"), ops.Resolve())
    clock.forward(4 * DAY)
    late = Worker(store, Keeper.ONCE, clock=clock)
    second = late.timers
    due = second.due(100)
    assert {What.STEPS, What.WAIT, What.CLOSE} <= {what for what, _ in due}
    assert len(timers.run().done) == len(due)
    second.due = lambda _: due  # type: ignore[method-assign]  # as if it had looked before
    ran = second.run()
    assert (ran.done, ran.failed) == ((), ())
    late.close()
    assert len(told(desk, warned, "warned")) == 3
    assert len(told(desk, warned, "tagged")) == 1
    assert len(told(desk, waiting, "wait_ended")) == 1
    assert len(told(desk, done, "closed")) == 1


def test_a_desk_that_was_off_for_a_weekend_does_everything_once_when_it_is_back(
    desk: Desk, timers: Timers, clock: Clock, make_ticket: Make
) -> None:
    desk.apply(None, ops.SavePolicy("Standard", LADDER))
    tickets = [make_ticket() for _ in range(4)]
    back = clock.forward(5 * DAY)
    assert len(timers.run().done) == 4
    assert timers.run().done == ()
    for ticket in tickets:
        assert told(desk, ticket, "warned") == [(ACTOR, "timer", back)] * 3


def test_resolved_tickets_close_on_the_right_working_day(
    desk: Desk, timers: Timers, clock: Clock, make_ticket: Make
) -> None:
    ticket, reopened = make_ticket(), make_ticket()
    for one in (ticket, reopened):
        desk.apply(one, ops.Resolve())
    assert timers.next_at() is None, "a desk that says nothing closes nothing"
    desk.apply(None, ops.SaveSetting("close_after", "5bd"))
    assert timers.next_at() == clock() + 7 * DAY, "a weekend is no working time"
    clock.forward(7 * DAY - 1)
    desk.apply(reopened, ops.Receive("Not at all"))
    assert timers.run().done == ()
    at = clock.forward(1)
    assert timers.run().done == (Act(What.CLOSE, ticket),)
    assert told(desk, ticket, "closed") == [(ACTOR, "timer", at)]
    closed = next(e for e in desk.read.history(ticket) if e.kind == "closed")
    assert closed.details["reason"] == "no answer for 5 working days"
    assert timers.run().done == ()


def test_the_setting_is_read_before_it_is_kept(
    desk: Desk, open_desk: Callable[[str], Desk]
) -> None:
    with pytest.raises(Invalid, match="close_after"):
        desk.apply(None, ops.SaveSetting("close_after", "next week"))


def test_a_ticket_that_fails_keeps_nothing_from_the_others_and_is_tried_again(
    desk: Desk, timers: Timers, clock: Clock, make_ticket: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_ticket(), make_ticket()
    for ticket in (first, second):
        desk.apply(ticket, ops.Wait(until=clock() + HOUR))
    clock.forward(HOUR)
    whole = Timers._end_wait
    wrong: list[Exception] = [KeyError("a bug"), Refused("The lifecycle forbids it.")]

    def end(self: Timers, ticket: TicketId) -> bool:
        if ticket == first and wrong:
            raise wrong.pop()
        return whole(self, ticket)

    monkeypatch.setattr(Timers, "_end_wait", end)
    ran = timers.run()
    assert ran.done == (Act(What.WAIT, second),)
    assert [(f.what, f.ticket, str(f.error)) for f in ran.failed] == [
        (What.WAIT, first, "The lifecycle forbids it.")
    ]
    assert timers.run() == type(ran)((), (), more=False), "not again and again"
    clock.forward(SKIPPED)
    assert isinstance(timers.run().failed[0].error, KeyError)
    clock.forward(SKIPPED)
    assert timers.run().done == (Act(What.WAIT, first),)


def test_a_run_stops_when_others_should_have_their_turn(
    desk: Desk, timers: Timers, clock: Clock, make_ticket: Make
) -> None:
    for _ in range(3):
        desk.apply(make_ticket(), ops.Wait(until=clock() + HOUR))
    clock.forward(HOUR)
    ran = timers.run(limit=2)
    assert (len(ran.done), ran.more) == (2, True)
    assert timers.run(until=lambda: True).done == ()
    assert len(timers.run().done) == 1


def test_the_lease_has_one_holder_until_its_beats_grow_old(store: Path | str, clock: Clock) -> None:
    at = clock()
    assert lease.take(store, "a", Keeper.DESK, at).holder == "a"
    assert lease.take(store, "b", Keeper.DESK, at + 20).holder == "a"
    assert lease.take(store, "a", Keeper.DESK, at + 8) == lease.Held("a", "desk", at, at + 8)
    assert lease.take(store, "b", Keeper.DESK, at + 29) == lease.Held("b", "desk", at + 29, at + 29)
    assert lease.take(store, "w", Keeper.WORKER, at + 30).holder == "w", "a desk gives way"
    assert lease.take(store, "b", Keeper.DESK, at + 31).holder == "w"
    lease.drop(store, "b")
    assert lease.take(store, "v", Keeper.WORKER, at + 31).holder == "w"
    lease.drop(store, "w")
    assert lease.take(store, "b", Keeper.DESK, at + 31).holder == "b"


def test_a_beat_from_the_future_is_not_believed_for_ever(store: Path | str, clock: Clock) -> None:
    """The clock was set back, or the holder's ran ahead."""
    lease.take(store, "a", Keeper.WORKER, clock() + 3_600)
    assert lease.take(store, "b", Keeper.WORKER, clock()).holder == "b"
    assert lease.take(store, "c", Keeper.WORKER, clock() - 3).holder == "b"


def test_another_takes_over_within_thirty_seconds_of_a_death(
    store: Path | str, clock: Clock
) -> None:
    first = Worker(store, Keeper.WORKER, clock=clock)
    second = Worker(store, Keeper.WORKER, clock=clock)
    first.tick()
    begun, wakes = clock(), {0: clock(), 1: clock() + 1}
    workers = [first, second]
    while clock() < begun + 60:  # a minute of both
        clock.forward(1)
        for number, worker in enumerate(workers):
            if clock() >= wakes[number]:
                wakes[number] = clock() + int(worker.tick())
    assert (first.is_keeper, second.is_keeper) == (True, False)
    died = clock()
    while not second.is_keeper:
        clock.forward(1)
        if clock() >= wakes[1]:
            wakes[1] = clock() + int(second.tick())
    assert clock() - died <= 30
    for worker in workers:
        worker.close()

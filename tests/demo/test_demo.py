"""The demo store: believable, consistent with itself, the same for the same seed and moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.demo import making
from sdesk.demo.company import TIERS
from sdesk.demo.making import make
from sdesk.demo.mark import made_of
from sdesk.demo.play import CATEGORY
from sdesk.desk import Desk
from sdesk.model import LIVE, Event, PersonId

TUESDAY = 1_764_064_800
"""2025-11-25 10:00 UTC, noon in Helsinki."""
SUNDAY_NIGHT = 1_763_942_400
"""2025-11-24 00:00 UTC, two in the morning."""


def made(path: Path, now: int = TUESDAY, *, tickets: int = 250, seed: int = 7) -> Desk:
    return make(
        path, tickets=tickets, seed=seed, caller="kim", caller_name="Kim Lund", clock=lambda: now
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with made(tmp_path_factory.mktemp("demo") / "demo.db") as opened:
        yield opened


@pytest.fixture(scope="module", params=["in office hours", "at night"])
def at_any_hour(
    request: pytest.FixtureRequest, desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    if request.param == "in office hours":
        yield desk
        return
    with made(tmp_path_factory.mktemp("night") / "demo.db", SUNDAY_NIGHT) as opened:
        yield opened


def history(desk: Desk) -> Iterator[tuple[int, tuple[Event, ...]]]:
    for ticket in desk.read.ids("sort:created"):
        yield ticket, desk.read.history(ticket)


def test_the_demo_has_about_forty_live_tickets_in_every_state(desk: Desk) -> None:
    states = Counter(desk.read.ticket(t).state for t in desk.read.ids("sort:created"))
    assert sum(states.values()) == 250
    assert {
        "new",
        "open",
        "waiting-customer",
        "waiting-supplier",
        "scheduled",
        "resolved",
        "closed",
    } <= set(states)
    assert 35 <= desk.read.count("state:open") <= 45


def test_some_clocks_are_breached_at_risk_and_paused_at_any_hour(at_any_hour: Desk) -> None:
    rows, now = at_any_hour.read.page("state:open", limit=100), at_any_hour.now()
    assert sum(row.breach_at is not None and row.breach_at < now for row in rows) >= 3
    assert sum(row.due_at is not None and now <= row.due_at < now + 3600 for row in rows) >= 4
    assert sum(row.remaining is not None for row in rows) >= 4


def test_the_caller_is_admin_and_has_work(desk: Desk) -> None:
    me = next(agent for agent in desk.read.agents() if agent.login == "kim")
    assert me.role == "admin"
    assert desk.read.count("state:open assignee:me") >= 4
    assert desk.read.count("state:open is:unread") < desk.read.count("state:open")


def test_events_tell_how_each_ticket_came_to_be_as_it_is(desk: Desk) -> None:
    """Folding the events' changes over the opening gives the ticket's columns; times never go back."""
    for number, events in history(desk):
        ticket = desk.read.ticket(number)
        assert events[0].kind == "opened"
        folded = dict(events[0].details)
        times = [event.at for event in events]
        assert times == sorted(times)
        assert times[-1] <= desk.now()
        for event in events:
            for name, (before, after) in event.changes.items():
                assert folded.get(name, before) == before, (number, event)
                folded[name] = after
        for name in ("state", "category", "priority", "queue", "assignee", "owner"):
            assert folded[name] == getattr(ticket, name), (number, name)
        assert CATEGORY[ticket.state] == ticket.category
        assert (ticket.resolved_at is None) == (ticket.category in LIVE)


def test_each_entry_has_its_event_and_comes_from_somebody_known(desk: Desk) -> None:
    logins = {agent.login for agent in desk.read.agents()}
    for number, events in history(desk):
        entries = desk.read.conversation(number)
        assert 1 <= len(entries) <= 12
        told = [event.details["entry"] for event in events if "entry" in event.details]
        assert told == [entry.id for entry in entries]
        assert all(entry.author for entry in entries)
        assert {entry.agent for entry in entries} <= logins | {""}
        assert "{" not in "".join(entry.text for entry in entries)


def test_the_stored_clocks_are_those_of_the_ledger(desk: Desk) -> None:
    for row in desk.read.page("state:open", limit=100):
        stored = {clock.target: (clock.budget, clock.due_at) for clock in desk.read.clocks(row.id)}
        ledger = {clock.target: (clock.budget, clock.due_at) for clock in desk.ledger(row.id)}
        assert stored == ledger


def shapes(events: Iterator[Event]) -> dict[str, tuple[set[str], set[str]]]:
    """Kind of event → the names of its changes, and of its details."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for event in events:
        changes, details = found.setdefault(event.kind, (set(), set()))
        changes |= set(event.changes)
        details |= set(event.details)
    return found


def test_events_look_like_those_that_the_door_writes(desk: Desk, tmp_path: Path) -> None:
    # What the timers did went through the door.
    played_out = (event for _, events in history(desk) for event in events)
    told = shapes(event for event in played_out if event.kind != "warned")
    with made(tmp_path / "played.db", tickets=1) as played:
        ticket = played.apply(
            None, ops.Open("One more", "It began today.", requester=PersonId(1))
        ).ticket
        assert ticket is not None
        until = TUESDAY + 3600
        for op in (
            ops.Assign("ben"), ops.Take(force=True), ops.LogCall("Hello"), ops.Reply("Hello"), ops.AddNote("Hm"),
            ops.Move("network"), ops.SetPriority(1), ops.Wait(until=until, reason="Parts"),
            ops.SetState("open"), ops.Wait("scheduled", until), ops.Receive("Hello"), ops.Resolve(text="Done"),
            ops.Receive("Not quite"), ops.Resolve(), ops.Close("silence"),
        ):  # fmt: skip
            played.apply(ticket, op)
        written = shapes(iter(played.read.history(ticket)))
    for kind, (changes, details) in told.items():
        assert changes <= written[kind][0] | {"first_answered_at"}, kind
        assert details <= written[kind][1] | {"author", "policy", "calendar"}, kind
    assert told["opened"][1] >= written["opened"][1]
    tiers = {queue.key: queue.tier for queue in desk.read.queues()}
    assert tiers == TIERS


def test_nothing_of_the_making_can_be_undone(desk: Desk) -> None:
    from sdesk.errors import Refused

    with pytest.raises(Refused):
        desk.undo()


def contents(desk: Desk) -> list[object]:
    found: list[object] = []
    for number in desk.read.ids("sort:created"):
        found.append((desk.read.ticket(number), desk.read.conversation(number)))
    return found


def test_one_seed_at_one_moment_makes_one_desk(desk: Desk, tmp_path: Path) -> None:
    with made(tmp_path / "again.db") as again, made(tmp_path / "other.db", seed=8) as other:
        assert contents(again) == contents(desk)
        assert contents(other) != contents(desk)
        assert made_of(again) == (250, 7, TUESDAY)


def test_a_desk_of_work_is_no_demo(open_desk: Callable[[str], Desk]) -> None:
    assert made_of(open_desk("ana")) is None


@pytest.mark.parametrize("tickets", [1, 39, 41, 1_300])
def test_any_number_of_tickets_is_made_exactly(
    tmp_path: Path, tickets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "BATCH", 500)
    with made(tmp_path / "demo.db", tickets=tickets) as desk:
        assert desk.read.count("") == tickets


def test_the_desk_has_kept_time_and_the_caller_was_told(at_any_hour: Desk) -> None:
    desk = at_any_hour
    assert desk.now() in (TUESDAY, SUNDAY_NIGHT)
    assert desk.read.steps_due(desk.now()) == []
    assert len(desk.read.notices()) >= 1
    warned = [e for _, events in history(desk) for e in events if e.kind == "warned"]
    assert len(warned) >= 4
    assert len({e.at for e in warned}) > len(warned) / 2
    assert all(e.details["told"] for e in warned)

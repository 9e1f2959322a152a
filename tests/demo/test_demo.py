"""The demo store: believable, consistent with itself, the same for the same seed and moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sdesk.demo.making import make
from sdesk.demo.mark import made_of
from sdesk.demo.play import CATEGORY
from sdesk.desk import Desk
from sdesk.model import LIVE, Event

TUESDAY = 1_764_064_800
"""2025-11-25 10:00 UTC, noon in Helsinki."""
SUNDAY_NIGHT = 1_763_942_400
"""2025-11-24 00:00 UTC, two in the morning."""
SKIPPED = {"policy", "due_at", "breach_at", "due_target", "remaining", "breached"}


def made(path: Path, now: int = TUESDAY, *, tickets: int = 250, seed: int = 7) -> Desk:
    return make(
        path, tickets=tickets, seed=seed, caller="kim", caller_name="Kim Lund", clock=lambda: now
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with made(tmp_path_factory.mktemp("demo") / "demo.db") as opened:
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


@pytest.mark.parametrize("now", [TUESDAY, SUNDAY_NIGHT], ids=["in office hours", "at night"])
def test_some_clocks_are_breached_at_risk_and_paused_at_any_hour(tmp_path: Path, now: int) -> None:
    with made(tmp_path / "demo.db", now) as desk:
        rows = desk.read.page("state:open", limit=100)
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


@pytest.mark.parametrize("tickets", [1, 39, 41, 6_000])
def test_any_number_of_tickets_is_made_exactly(tmp_path: Path, tickets: int) -> None:
    with made(tmp_path / "demo.db", tickets=tickets) as desk:
        assert desk.read.count("") == tickets

"""What a watch tells of, on both engines: changes that screens show, and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.store import lease
from sdesk.store.lease import Keeper
from sdesk.store.watch import Watch
from tests.conftest import POLICY, Clock

Make = Callable[..., TicketId]


def hears(watch: Watch) -> bool:
    """Whether it tells of a change: a server's word takes a moment."""
    pause, until = threading.Event(), time.monotonic() + 60
    while not (changed := watch.changed()) and time.monotonic() < until:
        pause.wait(0.01)
    return changed


def test_a_change_by_anybody_is_told_once(desk: Desk, make_ticket: Make) -> None:
    watch = desk.watch()
    assert not watch.changed()
    ticket = make_ticket()
    assert hears(watch)
    assert not watch.changed()
    with Desk.open(desk.place, actor="ben") as other:
        other.apply(ticket, ops.AddNote("from elsewhere"))
    assert hears(watch)
    assert not watch.changed()
    watch.close()


@pytest.mark.parametrize("what", ["beat", "draft", "seen"])
def test_commits_that_no_screen_shows_are_not_told(
    desk: Desk, make_ticket: Make, clock: Clock, what: str
) -> None:
    ticket = make_ticket()
    with Desk.open(desk.place, actor="ben") as other:
        watch = desk.watch()
        match what:
            case "beat":
                lease.take(desk.place, "ben@host:1:a", Keeper.DESK, clock())
            case "draft":
                other.save_draft(ticket, "reply", "Dear")
            case "seen":
                assert other.mark_seen(ticket)
        assert not watch.changed()
        watch.close()


def test_clocks_measured_again_are_told_though_no_event_says_so(
    desk: Desk, make_ticket: Make
) -> None:
    make_ticket()
    desk.apply(None, ops.SavePolicy("Standard", POLICY | {"calendar": "24/7"}))
    watch = desk.watch()
    before = desk.read.last_event()
    assert desk.recompute_clocks() == 1
    assert desk.read.last_event() == before
    assert hears(watch)
    watch.close()

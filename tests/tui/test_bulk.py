"""Many tickets at once by key: the preview, the bar, stopping, the result of each, marks by query."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.config import Config
from sdesk.desk import Desk
from sdesk.model import TicketId

from .desk_pilot import at_desk, frame, listed, settle, told
from .ticket_pilot import until_shown

MakeTicket = Callable[..., TicketId]


@pytest.fixture
def six(desk: Desk, make_ticket: MakeTicket) -> list[TicketId]:
    found = [make_ticket(f"Printer {n} jams") for n in range(6)]
    desk.apply(found[0], ops.SetPriority(1))
    desk.apply(found[5], ops.Resolve())
    desk.apply(found[5], ops.Close())
    return found


async def test_a_large_batch_is_shown_before_it_is_done_and_its_result_after(
    desk: Desk, six: list[TicketId]
) -> None:
    config = Config(desk_bulk_preview=4)
    async with at_desk(desk, (100, 30), config=config) as (app, pilot):
        app.queue_screen.open_query("sort:number")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 6)
        await pilot.press("asterisk")
        app.queue_screen.apply_ops(ops.SetPriority(1), ops.Wait(), said="set to P1")
        await until_shown(app, pilot, "6 tickets: 5 change, 1 refused", "1 refused:", "(SD-6)")
        assert desk.read.ticket(six[1]).priority == 3
        await pilot.press("n")
        await settle(app, pilot, lambda: "nothing was done" in told(app))
        await pilot.press("full_stop")
        await until_shown(app, pilot, "6 tickets: 5 change")
        await pilot.press("y")
        await until_shown(app, pilot, "refused 1", "changed 5", "SD-6")
        assert [desk.read.ticket(t).priority for t in six[:5]] == [1] * 5
        assert desk.read.ticket(six[5]).priority != 1
        await pilot.press("q", "u")
        await settle(app, pilot, lambda: desk.read.ticket(six[4]).priority == 3)
        assert desk.read.ticket(six[0]).priority == 1
        await pilot.press("colon", *"result", "enter")
        await until_shown(app, pilot, "refused 1", "Printer 4 jams")


async def test_escape_stops_it_and_what_is_done_stays_as_one_batch(
    desk: Desk, six: list[TicketId], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    whole = Desk.apply_each

    def slowly(self: Desk, tickets: object, of: Callable[[int], object], **more: object) -> object:
        def one(ticket: int) -> object:
            if ticket == six[2]:
                begun.set()
                go_on.wait(60)
            return of(ticket)

        return whole(self, tickets, one, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Desk, "apply_each", slowly)
    async with at_desk(desk) as (app, pilot):
        app.queue_screen.open_query("state:open sort:number")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 5)
        await pilot.press("asterisk", "p", "2")
        await settle(app, pilot, begun.is_set)
        await pilot.press("escape")
        go_on.set()
        await settle(app, pilot, lambda: "stopped before 2" in told(app))
        assert [desk.read.ticket(t).priority for t in six[:5]] == [2, 2, 2, 3, 3]
        assert len(listed(app).state.marks) == 5
        await pilot.press("u")
        await settle(app, pilot, lambda: desk.read.ticket(six[2]).priority == 3)
        assert [desk.read.ticket(t).priority for t in six[:3]] == [1, 3, 3]


async def test_marks_follow_a_query_and_texts_have_each_tickets_values(
    desk: Desk, six: list[TicketId]
) -> None:
    async with at_desk(desk) as (app, pilot):
        await pilot.press("6", "colon", *"mark subject:jams state:open", "enter")
        await settle(app, pilot, lambda: len(listed(app).state.marks) == 5)
        await pilot.press("colon", *"unmark priority:1", "enter")
        await settle(app, pilot, lambda: listed(app).state.marks == set(six[1:5]))
        assert "4 marked" in frame(app)
        await pilot.press("colon", *"note of {subject}", "enter")
        await settle(app, pilot, lambda: "4 tickets noted" in told(app))
        assert desk.read.conversation(six[2])[-1].text == "of Printer 2 jams"

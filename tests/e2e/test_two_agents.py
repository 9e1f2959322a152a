"""Two agents on one store: what one does the other sees; who comes second is stopped and shown why.

On both engines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Stale
from sdesk.model import TicketId
from sdesk.store import presence
from tests.e2e.conftest import Run


@pytest.fixture
def home(either_home: Path | str) -> Path | str:
    return either_home


def test_a_change_in_another_process_appears_without_moving_the_cursor(run: Run, ben: Desk) -> None:
    terminal = run()
    terminal.wait("SD-3")
    terminal.send("j")
    terminal.wait(lambda text: re.search(r"▌.*SD-2", text) is not None)
    ben.apply(TicketId(1), ops.Edit("subject", "VPN is down for everybody"))
    terminal.wait("VPN is down for everybody")
    assert re.search(r"▌.*SD-2", terminal.text)


def test_a_ticket_opened_elsewhere_joins_the_queue(run: Run, ben: Desk) -> None:
    terminal = run()
    terminal.wait("SD-3")
    terminal.send("6")
    ben.apply(None, ops.Open("Scanner in dispatch is dead", requester=2))
    terminal.wait("Scanner in dispatch is dead")


def test_the_second_of_two_conflicting_edits_is_stopped(ben: Desk) -> None:
    with Desk.open(ben.place, actor="ana") as ana:
        seen = ana.read.ticket(TicketId(1)).last_event
        ben.apply(TicketId(1), ops.SetPriority(1), based_on=seen)
        with pytest.raises(Stale) as stopped:
            ana.apply(TicketId(1), ops.SetPriority(4), based_on=seen)
        assert (stopped.value.yours, stopped.value.theirs, stopped.value.by) == (4, 1, "ben")
        assert ana.read.ticket(TicketId(1)).priority == 1


def test_a_reply_typed_while_the_thread_moved_on_is_held_and_the_new_message_shown(
    run: Run, ben: Desk
) -> None:
    terminal = run()
    terminal.wait("SD-3")
    terminal.send("enter")
    terminal.wait("It began this morning.")
    number = TicketId(int(re.search(r"SD-(\d+)", terminal.text)[1]))  # type: ignore[index]
    terminal.send("r")
    terminal.settle(0.3)
    terminal.send("Please restart it once.")
    terminal.wait("Please restart it once.")
    ben.apply(number, ops.Reply("I have restarted it from here."))
    terminal.send("esc")
    terminal.wait("send")
    terminal.send("y")
    terminal.wait("I have restarted it from here.")
    terminal.settle(0.5)
    replies = [entry.text for entry in ben.read.conversation(number) if entry.kind == "reply"]
    assert replies == ["I have restarted it from here."]
    assert "Please restart it once." in terminal.text


def test_who_is_there_is_shown_and_costs_no_byte_while_nothing_changes(run: Run, ben: Desk) -> None:
    terminal = run()
    terminal.wait("SD-3")
    presence.beat(ben.place, "one", "ben", 1, presence.WRITING, ben.now())
    terminal.wait("✎ ben")
    terminal.send("enter")
    terminal.wait(lambda text: "ben is writing" in text)

    def is_silent() -> bool:
        presence.beat(ben.place, "one", "ben", 1, presence.WRITING, ben.now())
        return terminal.idle(1.5) == 0

    # On a slow machine the first stretches still have what opening the ticket has left.
    assert any(is_silent() and is_silent() for _ in range(20))
    assert len(ben.read.company()) == 1, "the desk tells where it is itself"
    ben.apply(TicketId(1), ops.Chat("the switch is down"))
    terminal.wait("the switch is down")

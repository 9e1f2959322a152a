"""Keys that arrive in one read, as over a slow line: each is for what the keys before it open."""

from __future__ import annotations

from sdesk.desk import Desk
from sdesk.model import TicketId
from tests.e2e.conftest import Run

KEYS = "/number:2\rp1:tag hot\r\rchalf a word and more"
"""Finds a ticket, sets its priority, tags it, opens it, and writes a note in it."""


def test_all_keys_of_one_read_do_what_they_would_one_by_one(run: Run, ben: Desk) -> None:
    terminal = run()
    terminal.wait("SD-3")
    terminal.send(KEYS)
    terminal.wait("half a word and more")
    terminal.send("esc")
    terminal.wait("y send")
    terminal.send("y")
    while not any(entry.kind == "note" for entry in ben.read.conversation(TicketId(2))):
        assert terminal.idle(0.1) >= 0
    found = ben.read.ticket(TicketId(2))
    assert (found.priority, found.tags) == (1, ("hot",))
    assert ben.read.conversation(TicketId(2))[-1].text == "half a word and more"
    assert ben.read.count("priority:1") == 1

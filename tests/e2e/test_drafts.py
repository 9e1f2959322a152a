"""A dropped line or a kill while typing: the draft is in the store, and offered at the next start."""

from __future__ import annotations

from pathlib import Path

from bench.meter import Terminal
from sdesk.desk import Desk
from tests.e2e.conftest import Run

TYPED = "Please restart the router in the hall"


def type_a_reply(run: Run) -> Terminal:
    terminal = run()
    terminal.wait("SD-3")
    terminal.send("enter")
    terminal.wait("It began this morning.")
    terminal.send("r")
    terminal.settle(0.3)
    terminal.send(TYPED)
    terminal.wait(TYPED)
    return terminal


def drafts(home: Path) -> list[str]:
    with Desk.open(home) as desk:
        return [draft.text.strip() for draft in desk.read.drafts()]


def is_offered(run: Run) -> None:
    again = run()
    again.wait("draft")
    again.send("enter")
    again.wait(TYPED)


def test_a_hang_up_while_typing_keeps_every_word(run: Run, home: Path) -> None:
    terminal = type_a_reply(run)
    terminal.hang_up()
    assert terminal.ended() is not None, "it lives on without a terminal"
    assert drafts(home) == [TYPED]
    is_offered(run)


def test_a_kill_loses_only_what_was_typed_in_the_last_moments(run: Run, home: Path) -> None:
    """How long a moment is, `make bench` measures; here it is only waited for."""
    terminal = type_a_reply(run)
    while drafts(home) != [TYPED]:
        assert terminal.idle(0.1) >= 0
    terminal.send(" and tell me")
    terminal.wait("and tell me")
    terminal.kill()
    assert terminal.ended() == -9
    assert drafts(home)[0].startswith(TYPED)
    is_offered(run)


def test_a_draft_that_was_sent_is_not_offered_again(run: Run, home: Path) -> None:
    terminal = type_a_reply(run)
    terminal.send("esc")
    terminal.wait("y send")
    terminal.send("y")
    terminal.wait(lambda text: "y send" not in text and "REPLY" in text)
    terminal.settle(0.5)
    assert drafts(home) == []

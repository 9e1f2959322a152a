"""`sdesk suggest`: in text and as JSON, and what it refuses."""

from __future__ import annotations

import json

import pytest

from sdesk.desk import Desk
from sdesk.rules.suggestion import judge
from tests.solved import SOLVED, solve


@pytest.fixture
def learning(store, sdesk, monkeypatch):
    """A store with a few solved tickets and a new one, SD-13; its number."""
    monkeypatch.setattr(judge, "FEWEST_TICKETS", SOLVED)
    with Desk.open(store) as desk:
        for number in range(SOLVED):
            solve(desk, number, requester=None)
    return sdesk(
        "new", "Printer \x1b]52;c;YQ==\x07jams on floor 2", "--text", "It eats paper"
    ).out.strip()


def test_the_text_says_what_how_sure_and_why(learning, sdesk):
    said = sdesk("suggest", learning)
    assert said.status == 0
    category = next(line for line in said.lines if line.startswith("category"))
    assert "Hardware / Printer" in category
    assert "%" in category
    assert "of 6)" in category
    assert "Solved before" in said.out
    assert "Done: Hardware / Printer." in said.out
    assert "\x1b" not in said.out


def test_the_json_holds_everything(learning, sdesk):
    said = json.loads(sdesk("suggest", learning, "--format", "json").out)
    assert (said["number"], said["learned"]) == (learning, SOLVED)
    made = said["suggestions"]["category"]
    assert made["value"] == "Hardware / Printer"
    assert 0.4 <= made["probability"] <= 1
    assert made["reasons"][0]["support"] >= 2
    assert said["similar"][0]["category"] == "Hardware / Printer"


def test_a_desk_that_has_solved_nothing_says_so(store, sdesk):
    ref = sdesk("new", "VPN drops").out.strip()
    assert "No suggestion: 0 solved tickets learned from" in sdesk("suggest", ref).out


def test_open_tickets_with_the_same_words_stand_below(store, sdesk):
    first = sdesk("new", "Mail server is down").out.strip()
    again = sdesk("new", "Mail server is down").out.strip()
    said = sdesk("suggest", again)
    assert "Perhaps the same" in said.out
    assert any(line.startswith(first) for line in said.lines)


def test_learning_alone_prints_nothing(learning, sdesk, monkeypatch):
    monkeypatch.setattr("os.nice", lambda _: 0)
    said = sdesk("suggest", "--learn")
    assert (said.status, said.out) == (0, "")


@pytest.mark.parametrize(("words", "status"), [((), 2), (("SD-1", "--learn"), 2), (("SD-999",), 3)])
def test_what_is_not_one_ticket_is_refused(words, status, store, sdesk):
    said = sdesk("suggest", *words)
    assert said.status == status
    assert said.out == ""

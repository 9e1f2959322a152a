"""`escalate`, `notices`, and the ladder in what `sla` says."""

from __future__ import annotations

import json

import pytest

from sdesk.desk import Desk
from sdesk.model import Source

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def ticket(sdesk):
    sdesk("new", "VPN drops", "--new-requester", "Mikko <mikko@acme.example>")
    sdesk("agents", "add", "mia", "--name", "Mia", "--role", "lead", "--queue", "network")
    return sdesk


def told(store, who="mia"):
    with Desk.open(store, actor=who, source=Source.CLI) as desk:
        return [notice.text for notice in desk.read.notices()]


def test_escalate_moves_it_keeps_the_owner_and_tells_people(ticket, store):
    said = ticket("escalate", "1", "--queue", "network", "--to", "lead,mia", "--reason", "a [b]\x1b[31m")  # fmt: skip
    assert (said.status, said.out) == (0, "SD-1\n")
    assert "escalated it to Network and to Mia: a [b]" in said.err
    assert "\x1b" not in said.err
    with Desk.open(store) as desk:
        now = desk.read.ticket(1)
        assert (now.queue, now.owner) == ("network", desk.actor)
        assert [n.text for n in desk.read.notices()] == []
    (text,) = told(store)
    assert text.endswith("escalated it: a [b]")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--queue", "network"], "--reason is missing"),
        (["--reason", "x"], "--queue or --to is missing"),
        (["--queue", "netwrk", "--reason", "x"], "netwrk"),
        (["--to", "miaa", "--reason", "x"], "No agent called 'miaa'."),
    ],
)
def test_escalate_refuses_with_one_sentence(ticket, words, sentence):
    said = ticket("escalate", "1", *words)
    assert said.status in (2, 3)
    assert sentence in said.err


def test_notices_are_listed_and_seen(ticket, store):
    me = ticket("escalate", "1", "--to", "mia", "--reason", "x")
    assert me.status == 0
    assert ticket("notices").err == "No new notices.\n"
    with Desk.open(store, actor="mia") as desk:
        (login,) = [a.login for a in desk.read.agents() if a.login != "mia"]
        from sdesk.ops import Escalate

        desk.apply(1, Escalate("back to you", to=(login,)))
    said = ticket("notices", "--format", "json", "--seen")
    (notice,) = json.loads(said.out)
    assert (notice["number"], notice["kind"], notice["text"]) == (
        "SD-1", "escalation", "mia escalated it: back to you",
    )  # fmt: skip
    assert ticket("notices").out == ""
    assert "back to you" in ticket("notices", "--all").out

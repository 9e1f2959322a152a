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


def test_when_foretells_warnings_and_levels(sdesk):
    said = sdesk("sla", "when", "incident P1", "--at", "2026-12-21 15:00")
    assert any("step Mon 18:00" in line and "75% → assignee" in line for line in said.lines)
    assert any("step Mon 20:00" in line and "Head of IT → admin" in line for line in said.lines)
    found = json.loads(sdesk("sla", "when", "incident P3", "--at", "2026-12-21 15:00", "--format", "json").out)  # fmt: skip
    resolution = next(t for t in found["targets"] if t["target"] == "resolution")
    assert [step["place"] for step in resolution["steps"]] == ["75%", "breach"]
    assert resolution["steps"][1]["at"] >= resolution["due_at"]
    assert resolution["steps"][1]["tell"] == ["assignee", "lead"]


def test_what_when_foretells_is_what_the_tickets_clock_then_shows(ticket, store):
    from datetime import UTC, datetime

    with Desk.open(store) as desk:
        opened = desk.read.ticket(1).created_at
        queue = desk.read.ticket(1).queue
    when = datetime.fromtimestamp(opened, UTC).isoformat()
    foretold = json.loads(ticket("sla", "when", f"incident P3 queue:{queue}", "--at", when, "--format", "json").out)  # fmt: skip
    explained = json.loads(ticket("sla", "explain", "1", "--format", "json").out)
    assert {t["target"]: [(s["place"], s["at"]) for s in t["steps"]] for t in foretold["targets"]} == {
        c["target"]: [(s["place"], s["at"]) for s in c["ladder"]["ahead"]] for c in explained
    }  # fmt: skip


def test_explain_shows_the_steps_given_and_those_to_come(ticket, store):
    with Desk.open(store) as desk:
        clock = desk.read.clocks(1)
        at = next(c.step_at for c in clock if c.target == "response")
        desk.now = lambda: at
        assert desk.settle(1) == 1
    said = ticket("sla", "explain", "1")
    assert any("given  " in line and "75%" in line for line in said.lines)
    assert any("next   " in line and "breach → lead" in line for line in said.lines)
    explained = json.loads(ticket("sla", "explain", "1", "--target", "response", "--format", "json").out)  # fmt: skip
    (done,) = explained[0]["ladder"]["done"]
    assert (done["step"], done["at"]) == ("75%", at)

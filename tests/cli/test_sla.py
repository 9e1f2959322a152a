"""`sla`: explained, foretold, compared, renewed and reported on the command line."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from sdesk.desk import Desk

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def worked(sdesk):
    """One ticket answered and waiting, one resolved, one new."""
    sdesk("new", "VPN drops", "--new-requester", "Mikko <mikko@acme.example>", "--priority", "2")
    sdesk("new", "Printer", "--requester", "Mikko", "--queue", "network")
    sdesk("new", "Screen", "--requester", "Mikko")
    sdesk("reply", "1", "Which router?")
    sdesk("wait", "1")
    sdesk("reply", "2", "Try again.")
    sdesk("resolve", "2")
    return sdesk


def test_when_names_the_policy_and_why_the_earlier_ones_do_not_match(sdesk):
    said = sdesk("sla", "when", "request P3 queue:network vpn", "--at", "2026-12-21 15:00")
    assert said.lines[0].startswith('request · P3 · network · "vpn" · comes Mon 15:00')
    assert (
        said.lines[2] == "no       Critical: priority:1 does not hold, kind:incident does not hold"
    )
    assert said.lines[3] == "matches  Requests: kind:request,question holds"
    assert "calendar Helsinki office" in said.lines
    # Eight hours from an hour before closing: Tuesday the same hour.
    assert any("response" in line and "due Tue 15:00" in line for line in said.lines)


def test_when_agrees_with_the_ticket_that_then_comes(sdesk, store):
    sdesk("new", "It burns", "--new-requester", "Mikko <m@acme.example>", "--priority", "1")
    with Desk.open(store) as desk:
        clocks = {clock.target: clock for clock in desk.ledger(1)}
        opened = desk.read.ticket(1).created_at
    when = datetime.fromtimestamp(opened, UTC).isoformat()
    found = json.loads(sdesk("sla", "when", "incident P1", "--at", when, "--format", "json").out)
    assert found["policy"] == "Critical"
    assert {t["target"]: t["due_at"] for t in found["targets"]} == {
        target: clock.due_at for target, clock in clocks.items()
    }


@pytest.mark.parametrize("words", ["due<1h", "incident or request", "assignee:me", "priority:1,2"])
def test_when_refuses_what_describes_no_ticket(sdesk, words):
    said = sdesk("sla", "when", words)
    assert said.status == 2
    assert "describes no new ticket" in said.err


def test_verify_finds_nothing_on_a_desk_that_was_worked(worked):
    said = worked("sla", "verify")
    assert (said.status, said.out) == (0, "")
    assert said.err == "3 tickets compared, 0 with differences.\n"


def test_verify_names_what_differs_and_recompute_sets_it_right(worked, store):
    with Desk.open(store) as desk, desk.door().writer.write() as session:
        session.connection().exec_driver_sql("UPDATE clock SET budget = 60 WHERE ticket_id = 3")
    said = worked("sla", "verify", "--format", "csv")
    assert said.status == 1
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert {(row["number"], row["target"], row["what"], row["stored"]) for row in rows} == {
        ("SD-3", "response", "budget", "60"),
        ("SD-3", "resolution", "budget", "60"),
    }
    assert worked("sla", "verify", "number:1").status == 0
    assert worked("sla", "recompute").err.startswith("1 ticket changed")
    assert worked("sla", "verify").status == 0


def test_the_report_counts_promises_by_group_and_target(worked):
    said = worked("sla", "report", "--by", "queue", "--format", "csv")
    rows = {(r["queue"], r["target"]): r for r in csv.DictReader(io.StringIO(said.out))}
    assert set(rows) == {
        ("network", "response"), ("network", "resolution"), ("service-desk", "response"),
    }  # fmt: skip
    assert rows["network", "resolution"]["met"] == "1"
    assert rows["network", "resolution"]["attainment"] == "1.0"
    assert not any("{" in row["pauses"] for row in rows.values())
    assert worked("sla", "report", "queue:network", "--by", "priority").out.count("\n") == 2
    assert worked("sla", "report", "--to", "2020-01-01").out == ""
    assert worked("sla", "report", "--from", "soon").status == 2


def test_a_due_date_is_set_with_a_reason_and_taken_back(worked):
    assert "needs a reason" in worked("set", "3", "due=fri 16:00").err
    said = worked("set", "3", "due=fri 16:00", "reason=agreed with Mikko")
    assert (said.status, said.out) == (0, "SD-3\n")
    assert "set the resolution due" in said.err
    assert "set by hand" in worked("sla", "explain", "3").out
    assert worked("set", "3", "due.resolution=auto").status == 0
    assert "set by hand" not in worked("sla", "explain", "3").out
    assert worked("set", "3", "due.supplier=fri", "reason=x").status == 1


def test_a_policy_that_only_makes_room_is_not_said_to_be_saved(sdesk, tmp_path):
    known = json.loads(sdesk("sla", "policies", "--format", "json").out)
    file = tmp_path / "policies.toml"
    file.write_text('[[policy]]\nname = "Gold"\nwhen = "org:gold"\n[[policy.target]]\nkind = "response"\nbudgets = { "*" = "1h" }\n')  # fmt: skip
    said = sdesk("sla", "load", str(file)).err.splitlines()
    assert said[0].endswith("saved the policy Gold.")
    assert [line.partition(" ")[2] for line in said[1 : 1 + len(known)]] == [
        f"put the policy {one['name']} in place {place}." for place, one in enumerate(known, 2)
    ]


def test_a_name_that_nobody_can_type_is_refused(sdesk, tmp_path):
    file = tmp_path / "policies.toml"
    file.write_text('[[policy]]\nname = "Gold\\u202e"\nwhen = ""\n[[policy.target]]\nkind = "response"\nbudgets = { "*" = "1h" }\n')  # fmt: skip
    said = sdesk("sla", "load", str(file))
    assert (said.status, said.err.startswith("sdesk: The name 'Gold' has signs")) == (2, True)
    hours = tmp_path / "hours.toml"
    hours.write_text('zone = "UTC"\n[hours]\nmon = [["08:00", "16:00"]]\n')
    assert "can't be seen" in sdesk("calendar", "load", str(hours), "--name", "Day\x1b[0m").err

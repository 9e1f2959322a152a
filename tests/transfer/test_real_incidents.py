"""Twenty thousand real incidents, imported once: their counts, their history, and what their own system
said of its promises, said again by a policy fitted to them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import Source
from sdesk.recount import measured
from sdesk.transfer import presets
from sdesk.transfer.importer import Import, Options, Report
from sdesk.transfer.mapping import parse_choices
from tests.conftest import Clock, fresh_store
from tests.transfer.conftest import shared

AGENTS_DAY = {
    "zone": "UTC",
    "hours": {day: [["14:00", "23:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
FITTED = {
    "calendar": "agents' day",
    "targets": [
        {
            "kind": "resolution",
            "budgets": {"1": "4h", "2": "1h", "3": "62h", "4": "133h"},
            "stop": "closed",
        }
    ],
}


def bring(desk: Desk) -> Report:
    path = shared("data/servicenow-eventlog/incident_event_log.csv.gz")
    options = Options(parse_choices(()), zone="UTC")
    return Import(desk, str(path), presets.find("servicenow-eventlog"), options).run()


@pytest.fixture(scope="module")
def incidents(
    store_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Desk, Report]]:
    """A desk that holds them, and what their import said."""
    store = fresh_store(store_template, tmp_path_factory.mktemp("incidents") / "desk")
    with Desk.open(store, actor="ana", source=Source.TUI, clock=Clock()) as desk:
        desk.apply(None, ops.SaveCalendar("agents' day", AGENTS_DAY))
        desk.apply(None, ops.SavePolicy("Standard", FITTED))
        yield desk, bring(desk)


def test_they_come_in_as_their_oracle_says(incidents: tuple[Desk, Report]) -> None:
    desk, report = incidents
    assert (report.rows, report.tickets, report.added, report.rejected, report.dates) == (
        119_998,
        20_769,
        20_769,
        0,
        "dmy",
    )
    count = desk.read.count
    assert (count("state:closed"), count("state:new"), count("")) == (20_768, 1, 20_769)
    assert [count(f"priority:{p}") for p in (3, 4, 2, 1)] == [19_554, 658, 337, 220]
    assert (count("channel:phone"), count("channel:mail")) == (20_733, 36)
    numbers = desk.read.reader.one("SELECT min(created_at), max(created_at) FROM ticket")
    assert numbers == (1_456_708_560, 1_463_140_140)


def test_their_states_follow_each_other_as_in_the_log(incidents: tuple[Desk, Report]) -> None:
    desk, _ = incidents
    changed: Counter[tuple[str, str]] = Counter()
    sql = """SELECT payload FROM event WHERE kind IN ('resolved', 'closed', 'reopened', 'waited', 'state_changed')"""
    for (payload,) in desk.read.reader.all(sql):
        before, after = json.loads(payload)["changes"]["state"]
        changed[before, after] += 1
    assert (changed["resolved", "open"], changed["closed", "open"]) == (266, 8)
    assert (changed["new", "resolved"], changed["new", "closed"]) == (4_972, 2)
    assert changed["resolved", "closed"] == 20_773


def test_a_fitted_policy_agrees_with_the_real_verdicts(incidents: tuple[Desk, Report]) -> None:
    desk, _ = incidents
    sql = "SELECT ticket_id, value FROM field WHERE name = 'made_sla'"
    said = {ticket: value == "true" for ticket, value in desk.read.reader.all(sql)}
    found: Counter[tuple[int, bool]] = Counter()
    for one in measured(desk.read, desk.levels(), desk.read.ids("state:closed"), desk.now()):
        (clock,) = one.clocks
        found[clock.priority, (clock.verdict == "met") == said[one.ticket]] += 1
    wrong = {priority: found[priority, False] for priority in (1, 2, 3, 4)}
    print(f"{sum(found.values()):,} closed incidents, verdicts that differ by priority: {wrong}")
    assert sum(found.values()) == 20_768
    assert wrong == {1: 2, 2: 0, 3: 9, 4: 0}


def test_the_same_log_again_adds_nothing(incidents: tuple[Desk, Report]) -> None:
    desk, _ = incidents
    before = desk.read.last_event()
    again = bring(desk)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 20_769)
    assert desk.read.last_event() == before

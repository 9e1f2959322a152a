"""Two thousand real incidents, imported once: their counts, their history, and what their own system
said of its promises, said again by a policy fitted to them.

`SDESK_EXAMPLES=2 pytest tests/transfer/test_real_incidents.py` takes all of the twenty thousand. What is
expected was counted in the log itself.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import Source
from sdesk.recount import measured
from sdesk.transfer import presets
from sdesk.transfer.importer import Import, Options, Report
from sdesk.transfer.mapping import parse_choices
from tests.conftest import EXAMPLES, Clock, fresh_store
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


class Log(NamedTuple):
    """What stands in a log."""

    rows: int
    incidents: int
    closed: int
    priorities: tuple[int, int, int, int]
    """Moderate, low, high, critical."""
    channels: tuple[int, int]
    """By telephone, by mail."""
    changes: tuple[int, int, int, int, int]
    """Opened again from resolved and from closed; resolved and closed at once; closed at last."""
    last_opened: int
    differing: dict[int, int]
    """Incidents of which a budget for each priority can't say what was said of them."""


WHOLE = Log(
    119_998, 20_769, 20_768, (19_554, 658, 337, 220), (20_733, 36), (266, 8, 4_972, 2, 20_773),
    1_463_140_140, {1: 2, 2: 0, 3: 9, 4: 0},
)  # fmt: skip
PART = Log(
    14_041, 2_000, 2_000, (1_733, 184, 58, 25), (2_000, 0), (32, 1, 477, 1, 2_000),
    1_457_344_860, {1: 0, 2: 0, 3: 0, 4: 0},
)  # fmt: skip
LOG = WHOLE if EXAMPLES > 1 else PART


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log, or its beginning: it is in the order of the incidents' numbers."""
    path = tmp_path_factory.mktemp("log") / "log.csv"
    with (
        gzip.open(shared("data/servicenow-eventlog/incident_event_log.csv.gz"), "rb") as whole,
        path.open("wb") as part,
    ):
        part.writelines(islice(whole, LOG.rows + 1))
    return path


def bring(desk: Desk, log: Path) -> Report:
    options = Options(parse_choices(()), zone="UTC")
    return Import(desk, str(log), presets.find("servicenow-eventlog"), options).run()


@pytest.fixture(scope="module")
def incidents(
    store_template: Path, log: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Desk, Report]]:
    """A desk that holds them, and what their import said."""
    store = fresh_store(store_template, tmp_path_factory.mktemp("incidents") / "desk")
    with Desk.open(store, actor="ana", source=Source.TUI, clock=Clock()) as desk:
        desk.apply(None, ops.SaveCalendar("agents' day", AGENTS_DAY))
        desk.apply(None, ops.SavePolicy("Standard", FITTED))
        yield desk, bring(desk, log)


def test_they_come_in_as_their_oracle_says(incidents: tuple[Desk, Report]) -> None:
    desk, report = incidents
    assert (report.rows, report.tickets, report.added, report.rejected, report.dates) == (
        LOG.rows,
        LOG.incidents,
        LOG.incidents,
        0,
        "dmy",
    )
    count = desk.read.count
    assert (count("state:closed"), count("")) == (LOG.closed, LOG.incidents)
    assert count("state:new") == LOG.incidents - LOG.closed
    assert tuple(count(f"priority:{p}") for p in (3, 4, 2, 1)) == LOG.priorities
    assert (count("channel:phone"), count("channel:mail")) == LOG.channels
    numbers = desk.read.reader.one("SELECT min(created_at), max(created_at) FROM ticket")
    assert numbers == (1_456_708_560, LOG.last_opened)


def test_their_states_follow_each_other_as_in_the_log(incidents: tuple[Desk, Report]) -> None:
    desk, _ = incidents
    changed: Counter[tuple[str, str]] = Counter()
    sql = """SELECT payload FROM event WHERE kind IN ('resolved', 'closed', 'reopened', 'waited', 'state_changed')"""
    for (payload,) in desk.read.reader.all(sql):
        before, after = json.loads(payload)["changes"]["state"]
        changed[before, after] += 1
    seen = ("resolved", "open"), ("closed", "open"), ("new", "resolved"), ("new", "closed")
    assert (*(changed[one] for one in seen), changed["resolved", "closed"]) == LOG.changes


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
    assert sum(found.values()) == LOG.closed
    assert wrong == LOG.differing


def test_the_same_log_again_adds_nothing(incidents: tuple[Desk, Report], log: Path) -> None:
    desk, _ = incidents
    before = desk.read.last_event()
    again = bring(desk, log)
    assert (again.added, again.updated, again.unchanged) == (0, 0, LOG.incidents)
    assert desk.read.last_event() == before

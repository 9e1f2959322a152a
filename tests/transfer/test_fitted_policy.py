"""A resolution policy fitted to real incidents: what their own system said of its promises, said again."""

from __future__ import annotations

from collections import Counter

from sdesk import ops
from sdesk.desk import Desk
from sdesk.recount import measured
from tests.transfer.conftest import Bring, shared

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


def test_a_fitted_policy_agrees_with_the_real_verdicts(bring: Bring, desk: Desk) -> None:
    path = shared("data/servicenow-eventlog/incident_event_log.csv.gz")
    desk.apply(None, ops.SaveCalendar("agents' day", AGENTS_DAY))
    desk.apply(None, ops.SavePolicy("Standard", FITTED))
    bring(path, "servicenow-eventlog", zone="UTC")
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

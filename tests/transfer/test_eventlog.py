"""ServiceNow's event log: every row an update, every ticket a whole history."""

from __future__ import annotations

from itertools import pairwise

from sdesk.desk import Desk
from tests.transfer.conftest import Bring

HEADER = (
    "number,incident_state,caller_id,opened_by,opened_at,sys_updated_by,sys_updated_at,contact_type,location,category,"
    "subcategory,u_symptom,impact,urgency,priority,assignment_group,assigned_to,closed_code,resolved_by,resolved_at,closed_at\n"
)


def row(
    number: str, state: str, at: str, *, group: str = "Group 56", agent: str = "?", impact: int = 2, urgency: int = 2,
    priority: int = 3, opened: str = "29/2/2016 01:16", by: str = "Updated by 1",
) -> str:  # fmt: skip
    return (
        f"{number},{state},Caller 2403,Opened by  8,{opened},{by},{at},Phone,Location 143,Category 55,Subcategory 170,Symptom 72,"
        f"{impact} - X,{urgency} - X,{priority} - X,{group},{agent},code 5,Resolved by 149,29/2/2016 11:29,5/3/2016 12:00\n"
    )


STORY = (
    row("INC1", "New", "29/2/2016 01:23")
    + row(
        "INC1",
        "Active",
        "29/2/2016 02:00",
        group="Group 70",
        agent="Resolver 17",
        by="Updated by 2",
    )
    + row(
        "INC1",
        "Awaiting User Info",
        "29/2/2016 03:00",
        group="Group 70",
        agent="Resolver 17",
        impact=1,
        urgency=1,
        priority=1,
    )
    + row(
        "INC1",
        "Resolved",
        "29/2/2016 08:00",
        group="Group 70",
        agent="Resolver 17",
        impact=1,
        urgency=1,
        priority=1,
    )
    + row(
        "INC1",
        "Active",
        "29/2/2016 09:00",
        group="Group 70",
        agent="?",
        impact=1,
        urgency=1,
        priority=1,
    )
    + row(
        "INC1",
        "Resolved",
        "29/2/2016 11:29",
        group="Group 70",
        agent="?",
        impact=1,
        urgency=1,
        priority=1,
    )
    + row(
        "INC1",
        "Closed",
        "5/3/2016 12:00",
        group="Group 70",
        agent="?",
        impact=1,
        urgency=1,
        priority=1,
    )
)


def only(desk: Desk, query: str = "") -> int:
    (number,) = desk.read.ids(query)
    return int(number)


def test_the_rows_of_a_ticket_become_its_history(bring: Bring, desk: Desk) -> None:
    report = bring(HEADER + STORY, "servicenow-eventlog", zone="UTC")
    assert (report.rows, report.tickets, report.added, report.rejected) == (7, 1, 1, 0)
    events = desk.read.history(only(desk))
    assert [event.kind for event in events] == [
        "opened", "moved", "assigned", "state_changed", "prioritized", "waited", "resolved", "assigned", "reopened",
        "resolved", "closed",
    ]  # fmt: skip
    assert events[1].changes == {"queue": ("group-56", "group-70")}
    assert events[4].changes == {"impact": (2, 1), "urgency": (2, 1), "priority": (3, 1)}
    assert [a.at <= b.at for a, b in pairwise(events)] == [True] * 10
    assert [event.actor for event in events[:2]] == ["opened-by-8", "updated-by-2"]
    ticket = desk.read.ticket(only(desk))
    assert (ticket.state, ticket.priority, ticket.queue, ticket.assignee, ticket.reopen_count) == (
        "closed",
        1,
        "group-70",
        "",
        1,
    )
    assert (ticket.path, ticket.channel) == ("Category 55 / Subcategory 170", "phone")
    assert ticket.fields == {"location": "Location 143", "symptom": "Symptom 72"}


def test_final_values_wait_for_the_row_that_ends_it(bring: Bring, desk: Desk) -> None:
    bring(HEADER + STORY, "servicenow-eventlog", zone="UTC")
    events = desk.read.history(only(desk))
    coded = [event for event in events if "resolution_code" in event.changes]
    assert [(event.kind, event.actor) for event in coded] == [("resolved", "resolved-by-149")]
    assert coded[0].at == 1_456_745_340
    assert "resolution_code" not in events[0].details


def test_a_ticket_that_is_not_finished_has_no_end(bring: Bring, desk: Desk) -> None:
    bring(HEADER + row("INC2", "New", "29/2/2016 01:23"), "servicenow-eventlog")
    ticket = desk.read.ticket(only(desk))
    assert (ticket.state, ticket.resolved_at, ticket.closed_at, ticket.resolution_code) == (
        "new",
        None,
        None,
        "",
    )


def test_a_state_that_has_no_name_is_work_in_progress(bring: Bring, desk: Desk) -> None:
    bring(
        HEADER + row("INC3", "New", "29/2/2016 01:23") + row("INC3", "-100", "29/2/2016 01:24"),
        "servicenow-eventlog",
    )
    assert desk.read.ticket(only(desk)).state == "open"


def test_one_time_out_of_order_keeps_its_rows_place(bring: Bring, desk: Desk) -> None:
    bring(
        HEADER
        + row("INC4", "New", "29/2/2016 11:10")
        + row("INC4", "New", "29/2/2016 09:52", group="Group 70")
        + row("INC4", "Resolved", "29/2/2016 11:03", group="Group 70"),
        "servicenow-eventlog",
        zone="UTC",
    )
    events = desk.read.history(only(desk))
    assert [event.kind for event in events] == ["opened", "moved", "resolved"]
    assert desk.read.ticket(only(desk)).resolved_at == 1_456_743_780


def test_mixed_rows_and_newest_first_come_to_the_same_tickets(bring: Bring, desk: Desk) -> None:
    rows = [row("INC1", "Closed", "3/3/2016 12:00"), row("INC2", "Active", "2/3/2016 12:00"), row("INC1", "Active", "1/3/2016 12:00"), row("INC1", "New", "29/2/2016 12:00"), row("INC2", "New", "29/2/2016 12:00")]  # fmt: skip
    report = bring(HEADER + "".join(rows), "servicenow-eventlog")
    assert (report.added, report.rejected) == (2, 0)
    assert {
        desk.read.ticket(n).external_id: desk.read.ticket(n).state for n in desk.read.ids("")
    } == {"INC1": "closed", "INC2": "open"}


def test_a_bad_row_is_rejected_and_the_rest_of_the_story_told(bring: Bring, desk: Desk) -> None:
    report = bring(
        HEADER
        + row("INC5", "New", "29/2/2016 12:00")
        + row("INC5", "Quantum", "1/3/2016 12:00")
        + row("INC5", "Active", "31/2/2016 12:00")
        + row("INC5", "Closed", "2/3/2016 12:00"),
        "servicenow-eventlog",
    )
    assert (report.added, report.rejected) == (1, 2)
    assert [problem.line for problem in report.problems] == [4, 3]
    assert desk.read.ticket(only(desk)).state == "closed"


def test_a_longer_log_changes_what_is_known_already(bring: Bring, desk: Desk) -> None:
    rows = STORY.splitlines(keepends=True)
    bring(HEADER + "".join(rows[:2]), "servicenow-eventlog")
    report = bring(HEADER + STORY, "servicenow-eventlog")
    assert (report.added, report.updated) == (0, 1)
    ticket = desk.read.ticket(only(desk))
    assert (ticket.state, ticket.priority) == ("closed", 1)
    assert bring(HEADER + STORY, "servicenow-eventlog").unchanged == 1

"""Warnings, levels of escalation and referrals: each once, by the clock's arithmetic, with its trace."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid, NotFound, Refused
from sdesk.loading import LoadedEvent, LoadedTicket
from sdesk.model import Source, TicketId
from sdesk.present import event_sentence
from tests.conftest import START, Clock

Make = Callable[..., TicketId]
HOUR = 3600
LADDER = {
    "when": "",
    "calendar": "office",
    "targets": [
        {
            "kind": "resolution",
            "budgets": {"*": "4h"},
            "pauses": ["waiting-customer"],
            "warnings": ["50%"],
            "levels": [
                {"at": "30m before", "tell": ["owner"], "quiet": ["15:00", "08:00"]},
                {
                    "at": "breach",
                    "name": "Team lead",
                    "tell": ["lead"],
                    "do": ["priority up", "tag late", "note Missed."],
                },
                {"at": "2h after", "tell": ["lea"], "do": ["queue network", "assign nobody"]},
            ],
        }
    ],
}


@pytest.fixture
def ladder(desk: Desk) -> Desk:
    desk.apply(None, ops.SavePolicy("Standard", LADDER))
    return desk


def steps(desk: Desk, ticket: TicketId) -> list[str]:
    return [e.details["level"] for e in desk.read.history(ticket) if e.kind == "warned"]


def told(open_desk: Callable[[str], Desk], agent: str) -> list[str]:
    found = open_desk(agent).read.notices()
    return [notice.text for notice in found if notice.kind != "assigned"]


def test_a_clock_knows_its_next_step(ladder: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    (row,) = ladder.read.clocks(ticket)
    assert (row.step, row.step_at) == ("50%", START + 2 * HOUR)
    assert ladder.read.next_step_at() == START + 2 * HOUR
    assert ladder.read.steps_due(START + 2 * HOUR - 1) == []
    assert ladder.read.steps_due(START + 2 * HOUR) == [ticket]


def test_nothing_is_owed_before_its_time_and_each_step_once(
    ladder: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket()
    clock.forward(2 * HOUR - 1)
    assert ladder.settle(ticket) == 0
    clock.forward(1)
    assert ladder.settle(ticket) == 1
    assert ladder.settle(ticket) == 0
    assert steps(ladder, ticket) == ["50%"]
    (row,) = ladder.read.clocks(ticket)
    assert (row.step, row.step_at) == ("30m before", START + 3 * HOUR + HOUR // 2)


def test_a_level_tells_its_people_and_does_what_it_says(
    ladder: Desk, make_ticket: Make, clock: Clock, open_desk: Callable[[str], Desk]
) -> None:
    ticket = make_ticket(assignee="ben")
    clock.forward(24 * HOUR)
    assert ladder.settle(ticket) == 4
    assert steps(ladder, ticket) == ["50%", "30m before", "breach", "2h after"]
    now = ladder.read.ticket(ticket)
    assert (now.priority, now.tags, now.queue, now.assignee) == (2, ("late",), "network", "")
    assert told(open_desk, "ben") == ["50% of the resolution time is used"]
    assert told(open_desk, "mia") == ["Team lead: the resolution target is missed"]
    assert told(open_desk, "lea") == ["the resolution target was missed 2h ago"]
    done = [e for e in ladder.read.history(ticket) if e.kind == "tagged"]
    assert done[0].rule == "Standard: resolution Team lead"
    assert (done[0].actor, done[0].source) == ("sdesk", Source.TIMER)


def test_the_breach_is_the_first_second_beyond_the_time(
    ladder: Desk, make_ticket: Make, clock: Clock
) -> None:
    """Opened at 11:40, four hours end at 15:40: an answer then is in time."""
    ticket = make_ticket()
    clock.forward(4 * HOUR)
    ladder.settle(ticket)
    assert "breach" not in steps(ladder, ticket)
    clock.forward(1)
    ladder.settle(ticket)
    assert "breach" in steps(ladder, ticket)


def test_quiet_hours_keep_a_notice_until_they_end(
    ladder: Desk, make_ticket: Make, clock: Clock, open_desk: Callable[[str], Desk]
) -> None:
    ticket = make_ticket(owner="ben", assignee="lea")
    clock.forward(3 * HOUR + HOUR // 2)
    ladder.settle(ticket)
    assert told(open_desk, "ben") == []
    clock.at = START + 20 * HOUR + 1200
    assert told(open_desk, "ben") == ["the resolution is due in 30m"]


def test_who_writes_first_settles_what_the_clocks_owe(
    ladder: Desk, make_ticket: Make, clock: Clock
) -> None:
    """Nobody kept time; resolving would stop the clock with its warning never given."""
    ticket = make_ticket(assignee="ana")
    clock.forward(2 * HOUR + 5)
    change = ladder.apply(ticket, ops.Resolve("solved", "done"))
    kinds = [event.kind for event in ladder.read.history(ticket)]
    assert kinds.index("warned") < kinds.index("resolved")
    assert {event.kind for event in change.events} >= {"resolved"}
    assert "warned" not in {event.kind for event in change.events}
    ladder.undo()
    assert steps(ladder, ticket) == ["50%"]


def test_a_pause_keeps_the_ladder_waiting(ladder: Desk, make_ticket: Make, clock: Clock) -> None:
    ticket = make_ticket(assignee="ana")
    clock.forward(HOUR)
    ladder.apply(ticket, ops.Wait())
    assert ladder.read.next_step_at() is None
    clock.forward(HOUR)
    ladder.apply(ticket, ops.Receive("here"))
    (row,) = ladder.read.clocks(ticket)
    assert (row.step, row.step_at) == ("50%", clock.at + HOUR)


def test_a_step_is_not_done_again_when_the_budget_changes_or_the_ticket_comes_back(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    spec = {**LADDER, "targets": [{**LADDER["targets"][0], "budgets": {"1": "1h", "2": "8h", "3": "4h", "4": "4h"}}]}  # type: ignore[index,dict-item]  # fmt: skip
    desk.apply(None, ops.SavePolicy("Standard", spec))
    ticket = make_ticket(assignee="ana")
    clock.forward(2 * HOUR)
    desk.settle(ticket)
    desk.apply(ticket, ops.SetPriority(2))
    clock.forward(60)
    desk.apply(ticket, ops.Resolve())
    clock.forward(60)
    desk.apply(ticket, ops.Reopen("still"))
    (row,) = desk.read.clocks(ticket)
    assert row.step == "30m before"
    assert steps(desk, ticket) == ["50%"]


def test_a_date_set_by_hand_has_the_ladder_with_it(
    ladder: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket(assignee="ana")
    ladder.apply(ticket, ops.SetDue("resolution", START + 2 * HOUR, "the boss asked"))
    (row,) = ladder.read.clocks(ticket)
    assert (row.step, row.step_at) == ("50%", START + HOUR)
    clock.forward(2 * HOUR + 1)
    ladder.settle(ticket)
    assert steps(ladder, ticket) == ["50%", "30m before", "breach"]


def test_stored_clocks_agree_with_the_events_after_a_ladder(
    ladder: Desk, make_ticket: Make, clock: Clock
) -> None:
    from sdesk.recount import differences

    ticket = make_ticket(assignee="ana")
    clock.forward(5 * HOUR)
    ladder.settle(ticket)
    assert list(differences(ladder.read, ladder.levels(), [ticket], clock.at)) == []


def test_an_edited_ladder_counts_for_what_runs(desk: Desk, make_ticket: Make, clock: Clock) -> None:
    ticket = make_ticket()
    desk.apply(None, ops.SavePolicy("Standard", LADDER))
    assert desk.recompute_clocks() == 1
    (row,) = desk.read.clocks(ticket)
    assert row.step == "50%"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"warnings": ["120%"]}, "120% is not between"),
        ({"warnings": ["soon"]}, "'soon' is no place on a clock"),
        ({"warnings": ["75%", "75%"]}, "two steps at '75%'"),
        ({"levels": [{"at": "breach", "do": ["dance"]}]}, "'dance' is not known"),
        ({"levels": [{"at": "breach", "do": ["priority 9"]}]}, "1 to 4"),
        ({"levels": [{"at": "breach", "quiet": ["22:00"]}]}, "a start and an end"),
        ({"levels": [{"at": "breach", "quiet": ["26:00", "07:00"]}]}, "no time of day"),
        ({"levels": [{"name": "x"}]}, "at which place"),
        ({"levels": [{"at": "breach", "who": ["ana"]}]}, "'who' means nothing"),
    ],
)
def test_a_ladder_that_cannot_be_is_refused(desk: Desk, change: dict, sentence: str) -> None:  # type: ignore[type-arg]
    target = {"kind": "response", "budgets": {"*": "1h"}, **change}
    with pytest.raises(Invalid, match=sentence):
        desk.apply(None, ops.SavePolicy("Bad", {"targets": [target]}))


def test_a_level_that_tells_somebody_unknown_is_refused(desk: Desk) -> None:
    target = {"kind": "response", "budgets": {"*": "1h"}, "levels": [{"at": "breach", "tell": ["benn"]}]}  # fmt: skip
    with pytest.raises(NotFound, match="benn"):
        desk.apply(None, ops.SavePolicy("Bad", {"targets": [target]}))


def test_escalating_to_another_line_keeps_the_owner(
    desk: Desk, make_ticket: Make, open_desk: Callable[[str], Desk]
) -> None:
    ticket = make_ticket(assignee="ben", owner="")
    desk.apply(ticket, ops.Escalate("needs a router expert", "network", ("queue",)))
    now = desk.read.ticket(ticket)
    assert (now.queue, now.assignee, now.owner) == ("network", "", "ana")
    assert told(open_desk, "lea") == ["ana escalated it: needs a router expert"]
    event = desk.read.history(ticket)[-1]
    assert event_sentence(event, zone="UTC", names={"network": "Network"}) == (
        "ana escalated it to Network and to lea: needs a router expert"
    )
    desk.apply(ticket, ops.Escalate("nobody is told", "service-desk", ()))
    event = desk.read.history(ticket)[-1]
    assert event_sentence(event, zone="UTC", names={"service-desk": "Desk"}) == (
        "ana escalated it to Desk: nobody is told"
    )


def test_escalating_to_people_changes_nothing_else(
    desk: Desk, make_ticket: Make, open_desk: Callable[[str], Desk]
) -> None:
    ticket = make_ticket(assignee="ben")
    before = desk.read.ticket(ticket)
    desk.apply(ticket, ops.Escalate("the customer is furious", to=("lead",)))
    now = desk.read.ticket(ticket)
    assert (now.queue, now.assignee, now.state) == (before.queue, before.assignee, before.state)
    assert told(open_desk, "mia") == ["ana escalated it: the customer is furious"]
    desk.undo()
    assert told(open_desk, "mia") == []


def test_an_escalation_to_nobody_to_the_same_queue_or_of_a_finished_ticket_is_refused(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    with pytest.raises(Invalid, match="in the queue 'service-desk' already"):
        desk.apply(ticket, ops.Escalate("x", "service-desk"))
    with pytest.raises(NotFound, match="miaa"):
        desk.apply(ticket, ops.Escalate("x", to=("miaa",)))
    with pytest.raises(Refused, match="Nobody but you"):
        desk.apply(ticket, ops.Escalate("x", to=("ana",)))
    desk.apply(ticket, ops.Resolve())
    with pytest.raises(Refused, match="finished"):
        desk.apply(ticket, ops.Escalate("x", "network"))


def test_a_wait_that_ends_is_back_at_work(desk: Desk, make_ticket: Make, clock: Clock) -> None:
    ticket = make_ticket(assignee="ben")
    desk.apply(ticket, ops.Wait("waiting-supplier", START + HOUR, "vendor ships"))
    assert desk.read.next_wait_at() == START + HOUR
    clock.forward(HOUR)
    assert desk.read.waits_over(clock.at) == [ticket]
    desk.apply(ticket, ops.EndWait())
    assert desk.read.ticket(ticket).category == "open"
    assert desk.read.waits_over(clock.at) == []
    with pytest.raises(Refused, match="not waiting"):
        desk.apply(ticket, ops.EndWait())


def test_who_opens_a_ticket_has_read_what_they_were_told_of_it(
    desk: Desk, make_ticket: Make, open_desk: Callable[[str], Desk]
) -> None:
    ticket, other = make_ticket(), make_ticket()
    for one in (ticket, other):
        desk.apply(one, ops.Escalate("look at this", to=("mia",)))
    mia = open_desk("mia")
    assert mia.mark_seen(ticket)
    assert [notice.ticket for notice in mia.read.notices()] == [other]
    assert not mia.mark_seen(ticket)


def test_what_an_imported_ticket_was_warned_of_elsewhere_is_no_news(
    ladder: Desk, clock: Clock, open_desk: Callable[[str], Desk]
) -> None:
    facts = {"subject": "old", "kind": "incident", "state": "open", "category": "open", "priority": 3, "queue": "service-desk", "requester_id": 1}  # fmt: skip
    columns = {**facts, "live": 1, "assignee": "ben", "created_at": START - 3 * HOUR}
    opened = LoadedEvent(START - 3 * HOUR, "opened", details=dict(facts))
    (ticket,) = ladder.loader().add([LoadedTicket(columns, [opened])])
    assert ladder.read.steps_due(clock.at) == []
    (row,) = ladder.read.clocks(ticket)
    assert (row.step, row.step_at) == ("30m before", START + HOUR // 2)
    assert steps(ladder, TicketId(ticket)) == ["50%"]
    assert told(open_desk, "ben") == []

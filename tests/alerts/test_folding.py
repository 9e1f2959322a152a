"""Whatever a monitor says of a thing, it is one ticket at a time, and no agent's work is undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.alarms import Alarms
from sdesk.desk import Desk
from sdesk.errors import Busy
from sdesk.model import TicketId
from sdesk.rules.alarm import DAY, HOUR, Act, Alert, Plan, Route
from tests.alerts.samples import alert
from tests.conftest import POLICY, Clock, fresh_store

Open = Callable[[str], Desk]


def say(alarms: Alarms, *alerts: Alert) -> list[tuple[str, TicketId | None]]:
    taken = alarms.take(alerts)
    assert not taken.failed
    return [(str(one.act), one.ticket) for one in taken.folded]


def says(desk: Desk, ticket: int) -> list[str]:
    """The first lines of a ticket's messages."""
    return [entry.text.partition("\n")[0] for entry in desk.read.conversation(TicketId(ticket))]


def test_down_opens_a_ticket_of_nobodys(alarms: Alarms, desk: Desk) -> None:
    assert say(alarms, alert(labels={"team": "dba"})) == [("opened", 1)]
    ticket = desk.read.ticket(TicketId(1))
    assert (ticket.subject, ticket.priority, ticket.queue) == (
        "disk on db1 is down",
        1,
        "service-desk",
    )
    assert (ticket.channel, ticket.owner, ticket.assignee) == ("monitoring", "", "")
    assert (ticket.external_source, ticket.external_id) == ("icinga", "db1!disk")
    assert ticket.fields == {"check": "disk", "host": "db1"}
    (entry,) = desk.read.conversation(TicketId(1))
    assert (entry.author, entry.agent) == ("icinga", "")
    assert "91% used" in entry.text
    assert "team: dba" in entry.text


def test_the_same_words_again_change_nothing(alarms: Alarms, desk: Desk, clock: Clock) -> None:
    say(alarms, alert())
    before = (desk.read.last_event(), desk.read.alarms())
    clock.forward(60)
    assert say(alarms, alert(), alert()) == [("known", 1), ("known", 1)]
    assert (desk.read.last_event(), desk.read.alarms()) == before


def test_down_still_is_counted_and_said_now_and_then(
    alarms: Alarms, desk: Desk, clock: Clock
) -> None:
    say(alarms, alert())
    for number in range(2, 16):
        clock.forward(HOUR)
        say(alarms, alert(text=f"{number} % used"))
    (alarm,) = desk.read.alarms_of(1)
    assert (alarm.times, alarm.flaps, alarm.last_at) == (15, 0, clock())
    assert says(desk, 1) == [
        "91% used",
        *(f"Still down: reported {n} times." for n in (7, 13)),
    ]


def test_up_resolves_what_nobody_has_touched(alarms: Alarms, desk: Desk, clock: Clock) -> None:
    say(alarms, alert())
    clock.forward(60)
    assert say(alarms, alert("up"), alert("up")) == [("resolved", 1), ("known", 1)]
    ticket = desk.read.ticket(TicketId(1))
    assert (ticket.category, ticket.resolution_code) == ("resolved", "recovered")
    assert says(desk, 1)[-1] == "It recovered."
    assert [event.actor for event in desk.read.history(1) if event.kind == "resolved"] == ["sdesk"]


@pytest.mark.parametrize(
    "touch",
    [
        ops.Take(), ops.AddNote("I look at it"), ops.SetPriority(4), ops.Reply("We know"),
        ops.Wait("waiting-supplier"), ops.AddTags(("rack",)), ops.Chat("anyone?"),
    ],
    ids=lambda op: type(op).__name__,
)  # fmt: skip
def test_what_an_agent_has_touched_stays_theirs(
    alarms: Alarms, desk: Desk, clock: Clock, touch: ops.Op
) -> None:
    say(alarms, alert())
    desk.apply(TicketId(1), touch)
    clock.forward(60)
    assert say(alarms, alert("up")) == [("recovered", 1)]
    ticket = desk.read.ticket(TicketId(1))
    assert ticket.category != "resolved"
    assert says(desk, 1)[-1].startswith("It recovered. The ticket stays open")
    told = [notice.text for notice in desk.read.notices() if notice.kind == "alarm"]
    assert told == (["it recovered: disk on db1 is up"] if ticket.assignee else [])


def test_to_watch_a_ticket_is_not_to_work_on_it(alarms: Alarms, desk: Desk) -> None:
    say(alarms, alert())
    desk.apply(TicketId(1), ops.Watch())
    assert say(alarms, alert("up")) == [("resolved", 1)]


def test_flapping_is_one_ticket_with_a_count(alarms: Alarms, desk: Desk, clock: Clock) -> None:
    for _ in range(3):
        clock.forward(600)
        say(alarms, alert())
        clock.forward(600)
        say(alarms, alert("up"))
    ticket = desk.read.ticket(TicketId(1))
    assert desk.read.count("") == 1
    assert (ticket.tags, ticket.category, ticket.reopen_count) == (("flapping",), "resolved", 2)
    (alarm,) = desk.read.alarms_of(1)
    assert (alarm.times, alarm.flaps, alarm.state) == (3, 2, "up")
    assert len(says(desk, 1)) == 2, "what flaps is quiet"


def test_down_again_after_the_window_is_a_new_ticket_linked_to_the_old(
    alarms: Alarms, desk: Desk, clock: Clock
) -> None:
    say(alarms, alert())
    say(alarms, alert("up"))
    clock.forward(DAY + 1)
    assert say(alarms, alert()) == [("opened", 2)]
    second = desk.read.ticket(TicketId(2))
    assert second.external_id == "db1!disk (2)"
    assert ("relates", 1) in second.links
    assert [alarm.ticket for alarm in desk.read.alarms()] == [2]
    assert desk.read.alarms()[0].flaps == 0


def test_down_again_in_a_ticket_that_somebody_has_is_told(
    alarms: Alarms, desk: Desk, clock: Clock
) -> None:
    say(alarms, alert())
    desk.apply(TicketId(1), ops.Take())
    say(alarms, alert("up"))
    clock.forward(7 * HOUR)
    assert say(alarms, alert()) == [("down again", 1)]
    assert desk.read.ticket(TicketId(1)).tags == ("flapping",)
    assert says(desk, 1)[-1] == "Down again, for the 2nd time."
    assert "down again: disk on db1 is down" in [n.text for n in desk.read.notices()]


def test_resolved_by_hand_is_believed_for_an_hour(alarms: Alarms, desk: Desk, clock: Clock) -> None:
    say(alarms, alert())
    desk.apply(TicketId(1), ops.Resolve())
    clock.forward(HOUR - 60)
    assert say(alarms, alert(text="94 %")) == [("repeated", 1)]
    assert desk.read.ticket(TicketId(1)).category == "resolved"
    clock.forward(120)
    assert say(alarms, alert(text="95 %")) == [("reopened", 1)]
    ticket = desk.read.ticket(TicketId(1))
    assert (ticket.category, ticket.tags) == ("open", ())


def test_a_recovery_after_the_work_was_done_is_remembered(
    alarms: Alarms, desk: Desk, clock: Clock
) -> None:
    say(alarms, alert())
    desk.apply(TicketId(1), ops.Resolve())
    last = desk.read.last_event()
    assert say(alarms, alert("up")) == [("over", 1)]
    assert desk.read.last_event() == last
    assert desk.read.alarms()[0].state == "up"
    clock.forward(HOUR)
    assert say(alarms, alert()) == [("reopened", 1)]


@pytest.mark.parametrize(
    "dismiss", [ops.Cancel(), ops.Discard("noise")], ids=["cancelled", "binned"]
)
def test_a_dismissed_alarm_is_quiet_until_it_has_recovered(
    alarms: Alarms, desk: Desk, clock: Clock, dismiss: ops.Op
) -> None:
    say(alarms, alert())
    desk.apply(TicketId(1), dismiss)
    clock.forward(5 * HOUR)
    assert say(alarms, alert(text="94 %")) == [("repeated", 1)]
    assert desk.read.ticket(TicketId(1)).category == "closed"
    say(alarms, alert("up"))
    clock.forward(HOUR)
    assert say(alarms, alert()) == [("reopened", 1)]


def test_a_merged_alarm_goes_on_in_the_ticket_it_was_merged_into(
    alarms: Alarms, desk: Desk, clock: Clock
) -> None:
    say(alarms, alert(), alert(key="db2!disk", host="db2", title="disk on db2 is down"))
    desk.apply(TicketId(1), ops.Merge(TicketId(2)))
    clock.forward(60)
    assert say(alarms, alert("up")) == [("recovered", 2)]
    assert [a.key for a in desk.read.alarms_of(2)] == ["db2!disk", "db1!disk"]
    clock.forward(60)
    assert say(alarms, alert()) == [("down again", 2)]


def test_a_graver_severity_raises_the_priority_unless_an_agent_has_set_one(
    alarms: Alarms, desk: Desk, clock: Clock
) -> None:
    say(alarms, alert(severity="warning"))
    clock.forward(600)
    say(alarms, alert(severity="high"))
    assert desk.read.ticket(TicketId(1)).priority == 2
    clock.forward(600)
    say(alarms, alert(severity="warning"))
    assert desk.read.ticket(TicketId(1)).priority == 2
    desk.apply(TicketId(1), ops.SetPriority(4))
    clock.forward(600)
    say(alarms, alert(severity="critical"))
    assert desk.read.ticket(TicketId(1)).priority == 4


def test_an_acknowledgement_in_the_monitor_is_noted_once(
    alarms: Alarms, desk: Desk, clock: Clock
) -> None:
    say(alarms, alert())
    clock.forward(60)
    assert say(alarms, alert("ack", text="ben: on it")) == [("acknowledged", 1)]
    clock.forward(600)
    say(alarms, alert("ack", text="ben: still on it"))
    assert [text for text in says(desk, 1) if "Acknowledged" in text] == [
        "Acknowledged in the monitor."
    ]
    assert desk.read.alarms()[0].is_acknowledged
    say(alarms, alert("up"))
    assert not desk.read.alarms()[0].is_acknowledged


def test_an_acknowledgement_of_what_nobody_reported_opens_it(alarms: Alarms, desk: Desk) -> None:
    assert say(alarms, alert("ack")) == [("opened", 1)]


def test_the_recovery_of_what_nobody_reported_is_no_ticket(
    alarms: Alarms, desk: Desk, clock: Clock
) -> None:
    assert say(alarms, alert("up", at=1_000_000_100)) == [("no alarm", None)]
    clock.forward(30)
    assert say(alarms, alert(at=1_000_000_000)) == [("known", None)], (
        "it came after its own recovery"
    )
    clock.forward(30)
    assert say(alarms, alert(at=1_000_000_200)) == [("opened", 1)]


def test_an_alert_calls_nobody_by_name(alarms: Alarms, desk: Desk) -> None:
    say(alarms, alert(text="@ana @ben @service-desk look here", title="@ana"))
    assert desk.read.new_notices() == 0
    assert list(desk.read.ids("mentions:ana")) == []


def test_routes_choose_queue_and_priority(store: Path, clock: Clock, desk: Desk) -> None:
    routes = (
        Route((("host", "db*"), ("team", "dba")), "applications"),
        Route((("host", "DB*"),), "network", 4),
        Route((("source", "zabbix"),), "no-such-queue"),
    )
    alarms = Alarms(store, Plan(queue="applications", routes=routes), clock=clock)
    say(
        alarms, alert(key="1", labels={"team": "dba"}), alert(key="2"), alert(key="3", source="zabbix", host="x"),
        alert(key="4", host="x"),
    )  # fmt: skip
    found = [(row.queue, row.priority) for row in desk.read.rows([1, 2, 3, 4])]
    assert found == [("applications", 1), ("network", 4), ("service-desk", 1), ("applications", 1)]
    alarms.close()


def test_one_alert_that_is_refused_takes_no_other_with_it(
    alarms: Alarms, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sdesk import alarms as room

    plain = room.fold

    def fails(work, one, plan):  # type: ignore[no-untyped-def]
        folded = plain(work, one, plan)
        if one.key == "bad":
            desk.read.ticket(TicketId(99))
        return folded

    monkeypatch.setattr(room, "fold", fails)
    taken = alarms.take([alert(key="a"), alert(key="bad"), alert(key="b")])
    assert [(one.alert.key, one.act) for one in taken.folded] == [("a", Act.OPEN), ("b", Act.OPEN)]
    assert [one.key for one, _ in taken.failed] == ["bad"]
    assert {alarm.key for alarm in desk.read.alarms()} == {"a", "b"}


def test_a_payload_that_was_cut_short_is_taken_whole_when_it_comes_again(
    alarms: Alarms, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sdesk import alarms as room

    monkeypatch.setattr(room, "TOGETHER", 1)
    plain = room.fold

    def busy(work, one, plan):  # type: ignore[no-untyped-def]
        if one.key == "c":
            raise Busy("somebody else writes")
        return plain(work, one, plan)

    three = [alert(key=key) for key in "abc"]
    with monkeypatch.context() as patch:
        patch.setattr(room, "fold", busy)
        with pytest.raises(Busy):
            alarms.take(three)
    assert [act for act, _ in say(alarms, *three)] == ["known", "known", "opened"]
    assert desk.read.count("") == 3


# Storms

LADDER = POLICY | {
    "targets": [{"kind": "resolution", "budgets": {"*": "4h"}, "warnings": ["50%"], "levels": [{"at": "breach", "tell": ["ana"]}]}]
}  # fmt: skip
STORM = Plan(storm=3, storm_seconds=300)


def many(count: int, state: str = "down", **values: object) -> list[Alert]:
    return [
        alert(state, **{"key": f"h{n}!ping", "host": f"h{n}", "title": f"h{n} is {state}", "severity": "warning", **values})
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def storm(store: Path, clock: Clock) -> Alarms:
    return Alarms(store, STORM, clock=clock)


def parents(desk: Desk, count: int) -> list[int | None]:
    return [desk.read.ticket(TicketId(n)).parent for n in range(1, count + 1)]


def test_many_new_alarms_become_one_parent_with_children(
    storm: Alarms, desk: Desk, clock: Clock
) -> None:
    say(storm, *many(3))
    assert parents(desk, 3) == [None] * 3
    say(storm, *many(6, severity="critical")[3:])
    assert parents(desk, 7) == [4, 4, 4, None, 4, 4, 4]
    parent = desk.read.ticket(TicketId(4))
    assert parent.subject == "Alert storm: many alarms at once"
    assert (parent.priority, parent.channel, parent.tags) == (1, "monitoring", ("storm",))
    (alarm,) = desk.read.alarms_of(4)
    assert (alarm.source, alarm.times) == ("storm", 6)
    storm.close()


def test_when_all_have_recovered_so_has_the_storm(storm: Alarms, desk: Desk, clock: Clock) -> None:
    say(storm, *many(6))
    clock.forward(60)
    say(storm, *many(5, "up"))
    assert desk.read.ticket(TicketId(4)).category == "new"
    say(storm, *many(6, "up")[5:])
    assert {row.category for row in desk.read.rows(range(1, 8))} == {"resolved"}
    storm.close()


def test_a_storm_that_somebody_works_on_stays_theirs(
    storm: Alarms, desk: Desk, clock: Clock
) -> None:
    say(storm, *many(6))
    desk.apply(TicketId(4), ops.Take())
    desk.apply(TicketId(6), ops.AddNote("this one is mine"))
    clock.forward(60)
    say(storm, *many(6, "up"))
    found = [row.category for row in desk.read.rows(range(1, 8))]
    assert found == ["resolved", "resolved", "resolved", "open", "resolved", "new", "resolved"]
    assert says(desk, 4)[-1].startswith("It recovered. The ticket stays open")
    storm.close()


def test_what_an_agent_has_touched_joins_no_storm(storm: Alarms, desk: Desk, clock: Clock) -> None:
    say(storm, *many(3))
    desk.apply(TicketId(2), ops.Take())
    say(storm, *many(6)[3:])
    assert parents(desk, 7) == [4, None, 4, None, 4, 4, 4]
    storm.close()


def test_after_a_quiet_time_an_alarm_is_its_own_again(
    storm: Alarms, desk: Desk, clock: Clock
) -> None:
    say(storm, *many(6))
    clock.forward(301)
    say(storm, alert())
    assert desk.read.ticket(TicketId(8)).parent is None
    storm.close()


def test_a_storm_that_begins_again_takes_its_parent_up(
    storm: Alarms, desk: Desk, clock: Clock
) -> None:
    say(storm, *many(6))
    say(storm, *many(6, "up"))
    clock.forward(HOUR)
    say(storm, *many(6, source="zabbix"))
    parent = desk.read.ticket(TicketId(4))
    assert (parent.category, parent.reopen_count) == ("open", 1)
    assert [row.subject for row in desk.read.rows(desk.read.ids("tag:storm is:parent"))] == [parent.subject]  # fmt: skip
    storm.close()


def test_a_storm_that_was_resolved_by_hand_while_it_goes_on_comes_back(
    storm: Alarms, desk: Desk, clock: Clock
) -> None:
    say(storm, *many(6))
    desk.apply(TicketId(4), ops.Resolve())
    clock.forward(10)
    say(storm, *many(8)[6:])
    assert desk.read.ticket(TicketId(4)).category == "open"
    assert parents(desk, 9)[-1] == 4
    storm.close()


def test_storms_are_told_apart_by_what_they_have_in_common(
    store_template: Path, tmp_path: Path, clock: Clock
) -> None:
    place = fresh_store(store_template, tmp_path / "other")
    storms = Alarms(place, STORM._replace(storm_by=("host",)), clock=clock)
    with Desk.open(place, actor="ana", clock=clock) as desk:
        say(storms, *many(10))
        assert desk.read.count("is:child") == 0
        say(storms, *(alert(key=f"web!{n}", host="web", title=f"check {n}") for n in range(5)))
        (parent,) = desk.read.rows(desk.read.ids("is:parent"))
        assert parent.subject == "Alert storm: many alarms at once (web)"
        assert desk.read.count("is:child") == 5
    storms.close()


def test_the_children_of_a_storm_are_quiet(storm: Alarms, desk: Desk, clock: Clock) -> None:
    """Their clocks run, but of what they come to only the parent's are told."""
    desk.apply(None, ops.SavePolicy("Standard", LADDER))
    say(storm, *many(6))
    clock.forward(8 * DAY)
    for ticket in range(1, 8):
        desk.settle(TicketId(ticket))
    told = {notice.ticket for notice in desk.read.notices()}
    assert told == {4}
    storm.close()


def test_without_a_limit_there_are_no_storms(store: Path, desk: Desk, clock: Clock) -> None:
    plain = Alarms(store, Plan(storm=0), clock=clock)
    say(plain, *many(22))
    assert desk.read.count("is:child") == 0
    plain.close()

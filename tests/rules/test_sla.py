"""SLA clocks: what starts, pauses, stops and breaches them, and the ledger that shows it.

What people complained about elsewhere stands in tests/desk/test_believable.py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdesk.errors import NotFound, SdeskError
from sdesk.rules.calendar import Calendar
from sdesk.rules.policy import TARGET_KINDS, duration_text
from sdesk.rules.sla import (
    Budget,
    ByHand,
    Clock,
    Edition,
    Moment,
    Policy,
    Tally,
    Target,
    measure,
    parse_duration,
)
from tests.conftest import examples
from tests.each import each

HOUR, MINUTE = 3600, 60
ZONE = ZoneInfo("Europe/Helsinki")
WAITING = frozenset({"waiting"})


def at(text: str) -> int:
    """A moment of the week of Monday 2026-11-16, in Helsinki: "Mon 15:10"."""
    name, clock = text.split()
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mon+", "Tue+").index(name)
    local = datetime.fromisoformat(f"2026-11-{16 + days} {clock}").replace(tzinfo=ZONE)
    return int(local.timestamp())


def said(second: int | None) -> str | None:
    return None if second is None else f"{datetime.fromtimestamp(second, ZONE):%a %H:%M}"


def office(*spans: tuple[str, str], **more: Any) -> Calendar:
    days = ("mon", "tue", "wed", "thu", "fri")
    hours = dict.fromkeys(days, spans or (("08:00", "16:00"),))
    return Calendar(zone="Europe/Helsinki", hours=hours, name="office", **more)


CALENDARS = {"office": office(), "always": Calendar.always(), "long": office(("06:00", "22:00"))}


def policy(
    name: str = "Gold",
    *,
    response: str = "30m",
    resolution: str = "4h",
    calendar: str = "office",
    pauses: frozenset[str] = WAITING,
    response_pauses: frozenset[str] = frozenset(),
    on_change: str = "retroactive",
) -> Policy:
    """A policy whose budgets double with each lower priority."""
    targets = (
        Target("response", budgets(response), response_pauses),
        Target("resolution", budgets(resolution), pauses),
    )
    return Policy(name, "", calendar, targets, on_change)


def budgets(first: str) -> dict[int, Budget]:
    seconds = parse_duration(first)
    return {priority: Budget(seconds << (priority - 1)) for priority in (1, 2, 3, 4)}


CATEGORY = {
    "new": "new",
    "open": "open",
    "customer": "waiting",
    "supplier": "waiting",
    "waiting-supplier": "waiting",
    "resolved": "resolved",
    "closed": "closed",
}


class Story:
    """A ticket's life told step by step; what a step does not say stays as it was."""

    def __init__(self, *policies: Policy, calendars: dict[str, Calendar] | None = None) -> None:
        self.policies = {policy.name: policy for policy in policies or (policy(),)}
        self.calendars = calendars or CALENDARS
        self.moments: list[Moment] = []
        self.state, self.priority = "open", 1
        self.policy: str | None = next(iter(self.policies))
        self.others: dict[str, Any] = {}
        self.editions: list[Edition] = []

    def then(self, when: str, kind: str = "changed", **change: Any) -> Story:
        self.state = change.get("state", self.state)
        self.priority = change.get("priority", self.priority)
        self.policy = change.get("policy", self.policy)
        cause = change.get("cause", change.get("state", kind))
        for name in ("queue", "tier", "by_hand"):
            if name in change:
                self.others[name] = change[name]
        if "assigned" in change:
            self.others["assigned_at"] = at(when) if change["assigned"] else None
        self.moments.append(
            Moment(
                at(when), kind, self.state, CATEGORY[self.state], self.priority, self.policy, cause,
                **self.others,
            )
        )  # fmt: skip
        return self

    def clocks(self, now: str) -> dict[str, Clock]:
        found = measure(
            self.moments, self.policies, self.calendars, at(now), editions=self.editions
        )
        return {clock.target: clock for clock in found}

    def response(self, now: str) -> Clock:
        return self.clocks(now)["response"]

    def resolution(self, now: str) -> Clock:
        return self.clocks(now)["resolution"]


def opened(when: str, *policies: Policy, **change: Any) -> Story:
    return Story(*policies).then(when, "opened", **change)


# Starting, running, due.


def test_creation_starts_both_clocks() -> None:
    clocks = opened("Mon 09:00").clocks("Mon 09:10")
    assert [clock.started_at for clock in clocks.values()] == [at("Mon 09:00")] * 2
    assert said(clocks["response"].due_at) == "Mon 09:30"
    assert said(clocks["resolution"].due_at) == "Mon 13:00"
    assert clocks["resolution"].used == 10 * MINUTE
    assert clocks["resolution"].remaining == 230 * MINUTE
    assert clocks["resolution"].is_running
    assert clocks["resolution"].verdict == "running"


def test_a_ticket_from_outside_hours_is_due_in_hours() -> None:
    clock = opened("Sat 12:00").resolution("Sun 12:00")
    assert clock.used == 0
    assert clock.due_at == at("Mon+ 12:00")


def test_a_clock_due_at_closing_time_is_breached_from_the_next_opening_on() -> None:
    story = opened("Mon 12:00")
    night = story.resolution("Mon 23:00")
    assert (said(night.due_at), said(night.breach_at)) == ("Mon 16:00", "Tue 08:00")
    assert night.verdict == "running"
    assert story.resolution("Tue 08:00").verdict == "running"
    assert story.resolution("Tue 08:01").verdict == "breached"
    assert story.then("Mon 23:00", state="resolved").resolution("Wed 09:00").verdict == "met"


def test_a_running_clock_past_its_budget_is_breached_and_still_runs() -> None:
    clock = opened("Mon 09:00").resolution("Mon 14:00")
    assert clock.verdict == "breached"
    assert clock.is_running
    assert clock.remaining == -HOUR
    assert said(clock.due_at) == said(clock.breached_at) == "Mon 13:00"


def test_without_a_policy_there_is_no_clock() -> None:
    assert opened("Mon 09:00", policy=None).clocks("Mon 12:00") == {}
    assert measure([], {}, {}, 0) == ()


def test_a_policy_that_is_gone_counts_as_none() -> None:
    assert opened("Mon 09:00", policy="Forgotten").clocks("Mon 12:00") == {}


def test_a_priority_without_a_budget_has_no_clock() -> None:
    gold = Policy("Gold", "", "office", (Target("response", {1: Budget(60)}),))
    assert opened("Mon 09:00", gold, priority=2).clocks("Mon 12:00") == {}


def test_a_policy_that_comes_later_counts_from_creation() -> None:
    story = opened("Mon 09:00", policy=None).then("Mon 10:00", policy="Gold")
    assert said(story.resolution("Mon 10:00").due_at) == "Mon 13:00"


def test_waiting_before_a_policy_came_is_judged_by_it() -> None:
    story = opened("Mon 09:00", policy=None, state="customer")
    story.then("Mon 10:00", policy="Gold", state="open")
    assert said(story.resolution("Mon 10:00").due_at) == "Mon 14:00"


def test_the_calendar_may_come_from_the_ticket() -> None:
    story = opened("Mon 20:00", policy(calendar=""))
    story.moments[0] = replace(story.moments[0], calendar="always")
    clock = story.resolution("Mon 20:00")
    assert clock.calendar == "always"
    assert said(clock.due_at) == "Tue 00:00"


def test_an_unknown_calendar_is_named() -> None:
    with pytest.raises(NotFound, match=r"No calendar called 'offce'\. Did you mean 'office'"):
        opened("Mon 09:00", policy(calendar="offce")).clocks("Mon 09:00")


def test_a_calendar_that_ran_out_leaves_a_clock_without_a_due() -> None:
    fair = Calendar(zone="UTC", hours={}, exceptions={"2026-11-16": [("08:00", "10:00")]})
    story = Story(policy(), calendars={"office": fair}).then("Mon 10:30", "opened")
    clock = story.resolution("Fri 10:00")
    assert (clock.due_at, clock.breach_at, clock.used) == (None, None, 90 * MINUTE)


# The response.


def test_the_first_public_answer_stops_the_response() -> None:
    story = opened("Mon 09:00").then("Mon 09:20", "answered").then("Mon 15:00", "answered")
    clock = story.response("Tue 15:00")
    assert said(clock.stopped_at) == "Mon 09:20"
    assert (clock.used, clock.verdict, clock.due_at) == (20 * MINUTE, "met", None)


def test_a_late_answer_leaves_a_breach() -> None:
    clock = opened("Mon 09:00").then("Mon 10:00", "answered").response("Fri 10:00")
    assert (clock.verdict, said(clock.breached_at)) == ("breached", "Mon 09:30")
    assert clock.remaining == -30 * MINUTE


def test_a_note_does_not_stop_the_response() -> None:
    clock = opened("Mon 09:00").then("Mon 09:10", "changed", cause="note").response("Mon 09:20")
    assert clock.is_running


def test_waiting_does_not_pause_the_response_unless_the_policy_says_so() -> None:
    assert said(opened("Mon 09:00", state="customer").response("Mon 09:10").due_at) == "Mon 09:30"
    pausing = policy(response_pauses=WAITING)
    assert opened("Mon 09:00", pausing, state="customer").response("Mon 09:10").paused


def test_an_agents_own_ticket_waits_for_the_requesters_first_message() -> None:
    story = Story().then("Mon 09:00", "raised").then("Mon 09:05", "answered")
    assert list(story.clocks("Mon 09:10")) == ["resolution"]
    assert said(story.then("Mon 11:00", "asked").response("Mon 11:10").due_at) == "Mon 11:30"
    assert story.then("Mon 11:20", "answered").response("Tue 11:00").used == 20 * MINUTE


def test_a_response_stands_still_on_a_resolved_ticket() -> None:
    story = opened("Mon 09:00").then("Mon 09:10", state="resolved")
    assert story.response("Tue 09:00").paused
    assert said(story.then("Tue 09:00", "asked", state="open").response("Tue 09:05").due_at) == (
        "Tue 09:20"
    )


# The resolution.


def test_waiting_shows_what_remains_and_no_date() -> None:
    clock = opened("Mon 09:00").then("Mon 10:00", state="customer").resolution("Wed 12:00")
    assert clock.paused
    assert not clock.is_running
    assert (clock.due_at, clock.breach_at, clock.verdict) == (None, None, "paused")
    assert clock.remaining == 3 * HOUR


def test_a_single_state_can_pause() -> None:
    gold = policy(pauses=frozenset({"supplier"}))
    assert not opened("Mon 09:00", gold, state="customer").resolution("Mon 10:00").paused
    assert opened("Mon 09:00", gold, state="supplier").resolution("Mon 10:00").paused


def test_resolving_stops_and_closing_changes_nothing() -> None:
    story = (
        opened("Mon 09:00").then("Mon 12:00", state="resolved").then("Fri 12:00", state="closed")
    )
    clock = story.resolution("Fri 15:00")
    assert (said(clock.stopped_at), clock.used, clock.verdict) == ("Mon 12:00", 3 * HOUR, "met")


def test_a_resolution_may_have_to_be_closed() -> None:
    story = opened("Mon 09:00", promise("resolution", "4h", stop="closed", pauses=WAITING))
    story.then("Mon 10:00", state="customer").then("Mon 11:00", state="resolved")
    assert said(story.resolution("Mon 12:00").due_at) == "Mon 14:00"
    clock = story.then("Mon 15:00", state="closed").resolution("Tue 12:00")
    assert (clock.used, clock.verdict, said(clock.stopped_at)) == (
        5 * HOUR,
        "breached",
        "Mon 15:00",
    )


def test_a_reopened_ticket_resumes_without_the_resolved_span() -> None:
    story = opened("Mon 09:00").then("Mon 11:00", state="resolved").then("Tue 09:00", state="open")
    clock = story.resolution("Tue 09:30")
    assert (clock.used, clock.stopped_at) == (150 * MINUTE, None)
    assert said(clock.due_at) == "Tue 11:00"
    assert clock.verdict == "running"


def test_an_earlier_breach_stays_on_record_after_reopening() -> None:
    story = opened("Mon 09:00").then("Mon 14:00", state="resolved").then("Tue 09:00", state="open")
    # A lower priority has time left, but the promise of the time was broken.
    story.then("Tue 09:10", priority=4)
    clock = story.resolution("Tue 09:30")
    assert clock.remaining > 0
    assert (clock.verdict, said(clock.breached_at)) == ("breached", "Mon 13:00")
    assert clock.is_running


def test_a_ticket_can_be_opened_resolved() -> None:
    clock = opened("Mon 09:00", state="resolved").resolution("Tue 09:00")
    assert (clock.used, clock.verdict, clock.ledger) == (0, "met", ())


def test_working_days_count_by_the_calendar_and_pauses_come_on_top() -> None:
    gold = Policy("Gold", "", "office", (Target("resolution", {1: Budget(days=2)}, WAITING),))
    story = opened("Thu 10:00", gold)
    assert story.resolution("Thu 10:00").due_at == at("Mon+ 10:00")
    story.then("Thu 12:00", state="customer").then("Thu 14:00", state="open")
    assert story.resolution("Thu 14:00").due_at == at("Mon+ 12:00")
    end = Policy(
        "Gold", "", "office", (Target("resolution", {1: Budget(days=1, end_of_day=True)}),)
    )
    assert said(opened("Mon 10:00", end).resolution("Mon 10:00").due_at) == "Tue 16:00"


# Changes of priority and policy.


def test_a_raised_priority_counts_from_the_original_start_with_the_same_pauses() -> None:
    story = opened("Mon 08:00", priority=4).then("Mon 09:00", state="customer")
    story.then("Mon 12:00", state="open").then("Mon 13:00", priority=1)
    clock = story.resolution("Mon 13:00")
    assert (clock.started_at, clock.budget, clock.used) == (at("Mon 08:00"), 4 * HOUR, 2 * HOUR)
    assert said(clock.due_at) == "Mon 15:00"


def test_a_raised_priority_may_breach_at_once() -> None:
    story = opened("Mon 08:00", priority=4).then("Mon 15:00", priority=1)
    clock = story.resolution("Mon 15:00")
    assert (clock.verdict, said(clock.breached_at)) == ("breached", "Mon 12:00")


def test_a_lowered_priority_gives_time_back() -> None:
    story = opened("Mon 08:00", priority=1).then("Mon 15:00", priority=2)
    clock = story.resolution("Mon 15:00")
    assert (clock.verdict, said(clock.due_at)) == ("running", "Mon 16:00")


def test_stopped_clocks_keep_their_verdict() -> None:
    story = opened("Mon 08:00", priority=1).then("Mon 09:00", "answered")
    story.then("Mon 10:00", priority=4)
    assert (story.response("Mon 10:00").verdict, story.response("Mon 10:00").priority) == (
        "breached",
        1,
    )
    story.then("Mon 11:00", state="resolved").then("Mon 12:00", policy=None)
    assert story.resolution("Fri 12:00").verdict == "met"


def test_a_policy_for_open_tickets_still_judges_the_resolution() -> None:
    story = opened("Mon 08:00").then("Mon 14:00", state="resolved", policy=None)
    clock = story.resolution("Tue 12:00")
    assert (clock.policy, clock.verdict) == ("Gold", "breached")


def test_another_calendar_counts_the_whole_life() -> None:
    story = opened("Mon 06:00", policy(), policy("Long", calendar="long"))
    assert story.resolution("Mon 09:00").used == HOUR
    assert story.then("Mon 09:00", policy="Long").resolution("Mon 09:00").used == 3 * HOUR


def test_a_policy_may_start_the_clock_over_on_a_change() -> None:
    story = opened("Mon 08:00", policy(on_change="restart"), priority=2)
    story.then("Mon 10:00", cause="note")
    assert story.resolution("Mon 10:00").started_at == at("Mon 08:00")
    story.then("Mon 11:00", priority=1)
    clock = story.resolution("Mon 12:00")
    assert (clock.started_at, clock.used, said(clock.due_at)) == (
        at("Mon 11:00"),
        HOUR,
        "Mon 15:00",
    )


# Sequences as they come.


def test_moments_may_come_in_any_order() -> None:
    story = opened("Mon 09:00").then("Mon 10:00", state="customer").then("Mon 12:00", state="open")
    expected = story.clocks("Mon 14:00")
    story.moments.reverse()
    assert story.clocks("Mon 14:00") == expected


def test_equal_times_count_in_the_order_given() -> None:
    story = opened("Mon 09:00", state="new").then("Mon 09:00", "answered", state="customer")
    assert story.response("Mon 10:00").used == 0
    assert story.resolution("Mon 10:00").paused


def test_a_moment_ahead_of_now_is_not_lost() -> None:
    story = opened("Mon 09:00").then("Mon 10:00", state="customer")
    assert story.resolution("Mon 09:59").paused


# The ledger.


def lines(clock: Clock) -> list[tuple[str | None, str | None, str, int, str]]:
    return [
        (said(line.start), said(line.end), line.kind, line.seconds // MINUTE, line.cause)
        for line in clock.ledger
    ]


def test_the_ledger_shows_the_arithmetic() -> None:
    story = opened("Mon 15:10", cause="opened")
    story.then("Tue 09:20", state="customer", cause="waiting for customer")
    story.then("Tue 12:20", "asked", state="open", cause="customer replied")
    clock = story.resolution("Tue 12:38")
    assert lines(clock) == [
        ("Mon 15:10", "Mon 16:00", "ran", 50, "opened"),
        ("Mon 16:00", "Tue 08:00", "outside", 0, "outside hours"),
        ("Tue 08:00", "Tue 09:20", "ran", 80, "open"),
        ("Tue 09:20", "Tue 12:20", "paused", 180, "waiting for customer"),
        ("Tue 12:20", None, "ran", 18, "customer replied"),
    ]
    assert (clock.used, clock.budget) == (148 * MINUTE, 4 * HOUR)
    assert said(clock.due_at) == "Tue 14:10"


def test_the_ledger_leaves_out_what_changes_nothing() -> None:
    story = opened("Mon 09:00", cause="opened").then("Mon 09:30", "answered")
    story.then("Mon 10:00", priority=2, cause="priority lowered")
    story.then("Mon 11:00", state="resolved").then("Mon 12:00", state="open", cause="reopened")
    story.then("Mon 13:00", state="closed")
    assert lines(story.resolution("Tue 09:00")) == [
        ("Mon 09:00", "Mon 10:00", "ran", 60, "opened"),
        ("Mon 10:00", "Mon 11:00", "ran", 60, "priority lowered"),
        ("Mon 11:00", "Mon 12:00", "paused", 60, "resolved"),
        ("Mon 12:00", "Mon 13:00", "ran", 60, "reopened"),
    ]


def test_the_ledger_of_a_night_ends_outside_hours() -> None:
    assert lines(opened("Mon 20:00", cause="opened").resolution("Mon 21:00")) == [
        ("Mon 20:00", None, "outside", 0, "opened")
    ]
    assert lines(opened("Mon 09:00", cause="opened").resolution("Mon 09:00")) == [
        ("Mon 09:00", None, "ran", 0, "opened")
    ]


# Properties.

steps = st.tuples(
    st.integers(0, 40 * HOUR),
    st.sampled_from(["changed", "changed", "changed", "answered", "asked"]),
    st.sampled_from(list(CATEGORY)),
    st.integers(1, 4),
    st.sampled_from([None, "Gold", "Long", "Days", "All"]),
    st.sampled_from(["", "desk", "network", "printing"]),
    st.booleans(),
)
ALL = (
    *(Target(kind, budgets("1h"), WAITING) for kind in ("response", "update", "resolution")),
    Target("periodic", budgets("3h")),
    Target("queue", budgets("2h"), WAITING, stop="assigned", per="tier"),
    Target("supplier", {p: Budget(days=1) for p in (1, 2, 3)}),
)
POLICIES = {
    "Gold": policy(),
    "Long": policy("Long", calendar="long", resolution="9h", response_pauses=WAITING),
    "Days": Policy("Days", "", "always", (Target("resolution", {1: Budget(days=2)}, WAITING),)),
    "All": Policy("All", "", "office", ALL),
}


def told(story: list[tuple[int, str, str, int, str | None, str, bool]]) -> list[Moment]:
    now, moments = at("Mon 09:00"), []
    for number, (after, kind, state, priority, name, queue, taken) in enumerate(story):
        now += after
        kind = kind if number else "opened"
        tier, assigned_at = (1 if queue == "desk" else 2), now if taken else None
        moments.append(
            Moment(
                now, kind, state, CATEGORY[state], priority, name, state, "", queue, tier, assigned_at
            )
        )  # fmt: skip
    return moments


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(steps, min_size=1, max_size=9))
def test_incremental_equals_from_scratch(story: list[Any]) -> None:
    tally = Tally(POLICIES, CALENDARS)
    moments = told(story)
    for number, moment in enumerate(moments, 1):
        tally.add(moment)
        for later in (0, 3 * HOUR):
            now = moment.at + later
            assert tally.clocks(now) == measure(moments[:number], POLICIES, CALENDARS, now)


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(steps, min_size=1, max_size=9), st.integers(0, 90 * HOUR))
def test_the_ledger_adds_up_and_has_no_holes(story: list[Any], later: int) -> None:
    moments = told(story)
    now = moments[-1].at + later
    found = measure(moments, POLICIES, CALENDARS, now)
    bare = measure(moments, POLICIES, CALENDARS, now, ledger=False)
    assert [without_ledger(clock) for clock in found] == list(bare)
    for clock in [cycle for latest in found for cycle in latest.cycles]:
        assert sum(line.seconds for line in clock.ledger if line.kind == "ran") == clock.used
        ends = [clock.stopped_at or now if line.end is None else line.end for line in clock.ledger]
        starts = [line.start for line in clock.ledger]
        assert starts[1:] == ends[:-1]
        if clock.ledger:
            assert starts[0] == clock.started_at
            assert ends[-1] == (clock.stopped_at or now)
        if clock.used > clock.budget:
            assert clock.verdict == "breached"


def without_ledger(clock: Clock) -> Clock:
    return replace(clock, ledger=(), past=tuple(replace(past, ledger=()) for past in clock.past))


@settings(max_examples=examples(50), deadline=None)
@given(
    st.lists(steps, min_size=1, max_size=8),
    st.lists(st.integers(0, 90 * HOUR), min_size=1, max_size=4),
)
def test_edits_that_change_nothing_leave_every_clock_as_it_was(
    story: list[Any], edits: list[int]
) -> None:
    moments = told(story)
    now = moments[-1].at + 3 * HOUR
    editions = [Edition(moments[0].at + e, POLICIES, CALENDARS) for e in sorted(edits)]
    edited = measure(moments, POLICIES, CALENDARS, now, ledger=False, editions=editions)
    assert edited == measure(moments, POLICIES, CALENDARS, now, ledger=False)


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(steps, min_size=1, max_size=6), st.permutations([1, 2, 3, 4]))
def test_detours_by_other_priorities_leave_the_same_clock(
    story: list[Any], detour: list[int]
) -> None:
    moments = [replace(moment, policy="Gold", priority=2) for moment in told(story)]
    detoured = [
        replace(moment, priority=detour[index % 4]) for index, moment in enumerate(moments[:-1])
    ]
    now = moments[-1].at
    straight = measure(moments, POLICIES, CALENDARS, now, ledger=False)
    around = measure([*detoured, moments[-1]], POLICIES, CALENDARS, now, ledger=False)
    running = [clock for clock in straight if clock.stopped_at is None]
    assert [clock.used for clock in straight] == [clock.used for clock in around]
    assert [len(clock.past) for clock in straight] == [len(clock.past) for clock in around]
    for clock in running:
        same = next(other for other in around if other.target == clock.target)
        assert (same.due_at, same.breach_at, same.paused) == (
            clock.due_at,
            clock.breach_at,
            clock.paused,
        )


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(steps, min_size=1, max_size=6))
def test_a_running_clock_breaches_right_after_its_breach_instant(story: list[Any]) -> None:
    moments = told(story)
    for clock in measure(moments, POLICIES, CALENDARS, moments[-1].at):
        if clock.breach_at is None or clock.breach_at < moments[-1].at or clock.breached_at:
            continue
        for later, verdict in ((0, "running"), (1, "breached")):
            now = clock.breach_at + later
            found = {c.target: c for c in measure(moments, POLICIES, CALENDARS, now)}
            assert found[clock.target].verdict == verdict


# Targets that repeat.


def promise(kind: str, budget: str = "1h", **more: Any) -> Policy:
    """A policy with one target, in office hours."""
    return Policy("Gold", "", "office", (Target(kind, budgets(budget), **more),))


def test_a_kind_has_its_own_ways_to_stop() -> None:
    assert [Target(kind, {}).stop for kind in ("response", "resolution", "queue")] == [
        "", "resolved", "left",
    ]  # fmt: skip


def test_an_update_is_due_from_the_first_unanswered_message_after_an_answer() -> None:
    story = opened("Mon 09:00", promise("update")).then("Mon 09:10", "asked")
    assert story.clocks("Mon 09:20") == {}
    story.then("Mon 09:30", "answered").then("Mon 10:00", "asked").then("Mon 10:40", "asked")
    update = story.clocks("Mon 10:45")["update"]
    assert (said(update.started_at), said(update.due_at)) == ("Mon 10:00", "Mon 11:00")
    assert story.then("Mon 10:50", "answered").clocks("Tue 09:00")["update"].verdict == "met"


def test_each_question_is_a_promise_of_its_own_and_an_earlier_breach_stays_on_record() -> None:
    story = opened("Mon 09:00", promise("update")).then("Mon 09:10", "answered")
    story.then("Mon 09:20", "asked").then("Mon 11:00", "answered").then("Mon 12:00", "asked")
    update = story.clocks("Mon 12:10")["update"]
    assert (update.verdict, update.used, update.breaches) == ("running", 10 * MINUTE, 1)
    assert [(said(c.started_at), c.verdict, c.used) for c in update.cycles] == [
        ("Mon 09:20", "breached", 100 * MINUTE),
        ("Mon 12:00", "running", 10 * MINUTE),
    ]


def test_an_update_pauses_in_the_states_listed() -> None:
    story = opened("Mon 09:00", promise("update", pauses=WAITING)).then("Mon 09:10", "answered")
    story.then("Mon 09:20", "asked").then("Mon 09:30", state="customer")
    assert story.clocks("Mon 12:00")["update"].remaining == 50 * MINUTE


def test_each_answer_promises_the_next_one() -> None:
    story = opened("Mon 09:00", promise("periodic", "2h"))
    assert story.clocks("Mon 09:10") == {}
    story.then("Mon 09:30", "answered").then("Mon 10:30", "answered").then("Mon 15:00", "answered")
    periodic = story.clocks("Mon 15:10")["periodic"]
    assert said(periodic.due_at) == "Tue 09:00"
    assert [c.verdict for c in periodic.cycles] == ["met", "breached", "running"]


def test_nobody_owes_an_update_on_a_resolved_ticket() -> None:
    story = opened("Mon 09:00", promise("periodic")).then("Mon 09:30", "answered")
    story.then("Mon 10:00", state="resolved")
    assert story.clocks("Fri 10:00")["periodic"].paused
    story.then("Fri 10:00", state="open")
    assert said(story.clocks("Fri 10:00")["periodic"].due_at) == "Fri 10:30"


def test_a_queue_has_its_time_from_the_arrival_to_the_leaving() -> None:
    story = opened("Mon 09:00", promise("queue"), queue="desk").then("Mon 09:30", queue="network")
    queue = story.then("Mon 09:40", assigned=True).clocks("Mon 09:50")["queue"]
    assert (said(queue.started_at), queue.used) == ("Mon 09:30", 20 * MINUTE)
    story.then("Mon 12:00", queue="desk")
    assert [(c.verdict, c.used) for c in story.clocks("Mon 12:10")["queue"].cycles] == [
        ("met", 30 * MINUTE),
        ("breached", 150 * MINUTE),
        ("running", 10 * MINUTE),
    ]


def test_a_queue_may_have_to_assign_only() -> None:
    story = opened("Mon 09:00", promise("queue", stop="assigned"), queue="desk", assigned=True)
    assert [c.used for c in story.clocks("Mon 09:20")["queue"].cycles] == [0]
    # Who had it in the queue before is nobody whom this queue has put on it.
    story.then("Mon 09:30", queue="network")
    assert story.clocks("Mon 09:40")["queue"].is_running
    story.then("Mon 09:50", assigned=True).then("Mon 11:50", assigned=False)
    assert [(c.verdict, c.used) for c in story.clocks("Mon 12:00")["queue"].cycles] == [
        ("met", 0),
        ("met", 20 * MINUTE),
    ]


def test_assigning_and_moving_in_one_act_counts_in_either_order() -> None:
    gold = promise("queue", stop="assigned")
    one = opened("Mon 09:00", gold, queue="desk")
    one.then("Mon 09:30", assigned=True).then("Mon 09:30", queue="network")
    other = opened("Mon 09:00", gold, queue="desk")
    other.then("Mon 09:30", queue="network").then("Mon 09:30", assigned=True)
    for story in (one, other):
        assert [c.used for c in story.clocks("Mon 10:00")["queue"].cycles] == [30 * MINUTE, 0]


def test_a_policy_that_comes_later_sees_that_it_was_assigned_in_time() -> None:
    plain, gold = policy("Plain"), promise("queue", stop="assigned")
    story = opened("Mon 09:00", plain, gold, queue="desk", policy="Plain")
    story.then("Mon 09:30", "assigned", assigned=True).then("Mon 15:00", policy="Gold")
    clock = story.clocks("Mon 15:00")["queue"]
    assert (said(clock.stopped_at), clock.used, clock.verdict) == ("Mon 09:30", 30 * MINUTE, "met")


def test_a_policy_that_wants_it_closed_comes_too_late_for_what_is_resolved() -> None:
    late = replace(policy(), targets=(Target("resolution", budgets("4h"), WAITING, stop="closed"),))
    story = opened("Mon 09:00", late).then("Mon 10:00", state="resolved")
    story.editions = [Edition(at("Mon 11:00"), {"Gold": policy()}, CALENDARS)]
    clock = story.then("Mon 15:00", state="closed").resolution("Mon 15:30")
    assert (said(clock.stopped_at), clock.verdict) == ("Mon 10:00", "met")


def test_a_queue_of_the_same_tier_is_no_arrival_when_tiers_count() -> None:
    story = opened("Mon 09:00", promise("queue", per="tier"), queue="desk", tier=1)
    story.then("Mon 10:00", queue="network", tier=2).then("Mon 10:20", queue="printing", tier=2)
    cycles = story.clocks("Mon 10:30")["queue"].cycles
    assert [said(c.started_at) for c in cycles] == ["Mon 09:00", "Mon 10:00"]


def test_a_resolved_ticket_has_left_its_queue_and_a_reopened_one_is_back() -> None:
    story = opened("Mon 09:00", promise("queue"), queue="desk").then("Mon 09:30", state="resolved")
    assert story.clocks("Tue 10:00")["queue"].verdict == "met"
    queue = story.then("Tue 10:00", state="open").clocks("Tue 10:10")["queue"]
    assert (len(queue.cycles), queue.used, queue.is_running) == (1, 40 * MINUTE, True)


def test_the_cycle_a_move_ends_is_judged_by_the_policy_it_ran_under() -> None:
    network, desk = promise("queue"), Policy("Desk", "", "office", ())
    story = opened("Mon 09:00", replace(network, name="Network"), desk, queue="network")
    story.then("Mon 11:00", queue="desk", policy="Desk")
    (queue,) = story.clocks("Mon 12:00").values()
    assert (queue.policy, queue.verdict, queue.used) == ("Network", "breached", 2 * HOUR)


def test_a_supplier_has_its_time_while_the_ticket_waits_for_it() -> None:
    gold = promise("supplier", "2h", states=frozenset({"supplier"}))
    story = opened("Mon 09:00", gold).then("Mon 09:30", state="customer")
    assert story.clocks("Mon 10:00") == {}
    story.then("Mon 10:00", state="supplier").then("Mon 11:00", state="open")
    story.then("Mon 12:00", state="supplier")
    supplier = story.clocks("Mon 12:30")["supplier"]
    assert said(supplier.due_at) == "Mon 14:00"
    assert [(c.verdict, c.used) for c in supplier.cycles] == [("met", HOUR), ("running", HOUR / 2)]


# Dates set by hand.


def by_hand(due: str, since: str, target: str = "resolution") -> tuple[ByHand, ...]:
    return (ByHand(target, at(due), at(since)),)


def test_a_date_set_by_hand_is_due_whatever_pauses() -> None:
    story = opened("Mon 09:00").then("Mon 10:00", by_hand=by_hand("Thu 12:00", "Mon 10:00"))
    story.then("Mon 11:00", state="customer")
    clock = story.resolution("Tue 09:00")
    assert (said(clock.due_at), said(clock.breach_at), clock.paused) == ("Thu 12:00",) * 2 + (
        False,
    )
    assert (clock.verdict, clock.by_hand, clock.budget) == ("running", True, (7 + 16 + 4) * HOUR)
    late = story.resolution("Fri 09:00")
    assert (late.verdict, said(late.breached_at)) == ("breached", "Thu 12:00")
    assert story.then("Thu 11:00", state="resolved").resolution("Fri 09:00").verdict == "met"


def test_taking_the_date_away_counts_by_the_policy_again() -> None:
    story = opened("Mon 09:00").then("Mon 10:00", by_hand=by_hand("Thu 12:00", "Mon 10:00"))
    story.then("Mon 11:00", by_hand=())
    assert said(story.resolution("Mon 11:00").due_at) == "Mon 13:00"


def test_a_date_set_by_hand_is_for_the_cycle_that_ran_then() -> None:
    story = opened("Mon 09:00", promise("update")).then("Mon 09:10", "answered")
    story.then("Mon 09:20", "asked")
    story.then("Mon 09:30", by_hand=by_hand("Tue 12:00", "Mon 09:30", "update"))
    assert said(story.clocks("Mon 09:40")["update"].due_at) == "Tue 12:00"
    story.then("Mon 15:00", "answered").then("Tue 09:00", "asked")
    update = story.clocks("Tue 09:10")["update"]
    assert said(update.due_at) == "Tue 10:00"
    assert [c.verdict for c in update.cycles] == ["met", "running"]


# Edited agreements.


def test_an_edited_calendar_counts_for_what_runs_and_leaves_what_has_stopped() -> None:
    story = opened("Mon 08:00").then("Mon 09:00", "answered").then("Mon 12:30", cause="note")
    before = Edition(at("Mon 11:00"), story.policies, story.calendars)
    story.calendars = {"office": office(("10:00", "16:00"))}
    story.editions = [before]
    assert (story.response("Tue 09:00").verdict, story.response("Tue 09:00").used) == (
        "breached",
        HOUR,
    )
    clock = story.resolution("Mon 12:30")
    assert (clock.used, said(clock.due_at)) == (150 * MINUTE, "Mon 14:00")
    story.moments = [*story.moments[:2]]
    story.then("Mon 10:30", state="resolved")
    assert story.resolution("Tue 12:00").used == 150 * MINUTE


def test_a_state_that_an_edited_policy_makes_pausing_pauses_from_the_edit_on() -> None:
    story = opened("Mon 08:00", policy(pauses=frozenset())).then("Mon 09:00", state="customer")
    story.editions = [Edition(at("Mon 10:00"), story.policies, story.calendars)]
    story.policies = {"Gold": policy()}
    clock = story.resolution("Tue 12:00")
    assert (clock.paused, clock.used) == (True, 2 * HOUR)


# Policies as values.


def test_every_kind_of_target_can_run_at_once() -> None:
    full = Policy("All", "", "always", tuple(Target(kind, budgets("1h")) for kind in TARGET_KINDS))
    story = opened("Mon 09:00", full, queue="network").then("Mon 09:10", "answered")
    story.then("Mon 09:20", "asked").then("Mon 09:30", state="waiting-supplier")
    clocks = story.clocks("Mon 09:30")
    assert list(clocks) == list(TARGET_KINDS)
    assert [k for k, clock in clocks.items() if not clock.is_running] == ["response"]


@each(
    ("text", "seconds"),
    [("30m", 1800), ("4h", 14400), ("1h30m", 5400), ("2d", 172800), ("90s", 90), (" 1H 5m ", 3900)],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds
    assert parse_duration(duration_text(seconds)) == seconds


@each("text", ["", "4", "h", "4x", "-4h", "0m", "4h 3d", "9999999999h", "0bd"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(SdeskError, match=f"'{text}' is"):
        Budget.parse(text)


@each("text", ["4h30m", "3bd", "3bd end", "30m", "45s"])
def test_budgets_make_a_round_trip(text: str) -> None:
    assert str(Budget.parse(text)) == text


@each("values", [{}, {"seconds": -5}, {"seconds": 5, "days": 1}, {"days": -1}])
def test_a_budget_of_nothing_is_refused(values: dict[str, int]) -> None:
    with pytest.raises(SdeskError, match="longer than zero"):
        Budget(**values)


def test_policies_make_a_round_trip_through_json() -> None:
    spec = {
        "name": "Gold",
        "when": "organization:acme",
        "calendar": "office",
        "targets": [
            {"kind": "response", "budgets": {"1": "30m", "2": "1h"}, "pauses": []},
            {"kind": "resolution", "budgets": {"1": "4h", "4": "3bd end"}, "pauses": ["waiting"]},
            {
                "kind": "queue",
                "budgets": {"1": "1h"},
                "pauses": [],
                "stop": "assigned",
                "per": "tier",
            },
            {"kind": "supplier", "budgets": {"1": "2bd"}, "pauses": [], "states": ["vendor"]},
        ],
        "on_change": "restart",
    }
    again = Policy.from_json(json.loads(json.dumps(spec)))
    assert again.to_json() == spec
    assert Policy.from_json(again.to_json()) == again


def test_a_star_stands_for_every_priority() -> None:
    spec = {"name": "Gold", "targets": [{"kind": "response", "budgets": {"*": "2h", "1": "30m"}}]}
    target = Policy.from_json(spec).target("response")
    assert target is not None
    assert {p: str(b) for p, b in target.budgets.items()} == {1: "30m", 2: "2h", 3: "2h", 4: "2h"}


@each(
    ("change", "sentence"),
    [
        ({"name": ""}, "policy.name: a policy needs a name."),
        ({"when": 5}, "policy 'Gold': when is a text, not '5'."),
        ({"colour": "red"}, "policy: 'colour' means nothing."),
        ({"on_change": "restrat"}, "on_change: 'restrat' is no way to change. Did you mean"),
        ({"targets": "x"}, "policy 'Gold': targets are a list."),
        ({"targets": [{"kind": "respons", "budgets": {"1": "1h"}}]}, "'respons' is no kind"),
        (
            {"targets": [{"kind": "response", "budgets": {}}]},
            "policy 'Gold', response: there is no",
        ),
        (
            {"targets": [{"kind": "response", "budgets": {"9": "1h"}}]},
            "policy 'Gold', response: '9' is not a priority.",
        ),
        (
            {"targets": [{"kind": "response", "budgets": {"1": "soon"}}]},
            "policy 'Gold', response, priority 1: 'soon' is not a length of time.",
        ),
        (
            {"targets": [{"kind": "response", "budgets": {"1": "1h"}, "pauses": "waiting"}]},
            "policy 'Gold', response: pauses are a list of states.",
        ),
        (
            {"targets": [{"kind": "response", "budgets": {"1": "1h"}}] * 2},
            "Policy 'Gold' has two response targets.",
        ),
        (
            {"targets": [{"kind": "queue", "budgets": {"*": "1h"}, "stop": "assignd"}]},
            "queue.stop: 'assignd' is not known. Did you mean 'assigned'",
        ),
        (
            {"targets": [{"kind": "response", "budgets": {"*": "1h"}, "stop": "left"}]},
            "policy 'Gold': 'stop' means nothing.",
        ),
    ],
)
def test_a_complaint_about_a_policy_names_the_place(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SdeskError) as complaint:
        Policy.from_json({"name": "Gold", "targets": []} | change)
    assert str(complaint.value).startswith(sentence)


def test_a_pause_tells_its_state_whatever_came_while_it_lasted() -> None:
    story = opened("Mon 09:00").then("Mon 10:00", state="customer").then("Mon 11:00", priority=2)
    lines = story.resolution("Mon 12:00").ledger[1:]
    assert [(line.kind, line.cause, line.state) for line in lines] == [
        ("paused", "customer", "customer"),
        ("paused", "changed", "customer"),
    ]

"""Values as people read them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sdesk.model import Event, EventId, TicketId, TicketRow
from sdesk.present import (
    adding_up,
    age,
    countdown,
    countdown_cell,
    duration,
    event_sentence,
    moment,
    next_change,
    priority_badge,
    state_badge,
    urgency,
)
from tests.each import each

NOW = 1_793_700_000  # 2026-11-03 10:00:00 UTC, a Tuesday
MINUTE, HOUR, DAY = 60, 3600, 86_400
HELSINKI = "Europe/Helsinki"


def row(**changes: object) -> TicketRow:
    values: dict[str, object] = {
        "id": 1042, "ref": "SD-1042", "kind": "incident", "subject": "VPN drops", "state": "open",
        "category": "open", "state_until": None, "priority": 2, "queue": "network", "owner": "",
        "assignee": "ana", "requester": "M. Korhonen", "organization": "", "vip": False,
        "due_at": None, "due_target": "", "remaining": None, "breached": False, "breach_at": None,
        "created_at": NOW, "updated_at": NOW, "unread": False, "restricted": False,
    }  # fmt: skip
    return TicketRow(**(values | changes))  # type: ignore[arg-type]


def event(kind: str, *, actor: str = "ana", rule: str = "", details: dict | None = None, **changes):  # type: ignore[no-untyped-def, type-arg]
    return Event(
        id=EventId(7), ticket=TicketId(1042), at=NOW, actor=actor, kind=kind, changes=changes,
        details=details or {}, source="cli", batch=3, cause=None, rule=rule,
    )  # fmt: skip


NAMES = {"ben": "Ben Ahola", "network": "Network", "waiting-supplier": "Waiting for supplier"}


def told(*args, **kwargs) -> str:  # type: ignore[no-untyped-def]
    return event_sentence(event(*args, **kwargs), zone=HELSINKI, names=NAMES)


@each(
    ("left", "text"),
    [
        (3 * DAY + 4 * HOUR, "3d 4h"),
        (12 * DAY + 3 * HOUR, "12d"),
        (2 * HOUR + 10 * MINUTE + 59, "2h 10m"),
        (HOUR, "1h 0m"),
        (HOUR - 1, "!  59m"),
        (10 * MINUTE, "!  10m"),
        (8 * MINUTE + 32, "!  08:32"),
        (0, "!  00:00"),
        (-12 * MINUTE - 3, "!! −12m"),
        (-3 * HOUR, "!! −3h 0m"),
    ],
)
def test_a_countdown_shows_minutes_and_seconds_only_in_the_last_ten_minutes(left, text):
    assert countdown(NOW + left, None, NOW) == text


def test_a_due_time_that_passed_while_the_desk_is_closed_is_not_a_breach():
    assert countdown(NOW - HOUR, NOW + HOUR, NOW) == "!  00:00"
    assert countdown(NOW - HOUR, NOW - 1, NOW) == "!! −1h 0m"


def test_a_paused_clock_shows_its_working_time_and_no_clock_shows_nothing():
    assert countdown(None, None, NOW, paused_remaining=3 * HOUR + 20 * MINUTE) == "‖ 3h 20m"
    assert countdown(None, None, NOW, paused_remaining=-12 * MINUTE) == "!! −12m"
    assert countdown(None, None, NOW) == ""


def test_a_cell_keeps_the_text_in_one_column_behind_the_sign():
    due = {"due_at": NOW + 2 * HOUR, "breach_at": NOW + 2 * HOUR + 1}
    assert countdown_cell(row(**due), NOW) == "   2h 0m"
    assert countdown_cell(row(**due), NOW + 3 * HOUR) == "!! −1h 0m"
    assert countdown_cell(row(), NOW) == ""


@given(st.integers(-20 * DAY, 20 * DAY), st.one_of(st.none(), st.integers(0, 3 * DAY)))
def test_a_countdown_stays_the_same_exactly_until_its_next_change(left, grace):
    due = NOW + left
    breach = None if grace is None else due + grace
    change = next_change(due, NOW, breach_at=breach)
    assert change is not None
    assert change > NOW
    text = countdown(due, breach, NOW)
    assert countdown(due, breach, change - 1) == text
    assert countdown(due, breach, change) != text


def test_without_a_clock_nothing_will_change():
    assert next_change(None, NOW) is None


@each(
    ("seconds", "text"),
    [(0, "0m"), (45, "45s"), (50 * MINUTE, "50m"), (2 * HOUR + 28 * MINUTE, "2h 28m"), (40 * HOUR, "40h"), (-90, "−1m")],
)  # fmt: skip
def test_a_duration_is_working_time_and_never_in_days(seconds, text):
    assert duration(seconds) == text


@each(
    ("passed", "text"),
    [(-5, "now"), (59, "now"), (60, "1m"), (3 * HOUR, "3h"), (13 * DAY, "13d"), (14 * DAY, "2w"), (400 * DAY, "1y")],
)  # fmt: skip
def test_an_age_has_one_unit(passed, text):
    assert age(NOW - passed, NOW) == text


def test_a_moment_is_as_short_as_it_stays_clear():
    assert moment(NOW, HELSINKI, NOW) == "12:00"
    assert moment(NOW - DAY, HELSINKI, NOW) == "Mon 12:00"
    assert moment(NOW - 30 * DAY, HELSINKI, NOW) == "4 Oct 13:00"
    assert moment(NOW - 400 * DAY, HELSINKI, NOW) == "29 Sep 2025"
    assert moment(None, HELSINKI, NOW) == ""


def test_a_state_is_told_by_a_sign_and_not_by_colour_alone():
    assert state_badge(row(state="waiting-customer", category="waiting")) == "‖ customer"
    assert state_badge(row(state="scheduled", category="waiting")) == "‖ scheduled"
    assert state_badge(row(state="resolved", category="resolved")) == "✓ resolved"
    assert state_badge(row()) == "open"
    assert priority_badge(1, long=True) == "P1 critical"
    assert urgency(row(due_at=NOW - 5, breach_at=NOW - 4), NOW) == "breached"
    assert urgency(row(remaining=60), NOW) == "paused"


@each(
    ("sentence", "expected"),
    [
        (told("opened", details={"channel": "phone"}, queue=("", "network")), "ana opened it by phone in Network"),
        (told("assigned", assignee=("ben", "cleo")), "ana assigned it to cleo, before Ben Ahola"),
        (told("taken", assignee=("", "ana")), "ana took it"),
        (told("moved", queue=("service-desk", "network")), "ana moved it to Network from service-desk"),
        (told("prioritized", priority=(3, 1)), "ana set the priority to P1 critical (was P3)"),
        (told("edited", subject=("VPN", "VPN drops")), "ana changed subject from VPN to VPN drops"),
        (told("edited", parent_id=(None, 9)), "ana changed parent to #9"),
        (told("edited", requester_id=(1, 2)), "ana changed requester from person 1 to person 2"),
        (told("joined", **{"participant.x@y.example": (None, "Anna")}), "ana let Anna <x@y.example> take part"),
        (told("tagged", tags=(["a"], ["a", "vpn"])), "ana tagged it vpn"),
        (told("untagged", tags=(["a", "vpn"], ["a"])), "ana took the tag vpn away"),
        (told("field_set", **{"field.room": ("", "3F")}), "ana set room to 3F"),
        (
            told("waited", details={"reason": "parts"}, state=("open", "waiting-supplier"), state_until=(None, NOW + 2 * DAY)),
            "ana set it to Waiting for supplier until Thu 12:00: parts",
        ),
        (told("received", details={"entry": 4}), "the requester wrote, taken down by ana"),
        (told("policy_matched", policy=("", "Standard")), "ana put it under the policy Standard"),
        (told("resolved", details={"code": "solved"}), "ana resolved it as solved"),
        (told("undone", details={"batch": 3, "did": ["replied"]}), "ana took back: replied"),
        (told("redone", tags=([], ["vpn"])), "ana did again: tags to vpn"),
        (told("linked", **{"link.caused-by.1043": (False, True)}), "ana linked it: caused by 1043"),
        (told("prioritized", impact=(2, 1), priority=(3, 2)), "ana changed impact from 2 to 1 and priority from 3 to 2"),
        (told("reopened", details={"reason": "still broken"}), "ana reopened it: still broken"),
        (told("undone", state=("resolved", "open")), "ana took back: state from resolved to open"),
        (told("assigned", actor="", rule="VPN to network", assignee=("", "ben")), 'sdesk assigned it to Ben Ahola (rule "VPN to network")'),
        (told("queue_saved", details={"key": "network"}), "ana saved the queue Network"),
        (told("teleported", place=("here", "there")), "ana teleported: changed place from here to there"),
    ],
)  # fmt: skip
def test_every_event_becomes_a_sentence(sentence, expected):
    assert sentence == expected


def test_a_sentence_holds_no_control_character_from_outside():
    hostile = "a\x1b]52;c;aGk=\x07b\nc\u202e"
    sentence = told("edited", actor=hostile, subject=("", hostile))
    assert sentence.isprintable()


def test_the_minutes_of_a_ledger_add_up_to_those_of_its_sum() -> None:
    assert adding_up([178, 65]) == [120, 120]
    assert [duration(shown) for shown in adding_up([178, 65, 20])] == ["2m", "2m", "20s"]
    assert adding_up([]) == []

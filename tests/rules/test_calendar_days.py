"""The days of a calendar in words, and edits before they are saved."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sdesk.rules.calendar import Calendar
from sdesk.rules.calendar_days import Days, Draft, Kind, Step, switched, weekly_lines
from sdesk.rules.hours import CalendarError
from tests.each import each

WORK = [["08:00", "16:00"]]
EVE, XMAS, SUNDAY, SHORT, SHUT, TALK = (
    date(2026, 12, day) for day in (24, 25, 27, 23, 31, 10)
)  # fmt: skip
OFFICE: dict[str, Any] = Calendar.from_json(
    {
        "name": "office", "zone": "Europe/Helsinki",
        "hours": dict.fromkeys(("mon", "tue", "wed", "thu"), WORK) | {"fri": [["08:00", "12:00"]]},
        "holidays": ["2026-12-24", "*-12-25", "*-02-29"],
        "exceptions": {"2026-12-23": [["08:00", "12:00"]], "2026-12-31": []},
        "breaks": {"2026-12-10": [["10:00", "11:00"]]},
    }
).to_json()  # fmt: skip


def test_every_kind_of_day_is_told() -> None:
    days = Days(OFFICE)
    kinds = {at: days.on(at).kind for at in (EVE, XMAS, SUNDAY, SHORT, SHUT, TALK)}
    assert kinds == {
        EVE: Kind.HOLIDAY, XMAS: Kind.HOLIDAY, SUNDAY: Kind.WEEKEND, SHORT: Kind.OWN,
        SHUT: Kind.CLOSED, TALK: Kind.BREAK,
    }  # fmt: skip
    assert [day.on for day in days.others(2026)] == [TALK, SHORT, EVE, XMAS, SHUT]
    assert days.open_days(2026) == sum(
        bool(Calendar.from_json(OFFICE)._hours.on(date(2026, 1, 1).toordinal() + n))
        for n in range(365)
    )


def test_equal_days_of_the_week_are_told_together() -> None:
    assert weekly_lines(OFFICE) == ["Mon–Thu 08:00–16:00", "Fri 08:00–12:00", "Sat, Sun closed"]


@each("at", [EVE, XMAS, SHORT, SHUT, TALK, date(2026, 12, 14)])
def test_a_switch_opens_what_is_closed_and_back(at: date) -> None:
    draft = Draft.of(OFFICE)
    was = Days(draft.spec).on(at).is_open
    draft = draft.edited(Step(at, switched(Days(draft.spec).on(at))))
    assert Days(draft.spec).on(at).is_open is not was
    assert len(draft.differences()) == 1
    draft = draft.edited(Step(at, switched(Days(draft.spec).on(at))))
    assert Days(draft.spec).on(at).is_open is was


def test_a_weekday_without_hours_has_none_to_be_open_by() -> None:
    with pytest.raises(CalendarError, match="Sundays have no hours"):
        switched(Days(OFFICE).on(SUNDAY))
    own = Draft.of(OFFICE).edited(Step(SUNDAY, "10:00 – 12:00, 13:00-14:00"))
    assert own.differences()[0].after == "10:00–12:00 13:00–14:00"
    assert switched(Days(own.spec).on(SUNDAY)) == "weekly"


def test_edits_are_taken_back_one_by_one_and_cancel_out() -> None:
    first = Draft.of(OFFICE).edited(Step(0, "closed"))
    second = first.edited(Step(EVE, "open"))
    assert [d.what for d in second.differences()] == ["Mondays", "Thu 24 Dec 2026"]
    assert second.touched() == {EVE}
    assert second.without_last() == first
    assert second.edited(Step(EVE, "usual")).edited(Step(0, "08:00-16:00")).differences() == []
    for wrong in ("8", "25:00-26:00", "noon"):
        with pytest.raises(CalendarError):
            first.edited(Step(EVE, wrong))


def test_edits_stand_on_what_somebody_else_has_saved() -> None:
    draft = Draft.of(OFFICE).edited(Step(EVE, "open")).edited(Step(0, "closed"))
    other = Draft.of(OFFICE).edited(Step(3, "closed")).edited(Step(SHUT, "weekly")).spec
    moved = draft.over(other)
    assert moved.base == other
    assert [d.what for d in moved.differences()] == ["Mondays"]

"""Closed days out of iCalendar files, and calendars as files."""

from __future__ import annotations

from datetime import date

import pytest

from sdesk.errors import SdeskError
from sdesk.rules.calendar import Calendar
from sdesk.rules.calendar_file import from_toml, to_toml, with_day
from sdesk.rules.icalendar import closed_days
from tests.each import each

YEARS = range(2025, 2029)


def ics(*lines: str) -> str:
    body = "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}\r\nEND:VCALENDAR\r\n"


def days(*lines: str) -> list[str]:
    return list(closed_days(ics(*lines), YEARS).days)


def test_a_day_is_closed_under_its_name_though_the_line_is_folded() -> None:
    text = ics("SUMMARY:Christmas\\, the", "  eve", "DTSTART;VALUE=DATE:20261224")
    assert closed_days(text, YEARS).days == {"2026-12-24": "Christmas, the eve"}


def test_the_end_of_an_event_is_the_first_open_day() -> None:
    assert days("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227") == [
        "2026-12-24", "2026-12-25", "2026-12-26",
    ]  # fmt: skip
    assert days("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261224") == ["2026-12-24"]
    assert len(days("DTSTART;VALUE=DATE:20261224", "DURATION:P1W")) == 7


def test_every_year_is_every_year() -> None:
    assert days("DTSTART;VALUE=DATE:20201225", "RRULE:FREQ=YEARLY") == ["*-12-25"]
    rule = "RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=12;BYMONTHDAY=25"
    assert days("DTSTART;VALUE=DATE:20201225", rule) == ["*-12-25"]


def test_a_yearly_rule_with_an_end_or_a_gap_is_told_in_dates() -> None:
    start = "DTSTART;VALUE=DATE:20241225"
    assert days(start, "RRULE:FREQ=YEARLY;UNTIL=20261231") == ["2025-12-25", "2026-12-25"]
    assert days(start, "RRULE:FREQ=YEARLY;COUNT=2") == ["2025-12-25"]
    assert days(start, "RRULE:FREQ=YEARLY;INTERVAL=2") == ["2026-12-25", "2028-12-25"]
    assert days(start, "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20261225,20271225") == [
        "2025-12-25", "2028-12-25",
    ]  # fmt: skip
    assert days("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY;COUNT=9") == ["2028-02-29"]


def test_a_weekday_of_a_month_is_found_in_each_year() -> None:
    fourth = days("DTSTART;VALUE=DATE:20201126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH")
    assert fourth == ["2025-11-27", "2026-11-26", "2027-11-25", "2028-11-23"]
    last = days("DTSTART;VALUE=DATE:20200525", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO")
    assert last[:2] == ["2025-05-26", "2026-05-25"]


@each(
    ("lines", "why"),
    [
        (("DTSTART:20261224T080000Z",), "it has a time of day"),
        (("DTSTART;VALUE=DATE:2026",), "its DTSTART is no date"),
        (("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=WEEKLY"), "its rule is not a yearly one"),
        (("DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:20270101"), "it lasts 365 days"),
    ],
)
def test_what_closes_no_day_is_told(lines: tuple[str, ...], why: str) -> None:
    found = closed_days(ics("SUMMARY:Odd", *lines), YEARS)
    assert found.days == {}
    assert found.left_out[0].startswith(f"Odd: {why}")


def test_a_cancelled_event_is_none_and_another_file_is_refused() -> None:
    assert days("STATUS:CANCELLED", "DTSTART;VALUE=DATE:20261224") == []
    with pytest.raises(SdeskError, match="no iCalendar file"):
        closed_days("Date,Name\n2026-12-24,Eve\n", YEARS)


OFFICE = Calendar(
    zone="Europe/Helsinki",
    hours={"mon": [("08:00", "12:00"), ("13:00", "16:00")], "fri": [("22:00", "06:00")]},
    holidays=["2026-12-24", "*-12-25"],
    exceptions={"2026-12-23": [("08:00", "12:00")], "2026-12-22": []},
    breaks={"2026-11-05": [("10:00", "11:00")]},
    name="Office",
).to_json()


def test_a_calendar_makes_a_round_trip_through_its_file() -> None:
    assert from_toml(to_toml(OFFICE), "Office") == OFFICE


def test_a_file_may_have_tomls_own_dates_and_complains_by_place() -> None:
    text = 'zone = "UTC"\nholidays = [2026-12-24, "*-12-25"]\n[hours]\nmon = [["08:00", "16:00"]]\n'
    assert from_toml(text, "x")["holidays"] == ["2026-12-24", "*-12-25"]
    with pytest.raises(SdeskError, match="no TOML"):
        from_toml("zone =", "x")
    with pytest.raises(SdeskError, match="'25:00' is not a time"):
        from_toml(text.replace("16:00", "25:00"), "x")


def test_a_single_day_is_opened_closed_or_given_hours() -> None:
    day = date(2026, 12, 25)
    assert day.weekday() == 4
    opened = with_day(OFFICE, day, "open")
    assert opened["exceptions"]["2026-12-25"] == [["22:00", "06:00"]]
    assert with_day(opened, day, "weekly") == OFFICE
    assert with_day(OFFICE, day, "closed")["exceptions"]["2026-12-25"] == []
    hours = with_day(OFFICE, day, "08:00-12:00, 13:00-15:00")["exceptions"]["2026-12-25"]
    assert hours == [["08:00", "12:00"], ["13:00", "15:00"]]
    with pytest.raises(SdeskError, match="Sundays have no hours"):
        with_day(OFFICE, date(2026, 12, 27), "open")
    with pytest.raises(SdeskError, match="is not"):
        with_day(OFFICE, day, "noon")

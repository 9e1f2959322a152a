"""Working time: what the calendar promises, by name and as properties over zones with DST."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdesk.errors import SdeskError
from sdesk.rules.calendar import Calendar
from sdesk.rules.hours import CalendarError
from tests.conftest import examples
from tests.each import each

HOUR = 3600
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = (*WORKDAYS, "sat", "sun")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def calendar(*spans: tuple[str, str], zone: str = "UTC", days: Any = WORKDAYS, **more: Any) -> Any:
    hours = dict.fromkeys(days, spans or [("09:00", "17:00")])
    return Calendar(zone=zone, hours=hours, **more)


# 2024-06-03 is a Monday.


def test_work_that_fills_the_day_is_due_at_closing_time() -> None:
    assert calendar().due(at("2024-06-03 09:00"), 8 * HOUR) == at("2024-06-03 17:00")


def test_the_instant_of_exceeding_is_the_next_opening_after_closing_time() -> None:
    start = int(at("2024-06-03 09:00").timestamp())
    assert calendar().overrun_s(start, 8 * HOUR) == at("2024-06-04 09:00").timestamp()
    assert calendar().overrun_s(start, HOUR) == at("2024-06-03 10:00").timestamp()


def test_due_skips_lunch_night_and_weekend() -> None:
    office = calendar(("08:00", "12:00"), ("13:00", "16:00"))
    assert office.due(at("2024-06-07 11:00"), 5 * HOUR) == at("2024-06-10 09:00")


def test_due_back_mirrors_due() -> None:
    office = calendar(("08:00", "12:00"), ("13:00", "16:00"))
    assert office.due_back(at("2024-06-10 09:00"), 5 * HOUR) == at("2024-06-07 11:00")


def test_elapsed_is_zero_when_the_end_comes_first() -> None:
    assert calendar().elapsed(at("2024-06-04 12:00"), at("2024-06-03 12:00")) == 0


def test_hours_are_half_open() -> None:
    assert calendar().is_open(at("2024-06-03 09:00"))
    assert not calendar().is_open(at("2024-06-03 17:00"))


def test_neighbouring_openings() -> None:
    office = calendar()
    assert office.next_open(at("2024-06-07 17:00")) == at("2024-06-10 09:00")
    assert office.next_open(at("2024-06-07 10:00")) == at("2024-06-07 10:00")
    assert office.prev_open(at("2024-06-10 09:00")) == at("2024-06-07 17:00")


def test_other_zones_are_answered_in_utc() -> None:
    helsinki = calendar(("08:00", "16:00"), zone="Europe/Helsinki")
    local = datetime.fromisoformat("2024-06-03T08:00:00+03:00")
    assert helsinki.due(local, HOUR).isoformat() == "2024-06-03T06:00:00+00:00"


def test_a_fraction_of_a_second_survives() -> None:
    start = at("2024-06-03 16:59:59.750")
    office = calendar()
    assert office.due(start, 1) == at("2024-06-04 09:00:00.750")
    assert office.elapsed(start, office.due(start, 1)) == 1
    assert office.elapsed(start, at("2024-06-04 09:00:00.500")) == 0


def test_a_night_shift_in_autumn_has_its_extra_hour() -> None:
    night = calendar(("22:00", "06:00"), zone="Europe/Helsinki", days=WEEK)
    # Saturday 2024-10-26 22:00 summer time to Sunday 06:00 winter time.
    assert night.elapsed(at("2024-10-26 12:00"), at("2024-10-27 12:00")) == 9 * HOUR


def test_a_night_shift_in_spring_lacks_an_hour() -> None:
    night = calendar(("22:00", "06:00"), zone="Europe/Helsinki", days=WEEK)
    assert night.elapsed(at("2024-03-30 12:00"), at("2024-03-31 12:00")) == 7 * HOUR


def test_a_boundary_in_the_skipped_hour_moves_to_the_change() -> None:
    early = calendar(("02:30", "03:15"), zone="America/Los_Angeles", days=("sun",))
    found = early.segments(at("2006-04-02 00:00"), at("2006-04-03 00:00"))
    assert found == [(at("2006-04-02 10:00"), at("2006-04-02 10:15"))]


def test_an_interval_inside_the_skipped_hour_is_empty() -> None:
    early = calendar(("02:10", "02:50"), zone="America/Los_Angeles", days=("sun",))
    assert early.segments(at("2006-04-02 00:00"), at("2006-04-03 00:00")) == []


def test_a_boundary_in_the_repeated_hour_is_the_first_one() -> None:
    early = calendar(("01:30", "12:00"), zone="America/Los_Angeles", days=("sun",))
    assert early.next_open(at("2014-11-02 07:00")) == at("2014-11-02 08:30")


def test_apia_had_no_friday_and_its_saturday_stays_closed() -> None:
    office = calendar(("08:00", "12:00"), ("13:00", "17:00"), zone="Pacific/Apia")
    # From Thursday noon, 2011-12-29 UTC−10, to Monday morning, 2012-01-02 UTC+14.
    found = office.segments(at("2011-12-29 22:00"), at("2012-01-01 20:00"))
    assert [(a.isoformat()[5:16], b.isoformat()[5:16]) for a, b in found] == [
        ("12-29T23:00", "12-30T03:00"),
        ("01-01T18:00", "01-01T20:00"),
    ]


def test_a_change_of_half_an_hour() -> None:
    early = calendar(("00:00", "02:10"), zone="Australia/Lord_Howe", days=WEEK)
    day = at("2023-04-01 12:00")
    # 02:10 is not reached a second time: clocks go back from 02:00 to 01:30.
    assert early.elapsed(day, day + timedelta(days=1)) == 2 * HOUR + 40 * 60


def test_twenty_four_hundred_is_midnight() -> None:
    assert calendar(("16:00", "24:00")).elapsed(at("2024-06-03 00:00"), at("2024-06-04 03:00")) == (
        8 * HOUR
    )


def test_equal_opening_and_closing_is_a_whole_day() -> None:
    assert calendar(("06:00", "06:00")).elapsed(at("2024-06-03 00:00"), at("2024-06-04 06:00")) == (
        24 * HOUR
    )


def test_a_holiday_cancels_the_shift_that_starts_on_it() -> None:
    night = calendar(("22:00", "06:00"), holidays=["2024-06-04"])
    found = night.segments(at("2024-06-03 12:00"), at("2024-06-06 12:00"))
    assert found == [
        (at("2024-06-03 22:00"), at("2024-06-04 06:00")),
        (at("2024-06-05 22:00"), at("2024-06-06 06:00")),
    ]


def test_a_yearly_holiday_counts_every_year() -> None:
    office = calendar(holidays=["*-12-25"])
    assert not office.is_open(at("2024-12-25 10:00"))
    assert not office.is_open(at("2029-12-25 10:00"))
    assert office.is_open(at("2029-12-26 10:00"))


def test_an_exception_beats_a_holiday_and_weekly_hours() -> None:
    office = calendar(holidays=["2024-06-04"], exceptions={"2024-06-04": [("08:00", "12:00")]})
    assert office.elapsed(at("2024-06-04 00:00"), at("2024-06-05 00:00")) == 4 * HOUR


def test_an_empty_exception_closes_the_day() -> None:
    office = calendar(exceptions={"2024-06-04": []})
    assert office.elapsed(at("2024-06-04 00:00"), at("2024-06-05 00:00")) == 0


def test_breaks_are_taken_out_last_and_from_a_night_shift_too() -> None:
    office = calendar(
        exceptions={"2024-06-04": [("08:00", "12:00")]},
        breaks={"2024-06-04": [("10:00", "11:00")]},
    )
    assert office.elapsed(at("2024-06-04 00:00"), at("2024-06-05 00:00")) == 3 * HOUR
    night = calendar(("22:00", "06:00"), breaks={"2024-06-04": [("02:00", "03:00")]})
    assert night.elapsed(at("2024-06-03 12:00"), at("2024-06-04 12:00")) == 7 * HOUR


def test_overlapping_and_adjoining_hours_count_once() -> None:
    office = calendar(("09:00", "13:00"), ("12:00", "15:00"), ("15:00", "17:00"))
    found = office.segments(at("2024-06-03 00:00"), at("2024-06-04 00:00"))
    assert found == [(at("2024-06-03 09:00"), at("2024-06-03 17:00"))]


def test_segments_by_count_are_clipped_to_the_start() -> None:
    office = calendar()
    assert office.segments_after(at("2024-06-03 16:00"), 2) == [
        (at("2024-06-03 16:00"), at("2024-06-03 17:00")),
        (at("2024-06-04 09:00"), at("2024-06-04 17:00")),
    ]
    assert office.segments_before(at("2024-06-04 10:00"), 2) == [
        (at("2024-06-04 09:00"), at("2024-06-04 10:00")),
        (at("2024-06-03 09:00"), at("2024-06-03 17:00")),
    ]


def test_segments_by_count_are_whole_across_years() -> None:
    around = calendar(("00:00", "24:00"), days=WEEK, holidays=["*-01-01", "*-07-01"])
    first, second = around.segments_after(at("2024-07-02 00:00"), 2)
    assert first == (at("2024-07-02 00:00"), at("2025-01-01 00:00"))
    assert second == (at("2025-01-02 00:00"), at("2025-07-01 00:00"))


@each(
    ("start", "days", "end_of_day", "expected"),
    [
        ("2024-06-03 10:00", 3, False, "2024-06-06 10:00"),
        ("2024-06-06 10:00", 3, False, "2024-06-11 10:00"),
        ("2024-06-06 10:00", 3, True, "2024-06-11 17:00"),
        ("2024-06-08 10:00", 1, False, "2024-06-10 10:00"),
        ("2024-06-03 18:00", 3, False, "2024-06-07 09:00"),
        ("2024-06-03 10:00", -1, False, "2024-05-31 10:00"),
        ("2024-06-03 18:00", -1, False, "2024-05-31 17:00"),
        ("2024-06-08 10:00", 0, False, "2024-06-10 09:00"),
        ("2024-06-08 10:00", 0, True, "2024-06-10 17:00"),
    ],
)
def test_working_days(start: str, days: int, end_of_day: bool, expected: str) -> None:
    assert calendar().add_days(at(start), days, end_of_day=end_of_day) == at(expected)


def test_working_days_are_days_of_the_calendars_zone() -> None:
    tokyo = calendar(zone="Asia/Tokyo")
    # Monday 09:30 in Tokyo is still Monday 00:30 in UTC; the closing time is not.
    assert tokyo.add_days(at("2024-06-03 00:30"), 1, end_of_day=True) == at("2024-06-04 08:00")


def test_always_is_always_open() -> None:
    always = Calendar.always()
    assert always.name == "24/7"
    assert always.due(at("2024-06-08 10:00"), 90 * 24 * HOUR) == at("2024-09-06 10:00")


def test_calendars_make_a_round_trip_through_json() -> None:
    office = calendar(
        ("8:00", "12:00"),
        ("22:00", "06:00"),
        ("16:00", "24:00"),
        zone="Europe/Helsinki",
        name="Office",
        holidays=["*-12-25", "2026-12-24", "2025-12-24"],
        exceptions={"2026-12-23": [("08:00", "12:00")], "2025-12-23": []},
        breaks={"2026-11-05": [("10:00", "11:00")]},
    )
    text = json.dumps(office.to_json())
    again = Calendar.from_json(json.loads(text))
    assert again == office
    assert json.dumps(again.to_json()) == text
    assert office.to_json()["hours"]["mon"] == [
        ["08:00", "12:00"],
        ["22:00", "06:00"],
        ["16:00", "24:00"],
    ]
    assert office.to_json()["holidays"] == ["2025-12-24", "2026-12-24", "*-12-25"]


@each(
    ("change", "sentence"),
    [
        ({"zone": "Europe/Helsinky"}, "zone: 'Europe/Helsinky' is not a time zone. Did you mean"),
        ({"zone": "../etc/passwd"}, "zone: '../etc/passwd' is not a time zone."),
        ({"hours": {"mon": [("25:00", "26:00")]}}, "hours.mon: '25:00' is not a time of day."),
        ({"hours": {"mon": [("09:60", "26:00")]}}, "hours.mon: '09:60' is not a time of day."),
        ({"hours": {"mon": [("24:00", "06:00")]}}, "hours.mon: '24:00' only closes a day."),
        ({"hours": {"mon": ["09:00-17:00"]}}, "hours.mon: '09:00-17:00' is not an opening and"),
        (
            {"hours": {"monday": []}},
            "hours: 'monday' is not a day of the week. Did you mean 'mon'?",
        ),
        ({"holidays": ["2026-02-29"]}, "holidays: '2026-02-29' is not a date."),
        ({"holidays": ["*-02-30"]}, "holidays: '*-02-30' is not a date."),
        ({"holidays": ["0026-01-01"]}, "holidays: '0026-01-01' is not between 1800 and 2399."),
        ({"holidays": "2026-01-01"}, "holidays: '2026-01-01' is not a list of dates."),
        ({"exceptions": {"24.12.": []}}, "exceptions: '24.12.' is not a date."),
        ({"breaks": {"2026-01-01": [("x", "12:00")]}}, "breaks.2026-01-01: 'x' is not a time"),
    ],
)
def test_a_complaint_names_the_value_and_the_place(change: dict[str, Any], sentence: str) -> None:
    spec = {"zone": "UTC", "hours": {"mon": [("09:00", "17:00")]}} | change
    with pytest.raises(SdeskError) as complaint:
        Calendar(**spec)
    assert str(complaint.value).startswith(sentence)


EVERY_DAY = [f"*-{(at('2024-01-01') + timedelta(days=n)).strftime('%m-%d')}" for n in range(366)]


@each(
    "spec",
    [
        {"hours": {}},
        {"hours": {"mon": []}},
        {"hours": {"mon": [("09:00", "17:00")]}, "holidays": EVERY_DAY},
        {
            "hours": {},
            "exceptions": {"2026-01-02": [("09:00", "10:00")]},
            "breaks": {"2026-01-02": [("08:00", "12:00")]},
        },
    ],
)
def test_a_calendar_that_never_opens_is_refused_by_name(spec: dict[str, Any]) -> None:
    with pytest.raises(CalendarError, match="The calendar 'Night desk' never opens"):
        Calendar(zone="UTC", name="Night desk", **spec)


def test_a_rare_opening_is_found() -> None:
    leap = [day for day in EVERY_DAY if day != "*-02-29"]
    rare = Calendar(zone="UTC", hours={"mon": [("09:00", "17:00")]}, holidays=leap)
    assert rare.next_open(at("2025-01-01 00:00")) == at("2044-02-29 09:00")
    assert rare.prev_open(at("2044-01-01 00:00")) == at("2016-02-29 17:00")


def test_a_calendar_whose_days_are_over_says_so() -> None:
    fair = Calendar(
        zone="UTC", hours={}, name="Fair", exceptions={"2026-03-02": [("09:00", "17:00")]}
    )
    assert fair.due(at("2020-01-01 00:00"), HOUR) == at("2026-03-02 10:00")
    assert fair.elapsed(at("2026-01-01 00:00"), at("2030-01-01 00:00")) == 8 * HOUR
    with pytest.raises(CalendarError, match="'Fair' never opens after 2026-03-02"):
        fair.due(at("2026-03-02 16:00"), 2 * HOUR)
    with pytest.raises(CalendarError, match="'Fair' never opens before 2026-03-02"):
        fair.prev_open(at("2026-03-02 09:00"))
    with pytest.raises(CalendarError, match="'Fair' never opens after"):
        fair.add_days(at("2026-03-02 10:00"), 1)


def test_questions_without_an_answer_are_refused() -> None:
    with pytest.raises(CalendarError, match="-5 seconds"):
        calendar().due(at("2024-06-03 09:00"), -5)
    with pytest.raises(CalendarError, match="has no time zone"):
        calendar().due(datetime(2024, 6, 3, 9), 5)
    with pytest.raises(CalendarError, match="never opens after 2399"):
        calendar().due(at("2024-06-03 09:00"), 10**13)


def test_years_out_of_reach_are_closed() -> None:
    assert calendar().elapsed(at("0001-01-01 00:00"), at("1800-01-01 00:00")) == 0
    assert not calendar().is_open(at("9999-12-28 10:00"))


ZONES = (
    "UTC",
    "Europe/Helsinki",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/Santiago",
)
clock = st.integers(0, 23 * 4 + 3).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
shifts = st.lists(st.tuples(clock, clock), max_size=3)
dates = st.dates(at("2011-12-01").date(), at("2012-12-31").date()).map(str)
calendars = st.builds(
    Calendar,
    zone=st.sampled_from(ZONES),
    hours=st.fixed_dictionaries(
        {"wed": st.just([("10:00", "15:00")])},
        optional={day: shifts for day in WEEK if day != "wed"},
    ),
    holidays=st.lists(dates, max_size=3),
    exceptions=st.dictionaries(dates, shifts, max_size=3),
    breaks=st.dictionaries(dates, shifts, max_size=3),
)
instants = st.datetimes(datetime(2011, 11, 1), datetime(2012, 12, 31), timezones=st.just(UTC))
seconds = st.integers(1, 9 * 24 * HOUR)


@settings(max_examples=examples(25), deadline=None)
@given(calendars, instants, seconds)
def test_measuring_to_the_due_moment_gives_the_budget(
    office: Calendar, start: datetime, n: int
) -> None:
    due = office.due(start, n)
    assert office.elapsed(start, due) == n
    assert office.elapsed(start, due - timedelta(seconds=1)) == n - 1
    assert office.elapsed(office.due_back(start, n), start) == n


@settings(max_examples=examples(25), deadline=None)
@given(calendars, instants, seconds, seconds, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_due_grows_with_both_arguments(
    office: Calendar, start: datetime, n: int, more: int, later: timedelta
) -> None:
    assert office.due(start, n) < office.due(start, n + more)
    assert office.due(start, n) <= office.due(start + later, n)


@settings(max_examples=examples(25), deadline=None)
@given(calendars, instants, seconds, seconds)
def test_due_in_two_steps_is_due_at_once(office: Calendar, start: datetime, a: int, b: int) -> None:
    assert office.due(office.due(start, a), b) == office.due(start, a + b)


@settings(max_examples=examples(25), deadline=None)
@given(
    calendars, st.lists(instants.map(lambda at: at.replace(microsecond=0)), min_size=3, max_size=3)
)
def test_elapsed_adds_up(office: Calendar, moments: list[datetime]) -> None:
    a, b, c = sorted(moments)
    assert office.elapsed(a, b) + office.elapsed(b, c) == office.elapsed(a, c)
    total = sum((end - begin).total_seconds() for begin, end in office.segments(a, c))
    assert total == office.elapsed(a, c)


@settings(max_examples=examples(30), deadline=None)
@given(calendars, instants, st.integers(2000, 2030))
def test_answers_do_not_depend_on_what_was_asked_before(
    office: Calendar, start: datetime, year: int
) -> None:
    asked = Calendar.from_json(office.to_json())
    asked.is_open(datetime(year, 1, 1, tzinfo=UTC))
    asked.due(datetime(year, 6, 1, tzinfo=UTC), 60 * 24 * HOUR)
    asked.due_back(datetime(year, 6, 1, tzinfo=UTC), 60 * 24 * HOUR)
    assert asked.due(start, 9 * HOUR) == office.due(start, 9 * HOUR)
    assert asked.prev_open(start) == office.prev_open(start)
    assert asked.segments_after(start, 3) == office.segments_after(start, 3)


@settings(max_examples=examples(30), deadline=None)
@given(calendars, instants)
def test_a_moment_is_open_when_it_lies_in_a_segment(office: Calendar, start: datetime) -> None:
    day = timedelta(days=1)
    inside = any(a <= start < b for a, b in office.segments(start - day, start + day))
    assert office.is_open(start) == inside
    assert office.next_open(start) >= start >= office.prev_open(start)

"""When something that is done again and again is due: over days with a change of the clock, and jumps of it."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from sdesk.rules.schedule import Schedule
from tests.each import each

ZONE = "Europe/Helsinki"
DAILY = Schedule(86_400, time(2, 30), ZONE)


def at(text: str, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE), fold=fold).timestamp())


@each(
    ("last", "now", "due"),
    [
        ("2026-11-20T02:30", "2026-11-20T12:00", False),
        ("2026-11-20T02:30", "2026-11-21T02:29", False),
        ("2026-11-20T02:30", "2026-11-21T02:30", True),
        ("2026-11-20T16:00", "2026-11-21T02:30", True),
        ("2026-11-21T00:10", "2026-11-21T02:30", True),
        ("2026-11-20T02:30", "2026-11-29T09:00", True),
    ],
)
def test_once_a_day_when_the_clock_strikes(last: str, now: str, due: bool) -> None:
    assert DAILY.is_due(at(last), at(now)) is due


def test_never_done_is_due_at_once() -> None:
    assert DAILY.is_due(None, at("2026-11-20T12:00"))


def count(schedule: Schedule, begin: int, end: int) -> list[int]:
    """When it is done by a worker that looks every ten minutes."""
    last, done = begin - 3_600, []
    for now in range(begin, end, 600):
        if schedule.is_due(last, now):
            done.append(now)
            last = now
    return done


def test_a_day_on_which_the_hour_comes_twice_has_one() -> None:
    twice = Schedule(86_400, time(3, 30), ZONE)
    done = count(twice, at("2026-10-24T12:00"), at("2026-10-26T12:00"))
    assert done == [at("2026-10-25T03:30"), at("2026-10-26T03:30")]
    assert done[1] - done[0] == 25 * 3_600


def test_a_day_without_the_hour_has_one_an_hour_later() -> None:
    gone = Schedule(86_400, time(3, 30), ZONE)
    done = count(gone, at("2026-03-28T12:00"), at("2026-03-30T12:00"))
    assert done == [at("2026-03-29T04:30"), at("2026-03-30T03:30")]


def test_every_second_day_and_every_six_hours() -> None:
    begin, end = at("2026-11-01T12:00"), at("2026-11-08T12:00")
    assert len(count(Schedule(2 * 86_400, time(2, 30), ZONE), begin, end)) == 3
    assert len(count(Schedule(21_600, time(2, 30), ZONE), begin, end)) == 28


def test_a_clock_that_was_set_back_makes_neither_many_nor_none() -> None:
    now = at("2026-11-20T12:00")
    assert not DAILY.is_due(now + 1_800, now), "by half an hour: wait until that has passed"
    assert DAILY.is_due(now + 400 * 86_400, now), "by a year: once, and then as always"
    assert not DAILY.is_due(now, now)


def test_two_periods_without_it_are_late() -> None:
    now = at("2026-11-20T12:00")
    assert not DAILY.late(now - 47 * 3_600, now)
    assert DAILY.late(now - 49 * 3_600, now)
    assert DAILY.late(None, now)

"""Price of `due` and `elapsed` beside businesstimedelta, as `name value floor ratio` lines.

Values are median microseconds of a question; the floor is businesstimedelta's in the same run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

import businesstimedelta as btd
import pytz

from sdesk.rules.calendar import Calendar

ZONE = "Europe/Helsinki"
# The other library fails after its last holiday, so both know those of many years.
HOLIDAYS = [
    f"{year}-{day}" for year in range(2026, 2040) for day in ("01-01", "05-01", "12-24", "12-25")
]
# The summer time of 2026 begins two days later.
START = datetime(2026, 3, 27, 9, 30, tzinfo=UTC)
NEAR, FAR = 4 * 3600, 7 * 3600 * 1000


def ours() -> Calendar:
    day = [("08:00", "12:00"), ("13:00", "16:00")]
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), day)
    return Calendar(zone=ZONE, hours=week, holidays=HOLIDAYS, name="bench")


def theirs() -> btd.Rules:
    zone, week = pytz.timezone(ZONE), [0, 1, 2, 3, 4]
    days = {date.fromisoformat(day): "holiday" for day in HOLIDAYS}
    return btd.Rules(
        [
            btd.WorkDayRule(clock(8), clock(16), working_days=week, tz=zone),
            btd.LunchTimeRule(clock(12), clock(13), working_days=week, tz=zone),
            btd.HolidayRule(days, tz=zone),
        ]
    )


def microseconds(ask: Callable[[], object], times: int) -> float:
    ask()
    spent = []
    for _ in range(7):
        begun = time.perf_counter()
        for _ in range(times):
            ask()
        spent.append((time.perf_counter() - begun) / times * 1e6)
    return statistics.median(spent)


def report(
    name: str, mine: Callable[[], object], other: Callable[[], object], other_times: int
) -> None:
    value, floor = microseconds(mine, 10_000), microseconds(other, other_times)
    print(f"{name} {value:.2f} {floor:.2f} {value / floor:.7f}")


def main() -> None:
    calendar, rules = ours(), theirs()
    for name, seconds, times in (("near", NEAR, 50), ("far", FAR, 1)):
        delta = btd.BusinessTimeDelta(rules, timedelta=timedelta(seconds=seconds))
        end = calendar.due(START, seconds)
        report(
            f"due_{name}", lambda s=seconds: calendar.due(START, s), lambda d=delta: START + d, times
        )  # fmt: skip
        report(
            f"elapsed_{name}",
            lambda e=end: calendar.elapsed(START, e),
            lambda e=end: rules.difference(START, e),
            times,
        )
    begun = time.perf_counter()
    ours().due(START, NEAR)
    print(f"first_question_us {(time.perf_counter() - begun) * 1e6:.0f} - -")


if __name__ == "__main__":
    main()

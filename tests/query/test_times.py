"""What times in a filter mean, at 13:06 in Helsinki on Wednesday 18 November 2026."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sdesk.rules.query import Context, Facts, matches, parse
from tests.each import each
from tests.query.conftest import CONTEXT, NOW

ZONE = ZoneInfo("Europe/Helsinki")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def holds(query: str, **facts: int | None) -> bool:
    return matches(parse(query), Facts(**facts), CONTEXT)  # type: ignore[arg-type]


@each(
    ("query", "within", "without"),
    [
        ("created:2026-11-17", ("2026-11-17T00:00", "2026-11-17T23:59:59"), ("2026-11-16T23:59:59", "2026-11-18T00:00")),
        ("created>=2026-11-17", ("2026-11-17T00:00",), ("2026-11-16T23:59:59",)),
        ("created>2026-11-17", ("2026-11-18T00:00",), ("2026-11-17T23:59:59",)),
        ("created<=2026-11-17", ("2026-11-17T23:59:59",), ("2026-11-18T00:00",)),
        ("created<2026-11-17", ("2026-11-16T23:59:59",), ("2026-11-17T00:00",)),
        ("created:2026-10..2026-11-02", ("2026-10-01T00:00", "2026-11-02T23:59:59"), ("2026-11-03T00:00", "2026-09-30T23:59")),
        ("created:2025", ("2025-01-01T00:00", "2025-12-31T23:59:59"), ("2026-01-01T00:00",)),
        ("created:today", ("2026-11-18T00:00", "2026-11-18T23:59:59"), ("2026-11-17T23:59:59",)),
        ("created:monday", ("2026-11-16T08:00",), ("2026-11-17T00:00", "2026-11-23T08:00")),
        ("created:wed", ("2026-11-18T08:00",), ("2026-11-11T08:00",)),
        ("created:week", ("2026-11-16T00:00", "2026-11-22T23:59"), ("2026-11-15T23:59",)),
        ("created:last-month", ("2026-10-31T23:59",), ("2026-11-01T00:00",)),
        ("created:last-year", ("2025-06-01T00:00",), ("2026-01-01T00:00",)),
        ("created:09:30", ("2026-11-18T09:30", "2026-11-18T09:30:59"), ("2026-11-18T09:31", "2026-11-17T09:30")),
        ('created>="2026-11-17 09:30"', ("2026-11-17T09:30",), ("2026-11-17T09:29:59",)),
        ("created>=2026-11-17t09:30:10", ("2026-11-17T09:30:10",), ("2026-11-17T09:30:09",)),
        # The clocks go back on 25 October 2026: that day has 25 hours.
        ("created:2026-10-25", ("2026-10-25T00:00", "2026-10-25T23:59:59"), ("2026-10-26T00:00",)),
    ],
)  # fmt: skip
def test_a_moment_is_a_stretch_of_the_desk_s_own_calendar(
    query: str, within: tuple[str, ...], without: tuple[str, ...]
) -> None:
    assert all(holds(query, created_at=at(moment)) for moment in within)
    assert not any(holds(query, created_at=at(moment)) for moment in without)


@each(
    ("query", "within", "without"),
    [
        # Of the past, a length of time is how long ago: "updated less than an hour ago".
        ("updated<1h", (-10, -3599), (-3600, -9999)),
        ("updated>2d", (-3 * 86400,), (-86400, -2 * 86400)),
        ("updated:2d", (-86400, -2 * 86400, 0), (-3 * 86400, 60)),
        ("age>=1w", (-7 * 86400,), (-7 * 86400 + 1,)),
        ("updated:1h..2d", (-3600, -7200), (-60, -3 * 86400)),
        ("updated:..1h", (-60, 0), (-3601, 60)),
        ("updated:1h..", (-3600, -99999), (-60,)),
        # With a sign it is a moment, as a date is.
        ("updated>=-2d", (-86400, -2 * 86400), (-2 * 86400 - 1,)),
    ],
)
def test_a_length_of_time_reaches_back_in_the_past(
    query: str, within: tuple[int, ...], without: tuple[int, ...]
) -> None:
    assert all(holds(query, created_at=NOW + away, updated_at=NOW + away) for away in within)
    assert not any(holds(query, created_at=NOW + away, updated_at=NOW + away) for away in without)


@each(
    ("query", "within", "without"),
    [
        ("due<1h", (-5000, 0, 3599), (3600, None)),
        ("due:1h", (0, 3600), (-1, 3601, None)),
        ("due>1d", (86401,), (86400, -5, None)),
        ("due<-1h", (-3601,), (-3600, 5, None)),
        ("due:none", (None,), (0,)),
        ("due:monday", (5 * 86400,), (-2 * 86400,)),
        ("-due<1h", (3600, None), (0,)),
        ("is:overdue", (-1,), (0, None)),
        ("is:at-risk", (0, 3599, -10), (3600, None)),
    ],
)
def test_a_length_of_time_reaches_forward_where_things_fall_due(
    query: str, within: tuple[int | None, ...], without: tuple[int | None, ...]
) -> None:
    def fits(away: int | None) -> bool:
        return holds(query, due_at=None if away is None else NOW + away)

    assert all(map(fits, within))
    assert not any(map(fits, without))


def test_what_is_breached_is_no_longer_at_risk() -> None:
    facts = {"due_at": NOW - 60, "breach_at": NOW - 1}
    assert holds("is:breached", **facts)
    assert not holds("is:at-risk", **facts)
    assert not holds("is:breached", due_at=NOW - 60, breach_at=NOW)


def test_a_day_is_the_desk_s_day() -> None:
    late = Facts(created_at=at("2026-11-18T00:30"))
    assert matches(parse("created:today"), late, CONTEXT)
    assert not matches(parse("created:today"), late, Context("ana", NOW, "UTC"))

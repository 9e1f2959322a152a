"""Times that people type for what lies ahead."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdesk.errors import Invalid
from sdesk.rules.when import parse_until
from tests.each import each

ZONE = "Europe/Helsinki"
NOW = int(datetime(2026, 11, 4, 10, 30, tzinfo=ZoneInfo(ZONE)).timestamp())  # a Wednesday


@each(
    ("text", "meant"),
    [
        ("30m", "2026-11-04 11:00"),
        ("2h", "2026-11-04 12:30"),
        ("1h 30m", "2026-11-04 12:00"),
        ("2d", "2026-11-06 10:30"),
        ("in 1w", "2026-11-11 10:30"),
        ("16:30", "2026-11-04 16:30"),
        ("9:00", "2026-11-05 09:00"),
        ("today 17:00", "2026-11-04 17:00"),
        ("tomorrow", "2026-11-05 08:00"),
        ("until tomorrow 9:00", "2026-11-05 09:00"),
        ("fri", "2026-11-06 08:00"),
        ("Friday 14.15", "2026-11-06 14:15"),
        ("wed", "2026-11-11 08:00"),
        ("wed 12:00", "2026-11-04 12:00"),
        ("mon at 7:05", "2026-11-09 07:05"),
        ("24 dec", "2026-12-24 08:00"),
        ("3 jan", "2027-01-03 08:00"),
        ("24 December 2027 12:00", "2027-12-24 12:00"),
        ("2026-12-24", "2026-12-24 08:00"),
        ("2026-12-24 9:00", "2026-12-24 09:00"),
    ],
)
def test_a_time_means_the_next_one_ahead(text: str, meant: str) -> None:
    at = parse_until(text, now=NOW, zone=ZONE)
    assert f"{datetime.fromtimestamp(at, ZoneInfo(ZONE)):%Y-%m-%d %H:%M}" == meant


@each(
    "text",
    [
        "",
        "soon",
        "today 9:00",
        "2026-11-01",
        "31 feb",
        "9",
        "2x",
        "0m",
        "9999w",
        "fri 25:00",
        "2d vendor",
        "tu",
        "2026-13-01",
        "0001-01-01",
        "29 feb 2027",
    ],
)
def test_what_cannot_be_read_or_is_past_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_until(text, now=NOW, zone=ZONE)


def test_a_misspelt_day_is_met_with_the_right_one() -> None:
    with pytest.raises(Invalid, match="Did you mean 'tomorrow'"):
        parse_until("tomorow", now=NOW, zone=ZONE)


def test_days_keep_the_wall_clock_across_the_change_and_hours_do_not() -> None:
    before = int(datetime(2026, 10, 24, 12, 0, tzinfo=ZoneInfo(ZONE)).timestamp())
    assert parse_until("1d", now=before, zone=ZONE) - before == 25 * 3600
    assert parse_until("24h", now=before, zone=ZONE) - before == 24 * 3600


@given(st.text(max_size=30), st.integers(0, 4_000_000_000))
def test_any_text_is_a_time_ahead_or_refused(text: str, now: int) -> None:
    with suppress(Invalid):
        assert parse_until(text, now=now, zone=ZONE) > now

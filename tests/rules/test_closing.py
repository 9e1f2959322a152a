"""When a resolved ticket closes by itself."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from sdesk.errors import Invalid
from sdesk.rules.calendar import Calendar
from sdesk.rules.closing import Closing
from tests.conftest import OFFICE, ZONE
from tests.each import each

CALENDAR = Calendar.from_json({**OFFICE, "name": "office", "holidays": ["2025-12-01"]})


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp())


@each(
    ("after", "resolved", "closes"),
    [
        ("5bd", "2025-11-18 10:00", "2025-11-25 10:00"),
        ("5bd", "2025-11-26 15:30", "2025-12-04 15:30"),  # over a holiday
        ("5bd", "2025-11-22 12:00", "2025-11-28 12:00"),  # on a Saturday
        ("1bd", "2025-11-18 20:00", "2025-11-20 08:00"),  # after hours
        ("1bd end", "2025-11-18 10:00", "2025-11-19 16:00"),
        ("72h", "2025-11-21 10:00", "2025-11-24 10:00"),  # hours by the clock
    ],
)
def test_it_closes_after_working_days_or_hours(after: str, resolved: str, closes: str) -> None:
    closing = Closing.parse(after)
    assert closing is not None
    assert closing.at(instant(resolved), CALENDAR) == instant(closes)


@each("text", ["", "off", " Never "])
def test_it_may_stay_resolved_for_ever(text: str) -> None:
    assert Closing.parse(text) is None


@each(
    ("after", "reason"),
    [
        ("5bd", "no answer for 5 working days"),
        ("1bd", "no answer for 1 working day"),
        ("72h", "no answer for 72h"),
    ],
)
def test_the_history_says_why(after: str, reason: str) -> None:
    closing = Closing.parse(after)
    assert closing is not None
    assert closing.reason == reason


@each("text", ["5 days", "0bd", "soon", "-1h"])
def test_what_is_no_time_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Closing.parse(text)
    assert f"'{text}'" in refused.value.message
    assert "5bd" in refused.value.hint

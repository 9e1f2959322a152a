"""Dates of other programs, and the order of day and month of a whole file."""

from __future__ import annotations

import pytest

from sdesk.errors import Invalid
from sdesk.transfer.dates import DateReader, find_order, iso
from tests.each import each


@each(
    ("text", "moment"),
    [
        ("2026-11-22", "2026-11-21T22:00:00Z"),
        ("2026-11-22 03:08", "2026-11-22T01:08:00Z"),
        ("2026-11-22T03:08:38Z", "2026-11-22T03:08:38Z"),
        ("2026-11-22T03:08:38.123456+02:00", "2026-11-22T01:08:38Z"),
        ("2026/7/1 9:05", "2026-07-01T06:05:00Z"),
        ("29/2/2016 01:16", "2016-02-28T23:16:00Z"),
        ("22.9.2025 9:26", "2025-09-22T06:26:00Z"),
        ("22/Sep/25 9:26 AM", "2025-09-22T06:26:00Z"),
        ("22/sep/25 9:26 PM", "2025-09-22T18:26:00Z"),
        ("01/ene/26 12:05 AM", "2025-12-31T22:05:00Z"),
        ("3/Mär/26 12:05 PM", "2026-03-03T10:05:00Z"),
        ("14. Dezember 2025 08:00", "2025-12-14T06:00:00Z"),
        ("Sep 22, 2025 9:26 AM", "2025-09-22T06:26:00Z"),
        ("1764150000", "2025-11-26T09:40:00Z"),
        ("1764150000000", "2025-11-26T09:40:00Z"),
        ("31/12/2025 24:00", "2025-12-31T22:00:00Z"),
    ],
)
def test_a_date_is_read_in_the_zone_of_the_file(text: str, moment: str) -> None:
    assert iso(DateReader("Europe/Helsinki", "dmy")(text)) == moment


@each(
    "text",
    [
        "31/2/2026",
        "2026-13-01",
        "tomorrow",
        "12/Foo/25",
        "25:00",
        "9/9/9999",
        "1/1/1900",
        "1/2/2026 13:00 PM",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"is not a date"):
        DateReader("UTC", "dmy")(text)


def test_one_telling_date_settles_the_order_for_the_whole_file() -> None:
    assert find_order(["3/4/2016 10:00", "29/2/2016 01:16", "1/1/2016"]) == "dmy"
    assert find_order(["3/4/2016 10:00", "2/29/2016 01:16"]) == "mdy"


def test_dates_that_mean_the_same_either_way_need_no_order() -> None:
    assert find_order(["5/5/2026", "2026-03-04", "3.4.2026", "", "?"]) is None


def test_a_file_that_leaves_the_order_open_is_not_guessed_at() -> None:
    with pytest.raises(Invalid, match="nothing in the file tells") as refusal:
        find_order(["3/4/2016 10:00", "5/6/2016"])
    assert "--dates dmy" in refusal.value.hint


def test_a_file_of_two_orders_is_refused() -> None:
    with pytest.raises(Invalid, match="has the day first and"):
        find_order(["29/2/2016", "2/29/2016"])


def test_an_hour_that_comes_twice_is_its_first_and_one_that_is_skipped_moves_on() -> None:
    read = DateReader("Europe/Helsinki")
    assert iso(read("2026-10-25 03:30")) == "2026-10-25T00:30:00Z"
    assert iso(read("2026-03-29 03:30")) == "2026-03-29T01:30:00Z"


def test_the_months_order_holds_for_numbers_only() -> None:
    assert iso(DateReader("UTC", "mdy")("3/4/2016")) == "2016-03-04T00:00:00Z"
    assert iso(DateReader("UTC", "mdy")("3.4.2016")) == "2016-04-03T00:00:00Z"

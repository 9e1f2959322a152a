"""Which backups stay, over a table of dates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdesk.errors import Invalid
from sdesk.rules.keeping import Copied, Keep
from tests.each import each


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def kept(rule: str, now: str, *moments: str) -> list[str]:
    copies = [Copied(moment, at(moment)) for moment in moments]
    return sorted(Keep.parse(rule).kept(copies, at(now)))


def test_the_newest_of_each_day_stays_for_so_many_days() -> None:
    moments = ["2026-03-01T02:30", "2026-03-01T14:30", "2026-03-02T02:30", "2026-03-03T02:30"]
    assert kept("2d", "2026-03-03T03:00", *moments) == ["2026-03-02T02:30", "2026-03-03T02:30"]
    assert kept("3d", "2026-03-03T03:00", *moments) == moments[1:]


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    moments = ["2026-02-22T02:30", "2026-02-23T02:30", "2026-02-28T02:30", "2026-03-01T02:30", "2026-03-02T02:30"]  # fmt: skip
    assert kept("2w", "2026-03-02T03:00", *moments) == ["2026-03-01T02:30", "2026-03-02T02:30"]
    assert kept("2m", "2026-03-02T03:00", *moments) == ["2026-02-28T02:30", "2026-03-02T02:30"]


def test_each_rule_keeps_its_own() -> None:
    days = [f"2026-{month:02}-{day:02}T02:30" for month in (1, 2, 3) for day in (1, 15, 28)]
    assert kept("1d 2w 3m", "2026-03-28T03:00", *days) == [
        "2026-01-28T02:30", "2026-02-28T02:30", "2026-03-28T02:30",
    ]  # fmt: skip
    assert len(kept("1y", "2026-03-28T03:00", *days)) == 1


def test_the_newest_verified_one_always_stays() -> None:
    old = "2019-01-01T02:30"
    assert kept("1d", "2026-03-28T03:00", old) == [old]
    copies = [Copied("bad", at("2026-03-27T02:30"), verified=False), Copied("good", at(old))]
    assert Keep.parse("1d").kept(copies, at("2026-03-28T03:00")) == {"good"}


def test_what_comes_from_the_future_is_not_thrown_away() -> None:
    """A clock that was set back must not cost anybody a backup."""
    moments = ["2026-03-27T02:30", "2030-01-01T02:30"]
    assert kept("1d", "2026-03-27T03:00", *moments) == moments


@each(
    ("rule", "gone"),
    [("1d", "2026-03-29"), ("7d", "2026-04-04"), ("1w", "2026-03-30"), ("12m", "2027-03-01"), ("7d 4w 12m", "2027-03-01"), ("2y", "2028-01-01")],
)  # fmt: skip
def test_the_day_it_is_gone_for_good_is_known_when_it_is_made(rule: str, gone: str) -> None:
    made, keep = at("2026-03-28T02:30"), Keep.parse(rule)
    assert keep.expires(made) == at(gone)
    newer = Copied("newer", at(gone) + 60)
    assert keep.kept([Copied("old", made), newer], at(gone) + 120) == {"newer"}
    before = [Copied("old", made), Copied("newer", made - 400 * 86_400)]
    assert "old" in keep.kept(before, at(gone) - 60)


@each("text", ["", "7", "7x", "0d", "-1d", "7d 3d", "7 d", "١d", "99999d"])
def test_what_can_not_be_read_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Keep.parse(text)


def test_it_is_written_as_it_is_read() -> None:
    assert str(Keep.parse("12m 7d")) == "7d 12m"


@settings(max_examples=25)
@given(
    st.builds(Keep, st.integers(0, 9), st.integers(0, 5), st.integers(0, 13), st.integers(0, 3)),
    st.lists(st.integers(-3, 40), min_size=1, max_size=60),
    st.integers(0, 4_000_000_000),
)
def test_whatever_the_clock_does_the_newest_stay_and_no_more_than_was_said(
    keep: Keep, steps: list[int], start: int
) -> None:
    """Backups over a year and more, with days left out and a clock that is set back now and then."""
    there: list[Copied] = []
    now = start + 5 * 86_400
    for number, days in enumerate(steps):
        now = max(0, now + days * 86_400 + 1_800 * (number % 3))
        there.append(Copied(f"{number:03}", now))
        stays = keep.kept(there, now)
        assert max(there, key=lambda copy: (copy.at, copy.name)).name in stays
        assert all(copy.name in stays for copy in there if copy.at > now)
        there = [copy for copy in there if copy.name in stays]
        past = [copy for copy in there if copy.at <= now]
        assert len(past) <= keep.days + keep.weeks + keep.months + keep.years + 1
        assert keep.kept(there, now) == stays, "asked again, nothing more goes"

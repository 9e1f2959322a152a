"""Who is on call: turns on the wall clock, covers before them, and what is refused."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from sdesk.errors import Invalid
from sdesk.rules.oncall import Cover, Rota, Turns, on_call, rotas
from sdesk.rules.quiet import Quiet
from tests.each import each

ZONE = "Europe/Helsinki"


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp())


WEEKLY = Rota.parse(
    '{"agents": ["ana", "ben", "lea"], "turns": "weekly monday 09:00", "since": "2026-03-16"}'
)


@each(
    ("when", "agent"),
    [
        ("2026-03-16T09:00", "ana"),
        ("2026-03-16T08:59", "lea"),
        ("2026-03-22T23:59", "ana"),
        ("2026-03-23T08:59", "ana"),
        ("2026-03-23T09:00", "ben"),
        ("2026-03-30T08:59", "ben"),
        ("2026-03-30T09:00", "lea"),
        ("2026-04-06T09:00", "ana"),
        ("2026-03-02T10:00", "ben"),
    ],
)
def test_a_weeks_turn_changes_on_the_wall_clock_also_over_summer_time(
    when: str, agent: str
) -> None:
    shift = WEEKLY.at(at(when), ZONE)
    assert shift is not None
    assert shift.agent == agent
    assert shift.since <= at(when) < shift.until


def test_a_daily_turn_changes_every_day() -> None:
    rota = Rota(("ana", "ben"), Turns.parse("daily 08:00"))
    found = rota.ahead(at("2026-03-27T09:00"), ZONE, 4)
    agents = [shift.agent for shift in found]
    assert agents in (["ana", "ben"] * 2, ["ben", "ana"] * 2)
    spans = [shift.until - shift.since for shift in found]
    assert spans == [86_400, 86_400 - 3_600, 86_400, 86_400], "the clocks go forward on Sunday"


def test_a_cover_goes_before_the_turn_and_the_later_one_counts() -> None:
    begins, ends = at("2026-03-17T18:00"), at("2026-03-18T09:00")
    covers = (Cover("ben", begins, ends), Cover("mia", begins + 3_600, ends))
    rota = WEEKLY._replace(covers=covers)
    told = [rota.at(begins + hours * 3_600, ZONE) for hours in (-1, 0, 1)]
    assert [shift.agent for shift in told if shift] == ["ana", "ben", "mia"]
    assert told[2] is not None
    assert told[2].covers == "ana"
    last = rota.at(ends, ZONE)
    assert last is not None
    assert last.agent == "ana"


def test_what_lies_ahead_is_cut_where_a_cover_begins() -> None:
    begins, ends = at("2026-03-17T18:00"), at("2026-03-18T09:00")
    rota = WEEKLY._replace(covers=(Cover("ben", begins, ends),))
    found = rota.ahead(at("2026-03-16T10:00"), ZONE, 4)
    assert [(s.agent, s.until) for s in found] == [
        ("ana", begins), ("ben", ends), ("ana", at("2026-03-23T09:00")), ("ben", at("2026-03-30T09:00")),
    ]  # fmt: skip
    gaps = Rota(covers=(Cover("ana", 100, 200), Cover("ben", 300, 400)))
    assert [s.agent for s in gaps.ahead(0, ZONE, 5)] == ["ana", "ben"]


def test_fixed_dates_alone_are_a_rota() -> None:
    rota = Rota(covers=(Cover("ana", 100, 200),))
    assert rota.at(150, ZONE) == ("ana", 100, 200, "")
    assert rota.at(200, ZONE) is None
    assert rota.everybody == ("ana",)


def test_what_is_kept_is_read_back() -> None:
    rota = WEEKLY._replace(covers=(Cover("ben", 5, 9),))
    assert Rota.parse(str(rota)) == rota
    assert Rota.parse("") == Rota()


@each(
    "text",
    [
        "[]", "{", '{"agents": ["ana"]}', '{"agents": ["ana"], "turns": "weekly funday 09:00"}',
        '{"turns": "hourly"}', '{"covers": [{"agent": "ana", "since": 9, "until": 9}]}',
        '{"covers": [{"agent": "ana"}]}', '{"since": "yesterday"}', '{"turns": "weekly mo 09:00"}',
    ],
)  # fmt: skip
def test_what_is_no_rota_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Rota.parse(text)


def test_who_is_on_call_by_the_settings_of_the_desk() -> None:
    settings = {"oncall.network": str(WEEKLY), "oncall.odd": "{", "oncall.gone": "", "zone": ZONE}
    assert on_call(settings, "network", at("2026-03-16T09:00"), ZONE) == "ana"
    assert on_call(settings, "odd", 0, ZONE) == ""
    assert on_call(settings, "elsewhere", 0, ZONE) == ""
    assert list(rotas(settings)) == ["network"]


@each(
    ("hours", "now", "told"),
    [
        ("22:00-07:00", "2026-03-16T21:59", "2026-03-16T21:59"),
        ("22:00-07:00", "2026-03-16T22:00", "2026-03-17T07:00"),
        ("22:00-07:00", "2026-03-17T06:59", "2026-03-17T07:00"),
        ("22:00-07:00", "2026-03-17T07:00", "2026-03-17T07:00"),
        ("12:00-13:00", "2026-03-17T12:30", "2026-03-17T13:00"),
        ("22:00 – 7:00", "2026-03-28T23:00", "2026-03-29T07:00"),
    ],
)
def test_quiet_hours_put_off_until_their_end(hours: str, now: str, told: str) -> None:
    assert Quiet.parse(hours).ends_at(at(now), ZONE) == at(told)


@each("text", ["22-7", "25:00-07:00", "22:00-22:00", "", "22:00"])
def test_what_are_no_quiet_hours_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Quiet.parse(text)

"""What a new desk begins with."""

from __future__ import annotations

import pytest

from sdesk import ops
from sdesk.errors import Invalid
from sdesk.model import StateCategory
from sdesk.setup_defaults import default_setup, office_name, public_holidays
from tests.each import each


def setup(**changes: str) -> list[ops.Op]:
    values = {
        "name": "Acme IT", "prefix": "sd", "zone": "Europe/Helsinki", "country": "FI",
        "admin_login": "ana", "admin_name": "Ana Example",
    }  # fmt: skip
    return default_setup(**(values | changes), year=2026)  # type: ignore[arg-type]


def of(kind: type, **changes: str) -> list:  # type: ignore[type-arg]
    return [op for op in setup(**changes) if isinstance(op, kind)]


def test_there_are_two_tiers_of_queues_and_the_first_is_the_intake():
    queues = of(ops.SaveQueue)
    assert {queue.tier for queue in queues} == {1, 2}
    settings = {op.name: op.value for op in of(ops.SaveSetting)}
    assert settings["intake_queue"] == next(q.key for q in queues if q.tier == 1)
    assert settings["prefix"] == "SD"


def test_every_category_of_states_is_there():
    assert {state.category for state in of(ops.SaveState)} == set(StateCategory)
    positions = [state.position for state in of(ops.SaveState)]
    assert positions == sorted(set(positions))


def test_the_caller_becomes_admin():
    (agent,) = of(ops.SaveAgent)
    assert (agent.login, agent.role) == ("ana", "admin")


def test_the_office_closes_on_the_countrys_holidays():
    office = of(ops.SaveCalendar)[0]
    assert office.name == "Helsinki office"
    assert {"2026-12-06", "2026-12-25"} <= set(office.spec["holidays"])
    assert of(ops.SaveCalendar, country="")[0].spec["holidays"] == []


def test_a_region_has_holidays_of_its_own():
    assert "2026-01-06" in public_holidays("DE-BY", [2026])
    assert "2026-01-06" not in public_holidays("DE-HH", [2026])


def test_a_policy_stands_on_a_calendar_that_is_made_before_it():
    made = setup()
    calendars = {op.name for op in made if isinstance(op, ops.SaveCalendar)}
    policies = [op for op in made if isinstance(op, ops.SavePolicy)]
    assert {policy.spec["calendar"] for policy in policies} <= calendars
    assert policies[-1].spec["when"] == "", "the last policy takes what no other does"


@each(
    ("wrong", "said"),
    [
        ({"prefix": "S-D"}, "Prefix"),
        ({"prefix": "1"}, "Prefix"),
        ({"zone": "Europe/Helsinky"}, "Did you mean 'Europe/Helsinki'"),
        ({"country": "XX"}, "Country"),
        ({"country": "DE-ZZ"}, "no region"),
    ],
)
def test_what_cannot_be_is_named(wrong, said):
    with pytest.raises(Invalid) as caught:
        setup(**wrong)
    assert said in str(caught.value)


def test_an_office_is_named_after_its_city():
    assert office_name("America/New_York") == "New York office"
    assert office_name("UTC") == office_name("Etc/UTC") == "Office"

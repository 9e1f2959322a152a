"""Policies as a file: what is written is read back, with warnings and levels as people write them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdesk.rules.ladder import Level, Place, levels_from, levels_to_json
from sdesk.rules.policy import Budget, Policy, PolicyError, Target
from sdesk.rules.policy_file import from_toml, to_toml
from tests.each import each

WRITTEN = """
[[policy]]
name = "Gold"
when = "org:acme"

[[policy.target]]
kind = "resolution"
budgets = { "*" = "4h" }
warnings = ["75%", "30m before"]

[[policy.target.level]]
at = "breach"
name = "Team lead"
tell = ["lead", "owner"]
do = ["priority up", "tag late"]

[[policy.target.level]]
at = "1h after"
tell = ["admin"]
quiet = ["20:00", "07:00"]

[[policy.target]]
kind = "response"
budgets = { "1" = "15m" }
"""


def test_a_ladder_stands_in_the_file_as_people_write_it() -> None:
    (policy,) = from_toml(WRITTEN)
    resolution, response = policy.targets
    assert [level.key for level in resolution.ladder] == ["75%", "30m before", "breach", "1h after"]
    assert resolution.ladder[2] == Level(Place(), "Team lead", ("lead", "owner"), ("priority up", "tag late"))  # fmt: skip
    assert response.ladder == ()
    text = to_toml([policy])
    assert 'warnings = ["75%", "30m before"]' in text
    assert '[[policy.target.level]]\nat = "breach"\nname = "Team lead"\ntell = ["lead", "owner"]' in text  # fmt: skip
    assert from_toml(text) == [policy]


@each(
    ("change", "sentence"),
    [
        (('"breach"', '"soon"'), "level 1: 'soon' is no place on a clock"),
        (('["priority up", "tag late"]', '["dance"]'), "level 1: do: 'dance' is not known"),
        (('"07:00"]', '"later"]'), "level 2: quiet: 'later' is no time of day"),
        (('"30m before"]', '"30m"]'), "'30m' is no place"),
    ],
)
def test_a_slip_in_the_file_is_named_with_its_place(change: tuple[str, str], sentence: str) -> None:
    with pytest.raises(PolicyError) as refused:
        from_toml(WRITTEN.replace(*change))
    assert sentence in str(refused.value)


texts = st.text(st.characters(codec="utf-8"), max_size=20)
places = st.one_of(
    st.builds(Place, percent=st.integers(1, 100)),
    st.just(Place()),
    st.builds(Place, offset=st.integers(1, 500_000).map(lambda n: n * 60)),
    st.builds(Place, offset=st.integers(1, 500_000).map(lambda n: -n * 60)),
)
times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
acts = st.sampled_from(["priority up", "priority 1", "queue network", "assign nobody", "note a\x7f“b”"])  # fmt: skip
levels = st.builds(
    Level, places, texts, st.lists(texts, max_size=3).map(tuple),
    st.lists(acts, max_size=2).map(tuple), st.none() | st.tuples(times, times),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(levels, max_size=5, unique_by=lambda level: level.key), texts, texts.filter(bool))
def test_any_ladder_survives_the_file(ladder: list[Level], when: str, name: str) -> None:
    ladder_in_order = levels_from(levels_to_json(ladder), "x")
    target = Target("resolution", {2: Budget(3600)}, ladder=ladder_in_order)
    policy = Policy(name, when, "", (target, Target("response", {1: Budget(days=2)})))
    assert from_toml(to_toml([policy])) == [policy]


def test_the_examples_of_the_docs_are_policies() -> None:
    text = (Path(__file__).parents[2] / "docs" / "sla.md").read_text(encoding="utf-8")
    files = [b for b in re.findall(r"```toml\n(.*?)```", text, re.S) if "[[policy]]" in b]
    assert len(files) >= 2
    ladders = [t.ladder for block in files for p in from_toml(block) for t in p.targets]
    assert max(map(len, ladders)) == 4

"""What docs/alerts.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

from sdesk.alerts.payload import read
from sdesk.alerts.settings import load
from sdesk.rules.alarm import AGAIN, PRIORITIES, Plan

TEXT = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")


def test_the_table_of_severities_is_the_one_that_counts() -> None:
    rows = re.findall(r"^\| ([a-z][^|]*) \| ([1-4]) \|$", TEXT, re.M)
    told = {word.strip(): int(rank) for words, rank in rows for word in words.split(",")}
    del told["anything else"]
    short = {"moderate", "informational", "information", ""}
    assert told == {word: rank for word, rank in PRIORITIES.items() if word not in short}


def test_the_numbers_are_the_ones_that_count() -> None:
    plan = Plan()
    assert (plan.storm, plan.storm_seconds, AGAIN) == (20, 300, 300)
    assert (plan.reopen, plan.settle, plan.note_every) == (86_400, 3_600, 6 * 3_600)


def test_the_examples_can_be_read(tmp_path: Path) -> None:
    (example,) = re.findall(r"```json\n(.*?)```", TEXT, re.S)
    (found,) = read(example.encode())
    assert (found.key, found.host, found.at) == ("backup/db1", "db1", 1_795_338_000)
    for number, example in enumerate(re.findall(r"```toml\n(.*?)```", TEXT, re.S)):
        file = tmp_path / f"{number}.toml"
        file.write_text(example)
        load(file=file)

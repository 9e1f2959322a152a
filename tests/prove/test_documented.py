"""docs/prove.md tells of every promise: its number, its engines, and what is not promised."""

from __future__ import annotations

import re
from pathlib import Path

from sdesk.prove import PROMISES, promise
from sdesk.prove.model import ENGINES
from tests.each import each

PAGE = (Path(__file__).parents[2] / "docs" / "prove.md").read_text(encoding="utf-8")
SECTIONS = {
    match[1]: match[3]
    for match in re.finditer(r"(?ms)^### (\w+) \(P(\d+)\)\n(.*?)(?=^##|\Z)", PAGE)
}


@each("key", PROMISES)
def test_a_promise_is_explained(key: str) -> None:
    found = promise(key)
    assert f"### {key} (P{found.number})" in PAGE
    if key != "portal":
        assert "*Failing:*" in SECTIONS[key]
        assert re.search(r"\b\d+ s\b", SECTIONS[key]), "how long it takes"
        assert ("Both engines" in SECTIONS[key]) == (found.engines == ENGINES)


def test_nothing_is_explained_that_is_not_promised() -> None:
    assert set(SECTIONS) == set(PROMISES)
    for limit in ("NFS", "root", "Sending exactly once", "one file"):
        assert limit in PAGE.partition("## What is not promised")[2]

"""A person in both files is erased in both."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdesk import privacy, restricted
from sdesk.cli.program import run
from sdesk.joined.desk import JoinedDesk
from tests.restricted.conftest import opened


def test_a_member_erases_in_both_files(
    joined: JoinedDesk, pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """`sdesk person` finds them in each."""
    for name in ("config", "data", "state", "cache"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    opened(joined, "xylo one", requester=1, text="xylocanary")
    opened(joined, "xylo two", requester=1, text="xylocanary", restricted=True)
    joined.close()
    monkeypatch.setattr("sdesk.desk.system_user", lambda: "ana")
    second = restricted.default_place(pair)
    for one in (pair, second):
        assert privacy.occurrences(one, ["xylocanary"]).total > 0
    assert run(["--store", str(pair), "person", "erase", "mikko@acme.example", "--yes"]) == 0
    assert capsys.readouterr().err.count("0 occurrences left in the store.") == 2
    for one in (pair, second):
        assert privacy.occurrences(one, ["xylocanary", "mikko@acme.example"]).where == {}

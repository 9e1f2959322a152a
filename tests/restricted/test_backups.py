"""A backup covers both files, each in a folder of its own."""

from __future__ import annotations

from pathlib import Path

from sdesk.store.backup import look_through
from sdesk.upkeep.backing import back_up


def test_both_files_are_copied_and_each_is_whole(pair: Path, tmp_path: Path) -> None:
    done = back_up(pair, str(tmp_path / "b"), 1_764_150_000)
    assert done.restricted is not None
    assert done.missed == ""
    assert done.restricted.path.parent == tmp_path / "b" / "restricted"
    assert done.restricted.path.name.startswith(
        f"{done.restricted.path.name.split('-')[0]}-restricted-"
    )
    assert "-restricted-" in done.restricted.path.name
    stores = {look_through(made.path).store for made in (done.made, done.restricted)}
    assert len(stores) == 2
    assert oct(done.restricted.path.stat().st_mode)[-3:] == "600"

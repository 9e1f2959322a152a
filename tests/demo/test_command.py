"""`sdesk demo` without a terminal: makes the store, prints the queue, uses it again, spares real desks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sdesk.demo.mark import made_of
from sdesk.desk import Desk


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
    }
    env.pop("SDESK_STORE", None)
    return subprocess.run(
        [sys.executable, "-m", "sdesk", *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env, check=False,
    )  # fmt: skip


def test_it_prints_the_queue_and_uses_a_young_store_again(tmp_path: Path) -> None:
    first = run(tmp_path, "demo", "--tickets", "60")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[0].startswith("Number")
    assert first.stdout.count("SD-") == 40
    store = tmp_path / "data" / "sdesk" / "demo.db"
    before = store.stat().st_ino
    assert run(tmp_path, "demo", "--tickets", "60").stdout.count("SD-") == 40
    assert store.stat().st_ino == before
    run(tmp_path, "demo", "--tickets", "60", "--seed", "2")
    with Desk.open(store) as desk:
        assert (made_of(desk) or ())[:2] == (60, 2)


def test_a_desk_of_work_is_never_overwritten(store: Path, tmp_path: Path) -> None:
    with Desk.open(store, actor="ana") as desk:
        from sdesk.ops import Open

        desk.apply(None, Open("Real work"))
    done = run(tmp_path, "demo", "--fresh", "--store", str(store))
    assert done.returncode == 1
    assert "no demo desk" in done.stderr
    with Desk.open(store, actor="ana") as desk:
        assert desk.read.count("") == 1

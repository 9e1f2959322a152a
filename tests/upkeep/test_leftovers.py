"""What a killed backup, rehearsal or restore leaves, and what a program that takes a backup must have done."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sdesk.errors import Invalid, StoreFault
from sdesk.store.leftovers import sweep, swept
from sdesk.transfer import backup as backups
from sdesk.transfer import manifest as manifests
from sdesk.transfer import restoring
from sdesk.transfer.backup import backup
from sdesk.transfer.sending import send

NOW = 1_764_150_000
LEFT = (
    ".sdesk-2025-11-20T023000Z.db.part", ".sdesk-2025-11-20T023000Z.db.77.part",
    ".sdesk-2025-11-20T023000Z.db.77.part-journal", ".sdesk-2025-11-20T023000Z-2.db.json.part",
    ".sdesk-2025-11-20T023000Z.jsonl.gz.77.part.gz", ".sdesk.db.77.restoring", ".sdesk.db.77.restoring.lock",
)  # fmt: skip
FOREIGN = (".notes.part", ".sdesk-2025-11-20.db.part", ".rehearsal-mine", "sdesk-2025-11-20T023000Z.db", ".x.part-journal")  # fmt: skip


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def litter(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name in (*LEFT, *FOREIGN):
        (folder / name).write_bytes(b"everything")
    (folder / ".rehearsal-ab12cd_x").mkdir()
    (folder / ".rehearsal-ab12cd_x" / "desk.db").write_bytes(b"everything")


def test_the_next_backup_sweeps_what_a_killed_one_left(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    litter(folder)
    made = backup(store, str(folder), NOW)
    assert names(folder) == {*FOREIGN, made.path.name, f"{made.path.name}.json"}


def test_nothing_is_swept_while_somebody_makes_one(tmp_path: Path) -> None:
    folder = tmp_path / "b"
    litter(folder)
    with swept(tmp_path), swept(folder):
        assert names(folder) == {*FOREIGN}
        (folder / LEFT[0]).write_bytes(b"being made")
        with swept(folder):
            assert LEFT[0] in names(folder)
    assert sweep(folder, 3_600) == [], "too young, where nobody can be asked"
    assert sweep(folder) == [LEFT[0]]


def test_a_backup_whose_manifest_was_not_reached_gets_it(store: Path, tmp_path: Path) -> None:
    made = backup(store, str(tmp_path / "b"), NOW)
    slip = made.path.with_name(f"{made.path.name}.json")
    slip.rename(slip.with_name(f".{slip.name}.part"))
    assert manifests.of(made.path) is None
    backup(store, str(tmp_path / "b"), NOW + 1)
    assert manifests.of(made.path) == made.manifest


def test_two_in_one_second_are_two(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = backup(store, str(tmp_path / "b"), NOW)
    given = [first.path, first.path.with_name("sdesk-2025-11-26T094000Z-2.db")]
    monkeypatch.setattr(backups, "_free_name", lambda *_: given.pop(0))
    second = backup(store, str(tmp_path / "b"), NOW)
    assert second.path.name == "sdesk-2025-11-26T094000Z-2.db"
    assert [one.file for one in manifests.in_folder(first.path.parent)] == [second.path.name, first.path.name]  # fmt: skip
    assert not [name for name in names(first.path.parent) if name.startswith(".")]


def test_a_folder_is_named_from_here(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert backup(store, "b", NOW).path.resolve().parent == tmp_path / "b"


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-Sc", code)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("pass", "did not read all of it"),
        ("import os; os.read(0, 1000)", "did not read all of it"),
        ("import os; os.read(0, 1000); os.kill(os.getpid(), 9)", "ended by SIGKILL"),
        ("import os; os.read(0, 1000); os.close(0); os._exit(3)", "exit status 3"),
        ("import sys; sys.stdin.buffer.read(); sys.exit('no\\x1b[2J room')", r"\(exit status 1\): no room"),
    ],
)  # fmt: skip
def test_a_program_that_did_not_take_all_of_it_has_taken_none(
    code: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "part"
    file.write_bytes(b"x" * 300_000)
    with pytest.raises(StoreFault, match=said):
        send(file, python(code), "a.db")


def test_a_program_that_takes_nothing_any_more_is_ended(tmp_path: Path) -> None:
    file = tmp_path / "part"
    file.write_bytes(b"x" * 300_000)
    with pytest.raises(StoreFault, match="took nothing for"):
        send(file, python("import time; time.sleep(600)"), "a.db", stalled=0.0)
    with pytest.raises(StoreFault, match="was ended"):
        send(file, python("import sys, time; sys.stdin.buffer.read(); sys.stdin.close(); time.sleep(600)"), "a.db", stalled=1.0)  # fmt: skip


def test_what_is_wrong_with_a_backup_is_said_of_the_backup(store: Path, tmp_path: Path) -> None:
    made = backup(store, str(tmp_path / "b"), NOW).path
    short = tmp_path / "short.db"
    short.write_bytes(made.read_bytes()[:100_000])
    with pytest.raises(StoreFault, match=r"short\.db is damaged"):
        restoring.restore(str(short), tmp_path / "new.db")
    with pytest.raises(StoreFault, match=r"short\.db is damaged"):
        restoring.check(str(short), store, NOW)
    with pytest.raises(Invalid, match="is not a file"):
        restoring.verify("/dev/null")

"""Everything that is kept of a person, written out; and the commands that do it."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text

from sdesk import privacy
from sdesk.cli.program import run
from sdesk.desk import Desk
from sdesk.errors import Refused, StoreFault
from sdesk.model import Source
from sdesk.prove.mails.person import ADDRESS_OF, CANARIES, NAME, SECRET, Scene
from sdesk.store.reads import given
from tests.conftest import Clock


def test_a_zip_has_their_tickets_files_and_mails_and_no_notes(
    ann: Desk, scene: Scene, tmp_path: Path
) -> None:
    person = privacy.find_person(ann, NAME)
    done = privacy.export_person(ann, person, tmp_path / "z.zip")
    assert stat.S_IMODE(done.to.stat().st_mode) == 0o600
    with zipfile.ZipFile(done.to) as archive:
        names = set(archive.namelist())
        texts = {name: archive.read(name) for name in names}
    about = json.loads(texts["person.json"])
    assert (about["name"], about["email"], about["external_id"]) == (NAME, ADDRESS_OF, "Z-100")
    ref = f"SD-{scene.mailed}"
    ticket = json.loads(texts[f"tickets/{ref}.json"])
    assert {message["kind"] for message in ticket["messages"]} <= {"inbound", "reply", "call"}
    assert ticket["fields"] == {"room": f"{SECRET} 12"}
    assert ticket["survey"]["comment"] == f"thanks {SECRET}"
    files = [file["saved_as"] for file in ticket["files"]]
    assert any(texts[file] == f"secret plan {SECRET}".encode() for file in files)
    assert any(name.startswith("mails/") and b"From: Zelda" in raw for name, raw in texts.items())
    assert any(name.startswith("mails-to-them/") for name in names)
    everything = b"".join(texts.values())
    assert b"@bob she is" not in everything
    assert b"Mary stays" not in everything
    assert b"alice@customer-a" not in texts["person.json"]
    assert "me too" in texts["person.json"].decode()
    event = ann.read.reader.one("SELECT payload FROM event WHERE kind = 'person_exported'")
    assert event is not None
    assert json.loads(event[0])["details"] == {"id": scene.person, "with_notes": False}


def test_a_letter_to_an_address_that_only_looks_alike_is_not_theirs(
    ann: Desk, scene: Scene
) -> None:
    def letters(*to: str) -> int:
        put = text("UPDATE letter SET recipients = :to, cc = '[]' WHERE id = (SELECT min(id) FROM letter)")  # fmt: skip
        with ann.door().writer.write() as session:
            session.execute(put, {"to": json.dumps(to)})
        return len(given.letters(ann.read.reader, ["a_b@x.example", "c@x.example"]))

    assert letters("axb@x.example") == 0
    assert letters("aa_b@x.example") == 0
    assert letters("else@x.example", "A_b@X.example") == 1


def test_files_they_sent_into_others_tickets_and_a_killed_run_are_thought_of(
    ann: Desk, scene: Scene, tmp_path: Path
) -> None:
    put = text("UPDATE attachment SET entry_id = (SELECT min(id) FROM entry WHERE person_id = :p AND ticket_id = :t) WHERE name = 'names.txt'")  # fmt: skip
    with ann.door().writer.write() as session:
        session.execute(put, {"p": scene.person, "t": scene.others})
    (tmp_path / ".out.part").mkdir()
    (tmp_path / ".out.part" / "person.json").write_text("left over")
    done = privacy.export_person(ann, privacy.find_person(ann, NAME), tmp_path / "out")
    files = json.loads((done.to / "person.json").read_text())["files_in_other_tickets"]
    named = {file["name"]: done.to / file["saved_as"] for file in files}
    assert b"Alice" in named["names.txt"].read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_notes_are_in_it_when_an_administrator_says_so(
    ann: Desk, scene: Scene, tmp_path: Path
) -> None:
    person = privacy.find_person(ann, NAME)
    done = privacy.export_person(ann, person, tmp_path / "folder", with_notes=True)
    assert "@bob she is" in (done.to / f"tickets/SD-{scene.mailed}.txt").read_text()
    assert stat.S_IMODE(done.to.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in done.to.rglob("*") if p.is_file())


def test_nothing_is_left_half_written_nor_written_over(
    ann: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = privacy.find_person(ann, NAME)
    there = tmp_path / "out" / "there.zip"
    there.parent.mkdir()
    there.write_text("mine")
    with pytest.raises(StoreFault, match="is there already"):
        privacy.export_person(ann, person, there)
    assert there.read_text() == "mine"
    monkeypatch.setattr("sdesk.store.reads.given.letters", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        privacy.export_person(ann, person, there.with_name("new.zip"))
    assert [path.name for path in there.parent.iterdir()] == ["there.zip"]


def test_an_agent_may_not(told_store: Path, told_clock: Clock, tmp_path: Path) -> None:
    with Desk.open(told_store, actor="bob", source=Source.CLI, clock=told_clock) as bob:
        person = privacy.find_person(bob, NAME)
        with pytest.raises(Refused, match="needs the role admin"):
            privacy.export_person(bob, person, tmp_path / "z.zip")


@pytest.fixture
def sdesk(
    told_store: Path, told_clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):  # type: ignore[no-untyped-def]  # fmt: skip
    """Run a command as ann."""
    for name in ("config", "data", "state", "cache"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    monkeypatch.setenv("SDESK_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr("sdesk.desk.system_user", lambda: "ann")
    monkeypatch.chdir(tmp_path)

    def command(*words: str) -> tuple[int, str, str]:
        status = run(["--store", str(told_store), *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return command


def test_the_commands_show_write_out_and_erase(sdesk, told_store: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    status, out, _ = sdesk("person", "show", ADDRESS_OF)
    assert status == 0
    assert "tickets\t3" in out
    assert "raw mails\t" in out
    status, out, err = sdesk("person", "export", NAME)
    assert (status, Path(out.strip()).name) == (0, "person-3.zip")
    assert "only you can read it" in err
    assert sdesk("backup")[0] == 0
    status, _, err = sdesk("person", "erase", NAME, "--dry-run")
    assert status == 0
    assert "The backup " in err
    assert "Nothing was changed" in err
    status, _, err = sdesk("person", "erase", NAME)
    assert status == 2
    assert "Say --yes" in err
    status, _, err = sdesk("person", "erase", NAME, "--yes")
    assert status == 0
    assert err.rstrip().endswith("0 occurrences left in the store.")
    assert privacy.occurrences(told_store, CANARIES).where == {}
    status, _, err = sdesk("person", "show", "Zelda")
    assert status == 3
    assert "No person called 'Zelda'" in err
    status, _, err = sdesk("person", "finish")
    assert (status, err.strip()) == (0, "Nothing is left to be finished.")


def test_the_commands_set_run_and_drop_retention(sdesk) -> None:  # type: ignore[no-untyped-def]
    assert "nothing is erased by itself" in sdesk("retention", "list")[2]
    status, _, err = sdesk("retention", "set", "old", "is:closed")
    assert status == 2
    assert "--after is missing" in err
    status, _, err = sdesk("retention", "set", "old", "is:closed", "--after", "3y")
    assert status == 0
    assert "would erase 0 tickets" in err
    status, out, _ = sdesk("retention", "run", "--dry-run", "--format", "json")
    assert json.loads(out)[0]["name"] == "old"
    status, out, err = sdesk("retention", "run", "--trust-clock")
    assert status == 0
    assert "Erased 0 tickets." in err
    assert "old\tis:closed\t3y\terase" in sdesk("retention", "list")[1]
    assert sdesk("retention", "drop", "old")[0] == 0

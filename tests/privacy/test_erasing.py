"""Erasing a person: nothing of them is left in any file of the store, and everything else is as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from sdesk import locations, ops, privacy
from sdesk.cli.doctor.privacy import findings
from sdesk.desk import Desk
from sdesk.errors import NotFound, Refused
from sdesk.model import Source
from sdesk.prove.mails.person import ADDRESS_OF, CANARIES, NAME, SECRET, Scene
from sdesk.rules.attainment import By, attainment
from sdesk.store import chained, health
from sdesk.suggesting import cache_file
from sdesk.transfer.archive import dump, restore
from tests.conftest import Clock


def figures(desk: Desk) -> dict[str, Any]:
    """What clocks and reports make of the desk."""
    tickets = list(desk.read.ids("number:>0 (is:live or -is:live)"))
    kept = attainment(desk.judged(tickets), By.QUEUE, 0, desk.now())
    columns = "id, state, category, queue, path, priority, assignee, policy, due_at, breached, resolved_at, closed_at, reopen_count"
    return {
        "tickets": desk.read.reader.all(f"SELECT {columns} FROM ticket ORDER BY id"),
        "clocks": desk.read.reader.all("SELECT * FROM clock ORDER BY ticket_id, target"),
        "ledgers": [desk.ledger(number) for number in tickets],
        "report": [str(row) for row in kept],
    }


@pytest.fixture
def erased(ann: Desk, scene: Scene) -> privacy.Erased:
    return privacy.erase_person(ann, scene.person)


def test_the_scene_has_every_canary_in_the_store(told_store: Path) -> None:
    for canary in (NAME, ADDRESS_OF, SECRET, "0401234567"):
        assert privacy.occurrences(told_store, [canary]).total > 0, canary


def test_nothing_is_left_in_any_file_of_the_store(
    ann: Desk, erased: privacy.Erased, told_store: Path
) -> None:
    assert privacy.occurrences(told_store, CANARIES).where == {}
    assert (erased.left, erased.unread, erased.purged) == ({}, [], True)
    files = sorted(path for path in told_store.parent.rglob("*") if path.is_file())
    raw = b"".join(path.read_bytes() for path in files)
    assert SECRET.encode() not in raw
    assert b"Quackenbush" not in raw
    assert not cache_file(ann.place).exists()


def test_figures_clocks_and_the_chain_stay_as_they_were(ann: Desk, scene: Scene) -> None:
    before = figures(ann)
    privacy.erase_person(ann, scene.person)
    assert figures(ann) == before
    chain = chained.verify(ann.read.reader)
    assert chain.is_whole
    assert chain.erased > 15
    assert health.damage(ann.read.reader, thorough=True) == []
    assert health.spoilt_files(ann.read.reader) == []


def test_an_event_that_was_emptied_is_named_with_the_digest_of_what_is_left(
    ann: Desk, erased: privacy.Erased
) -> None:
    named: dict[str, str] = {}
    for (payload,) in ann.read.reader.all("SELECT payload FROM event WHERE kind = 'erased'"):
        named |= json.loads(payload)["details"]["events"]
    emptied = ann.read.reader.all("SELECT id FROM event WHERE salt = ''")
    assert {str(number) for (number,) in emptied} == set(named)


def test_the_rows_stay_without_anything_of_theirs(
    ann: Desk, erased: privacy.Erased, scene: Scene
) -> None:
    ticket = ann.read.ticket(scene.mailed)
    assert (ticket.subject, ticket.requester and ticket.requester.name) == (
        "(erased)", f"Erased person {scene.person}",
    )  # fmt: skip
    assert {entry.text for entry in ann.read.conversation(scene.mailed)} == {"(erased)"}
    assert list(ann.read.ids("is:erased")) == [scene.apart, scene.phoned, scene.mailed]
    assert ann.read.count(f"requester:'Erased person {scene.person}' -is:erased") == 0
    waiting = "SELECT count(*) FROM letter WHERE state = 'waiting' AND ticket_id = :t"
    assert ann.read.reader.one(waiting, {"t": scene.mailed}) == (0,)
    assert ann.suggest(scene.others) is not None


def test_others_tickets_lose_the_name_and_nothing_else(
    ann: Desk, erased: privacy.Erased, scene: Scene
) -> None:
    texts = [entry.text for entry in ann.read.conversation(scene.others)]
    note = next(text for text in texts if "Mary stays" in text)
    assert note == "[erased] ([erased]) says: [erased] knows. Phone [erased]. Mary stays."
    quoted = next(text for text in texts if "I agree" in text)
    assert "> From: [erased]\n> call [erased], or [erased]" in quoted
    (body,) = [
        bytes(row[0])
        for row in ann.read.reader.all(
            "SELECT b.body FROM attachment a JOIN blob b ON b.sha256 = a.sha256 WHERE a.name = 'names.txt'"
        )
    ]
    assert body == b"Alice\n[erased]\nBob\n"
    raw = [bytes(row[0]) for row in ann.read.reader.all("SELECT body FROM blob")]
    assert any(b"X-Sdesk-Erased:" in one and b"I agree" in one for one in raw)
    assert ann.read.draft(scene.others, "note").text == "Ask [erased] about it"  # type: ignore[union-attr]


def test_an_undo_of_what_was_erased_is_refused(ann: Desk, scene: Scene) -> None:
    ann.apply(scene.mailed, ops.Reopen())
    ann.apply(scene.mailed, ops.AddNote("about it"))
    ann.apply(scene.mailed, ops.Edit("subject", "Something else"))
    privacy.erase_person(ann, scene.person)
    with pytest.raises(Refused, match="has been erased since"):
        ann.undo()
    ann.apply(scene.mailed, ops.Edit("category", "Hardware / Printer"))
    assert "Undid" in ann.undo().sentence


def test_an_erased_ticket_keeps_its_policy_whatever_it_asked_for(
    ann: Desk, scene: Scene, told_clock: Clock
) -> None:
    policy = {
        "when": "",
        "targets": [
            {"kind": "resolution", "budgets": {"1": "4h", "2": "8h", "3": "24h", "4": "40h"}}
        ],
    }
    ann.apply(None, ops.SavePolicy("Room", {**policy, "when": "has:fields"}, position=-1))
    ann.apply(scene.mailed, ops.Reopen())
    before = ann.read.reader.one("SELECT policy FROM ticket WHERE id = :t", {"t": scene.mailed})
    privacy.erase_person(ann, scene.person)
    told_clock.forward(60)
    ann.apply(scene.mailed, ops.SetPriority(1))
    ann.recompute_clocks()
    after = ann.read.reader.one("SELECT policy FROM ticket WHERE id = :t", {"t": scene.mailed})
    assert before == after


def test_an_archive_made_afterwards_holds_nothing_and_comes_back_the_same(
    ann: Desk, erased: privacy.Erased, tmp_path: Path
) -> None:
    one, two, again = tmp_path / "one", tmp_path / "two", tmp_path / "again" / "desk.db"
    dump(ann.place, str(one))
    assert not any(word.encode() in one.read_bytes() for word in CANARIES)
    restore(str(one), again)
    dump(again, str(two))
    assert one.read_bytes() == two.read_bytes()


class Crash(BaseException):
    """Nobody catches it, as nobody catches a SIGKILL."""


def crash(monkeypatch: pytest.MonkeyPatch, desk: Desk, after: int) -> None:
    """From now on the process ends as the transaction of that number is about to commit."""
    door, left = desk.door(), after
    real = type(door).transaction

    @contextmanager
    def transaction(**values: Any) -> Iterator[Any]:
        nonlocal left
        with real(door, **values) as work:
            yield work
            left -= 1
            if left < 0:
                raise Crash

    monkeypatch.setattr(door, "transaction", transaction)


def test_a_crash_at_any_step_is_finished_by_a_second_run(
    told_store: Path, ann: Desk, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashes = 0
    while not privacy.purge_due(ann) or privacy.under_way(ann.read.reader):
        crash(monkeypatch, ann, 1)
        try:
            privacy.erase_person(ann, scene.person, later=True)
        except Crash:
            crashes += 1
        assert crashes < 20
    assert crashes >= 4
    assert privacy.finish(ann) == [
        "Wrote the store anew: nothing erased can be read from its files."
    ]
    assert privacy.finish(ann) == []
    assert not privacy.purge_due(ann)
    assert privacy.occurrences(told_store, CANARIES).where == {}
    assert chained.verify(ann.read.reader).is_whole


def test_finishing_goes_on_with_the_names_that_were_known_when_it_began(
    told_store: Path, ann: Desk, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        crash(patch, ann, 2)
        with pytest.raises(Crash):
            privacy.erase_person(ann, scene.person)
    said = privacy.finish(ann)
    assert said[0].startswith(f"Finished erasing person #{scene.person}")
    assert privacy.occurrences(told_store, CANARIES).where == {}


def test_only_admins_erase_and_nobody_twice(
    ann: Desk, scene: Scene, told_store: Path, told_clock: Clock
) -> None:
    with (
        Desk.open(told_store, actor="bob", source=Source.TUI, clock=told_clock) as bob,
        pytest.raises(Refused, match="needs the role admin"),
    ):
        privacy.erase_person(bob, scene.person)
    with pytest.raises(NotFound):
        privacy.erase_person(ann, 999)
    privacy.erase_person(ann, scene.person)
    with pytest.raises(Refused, match="erased already"):
        privacy.erase_person(ann, scene.person)


def test_what_must_be_kept_is_not_erased(ann: Desk, scene: Scene) -> None:
    ann.apply(scene.apart, ops.AddTags(("legal-hold",)))
    with pytest.raises(Refused, match="must be kept"):
        privacy.erase_person(ann, scene.person)
    assert privacy.under_way(ann.read.reader) == {}


def test_a_name_that_another_bears_stays_theirs(ann: Desk, scene: Scene, told_store: Path) -> None:
    ann.apply(None, ops.SavePerson(NAME, "other@elsewhere.example"))
    done = privacy.erase_person(ann, scene.person)
    assert NAME not in done.known.names
    assert done.left == {}
    found = privacy.occurrences(told_store, [NAME])
    assert set(found.where) >= {"person.name", "entry.body"}
    assert privacy.occurrences(told_store, [SECRET, ADDRESS_OF]).where == {}


def test_finding_people_by_all_they_are_known_by(ann: Desk, scene: Scene) -> None:
    for who in (NAME, NAME.upper(), ADDRESS_OF, "Z-100", str(scene.person), f"#{scene.person}"):
        assert privacy.find_person(ann, who).id == scene.person
    with pytest.raises(NotFound) as missed:
        privacy.find_person(ann, "Zelda Quackenbusch")
    assert NAME in str(missed.value.hint) + str(missed.value)
    with pytest.raises(NotFound) as missed:
        privacy.find_person(ann, "quacken")
    assert f"Did you mean #{scene.person} {NAME}" in str(missed.value.hint)
    ann.apply(None, ops.SavePerson(NAME, "other@elsewhere.example"))
    with pytest.raises(Refused, match=f"#{scene.person} .*{ADDRESS_OF}.*other@elsewhere"):
        privacy.find_person(ann, NAME)


def test_one_ticket_is_emptied_inside_a_transaction_of_the_door(
    ann: Desk, scene: Scene, told_store: Path
) -> None:
    with ann.door().transaction() as work:
        privacy.erase_ticket(work, scene.mailed, "moved")
    assert ann.read.ticket(scene.mailed).requester is None
    assert chained.verify(ann.read.reader).is_whole
    assert privacy.purge_due(ann)


def test_bytes_that_another_needs_stay(ann: Desk, scene: Scene) -> None:
    body = b"the same for both"
    ann.apply(scene.apart, ops.Attach("a.txt", body))
    ann.apply(scene.others, ops.Attach("b.txt", body))
    privacy.erase_person(ann, scene.person, later=True)
    files = ann.read.attachments(scene.others)
    assert ann.read.file(next(f.id for f in files if f.name == "b.txt")) == body


def test_every_table_with_texts_is_looked_at() -> None:
    """A new column with words in it must be thought of."""
    from sqlmodel import SQLModel

    from sdesk.store import channel_tables, tables  # noqa: F401
    from sdesk.store.mentions import PLACES

    known = {(place.table, column) for place in PLACES for column in place.columns}
    words = {
        "body",
        "subject",
        "title",
        "name",
        "comment",
        "note",
        "payload",
        "author",
        "answer",
        "reason",
        "value",
        "text",
    }
    own = {
        "setting",
        "agent",
        "queue",
        "state",
        "calendar",
        "policy",
        "organization",
        "person",
        "retention",
        "upkeep",
        "mailbox",
        "blob",
        "lease",
    }
    missing = {
        (table.name, column.name)
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if column.name in words and table.name not in own and not column.primary_key
    }
    assert missing - known == set()


def test_this_users_own_files_lose_the_name_too(
    ann: Desk, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    typed = locations.editing_folder() / "text-abc.txt"
    typed.write_text(f"Dear {NAME}")
    locations.state_file().write_text(json.dumps({"query": f"requester:'{NAME}'"}))
    privacy.erase_person(ann, scene.person, later=True)
    assert not typed.exists()
    assert NAME not in locations.state_file().read_text()


def test_the_doctor_tells_of_what_is_not_gone_yet(ann: Desk, scene: Scene) -> None:
    assert list(findings(ann, quick=False)) == []
    privacy.erase_person(ann, scene.person, later=True)
    assert [f.said for f in findings(ann, quick=True)] == [
        "What was erased can still be read from the store's files."
    ]
    privacy.finish(ann)
    assert [f.verdict for f in findings(ann, quick=False)] == ["ok"]


def test_who_acted_in_an_imported_history_is_told_and_not_changed(
    ann: Desk, scene: Scene, told_store: Path, told_clock: Clock
) -> None:
    with Desk.open(told_store, actor="zelda-quackenbush", clock=told_clock) as imported:
        imported.door().enforce = False
        imported.apply(scene.others, ops.AddNote("as the other system had it"))
    done = privacy.erase_person(ann, scene.person)
    assert done.left == {"event.actor": 1}
    assert ann.read.conversation(scene.others)[-1].agent == "[erased]"
    assert chained.verify(ann.read.reader).is_whole


def test_a_held_mail_of_theirs_can_be_let_in_by_nobody(ann: Desk, scene: Scene) -> None:
    held = "SELECT count(*) FROM mail WHERE outcome IN ('hold', 'rejected') AND sha256 = ''"
    with ann.door().writer.write() as session:
        session.execute(
            text("UPDATE mail SET outcome = 'hold' WHERE author = :a"), {"a": ADDRESS_OF}
        )
    privacy.erase_person(ann, scene.person, later=True)
    assert ann.read.reader.one(held) == (0,)

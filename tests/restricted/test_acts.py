"""What is done on a joined desk goes to one file, is undone over both, and ties nothing together."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdesk import ops
from sdesk.cli.program import run
from sdesk.desk import Desk
from sdesk.errors import Refused
from sdesk.joined.desk import JoinedDesk
from sdesk.model import Source
from sdesk.numbering import is_restricted, read_reference, reference
from sdesk.transfer.exporter import Export
from tests.conftest import Clock
from tests.restricted.conftest import opened


def test_references_name_their_file() -> None:
    assert reference("SD", 42) == "SD-42"
    assert reference("SD", 1_000_000_042) == "SD-R42"
    for text in ("SD-R42", "sd-r42", "R42", "#R42", "SDR42", "#SD-R42"):
        assert read_reference(text, "SD") == 1_000_000_042
    for text in ("SD-42", "sd42", "42", "#42", " SD-42 "):
        assert read_reference(text, "SD") == 42
    for text in ("IT-42", "SD-", "R", "SD-R", "٤٢", "SD-4x", ""):
        assert read_reference(text, "SD") is None


def test_a_restricted_ticket_lies_in_the_second_file_only(joined: JoinedDesk) -> None:
    plain = opened(joined, "printer jams", requester=1)
    secret = opened(joined, "fraud in payroll", requester=1, restricted=True)
    assert (joined.ref(plain), joined.ref(secret)) == ("SD-1", "SD-R1")
    assert list(joined.first.read.ids("")) == [plain]
    assert list(joined.read.ids("fraud")) == [secret]
    assert joined.read.resolve("R1") == joined.read.resolve("SD-R1") == secret
    assert [str(row.ref) for row in joined.read.page("SD-R1")] == ["SD-R1"]
    assert joined.read.count("state:open") == 2
    assert joined.read.ticket(secret).requester is not None
    for entry in joined.read.conversation(secret):
        assert is_restricted(entry.id)


def test_a_restricted_queue_takes_its_new_tickets_there(joined: JoinedDesk) -> None:
    joined.apply(None, ops.SaveQueue("security", "Security"))
    joined.apply(None, ops.SaveSetting("restricted_queues", "security"))
    assert is_restricted(opened(joined, "odd login", queue="security"))
    assert not is_restricted(opened(joined, "no paper", queue="network"))
    assert "security" in [queue.key for queue in joined.second.read.queues()]


def test_set_up_is_brought_over_when_it_has_changed(joined: JoinedDesk) -> None:
    from sdesk.restricted.mirror import differences

    assert differences(joined.first.read, joined.second.read) == []
    joined.apply(None, ops.SaveAgent("noa", "Noa", queues=("network",)))
    joined.apply(None, ops.SaveState("parked", "Parked", "waiting", 9))
    joined.apply(None, ops.SaveView("Hot", "priority<=2", shared=True, columns=("number", "due")))
    joined.apply(None, ops.DropView("Waiting", shared=True))
    ticket = opened(joined, "later", restricted=True)
    assert differences(joined.first.read, joined.second.read) == []
    joined.apply(ticket, ops.Assign("noa"), ops.SetState("parked"))
    assert joined.read.ticket(ticket).assignee == "noa"


def test_undo_takes_the_most_recent_act_of_either_file(joined: JoinedDesk, clock: Clock) -> None:
    plain, secret = opened(joined, "one"), opened(joined, "two", restricted=True)
    clock.forward(60)
    joined.apply(plain, ops.AddTags(("a",)))
    clock.forward(60)
    joined.apply(secret, ops.AddTags(("b",)))
    assert joined.undo().tickets == (secret,)
    assert joined.undo().tickets == (plain,)
    assert joined.read.ticket(plain).tags == joined.read.ticket(secret).tags == ()
    assert joined.redo().tickets == (plain,)


def test_marks_of_both_files_are_one_act_and_one_undo(joined: JoinedDesk, clock: Clock) -> None:
    tickets = [
        opened(joined, "one"),
        opened(joined, "two", restricted=True),
        opened(joined, "three"),
    ]
    clock.forward(60)
    told: list[tuple[int, int]] = []
    outcome = joined.apply_many(tickets, ops.Assign("ben"), on_progress=lambda *n: told.append(n))
    assert sorted(outcome.changed) == sorted(tickets)
    assert told[-1] == (3, 3)
    done = joined.undo()
    assert sorted(done.tickets) == sorted(tickets)
    assert {joined.read.ticket(one).assignee for one in tickets} == {""}
    assert sorted(joined.redo().tickets) == sorted(tickets)
    assert {joined.read.ticket(one).assignee for one in tickets} == {"ben"}


def test_one_act_on_both_files_is_one_for_the_next_process_as_well(
    joined: JoinedDesk, pair: Path, clock: Clock
) -> None:
    both = [opened(joined, "one"), opened(joined, "two", restricted=True)]
    clock.forward(60)
    joined.apply_many(both, ops.AddTags(("both",)))
    for what, count in (("undo", 0), ("redo", 2), ("undo", 0)):
        with Desk.open(pair, actor="ana", source=Source.CLI, clock=clock, joined=True) as later:
            assert len(getattr(later, what)().tickets) == 2, what
            assert later.read.count("tag:both") == count


def test_a_member_is_told_that_the_second_file_is_gone(
    joined: JoinedDesk, pair: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = Path(joined.second.place)
    joined.close()
    second.parent.rename(second.parent.with_name("elsewhere"))
    assert run(["--store", str(pair), "ls"]) == 0
    assert f"{second} is gone: restricted tickets can be neither read" in capsys.readouterr().err


def test_tickets_of_the_two_files_are_never_tied_together(joined: JoinedDesk) -> None:
    plain, secret = opened(joined, "one"), opened(joined, "two", restricted=True)
    for one, other in ((plain, secret), (secret, plain)):
        for op in (ops.Merge(other), ops.AddLink("relates", other), ops.Edit("parent", other)):
            with pytest.raises(Refused):
                joined.apply(one, op)
        outcome = joined.apply_many([one], ops.Merge(other))
        assert [ticket for ticket, _ in outcome.refused] == [one]


def test_drafts_presence_and_notices_keep_to_their_file(joined: JoinedDesk) -> None:
    plain, secret = opened(joined, "one"), opened(joined, "two", restricted=True)
    joined.save_draft(None, "new", "nobody knows yet where this will lie")
    joined.save_draft(secret, "note", "what only few may read")
    joined.save_draft(plain, "reply", "dear")
    assert [draft.kind for draft in joined.first.read.drafts()] == ["reply"]
    assert len(joined.read.drafts()) == 3
    found = joined.read.draft(None, "new")
    assert found is not None
    joined.drop_draft(None, "new")
    assert joined.read.draft(None, "new") is None
    joined.start_stopwatch(secret)
    with pytest.raises(Refused):
        joined.start_stopwatch(plain)
    assert joined.first.read.stopwatch() is None
    joined.drop_stopwatch()
    joined.start_stopwatch(plain)


def test_a_mention_is_told_from_the_file_it_stands_in(pair: object, joined: JoinedDesk) -> None:
    secret = opened(joined, "two", restricted=True)
    joined.apply(secret, ops.AddNote("@ben look at this"))
    ben = Desk.open(joined.place, actor="ben", clock=joined.now, joined=True)
    try:
        assert ben.read.new_notices() == 1
        (notice,) = ben.read.notices()
        assert is_restricted(notice.id)
        ben.see_notices([notice.id])
        assert ben.read.new_notices() == 0
    finally:
        ben.close()


def test_a_watch_tells_of_either_file(joined: JoinedDesk) -> None:
    plain, secret = opened(joined, "one"), opened(joined, "two", restricted=True)
    watch, before = joined.watch(), joined.read.last_event()
    assert not watch.changed()
    joined.apply(secret, ops.AddNote("here"))
    assert watch.changed()
    joined.apply(plain, ops.AddNote("there"))
    assert watch.changed()
    assert not watch.changed()
    assert joined.read.last_event() > before
    assert joined.read.touched(before)[0] == {plain, secret}
    watch.close()


def test_who_is_no_member_makes_no_restricted_ticket(joined: JoinedDesk) -> None:
    plain = opened(joined, "one")
    with Desk.open(joined.place, actor="ana", clock=joined.now) as outsider:
        for attempt in (
            lambda: outsider.apply(None, ops.Open("two", restricted=True)),
            lambda: outsider.apply(plain, ops.Edit("restricted", True)),
        ):
            with pytest.raises(Refused, match="file of their own"):
                attempt()


def test_an_export_holds_the_tickets_of_both_files_in_order(joined: JoinedDesk) -> None:
    opened(joined, "beta")
    opened(joined, "alpha", restricted=True, queue="applications")
    opened(joined, "gamma")
    written: list[str] = []
    export = Export(joined, "sort:subject", ["ref", "subject"])
    export.csv(written.append)
    assert "".join(written).split() == ["ref,subject", "SD-R1,alpha", "SD-1,beta", "SD-2,gamma"]
    assert export.withheld == 0


def test_a_restricted_ticket_is_given_to_nobody_who_could_not_see_it(
    joined: JoinedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sdesk.restricted import members

    monkeypatch.setattr(members, "_is_plain_user", lambda login: login == "ben")
    secret, plain = opened(joined, "two", restricted=True), opened(joined, "one")
    for op in (ops.Assign("ben"), ops.Edit("owner", "ben")):
        with pytest.raises(Refused, match="could not see"):
            joined.apply(secret, op)
    outcome = joined.apply_many([plain, secret], ops.Assign("ben"))
    assert outcome.changed == (plain,)
    assert [ticket for ticket, _ in outcome.refused] == [secret]


def test_imports_bring_restricted_tickets_into_their_own_file_only(joined: JoinedDesk) -> None:
    from sdesk.loading import LoadedEvent, LoadedTicket

    def loaded(**columns: object) -> LoadedTicket:
        about = {"subject": "old", "created_at": 1, "updated_at": 1, "queue": "network", **columns}
        details = {"state": "new", "category": "new", "priority": 3, "queue": "network"}
        return LoadedTicket(about, [LoadedEvent(1, "opened", details=details)])

    with pytest.raises(Refused, match="file of their own"):
        joined.loader().add([loaded(restricted=1)])
    (number,) = joined.second.loader().add([loaded()])
    assert joined.ref(number) == "SD-R1"
    assert joined.read.ticket(number).restricted


def test_a_file_made_of_an_archive_gives_numbers_as_before(
    joined: JoinedDesk, tmp_path: Path, clock: Clock
) -> None:
    from sdesk.transfer.archive import dump, restore

    opened(joined, "two", restricted=True)
    made = tmp_path / "desk-restricted" / "again.db"
    dump(joined.second.place, str(tmp_path / "archive"))
    restore(str(tmp_path / "archive"), made)
    second = Desk.open(made, actor="ana", clock=clock)
    again = JoinedDesk(joined.first, second)
    ticket = opened(again, "three", restricted=True)
    again.apply(ticket, ops.AddNote("x @ben"), ops.LogTime(60, "y"))
    assert again.ref(ticket) == "SD-R2"
    assert all(is_restricted(one.id) for one in again.read.worked(ticket))
    assert all(is_restricted(one.id) for one in again.read.conversation(ticket))
    second.close()


def test_who_is_at_a_restricted_ticket_is_told_in_its_file(
    joined: JoinedDesk, clock: Clock
) -> None:
    from sdesk.attendance import Attendance

    plain, secret = opened(joined, "one"), opened(joined, "two", restricted=True)
    ben = Attendance(joined.place, "ben", clock, place_of=lambda number: joined.of(number).place)
    for at, here in ((secret, ()), (plain, (plain,)), (None, ())):
        ben._wanted = None if at is None else (at, "looking")
        ben._tell()
        assert tuple(one.ticket for one in joined.first.read.company()) == here
        assert tuple(one.ticket for one in joined.read.company()) == (() if at is None else (at,))

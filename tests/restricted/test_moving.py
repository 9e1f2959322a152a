"""A ticket goes from one file into the other: whole, finished after a crash, gone where it was."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Refused
from sdesk.joined.desk import JoinedDesk
from sdesk.model import TicketId
from sdesk.numbering import is_restricted
from sdesk.restricted import moving
from sdesk.store import wholes
from sdesk.store.chained import verify
from sdesk.store.tables import SQLModel
from tests.conftest import Clock
from tests.restricted.conftest import opened

SECRET = "zebrafish"


def rich(desk: Desk, **values: object) -> TicketId:
    """A ticket with something in every table that hangs on one."""
    ticket = opened(
        desk, f"{SECRET} subject", text=f"{SECRET} text", requester=2, tags=(f"{SECRET}-tag",),
        fields={"room": f"{SECRET} room"}, category=f"{SECRET} / path", service=f"{SECRET} service",
        assignee="ben", **values,
    )  # fmt: skip
    desk.apply(
        ticket, ops.AddNote(f"{SECRET} note for @ben"), ops.LogTime(600, f"{SECRET} work"),
        ops.AddCheck(f"{SECRET} check"), ops.Attach(f"{SECRET}.txt", SECRET.encode() * 3),
        ops.Watch(), ops.SetPriority(1), ops.Escalate(f"{SECRET} reason", to=("mia",)),
    )  # fmt: skip
    desk.save_draft(ticket, "note", f"{SECRET} draft")
    return ticket


def everything(desk: Desk, ticket: TicketId) -> dict[str, object]:
    """What people see of a ticket, without its numbers."""
    read, whole = desk.read, desk.read.ticket(ticket)
    return {
        "fields": (whole.subject, whole.state, whole.queue, whole.assignee, whole.owner, whole.path,
                   whole.service, whole.tags, whole.fields, whole.priority, whole.created_at),
        "requester": whole.requester and (whole.requester.name, whole.requester.email),
        "said": [(e.kind, e.at, e.author, e.agent, e.text) for e in read.conversation(ticket)],
        "files": [(f.name, f.size, desk.read.file(f.id)) for f in read.attachments(ticket)],
        "worked": [(w.agent, w.at, w.seconds, w.note) for w in read.worked(ticket)],
        "checks": [(c.text, c.is_done) for c in read.checklist(ticket)],
        "watchers": read.watchers(ticket),
        "clocks": [(c.target, c.policy, c.due_at, c.started_at, c.verdict) for c in read.clocks(ticket)],
        "events": [(e.kind, e.at, e.actor) for e in read.history(ticket) if e.kind not in ("moved_in", "redone")],
        "found": list(read.ids(SECRET)) == [ticket],
    }  # fmt: skip


def test_a_ticket_moves_whole_and_back(joined: JoinedDesk, clock: Clock) -> None:
    ticket = rich(joined)
    before = everything(joined, ticket)
    clock.forward(60)
    moved = joined.apply(ticket, ops.Edit("restricted", True)).ticket
    assert moved is not None
    assert is_restricted(moved)
    assert everything(joined, moved) == before
    assert joined.read.ticket(moved).restricted
    assert [d.ticket for d in joined.read.drafts()] == [moved]
    back = joined.apply(moved, ops.Edit("restricted", False)).ticket
    assert back is not None
    assert not is_restricted(back)
    assert everything(joined, back) == before


def test_nothing_of_it_stays_where_it_was(joined: JoinedDesk) -> None:
    other = opened(joined, "another")
    ticket = rich(joined)
    joined.apply(ticket, ops.AddLink("relates", other))
    joined.apply(ticket, ops.Edit("restricted", True))
    left = joined.first.read.ticket(ticket)
    assert (left.state, left.binned, left.tags, left.requester) == ("cancelled", True, (), None)
    assert joined.first.read.ticket(other).links == ()
    assert SECRET not in str(joined.first.read.history(ticket))
    for file in Path(joined.place).parent.iterdir():
        assert SECRET.encode() not in file.read_bytes().lower(), file.name
    assert list(joined.first.read.ids("state:open")) == [other]
    assert joined.first.read.ids(SECRET).tolist() == []


def test_a_configured_category_stays_a_word_of_the_desk(joined: JoinedDesk) -> None:
    ticket = opened(joined, "one", category="Network / VPN")
    joined.apply(ticket, ops.Edit("restricted", True))
    assert "Network / VPN" in joined.first.read.categories()


def test_the_histories_of_both_files_stay_whole(joined: JoinedDesk) -> None:
    joined.apply(rich(joined), ops.Edit("restricted", True))
    for desk in (joined.first, joined.second):
        assert verify(desk.read.reader).broken == ()
        connection = sqlite3.connect(desk.place)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()


@pytest.mark.parametrize("changed", [False, True])
def test_a_move_that_ends_between_its_steps_is_finished(
    joined: JoinedDesk, pair: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    ticket = rich(joined)
    before = everything(joined, ticket)

    joined.close()
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(moving, "_leave", lambda *_: os._exit(9))
        desk = Desk.open(pair, actor="ana", clock=clock, joined=True)
        desk.apply(ticket, ops.Edit("restricted", True))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert everything(joined.first, ticket) == before, "it is not lost where it was"
    if changed:
        joined.first.apply(ticket, ops.AddNote("somebody went on working"))
    with Desk.open(pair, actor="ana", clock=clock, joined=True) as again:
        assert isinstance(again, JoinedDesk)
        again.mirror()
        found = list(again.read.ids(SECRET))
        assert len(found) == 1
        assert is_restricted(found[0]) is not changed
        assert moving.begun(again.second.read.reader) == []
        if changed:
            assert again.read.conversation(ticket)[-1].text == "somebody went on working"
        else:
            assert everything(again, found[0]) == before


def test_what_is_on_its_way_out_keeps_a_ticket_where_it_is(joined: JoinedDesk) -> None:
    joined.apply(None, ops.SaveSetting("undo_seconds", "60"))
    ticket = opened(joined, "one", requester=1)
    joined.apply(ticket, ops.Reply("soon"))
    with pytest.raises(Refused, match="on its way out"):
        joined.apply(ticket, ops.Edit("restricted", True))
    assert joined.first.read.ticket(ticket).subject == "one"


def test_a_move_is_taken_back_and_done_again(joined: JoinedDesk, clock: Clock) -> None:
    ticket = rich(joined)
    before = everything(joined, ticket)
    clock.forward(60)
    joined.apply(ticket, ops.Edit("restricted", True))
    done = joined.undo()
    (back,) = done.tickets
    assert not is_restricted(back)
    assert f"is {joined.ref(back)} now" in done.sentence
    assert everything(joined, back) == before
    clock.forward(60)
    (there,) = joined.redo().tickets
    assert is_restricted(there)
    assert everything(joined, there) == before
    for file in Path(joined.place).parent.iterdir():
        assert SECRET.encode() not in file.read_bytes().lower(), file.name
    (again,) = joined.undo().tickets
    assert everything(joined, again) == before
    for desk in (joined.first, joined.second):
        assert verify(desk.read.reader).broken == ()


def test_tickets_that_moved_together_come_back_together(joined: JoinedDesk, clock: Clock) -> None:
    tickets = [opened(joined, f"one {n}") for n in range(3)]
    clock.forward(60)
    moved = joined.apply_many(tickets, ops.Edit("restricted", True))
    assert len(moved.changed) == 3
    assert all(map(is_restricted, moved.changed))
    back = joined.undo().tickets
    assert sorted(joined.read.ticket(n).subject for n in back) == ["one 0", "one 1", "one 2"]
    assert not any(map(is_restricted, back))
    assert joined.second.read.count("") == 0
    assert all(map(is_restricted, joined.redo().tickets))


def test_what_was_said_behind_the_door_is_not_shown_by_an_undo(
    joined: JoinedDesk, clock: Clock
) -> None:
    ticket = opened(joined, "one")
    moved = joined.apply(ticket, ops.Edit("restricted", True)).ticket
    assert moved is not None
    with Desk.open(joined.second.place, actor="lea", clock=clock) as lea:
        lea.apply(moved, ops.AddNote("for members"))
    with pytest.raises(Refused, match="something was said since"):
        joined.undo()
    assert joined.read.ticket(moved).subject == "one"


def test_what_else_was_done_with_a_move_is_taken_back_by_itself(
    joined: JoinedDesk, clock: Clock
) -> None:
    ticket = opened(joined, "one")
    clock.forward(60)
    moved = joined.apply(ticket, ops.Edit("restricted", True), ops.SetPriority(1)).ticket
    assert moved is not None
    assert joined.read.ticket(moved).priority == 1
    joined.undo()
    assert joined.read.ticket(moved).priority == 3
    (back,) = joined.undo().tickets
    assert (back > ticket, is_restricted(back)) == (True, False)


def test_who_is_no_member_takes_nothing_back_of_what_is_gone(joined: JoinedDesk) -> None:
    ticket = opened(joined, "one")
    joined.apply(ticket, ops.Edit("restricted", True))
    outsider = joined.first
    left = outsider.read.ticket(ticket)
    with pytest.raises(Refused, match="erased since"):
        outsider.undo()
    assert outsider.read.ticket(ticket).binned == left.binned is True
    assert outsider.read.ticket(ticket).subject == left.subject


def test_every_table_that_hangs_on_a_ticket_goes_with_it_or_stays_on_purpose() -> None:
    import sdesk.store.channel_tables  # noqa: F401

    stays = {
        "event",
        "clock",
        "link",
        "notice",
        "seen",
        "presence",
        "stopwatch",
        "alarm",
        "announcement",
        "delivery",
    }
    hanging = {
        name for name, table in SQLModel.metadata.tables.items() if "ticket_id" in table.columns
    }
    assert hanging - stays - {"ticket_text"} == set(wholes.HANGING)

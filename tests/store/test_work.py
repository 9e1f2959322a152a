"""What hangs on a ticket: files, time, checklists, watchers, mentions, and who has it open; on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid, NotFound, Refused
from sdesk.model import Source, TicketId
from sdesk.store import presence
from tests.conftest import Clock

Pair = tuple[Desk, Desk]


@contextmanager
def opened(place: str | Path, clock: Clock) -> Iterator[Pair]:
    """Ana and ben at one desk with one ticket."""
    with (
        Desk.open(place, actor="ana", source=Source.TUI, clock=clock) as ana,
        Desk.open(place, actor="ben", source=Source.TUI, clock=clock) as ben,
    ):
        ana.apply(None, ops.Open("VPN drops", requester=1))
        yield ana, ben


@pytest.fixture
def store(either_store: Path | str) -> Path | str:
    return either_store


@pytest.fixture
def pair(store: Path | str, clock: Clock) -> Iterator[Pair]:
    with opened(store, clock) as two:
        yield two


ONE = TicketId(1)


def kinds(desk: Desk) -> list[tuple[str, str]]:
    return [(notice.kind, notice.text) for notice in desk.read.notices()]


def test_the_same_bytes_lie_once_in_the_store_and_go_with_their_reply(pair: Pair) -> None:
    ana, _ = pair
    body = b"\x00\x01" * 4_000
    ana.apply(ONE, ops.Reply("See the log."), ops.Attach("../../etc/.log\u202e.bin", body))
    ana.apply(ONE, ops.Attach("again.bin", body))
    first, second = ana.read.attachments(ONE)
    assert first.name == "log.bin"
    assert (first.media, first.size) == ("application/octet-stream", 8_000)
    assert first.entry == ana.read.conversation(ONE)[-1].id
    assert second.entry is None
    assert ana.read.file(second.id) == body
    assert ana.read.reader.all("SELECT count(*) FROM blob") == [(1,)]


def test_undo_of_a_reply_takes_its_file_away_and_redo_brings_it_back(pair: Pair) -> None:
    ana, _ = pair
    ana.apply(ONE, ops.Reply("See the log."), ops.Attach("a.log", b"jam"))
    (file,) = ana.read.attachments(ONE)
    ana.undo()
    assert ana.read.attachments(ONE) == ()
    with pytest.raises(NotFound):
        ana.read.file(file.id)
    ana.redo()
    assert ana.read.attachments(ONE) == (file,)


def test_a_file_beyond_the_limit_is_refused_and_nothing_of_the_act_remains(pair: Pair) -> None:
    ana, _ = pair
    ana.apply(None, ops.SaveSetting("attachment_limit", "1000"))
    with pytest.raises(Refused, match=r"big.bin has 1 kB; a file may have 1 kB|1001 B|may have"):
        ana.apply(ONE, ops.Reply("See the log."), ops.Attach("big.bin", b"x" * 1_001))
    assert not [e for e in ana.read.conversation(ONE) if e.kind == "reply"]
    with pytest.raises(Invalid):
        ana.apply(None, ops.SaveSetting("attachment_limit", "25 MB"))


@pytest.mark.parametrize(
    ("act", "look"),
    [
        (ops.LogTime(900, "on the phone"), lambda d: [(w.agent, w.seconds, w.note) for w in d.read.worked(ONE)]),
        (ops.AddCheck("call the supplier"), lambda d: [i.text for i in d.read.checklist(ONE)]),
        (ops.Check(1), lambda d: [i.is_done for i in d.read.checklist(ONE)]),
        (ops.DropCheck(1), lambda d: d.read.checklist(ONE)),
        (ops.Watch(), lambda d: d.read.watchers(ONE)),
        (ops.Watch("ben"), lambda d: d.read.watchers(ONE)),
        (ops.Detach(1), lambda d: d.read.attachments(ONE)),
    ],
    ids=lambda value: type(value).__name__ if not callable(value) else "",
)  # fmt: skip
def test_what_hangs_on_a_ticket_is_undone_and_redone(
    pair: Pair, act: ops.Op, look: Callable[[Desk], object]
) -> None:
    ana, _ = pair
    ana.apply(ONE, ops.AddCheck("first"), ops.Attach("a.txt", b"text"))
    before = look(ana)
    assert ana.apply(ONE, act)
    after = look(ana)
    assert after != before
    ana.undo()
    assert look(ana) == before
    ana.redo()
    assert look(ana) == after
    ana.undo()
    assert look(ana) == before


def test_a_line_that_is_not_there_is_refused(pair: Pair) -> None:
    ana, _ = pair
    for act in (ops.Check(7), ops.DropCheck(7), ops.Detach(7), ops.Watch("nobody")):
        with pytest.raises(NotFound):
            ana.apply(ONE, act)


def test_time_is_counted_by_agent_organization_and_queue(pair: Pair, clock: Clock) -> None:
    ana, ben = pair
    start = clock.at
    ana.apply(ONE, ops.LogTime(900))
    ben.apply(ONE, ops.LogTime(1_800))
    clock.forward(86_400)
    ana.apply(ONE, ops.LogTime(60))
    spent = ana.read.time_spent
    assert spent(start, start + 3_600, "agent") == (("ben", 1_800, 1, 1), ("ana", 900, 1, 1))
    assert spent(start, clock.at + 1, "organization") == (("ACME Oy", 2_760, 1, 3),)
    assert spent(start, clock.at, "queue") == (("service-desk", 2_700, 1, 2),)


def test_an_agent_has_one_stopwatch_and_it_survives_the_desk(pair: Pair, clock: Clock) -> None:
    ana, _ = pair
    other = ana.apply(None, ops.Open("Another")).ticket
    assert other is not None
    ana.start_stopwatch(ONE)
    clock.forward(130)
    with Desk.open(ana.place, actor="ana", clock=clock) as again:
        watch = again.read.stopwatch()
        assert watch is not None
        assert (watch.ticket, clock.at - watch.started_at) == (ONE, 130)
        with pytest.raises(Refused, match="stopwatch runs on"):
            again.start_stopwatch(other)
        again.apply(ONE, ops.LogTime(180, "", stop=True))
        assert again.read.stopwatch() is None


def test_a_stopwatch_runs_on_when_its_time_is_taken_back(pair: Pair, clock: Clock) -> None:
    ana, _ = pair
    ana.start_stopwatch(ONE)
    before = ana.read.stopwatch()
    clock.forward(130)
    ana.apply(ONE, ops.LogTime(180, "", stop=True))
    clock.forward(60)
    ana.undo()
    assert (ana.read.stopwatch(), ana.read.worked(ONE)) == (before, ())
    ana.redo()
    assert (ana.read.stopwatch(), [w.seconds for w in ana.read.worked(ONE)]) == (None, [180])
    other = ana.apply(None, ops.Open("Another")).ticket
    assert other is not None
    ana.start_stopwatch(other)
    running = ana.read.stopwatch()
    ana.undo()  # the opening
    ana.undo()
    assert (ana.read.stopwatch(), ana.read.worked(ONE)) == (running, ())


# Being called by name


def test_who_is_called_by_name_or_queue_is_told_once_a_message(pair: Pair) -> None:
    ana, ben = pair
    ben.apply(ONE, ops.AddNote("@ana, @ANA: can @lea or @network look? not me@ana.example, @ben."))
    assert kinds(ana) == [("mention", "ben calls you: @ana, @ANA: can @lea or @network look? not me@ana.example, @ben.")]  # fmt: skip
    assert kinds(ben) == []
    ben.apply(ONE, ops.Chat("@ana?"))
    assert len(kinds(ana)) == 2
    ben.undo()
    assert len(kinds(ana)) == 1


def test_a_restricted_ticket_is_told_of_to_nobody_who_may_not_see_it(pair: Pair) -> None:
    ana, ben = pair
    ben.apply(ONE, ops.Edit("restricted", True))
    ben.apply(ONE, ops.AddNote("@lea @mia"))
    rows = ana.read.reader.all("SELECT agent FROM notice WHERE kind = 'mention'")
    assert rows == [("mia",)], "lea works another queue"


def test_what_the_requester_writes_calls_nobody(pair: Pair) -> None:
    ana, ben = pair
    ben.apply(ONE, ops.Receive("@ana hello", None))
    assert kinds(ana) == []


def test_the_query_finds_whom_a_standing_message_calls(pair: Pair) -> None:
    ana, ben = pair
    ben.apply(ONE, ops.AddNote("@ana please"))
    assert list(ana.read.ids("mentions:me")) == [ONE]
    assert list(ben.read.ids("mentions:me or mentions:ben")) == []
    assert list(ben.read.ids("mentions:ana")) == [ONE]
    ben.undo()
    assert list(ana.read.ids("mentions:me")) == []


# Watching


def test_a_watcher_is_told_once_until_it_is_seen_and_never_of_own_doing(pair: Pair) -> None:
    ana, ben = pair
    ana.apply(ONE, ops.Watch())
    assert list(ana.read.ids("watcher:me")) == [ONE]
    ana.apply(ONE, ops.Reply("On it."))
    ben.apply(ONE, ops.AddNote("internal"))
    assert kinds(ana) == []
    ben.apply(ONE, ops.Reply("Try again."))
    ben.apply(ONE, ops.Wait("waiting-customer", None, "a log"))
    assert kinds(ana) == [("watch", "ben replied")]
    ana.see_notices([notice.id for notice in ana.read.notices()])
    ben.apply(ONE, ops.Resolve())
    assert kinds(ana) == [("watch", "ben set it to Resolved")]
    ana.apply(ONE, ops.Unwatch())
    assert list(ana.read.ids("watcher:none")) == [ONE]


# Two at once


def test_edits_of_different_fields_both_go_in(pair: Pair) -> None:
    ana, ben = pair
    seen = ana.read.ticket(ONE).last_event
    ben.apply(ONE, ops.SetPriority(1), based_on=seen)
    ana.apply(ONE, ops.Move("network"), ops.AddTags(("vpn",)), based_on=seen)
    found = ana.read.ticket(ONE)
    assert (found.priority, found.queue, found.tags) == (1, "network", ("vpn",))


# Who has it open


def test_others_are_seen_at_a_ticket_until_they_leave_or_their_beat_is_old(
    pair: Pair, clock: Clock
) -> None:
    ana, ben = pair
    presence.beat(ben.place, "ben-1", "ben", 1, presence.LOOKING, clock.at)
    presence.beat(ben.place, "ben-2", "ben", 1, presence.WRITING, clock.at)
    presence.beat(ben.place, "lea-1", "lea", 1, presence.LOOKING, clock.at)
    (one, two) = ana.read.company()
    assert (one.agent, one.is_writing, two.agent, two.is_writing) == ("ben", True, "lea", False)
    assert [who.agent for who in ben.read.company()] == ["lea"]
    presence.leave(ana.place, "ben-2")
    assert [who.is_writing for who in ana.read.company()] == [False, False]
    clock.forward(29)
    presence.beat(ben.place, "lea-1", "lea", 1, presence.LOOKING, clock.at)
    assert [who.agent for who in ana.read.company()] == ["lea"], "gone within 30 s of a crash"


def test_a_beat_leaves_no_event_behind(desk: Desk, clock: Clock) -> None:
    before = desk.read.last_event()
    presence.beat(desk.place, "s", "ana", 1, presence.LOOKING, clock.at)
    assert desk.read.last_event() == before


def test_an_archive_carries_files_mentions_and_time(
    desk: Desk, make_ticket: Callable[..., TicketId], tmp_path: Path, clock: Clock
) -> None:
    from sdesk.transfer.archive import dump, restore

    ticket = make_ticket()
    body = bytes(range(256)) * 40
    desk.apply(ticket, ops.AddNote("@ben see this"), ops.Attach("a.bin", body), ops.LogTime(60))
    desk.apply(ticket, ops.AddCheck("x"), ops.Watch())
    dump(desk.place, str(tmp_path / "one.jsonl"))
    restore(str(tmp_path / "one.jsonl"), tmp_path / "new" / "desk.db")
    with Desk.open(tmp_path / "new" / "desk.db", actor="ben", clock=clock) as ben:
        (file,) = ben.read.attachments(ticket)
        assert ben.read.file(file.id) == body
        assert list(ben.read.ids("mentions:me watcher:ana")) == [ticket]
        assert (len(ben.read.worked(ticket)), len(ben.read.checklist(ticket))) == (1, 1)
    dump(tmp_path / "new" / "desk.db", str(tmp_path / "two.jsonl"))
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()

"""Merging, splitting, the bin, and replies that wait before they leave."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Refused
from sdesk.model import EntryId, TicketId
from sdesk.present import event_sentence
from sdesk.recount import differences
from sdesk.timers import Act, What
from sdesk.worker import Keeper, Worker
from tests.conftest import ZONE, Clock

Make = Callable[..., TicketId]
Open = Callable[[str], Desk]


def texts(desk: Desk, ticket: int) -> list[str]:
    return [entry.text for entry in desk.read.conversation(ticket)]


def told(desk: Desk, ticket: int) -> list[str]:
    return [event_sentence(event, zone=ZONE) for event in desk.read.history(ticket)]


def odd_clocks(desk: Desk) -> list[object]:
    """What `sdesk sla verify` would complain of."""
    tickets = desk.read.ids("is:merged,open,closed,resolved,waiting,new,binned")
    return list(differences(desk.read, desk.levels(), tickets, desk.now()))


@pytest.fixture
def two(make_ticket: Make, desk: Desk) -> tuple[TicketId, TicketId]:
    """Two tickets of the same trouble, each with a message and an answer."""
    first = make_ticket("VPN drops", text="first message", tags=("vpn",))
    second = make_ticket("VPN again", text="second message", tags=("urgent",))
    desk.apply(second, ops.AddNote("second note"))
    return first, second


def test_a_merge_moves_the_thread_and_closes_what_it_came_from(
    desk: Desk, two: tuple[TicketId, TicketId]
) -> None:
    first, second = two
    desk.apply(second, ops.Merge(first))
    assert texts(desk, first) == ["first message", "second message", "second note"]
    assert texts(desk, second) == []
    moved = desk.read.conversation(first)[1]
    assert (moved.ticket, moved.written_in) == (first, second)
    merged, survivor = desk.read.ticket(second), desk.read.ticket(first)
    assert (merged.category, merged.resolution_code, merged.merged_into) == (
        "closed",
        "merged",
        first,
    )
    assert ("duplicates", first) in merged.links
    assert survivor.tags == ("urgent", "vpn")
    assert survivor.state == "new"
    assert all(clock.stopped_at or clock.paused for clock in desk.read.clocks(second))
    assert "ana merged it into SD-1" in told(desk, second)
    assert "ana merged SD-2 into it (2 messages)" in told(desk, first)
    assert odd_clocks(desk) == []


def test_who_searches_the_words_of_a_merged_ticket_finds_the_survivor(
    desk: Desk, two: tuple[TicketId, TicketId]
) -> None:
    first, second = two
    desk.apply(second, ops.Edit("subject", "Tunnelbroken"))
    desk.apply(second, ops.Merge(first))
    assert list(desk.read.ids("state:open tunnelbroken")) == [first]
    assert list(desk.read.ids('state:open text:"second note"')) == [first]
    desk.undo()
    assert list(desk.read.ids("state:open tunnelbroken")) == [second]


@pytest.mark.parametrize("by_undo", [True, False], ids=["undo", "unmerge"])
def test_taking_a_merge_apart_restores_both_threads_and_leaves_later_messages(
    desk: Desk, two: tuple[TicketId, TicketId], open_desk: Open, by_undo: bool
) -> None:
    first, second = two
    before = desk.read.ticket(second)
    desk.apply(second, ops.Merge(first))
    open_desk("ben").apply(first, ops.Reply("written later"))
    if by_undo:
        said = desk.undo().sentence
        assert said == "Undid: merged · SD-2 · 1 later message stays with SD-1"
    else:
        desk.apply(second, ops.Unmerge())
        assert "ana took it out of SD-1 again; 1 later message stays there" in told(desk, second)
        assert "ana took SD-2 out of it again" in told(desk, first)
    assert texts(desk, second) == ["second message", "second note"]
    assert texts(desk, first) == ["first message", "written later"]
    after = desk.read.ticket(second)
    assert (after.state, after.tags, after.links) == (before.state, before.tags, before.links)
    assert desk.read.ticket(first).tags == ("vpn",)
    assert odd_clocks(desk) == []


def test_a_merge_that_is_done_again_takes_along_what_came_meanwhile(
    desk: Desk, two: tuple[TicketId, TicketId], open_desk: Open
) -> None:
    first, second = two
    desk.apply(second, ops.Merge(first))
    desk.undo()
    open_desk("ben").apply(second, ops.AddNote("meanwhile"))
    desk.redo()
    assert texts(desk, second) == []
    assert texts(desk, first)[-1] == "meanwhile"
    desk.undo()
    assert texts(desk, second) == ["second message", "second note", "meanwhile"]


def test_many_are_merged_into_one_and_taken_back_as_one_batch(
    desk: Desk, make_ticket: Make
) -> None:
    tickets = [make_ticket(f"ticket {n}", text=f"message {n}", tags=(f"t{n}",)) for n in range(5)]
    before = [desk.read.ticket(ticket).tags for ticket in tickets]
    outcome = desk.apply_many(tickets[1:], ops.Merge(tickets[0]))
    assert len(outcome.changed) == 4
    assert texts(desk, tickets[0]) == [f"message {n}" for n in range(5)]
    assert desk.undo().tickets == tuple(tickets[1:])
    assert [texts(desk, t) for t in tickets] == [[f"message {n}"] for n in range(5)]
    assert [desk.read.ticket(ticket).tags for ticket in tickets] == before
    desk.redo()
    desk.apply(tickets[2], ops.Unmerge())
    assert texts(desk, tickets[0]) == ["message 0", "message 1", "message 3", "message 4"]
    assert desk.read.ticket(tickets[0]).tags == ("t0", "t1", "t3", "t4")


def test_files_and_watchers_go_along_and_come_back(
    desk: Desk, two: tuple[TicketId, TicketId], open_desk: Open
) -> None:
    first, second = two
    desk.apply(second, ops.Attach("log.txt", b"a log"))
    desk.apply(second, ops.Watch("lea"), ops.Watch("mia"))
    desk.apply(first, ops.Watch("mia"))
    desk.apply(second, ops.Merge(first))
    assert [file.name for file in desk.read.attachments(first)] == ["log.txt"]
    assert desk.read.watchers(first) == ("lea", "mia")
    open_desk("lea").apply(first, ops.Unwatch())
    desk.undo()
    assert [file.name for file in desk.read.attachments(second)] == ["log.txt"]
    assert (desk.read.watchers(first), desk.read.watchers(second)) == (("mia",), ("lea", "mia"))


def test_children_of_a_merged_ticket_go_to_the_survivor_and_come_back(
    desk: Desk, two: tuple[TicketId, TicketId], make_ticket: Make
) -> None:
    first, second = two
    child, stray = make_ticket("child"), make_ticket("stray")
    for one in (child, stray):
        desk.apply(one, ops.Edit("parent", second))
    desk.apply(second, ops.Merge(first))
    assert [desk.read.ticket(one).parent for one in (child, stray)] == [first, first]
    assert "ana changed parent from #2 to #1" in told(desk, child)
    desk.apply(stray, ops.Edit("parent", None))
    desk.apply(second, ops.Unmerge())
    assert [desk.read.ticket(one).parent for one in (child, stray)] == [second, None]
    assert told(desk, child)[-1] == "ana changed parent from #1 to #2"
    desk.undo()
    assert desk.read.ticket(child).parent == first


def test_a_parent_merged_into_one_below_it_makes_no_circle(desk: Desk, make_ticket: Make) -> None:
    top, parent, child, grandchild = (make_ticket(f"ticket {n}") for n in range(4))
    family = (top, parent, child, grandchild)
    for above, below in pairwise(family):
        desk.apply(below, ops.Edit("parent", above))
    desk.apply(parent, ops.Merge(grandchild))
    assert [desk.read.ticket(one).parent for one in family] == [None, top, grandchild, top]
    desk.undo()
    assert [desk.read.ticket(one).parent for one in family] == [None, top, parent, child]


def test_a_chain_of_merges_comes_apart_in_any_order(desk: Desk, make_ticket: Make) -> None:
    a, b, c = (make_ticket(name, text=name) for name in "abc")
    desk.apply(a, ops.Merge(b))
    desk.apply(b, ops.Merge(c))
    assert texts(desk, c) == ["a", "b", "c"]
    assert desk.read.survivor(a) == c
    desk.apply(a, ops.Unmerge())
    assert [texts(desk, t) for t in (a, b, c)] == [["a"], [], ["b", "c"]]
    desk.apply(b, ops.Unmerge())
    assert [texts(desk, t) for t in (a, b, c)] == [["a"], ["b"], ["c"]]
    assert odd_clocks(desk) == []


def test_a_merge_that_cannot_be_is_refused_with_the_way_that_can(
    desk: Desk, make_ticket: Make
) -> None:
    a, b, c = (make_ticket(name, text=name) for name in "abc")
    with pytest.raises(Refused, match="itself"):
        desk.apply(a, ops.Merge(a))
    desk.apply(a, ops.Merge(b))
    with pytest.raises(Refused, match="SD-1 was merged into SD-2 already"):
        desk.apply(b, ops.Merge(a))
    with pytest.raises(Refused, match=r"SD-1 was merged into SD-2\. Merge into SD-2"):
        desk.apply(c, ops.Merge(a))
    with pytest.raises(Refused, match=r"SD-1 was merged into SD-2\. Work on SD-2"):
        desk.apply(a, ops.Reply("to nobody"))
    desk.apply(b, ops.Resolve())
    with pytest.raises(Refused, match="SD-2 is resolved, and SD-3 is not"):
        desk.apply(c, ops.Merge(b))
    with pytest.raises(Refused, match="merged into no other"):
        desk.apply(c, ops.Unmerge())


def test_a_restricted_thread_is_shown_to_all_only_when_that_is_said(
    desk: Desk, make_ticket: Make, open_desk: Open
) -> None:
    secret, plain = make_ticket("Salary", restricted=True), make_ticket("Payroll")
    with pytest.raises(Refused, match="everybody could read"):
        desk.apply(secret, ops.Merge(plain))
    with pytest.raises(Refused, match="SD-1 is restricted"):
        open_desk("lea").apply(plain, ops.Merge(secret))
    desk.apply(secret, ops.Merge(plain, reveal=True))
    assert len(texts(desk, plain)) == 2


def test_a_message_to_a_merged_ticket_reaches_the_survivor(
    desk: Desk, two: tuple[TicketId, TicketId]
) -> None:
    first, second = two
    desk.apply(second, ops.Merge(first))
    change = desk.apply(second, ops.Receive("It happens again."))
    assert change.ticket == first
    assert texts(desk, first)[-1] == "It happens again."


def test_a_reply_taken_back_after_a_merge_is_none_for_the_clocks_of_its_own_ticket(
    desk: Desk, two: tuple[TicketId, TicketId], open_desk: Open
) -> None:
    first, second = two
    desk.apply(second, ops.Reply("answer"))
    open_desk("ben").apply(second, ops.Merge(first))
    assert desk.undo().sentence == "Undid: replied · SD-2"
    assert "answer" not in texts(desk, first)
    assert desk.read.ticket(second).first_answered_at is None
    assert odd_clocks(desk) == []


# Splitting


@pytest.mark.parametrize("following", [False, True], ids=["one", "following"])
def test_a_split_makes_a_linked_ticket_of_messages_and_undo_puts_them_back(
    desk: Desk, make_ticket: Make, following: bool
) -> None:
    ticket = make_ticket("Two things", text="thing one")
    for words in ("thing two", "more on two"):
        desk.apply(ticket, ops.Receive(words))
    second = desk.read.conversation(ticket)[1].id
    change = desk.apply(ticket, ops.Split(second, "Thing two", following))
    fresh = TicketId(int(change.events[0].details["to"]))
    wanted = ["thing two", "more on two"] if following else ["thing two"]
    assert texts(desk, fresh) == wanted
    made = desk.read.ticket(fresh)
    assert (made.subject, made.requester, made.state) == (
        "Thing two", desk.read.ticket(ticket).requester, "new",
    )  # fmt: skip
    assert ("relates", ticket) in made.links
    words = "2 messages" if following else "a message"
    assert f"ana split {words} off into SD-2" in told(desk, ticket)
    assert told(desk, fresh)[0].endswith("split off SD-1")
    assert desk.undo().tickets == (ticket,)
    assert len(texts(desk, ticket)) == 3
    assert (desk.read.ticket(fresh).state, desk.read.ticket(fresh).links) == ("cancelled", ())
    desk.redo()
    assert texts(desk, fresh) == wanted
    assert odd_clocks(desk) == []


def test_a_split_that_makes_no_sense_is_refused(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    (only,) = desk.read.conversation(ticket)
    with pytest.raises(Exception, match="the whole thread"):
        desk.apply(ticket, ops.Split(only.id, "the same"))
    with pytest.raises(Exception, match="no such message"):
        desk.apply(ticket, ops.Split(EntryId(99), "nothing"))


def test_a_split_ticket_in_which_somebody_wrote_is_not_undone(
    desk: Desk, make_ticket: Make, open_desk: Open
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Receive("another thing"))
    desk.apply(ticket, ops.Split(desk.read.conversation(ticket)[1].id, "Another thing"))
    open_desk("ben").apply(TicketId(2), ops.AddNote("on it"))
    with pytest.raises(Refused, match="ben has written in SD-2 since"):
        desk.undo()
    assert texts(desk, 2) == ["another thing", "on it"]


# The bin


def test_what_is_binned_is_in_no_list_until_it_is_asked_for_or_restored(
    desk: Desk, make_ticket: Make
) -> None:
    spam, kept = make_ticket("Cheap pills"), make_ticket("VPN")
    desk.apply(spam, ops.Discard("spam"))
    assert list(desk.read.ids("")) == [kept]
    assert list(desk.read.ids("pills")) == []
    assert desk.read.counts(["", "state:closed", "is:closed or is:open"]) == [1, 0, 1]
    assert list(desk.read.ids("is:binned")) == [spam]
    assert list(desk.read.ids("-is:binned")) == [kept]
    assert "ana put it into the bin: spam" in told(desk, spam)
    desk.apply(spam, ops.Restore())
    assert list(desk.read.ids("state:open pills")) == [spam]
    assert desk.read.ticket(spam).state == "new"
    desk.undo()
    assert desk.read.ticket(spam).binned
    desk.undo()
    assert not desk.read.ticket(spam).binned
    with pytest.raises(Refused, match="not in the bin"):
        desk.apply(spam, ops.Restore())


def test_reopening_takes_out_of_the_bin(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Discard())
    desk.apply(ticket, ops.Reopen("a customer after all"))
    assert list(desk.read.ids("")) == [ticket]
    assert odd_clocks(desk) == []


# Replies on their way


def test_a_reply_waits_and_leaves_when_its_time_has_come(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Reply("On it."))
    (leaving,) = desk.read.leaving()
    assert (leaving.ticket, leaving.leaves_at) == (ticket, clock() + 15)
    worker = Worker(desk.place, Keeper.ONCE, clock=clock)
    timers = worker.timers
    assert timers.next_at() == clock() + 15
    assert timers.run().done == ()
    clock.forward(15)
    assert timers.run().done == (Act(What.SEND, ticket),)
    worker.close()
    assert desk.read.leaving() == ()
    clock.forward(200)
    with pytest.raises(Refused, match="reply on SD-1 was sent 3 min ago; it can't be taken back"):
        desk.undo()
    assert texts(desk, ticket)[-1] == "On it."


def test_a_reply_that_has_not_left_is_taken_back_whole_and_leaves_anew_when_redone(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Resolve("solved", "It works again."))
    clock.forward(14)
    done = desk.undo()
    assert [desk.read.entry(n).text for n in done.unsent] == ["It works again."]
    assert desk.read.leaving() == ()
    assert desk.release_outbox() == 0
    desk.redo()
    (leaving,) = desk.read.leaving()
    assert leaving.leaves_at == clock() + 15


def test_notes_and_calls_have_nothing_to_wait_for(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.AddNote("internal"), ops.LogCall("told him"), ops.Chat("hi"))
    assert desk.read.leaving() == ()


def test_how_long_a_reply_waits_is_a_setting(desk: Desk, make_ticket: Make, clock: Clock) -> None:
    ticket = make_ticket()
    desk.apply(None, ops.SaveSetting("undo_seconds", "60"))
    desk.apply(ticket, ops.Reply("in a minute"))
    assert desk.read.leaving()[0].leaves_at == clock() + 60
    desk.apply(None, ops.SaveSetting("undo_seconds", "0"))
    desk.apply(ticket, ops.Reply("at once"))
    with pytest.raises(Refused, match="sent just now"):
        desk.undo()
    with pytest.raises(Exception, match="not a number of seconds"):
        desk.apply(None, ops.SaveSetting("undo_seconds", "soon"))


def test_a_reply_moves_with_its_thread_and_still_leaves(
    desk: Desk, two: tuple[TicketId, TicketId], clock: Clock
) -> None:
    first, second = two
    desk.apply(second, ops.Reply("wait for it"))
    desk.apply(second, ops.Merge(first))
    assert desk.read.leaving()[0].ticket == first
    clock.forward(20)
    assert desk.release_outbox(first) == 1


# Notices


def test_an_escalation_undone_tells_nobody_and_redone_tells_again(
    desk: Desk, make_ticket: Make, open_desk: Open
) -> None:
    ticket = make_ticket()
    ben = open_desk("ben")
    desk.apply(ticket, ops.Escalate("he waits", to=("ben",)))
    said = ben.read.notices()
    assert len(said) == 1
    desk.undo()
    assert ben.read.notices() == ()
    desk.redo()
    assert [(n.text, n.event) for n in ben.read.notices()] == [(said[0].text, said[0].event)]
    desk.undo()
    assert ben.read.notices() == ()


def test_what_others_tagged_since_stays_when_tags_are_taken_back(
    desk: Desk, make_ticket: Make, open_desk: Open
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.AddTags(("vpn",)))
    open_desk("ben").apply(ticket, ops.AddTags(("bens",)))
    desk.undo()
    assert desk.read.ticket(ticket).tags == ("bens",)


def test_undo_reaches_acts_however_far_back_they_lie(
    desk: Desk, make_ticket: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdesk.desk.BATCHES", 3)
    ticket = make_ticket()
    for number in range(9):
        desk.apply(ticket, ops.Edit("subject", f"subject {number}"))
    for _ in range(10):
        desk.undo()
    assert desk.read.ticket(ticket).state == "cancelled"

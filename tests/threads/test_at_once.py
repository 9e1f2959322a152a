"""Two agents at the same moment: nothing is lost, and whoever comes second is told; on both engines.

Each race is run 4 times here; `SDESK_ROUNDS=500 pytest tests/threads/test_at_once.py` runs it 500 times.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Refused, SdeskError, Stale
from sdesk.model import TicketId
from sdesk.recount import differences

ROUNDS = int(os.environ.get("SDESK_ROUNDS", "4"))
Make = Callable[..., TicketId]
Open = Callable[[str], Desk]
Act = Callable[[], object]


def at_once(*acts: Act) -> list[SdeskError | None]:
    """Let all of them go at the same moment; what each was refused with."""
    barrier = threading.Barrier(len(acts))
    refused: list[SdeskError | None] = [None] * len(acts)

    def run(index: int) -> None:
        barrier.wait()
        try:
            acts[index]()
        except SdeskError as error:
            refused[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.fixture
def store(either_store: Path | str) -> Path | str:
    return either_store


@pytest.fixture
def two(open_desk: Open) -> tuple[Desk, Desk]:
    """Ben's and Mia's desks, with all that writing needs loaded."""
    desks = open_desk("ben"), open_desk("mia")
    for desk in desks:
        desk.door()
    return desks


def all_stands(desk: Desk, tickets: list[TicketId]) -> None:
    """Clocks as the events have them, and no event is missing from the chain."""
    assert list(differences(desk.read, desk.levels(), tickets, desk.now())) == []
    (count, last) = desk.read.reader.all("SELECT count(*), max(id) FROM event")[0]
    assert count == last


def test_of_two_who_take_a_ticket_one_has_it_and_the_other_is_told_who(
    two: tuple[Desk, Desk], make_ticket: Make, desk: Desk
) -> None:
    ben, mia = two
    tickets = []
    for _ in range(ROUNDS):
        ticket = make_ticket()
        tickets.append(ticket)
        refused = at_once(
            lambda t=ticket: ben.apply(t, ops.Take()), lambda t=ticket: mia.apply(t, ops.Take())
        )
        holder = desk.read.ticket(ticket).assignee
        assert [error is None for error in refused] == [holder == "ben", holder == "mia"]
        (told,) = filter(None, refused)
        assert isinstance(told, Refused)
        assert told.message == f"{holder} has it already."
    all_stands(desk, tickets)


def test_of_two_merges_that_cross_one_wins_and_the_other_is_told(
    two: tuple[Desk, Desk], make_ticket: Make, desk: Desk
) -> None:
    ben, mia = two
    tickets = []
    for number in range(ROUNDS):
        a, b = make_ticket("one", text=f"a{number}"), make_ticket("other", text=f"b{number}")
        tickets += [a, b]
        refused = at_once(
            lambda a=a, b=b: ben.apply(a, ops.Merge(b)),
            lambda a=a, b=b: mia.apply(b, ops.Merge(a)),
        )
        into = [desk.read.ticket(t).merged_into for t in (a, b)]
        assert into in ([b, None], [None, a])
        assert [error is None for error in refused] == [into[0] == b, into[1] == a]
        (told,) = filter(None, refused)
        assert f"was merged into {desk.ref(b if into[0] else a)} already" in told.message
        survivor = desk.read.survivor(a)
        assert {e.text for e in desk.read.conversation(survivor)} == {f"a{number}", f"b{number}"}
    all_stands(desk, tickets)


def test_of_two_replies_the_second_is_held_and_shown_the_first(
    two: tuple[Desk, Desk], make_ticket: Make, desk: Desk
) -> None:
    ben, mia = two
    tickets = []
    for _ in range(ROUNDS):
        ticket = make_ticket()
        tickets.append(ticket)
        seen = desk.read.ticket(ticket).last_event
        refused = at_once(
            lambda t=ticket, s=seen: ben.apply(t, ops.Reply("from ben"), based_on=s),
            lambda t=ticket, s=seen: mia.apply(t, ops.Reply("from mia"), based_on=s),
        )
        (held,) = filter(None, refused)
        assert isinstance(held, Stale)
        second = mia if refused[1] else ben
        assert held.by == ("ben" if second is mia else "mia")
        # It is still in the composer; sent again, on what has been shown by then, it goes.
        now = desk.read.ticket(ticket).last_event
        second.apply(ticket, ops.Reply(f"from {second.actor}"), based_on=now)
        said = {entry.text for entry in desk.read.conversation(ticket)}
        assert {"from ben", "from mia"} <= said
    all_stands(desk, tickets)


def test_an_edit_and_a_note_at_once_both_stand(
    two: tuple[Desk, Desk], make_ticket: Make, desk: Desk
) -> None:
    ben, mia = two
    tickets = []
    for number in range(ROUNDS):
        ticket = make_ticket()
        tickets.append(ticket)
        seen = desk.read.ticket(ticket).last_event
        refused = at_once(
            lambda t=ticket, s=seen, n=number: ben.apply(t, ops.Edit("subject", f"new {n}"), based_on=s),
            lambda t=ticket, s=seen: mia.apply(t, ops.AddNote("a note"), based_on=s),
        )  # fmt: skip
        assert refused == [None, None]
        assert desk.read.ticket(ticket).subject == f"new {number}"
        assert desk.read.conversation(ticket)[-1].text == "a note"
    all_stands(desk, tickets)


def test_a_reply_and_a_merge_at_once_lose_no_word(
    two: tuple[Desk, Desk], make_ticket: Make, desk: Desk
) -> None:
    ben, mia = two
    tickets = []
    for _ in range(ROUNDS):
        a, b = make_ticket("one"), make_ticket("other")
        tickets += [a, b]
        refused = at_once(
            lambda a=a: ben.apply(a, ops.Reply("an answer")),
            lambda a=a, b=b: mia.apply(a, ops.Merge(b)),
        )
        assert refused[1] is None
        said = [entry.text for entry in desk.read.conversation(b)]
        if refused[0] is None:
            assert "an answer" in said
        else:
            assert f"was merged into {desk.ref(b)}" in refused[0].message
    all_stands(desk, tickets)


def test_of_two_unmergings_one_does_it_and_the_other_is_told(
    two: tuple[Desk, Desk], make_ticket: Make, desk: Desk
) -> None:
    ben, mia = two
    tickets = []
    for _ in range(ROUNDS):
        a, b = make_ticket("one", text="a"), make_ticket("other", text="b")
        tickets += [a, b]
        ben.apply(a, ops.Merge(b))
        refused = at_once(lambda: ben.undo(), lambda a=a: mia.apply(a, ops.Unmerge()))
        assert len(list(filter(None, refused))) == 1
        assert [[e.text for e in desk.read.conversation(t)] for t in (a, b)] == [["a"], ["b"]]
    all_stands(desk, tickets)

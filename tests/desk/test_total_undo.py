"""Undo is total on both engines; tests/threads has the long sessions."""

from __future__ import annotations

from collections.abc import Callable

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from tests.threads import acts
from tests.threads.test_total_undo import dump, unlike

Make = Callable[..., TicketId]


def test_a_session_with_everything_in_it_is_undone_to_the_last_row(
    desk: Desk, make_ticket: Make, open_desk: Callable[[str], Desk]
) -> None:
    ben = open_desk("ben")
    tickets = [make_ticket(f"ticket {n}", tags=("vpn",)) for n in range(3)]
    known = set(acts.tickets(desk))
    before = dump(ben, known)
    a, b, c = tickets
    done = [
        ben.apply(a, ops.Reply("on it, @lea"), ops.Wait("scheduled", ben.now() + 60, "part")).batch,
        ben.apply(b, ops.Merge(a)).batch,
        ben.apply(a, ops.Split(ben.read.conversation(a)[-1].id, "the other thing")).batch,
        ben.apply_many(tickets, ops.AddTags(("all",)), ops.SetPriority(1)).batch,
        ben.apply(b, ops.Unmerge()).batch,
        ben.apply(c, ops.Escalate("furious", "network", ("lead",)), ops.AddNote("why")).batch,
        ben.apply(c, ops.Attach("log.txt", b"log"), ops.LogTime(600), ops.AddCheck("ring")).batch,
        ben.apply(c, ops.Resolve("solved", "Done."), ops.Watch("lea")).batch,
        ben.apply(c, ops.Discard("spam")).batch,
        ben.apply(c, ops.Restore()).batch,
    ]
    assert all(done)
    after = dump(ben, known)
    for _ in range(2):
        for _ in done:
            ben.undo()
        assert unlike(before, dump(ben, known)) == []
        for _ in done:
            ben.redo()
        assert unlike(after, dump(ben, known)) == []

"""Any act on a desk: for every operation on tickets a way to draw one that may fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import EntryId, TicketId

Draw = Callable[[st.SearchStrategy[Any]], Any]
Maker = Callable[[Draw, Desk, TicketId], ops.Op]

WORDS = st.sampled_from(("vpn", "printer", "urgent", "room"))
TEXT = st.sampled_from(("one", "two @ben look", "three\nlines\nof text"))
AGENTS = st.sampled_from(("ana", "ben", "lea", ""))
QUEUES = st.sampled_from(("service-desk", "network", "applications"))
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "subject": TEXT, "kind": st.sampled_from(("incident", "request")),
    "category": st.sampled_from(("Hardware / Printer", "Network / VPN", "")),
    "service": WORDS, "channel": st.sampled_from(("phone", "mail")), "impact": st.integers(1, 3),
    "urgency": st.integers(1, 3), "restricted": st.booleans(), "owner": AGENTS,
    "requester": st.sampled_from((1, 2, 3, None)),
}  # fmt: skip


def tickets(desk: Desk) -> list[TicketId]:
    rows = desk.read.reader.all("SELECT id FROM ticket ORDER BY id")
    return [TicketId(number) for (number,) in rows]


def _other(draw: Draw, desk: Desk) -> TicketId:
    return TicketId(draw(st.sampled_from(tickets(desk))))


def _edit(draw: Draw, desk: Desk, _: TicketId) -> ops.Op:
    name = draw(st.sampled_from(ops.EDITABLE))
    if name == "parent":
        return ops.Edit(name, draw(st.sampled_from((*tickets(desk), None))))
    return ops.Edit(name, draw(FIELDS[name]))


def _entry(draw: Draw, desk: Desk, ticket: TicketId) -> EntryId:
    found = [entry.id for entry in desk.read.conversation(ticket)]
    return EntryId(draw(st.sampled_from(found or [EntryId(0)])))


def _item(draw: Draw, desk: Desk, ticket: TicketId) -> int:
    return int(draw(st.sampled_from([line.id for line in desk.read.checklist(ticket)] or [0])))


def _file(draw: Draw, desk: Desk, ticket: TicketId) -> int:
    return int(draw(st.sampled_from([file.id for file in desk.read.attachments(ticket)] or [0])))


MAKERS: dict[type, Maker] = {
    ops.Open: lambda draw, *_: ops.Open(draw(TEXT), draw(TEXT), requester=draw(st.sampled_from((1, None))), tags=("new",), assignee=draw(AGENTS)),
    ops.Assign: lambda draw, *_: ops.Assign(draw(AGENTS)),
    ops.Take: lambda draw, *_: ops.Take(force=draw(st.booleans())),
    ops.Move: lambda draw, *_: ops.Move(draw(QUEUES)),
    ops.SetState: lambda draw, *_: ops.SetState(draw(st.sampled_from(("open", "resolved", "closed", "waiting-supplier")))),
    ops.SetPriority: lambda draw, *_: ops.SetPriority(draw(st.sampled_from((1, 2, 3, 4, None)))),
    ops.SetDue: lambda draw, desk, _: ops.SetDue("resolution", draw(st.sampled_from((desk.now() + 3600, None))), "agreed"),
    ops.Edit: _edit,
    ops.SetField: lambda draw, *_: ops.SetField(draw(WORDS), draw(st.sampled_from(("", "3F", "4F")))),
    ops.AddTags: lambda draw, *_: ops.AddTags((draw(WORDS), draw(WORDS))),
    ops.RemoveTags: lambda draw, *_: ops.RemoveTags((draw(WORDS),)),
    ops.AddLink: lambda draw, desk, _: ops.AddLink(draw(st.sampled_from(("relates", "blocks"))), _other(draw, desk)),
    ops.RemoveLink: lambda draw, desk, _: ops.RemoveLink(draw(st.sampled_from(("relates", "blocks"))), _other(draw, desk)),
    ops.Reply: lambda draw, *_: ops.Reply(draw(TEXT)),
    ops.Inform: lambda draw, *_: ops.Inform(draw(TEXT)),
    ops.RecordSurvey: lambda draw, *_: ops.RecordSurvey(draw(st.integers(1, 5)), draw(st.sampled_from(("", "quick")))),
    ops.Resend: lambda *_: ops.Resend(),
    ops.DropMail: lambda *_: ops.DropMail(),
    ops.AddNote: lambda draw, *_: ops.AddNote(draw(TEXT)),
    ops.LogCall: lambda draw, *_: ops.LogCall(draw(TEXT)),
    ops.Chat: lambda draw, *_: ops.Chat(draw(TEXT)),
    ops.Receive: lambda draw, *_: ops.Receive(draw(TEXT)),
    ops.Wait: lambda draw, desk, _: ops.Wait(draw(st.sampled_from(("waiting-customer", "scheduled"))), draw(st.sampled_from((None, desk.now() + 60))), "a log"),
    ops.EndWait: lambda *_: ops.EndWait(),
    ops.Escalate: lambda draw, *_: ops.Escalate("he waits", draw(st.sampled_from(("", "network"))), ("ben", "lead")),
    ops.Resolve: lambda draw, *_: ops.Resolve("solved", draw(st.sampled_from(("", "It works.")))),
    ops.Close: lambda *_: ops.Close("silence"),
    ops.Reopen: lambda *_: ops.Reopen("again"),
    ops.Cancel: lambda *_: ops.Cancel("no need"),
    ops.Merge: lambda draw, desk, _: ops.Merge(_other(draw, desk), draw(st.booleans())),
    ops.Unmerge: lambda *_: ops.Unmerge(),
    ops.Split: lambda draw, desk, ticket: ops.Split(_entry(draw, desk, ticket), "split off", draw(st.booleans())),
    ops.Discard: lambda *_: ops.Discard("spam"),
    ops.Restore: lambda *_: ops.Restore(),
    ops.Attach: lambda draw, *_: ops.Attach("log.txt", draw(st.sampled_from((b"one", b"two")))),
    ops.Detach: lambda draw, desk, ticket: ops.Detach(_file(draw, desk, ticket)),
    ops.LogTime: lambda draw, *_: ops.LogTime(draw(st.integers(60, 3600)), "on the phone"),
    ops.AddCheck: lambda draw, *_: ops.AddCheck(draw(WORDS)),
    ops.Check: lambda draw, desk, ticket: ops.Check(_item(draw, desk, ticket)),
    ops.Uncheck: lambda draw, desk, ticket: ops.Uncheck(_item(draw, desk, ticket)),
    ops.DropCheck: lambda draw, desk, ticket: ops.DropCheck(_item(draw, desk, ticket)),
    ops.Watch: lambda draw, *_: ops.Watch(draw(AGENTS)),
    ops.Unwatch: lambda draw, *_: ops.Unwatch(draw(AGENTS)),
}  # fmt: skip
OFTEN = (ops.Merge, ops.Merge, ops.Split, ops.Unmerge, ops.Reply, ops.Escalate)
"""What meets the others in the most ways is drawn more often."""
KINDS = (*MAKERS, *OFTEN)
BULK = tuple(kind for kind in KINDS if kind is not ops.Open)


def act(draw: Draw, desk: Desk) -> tuple[tuple[TicketId, ...], tuple[ops.Op, ...]]:
    """Tickets (none for a new one) and operations: one, or several as a macro has them."""
    known = tickets(desk)
    if draw(st.integers(0, 3)) == 0 and len(known) > 2:
        some = draw(st.lists(st.sampled_from(known), min_size=2, max_size=4, unique=True))
        return tuple(some), _several(draw, desk, some[0])
    ticket = draw(st.sampled_from(known))
    if draw(st.integers(0, 9)) == 0:
        return (), (MAKERS[ops.Open](draw, desk, ticket),)
    return (ticket,), _several(draw, desk, ticket)


def _several(draw: Draw, desk: Desk, ticket: TicketId) -> tuple[ops.Op, ...]:
    kinds = draw(
        st.lists(st.sampled_from(BULK), min_size=1, max_size=draw(st.sampled_from((1, 1, 3))))
    )
    return tuple(MAKERS[kind](draw, desk, ticket) for kind in kinds)

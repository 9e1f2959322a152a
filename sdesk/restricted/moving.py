"""A ticket goes from one file into the other: copied whole first, then erased where it was.

The two files can't be committed at once. So the copy comes first and says in its own file from where it
came; whoever finds that word later (the same desk after a crash, any member's desk, `sdesk doctor`)
finishes what was begun. Meanwhile the ticket is in both files, never in none.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sdesk import ops
from sdesk.errors import Busy, Refused
from sdesk.model import Change, Source, StateCategory, TicketId
from sdesk.numbering import is_restricted
from sdesk.rules import access
from sdesk.store import erasing, spoken, upkeep, wholes

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.door import Work
    from sdesk.model import Event
    from sdesk.store.reader import Reader
    from sdesk.store.tables import TicketTable

MOVING = "moving."
"""Of `upkeep`, in the file that a ticket goes to: from which number, to which, and as of which event."""
EVER = 1_000_000


class Begun(NamedTuple):
    """A move that has come as far as the copy."""

    ticket: int
    to: int
    last_event: int


def begun(reader: Reader) -> list[Begun]:
    """The moves into this file that somebody has begun and not finished."""
    rows = reader.all(f"SELECT name, value FROM upkeep WHERE name LIKE '{MOVING}%' ORDER BY name")
    found = []
    for name, value in rows:
        said = json.loads(value)
        found.append(Begun(int(name.removeprefix(MOVING)), said["to"], said["last"]))
    return found


class Act(NamedTuple):
    """What a move is to whoever does it: an act of their own, or the taking back of one."""

    kind: str = "moved_in"
    """"undone" is said in the file that it leaves, where the move stands; "redone" where it arrives."""
    batch: int = 0
    """The act that it is a part of; 0 begins one."""
    of: int = 0
    """What is taken back, or done again."""

    def told(self, **more: int) -> dict[str, object]:
        return {"batch": self.of, "did": [ARRIVED], **more}


ARRIVED = "moved_in"
MOVED = Act()


def is_move(event: Event) -> bool:
    """Whether an agent's act was a move between the files, or the taking back of one."""
    return event.kind == ARRIVED or event.details.get("did") == [ARRIVED]


def move(source: Desk, target: Desk, ticket: TicketId, act: Act = MOVED) -> Change:
    """Take the ticket into the other file; the change there. Raises `Refused`, `NotFound`.

    The source stays locked until both are done, so that nothing is said in between and lost.
    """
    from sdesk.joined.crossing import person_in

    finish(source, target)
    source.release_outbox(ticket)
    there = is_restricted(ticket) is False
    people = {
        number: int(person_in(number, source, target, restricted=there) or 0)
        for number in _people(source, ticket)
    }
    with source.door().transaction() as leaving:
        row = leaving.row(ticket)
        _check(leaving, row, there)
        events = leaving.reads.history(ticket, limit=EVER)
        whole = wholes.read(leaving.session, ticket)
        change = _arrive(target, ticket, whole, events, people, act)
        _leave(leaving, ticket)
        if act.kind == "undone":
            leaving.tx.source, leaving.tx.batch = leaving.door.source, act.batch
            leaving.tx.record("undone", row, details=act.told(to=int(change.ticket or 0)))
            change = Change(change.ticket, change.events, leaving.tx.batch)
    _forget(target, ticket)
    return change


def finish(source: Desk, target: Desk) -> list[int]:
    """Finish the moves into the target that a crash has interrupted; their numbers there."""
    done = []
    for one in begun(target.read.reader):
        with source.door().transaction() as leaving:
            row = leaving.tx.ticket(one.ticket)
            is_there = row is not None and row.erased_at is None
            has_changed = is_there and row is not None and row.last_event != one.last_event
            if is_there and not has_changed:
                _leave(leaving, TicketId(one.ticket))
        if has_changed:
            # Somebody went on working where it was: that is the ticket, and the copy is not.
            with target.door().transaction() as work:
                if work.row(TicketId(one.to)).erased_at is None:
                    _leave(work, TicketId(one.to))
        else:
            done.append(one.to)
        _forget(target, one.ticket)
    return done


def _people(source: Desk, ticket: int) -> set[int]:
    sql = """SELECT requester_id FROM ticket WHERE id = :id AND requester_id IS NOT NULL
        UNION SELECT person_id FROM entry WHERE ticket_id = :id AND person_id IS NOT NULL"""
    return {number for (number,) in source.read.reader.all(sql, {"id": ticket})}


def _check(work: Work, row: TicketTable, there: bool) -> None:
    ref = work.reads.ref(row.number)
    if work.door.enforce:
        # The flag itself is not asked again here: whoever may see it may put it away.
        subject = access.Subject(
            ref, bool(row.restricted) and there, row.queue, row.owner, row.assignee
        )
        access.check(work.agent, work.door.actor, ops.Edit("restricted", there), subject)
    if said := wholes.obstacle(work.session, row.number):
        raise Refused(f"{ref} can't be moved: {said}.", _MEND.get(said, ""))


_MEND = {
    "a reply is on its way out": "Wait until it has left, or take it back: u",
    "a mail is on its way out": "Wait until it has left: sdesk mail outbox",
    "other tickets were merged into it": "Take them apart first: sdesk unmerge REF",
}


def _arrive(
    target: Desk, ticket: TicketId, whole: wholes.Whole, events: object, people: dict[int, int],
    act: Act,
) -> Change:  # fmt: skip
    with target.door().transaction() as work:
        tx = work.tx
        arrival = wholes.Arrival(tx, whole, people, not is_restricted(ticket))
        number = TicketId(arrival.put(events))  # type: ignore[arg-type]
        row = work.row(number)
        if act.kind == ARRIVED:
            tx.batch = act.batch
            tx.record(ARRIVED, row, details={"was": ticket})
        else:
            # No act that `undo` would find: that is told beside it, or in the file that it leaves.
            tx.source = Source.IMPORT
            tx.record(ARRIVED, row, details={"was": ticket})
        if act.kind == "redone":
            tx.source, tx.batch = work.door.source, act.batch
            tx.record("redone", row, details=act.told(was=ticket))
        batch = tx.batch
        work.measure(row)
        upkeep.remember_in(
            work.session, f"{MOVING}{ticket}",
            json.dumps({"to": number, "last": whole.ticket["last_event"]}), tx.at,
        )  # fmt: skip
        change = work.own_events()
    return Change(number, change, batch)


SPOKEN = ("replied", "received", "noted", "called", "chatted", "attached", "absorbed")


def check_unsaid(desk: Desk, ticket: TicketId, since: int) -> None:
    """Raises `Refused` where something was said in a restricted ticket since it became one: no `u` shows
    that to everybody."""
    later = (event for event in desk.read.history(ticket, limit=EVER) if event.id > since)
    if any(event.kind in SPOKEN and event.source != Source.IMPORT for event in later):
        ref = desk.ref(ticket)
        raise Refused(
            f"In {ref} something was said since it was moved, which all would see.",
            f"If they may: sdesk set {ref} restricted=no",
        )


def _leave(work: Work, ticket: TicketId) -> None:
    """Erase it where it was: a number that was used stays used, and nothing else."""
    from sdesk.privacy import erase_ticket

    # As what an import brings: no undo of whoever moved it gives it back a state.
    work.tx.source = Source.IMPORT
    digests = wholes.bare_events(work.tx, ticket)
    erasing.told(work.tx, digests, "moved")
    erase_ticket(work, ticket, "moved")
    wholes.leave_bare(work.tx, ticket)
    row = work.row(ticket)
    state = work.tx.state_of(StateCategory.CLOSED, "cancelled")
    work.tx.change(
        row, "moved_out", state=state.key, category=str(state.category), live=0, binned=1,
        state_until=None, closed_at=row.closed_at or work.tx.at,
    )  # fmt: skip
    for name in ("due_at", "breach_at", "remaining"):
        setattr(row, name, None)
    row.due_target, row.breached = "", 0
    work.tx.write_clocks(ticket, [])


def _forget(target: Desk, ticket: int) -> None:
    with target.door().writer.write() as session:
        spoken.run(session, "DELETE FROM upkeep WHERE name = :name", {"name": f"{MOVING}{ticket}"})


SMALL = 64 << 20
"""Bytes of a file that is written anew at once, so that the words are gone from its free pages; a
greater one by the worker's upkeep."""


def purge_if_small(source: Desk) -> bool:
    """Write the file anew that a ticket has left, where that takes no time to speak of."""
    from pathlib import Path

    from sdesk.privacy import purge

    if Path(source.place).stat().st_size > SMALL:
        return False
    try:
        purge(source)
    except Busy:
        return False
    return True

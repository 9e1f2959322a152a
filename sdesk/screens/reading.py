"""What a ticket screen shows, read in one go away from the screen's loop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sdesk.model import (
    Alarm,
    Attachment,
    CheckItem,
    Draft,
    Entry,
    Event,
    Instant,
    StateCategory,
    Ticket,
    TicketId,
    TicketRow,
    Worked,
)
from sdesk.numbering import reference
from sdesk.posted import Posted
from sdesk.present import age
from sdesk.screens.board_reading import calendars, ladders, next_step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdesk.announced import Survey
    from sdesk.desk import Desk
    from sdesk.rules.calendar import Calendar
    from sdesk.rules.clock import Clock
    from sdesk.widgets.next_step import NextStep

OTHERS = 6
SIMILAR = 4


@dataclass(frozen=True, slots=True)
class Around:
    """What hangs on a ticket."""

    files: tuple[Attachment, ...] = ()
    worked: tuple[Worked, ...] = ()
    checklist: tuple[CheckItem, ...] = ()
    watchers: tuple[str, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    letters: tuple[Posted, ...] = ()
    """What was written about it by mail."""
    survey: Survey | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """A ticket's parent, how many other children that has, and its own children."""

    parent: TicketRow | None = None
    siblings: int = 0
    children: tuple[TicketRow, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One ticket with everything around it, as it was at `read_at`."""

    ticket: Ticket
    entries: tuple[Entry, ...]
    events: tuple[Event, ...]
    clocks: tuple[Clock, ...]
    row: TicketRow | None
    others: tuple[TicketRow, ...]
    similar: tuple[TicketRow, ...]
    drafts: tuple[Draft, ...]
    read_at: Instant
    prefix: str
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    """Calendar name → calendar, for the clocks."""
    around: Around = field(default_factory=Around)
    family: Family = field(default_factory=Family)
    steps: Mapping[str, NextStep] = field(default_factory=dict)
    """Target → what its clock comes to next."""
    names: Mapping[str, str] = field(default_factory=dict)
    """State and queue keys → the names people know."""

    def ref(self, ticket: TicketId) -> str:
        return reference(self.prefix, ticket)


def read_page(desk: Desk, number: TicketId) -> TicketPage:
    """Raises `NotFound`."""
    read = desk.read
    ticket = read.ticket(number)
    others: tuple[TicketRow, ...] = ()
    if ticket.requester is not None:
        found = read.requester_tickets(ticket.requester.id, limit=OTHERS + 1)
        others = tuple(row for row in found if row.id != number)[:OTHERS]
    solved = (StateCategory.RESOLVED, StateCategory.CLOSED)
    similar = tuple(
        row for row in read.similar(number, limit=SIMILAR * 2) if row.category in solved
    )
    names = {state.key: state.name for state in read.states()}
    names |= {queue.key: queue.name for queue in read.queues()}
    return TicketPage(
        ticket=ticket, entries=read.conversation(number), events=read.history(number),
        clocks=desk.ledger(number), row=next(iter(read.rows([number])), None),
        others=others, similar=similar[:SIMILAR],
        drafts=tuple(d for d in (read.draft(number, kind) for kind in ("reply", "note")) if d),
        read_at=desk.now(), prefix=desk.settings.prefix, names=names,
        calendars=calendars(read.calendars()), around=_around(desk, number),
        family=_family(desk, number),
        steps=_steps(desk, ticket),
    )  # fmt: skip


def _family(desk: Desk, number: TicketId) -> Family:
    parent, siblings, children = desk.read.family(number)
    rows = {row.id: row for row in desk.read.rows([*filter(None, [parent]), *children])}
    above = rows.get(parent) if parent is not None else None
    below = tuple(rows[child] for child in children if child in rows)
    return Family(above, max(0, len(siblings) - 1), below)


def _steps(desk: Desk, ticket: Ticket) -> dict[str, NextStep]:
    known = ladders(desk.read.policies())
    found = {c.target: next_step(c, known, ticket) for c in desk.read.clocks(ticket.id)}
    return {target: step for target, step in found.items() if step is not None}


def ago(at: Instant, now: Instant) -> str:
    """3h ago, or just now."""
    passed = age(at, now)
    return "just now" if passed == "now" else f"{passed} ago"


def _around(desk: Desk, number: TicketId) -> Around:
    read = desk.read
    return Around(
        read.attachments(number),
        read.worked(number),
        read.checklist(number),
        read.watchers(number),
        read.alarms_of(number),
        read.letters(number),
        desk.survey(number),
    )

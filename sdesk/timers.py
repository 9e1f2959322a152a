"""What time alone makes due: warnings and escalations, waits that end, tickets that close by themselves.

Two processes may run the timers of one store at once: each act is looked at again inside its own
transaction, so none is done twice. Looking for what is due loads no SQLModel; doing it does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sdesk.errors import Busy, SdeskError, StoreFault
from sdesk.model import Instant, StateCategory, TicketId
from sdesk.rules.closing import SETTING, Closing

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.door import Door, Work
    from sdesk.rules.calendar import Calendar
    from sdesk.store.tables import TicketTable

SKIPPED = 300
"""Seconds for which a ticket that failed is left alone."""
OVERTAKEN = 10
"""Seconds for which one is left alone that somebody else was faster with."""
EVER = 1 << 60


class What(StrEnum):
    """What came due."""

    STEPS = "steps"
    """Warnings and levels of escalation."""
    WAIT = "wait"
    CLOSE = "close"
    SEND = "send"
    """Replies that can be taken back no longer."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done because its time had come."""

    what: What
    ticket: TicketId


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that should have been done and could not."""

    what: What
    ticket: TicketId
    error: Exception


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run did; `more` when it stopped before the end."""

    done: tuple[Act, ...]
    failed: tuple[Failure, ...]
    more: bool


class Timers:
    """The timers of one store, on a desk opened in nobody's name. For one thread."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._skipped: dict[tuple[What, TicketId], Instant] = {}
        self._compiled: tuple[str, Calendar] | None = None

    # Looking

    def next_at(self) -> Instant | None:
        """When the next thing comes due; in the past where something is. None when nothing will."""
        read = self.desk.read
        found = [
            read.next_leaving_at(), read.next_step_at(), read.next_wait_at(), self._next_closing(),
        ]  # fmt: skip
        return min((at for at in found if at is not None), default=None)

    def _next_closing(self) -> Instant | None:
        closing = self._closing()
        oldest = self.desk.read.resolved_before(EVER, limit=1) if closing else []
        return closing.at(oldest[0][1], self._calendar()) if closing and oldest else None

    def due(self, limit: int) -> list[tuple[What, TicketId]]:
        """So many of each sort and one more, the longest overdue first, without what failed lately."""
        now, read = self.desk.now(), self.desk.read
        # A clock that was set back must not make a pause longer than it was meant.
        kept = self._skipped.items()
        self._skipped = {key: until for key, until in kept if now < until <= now + SKIPPED}
        most = limit + 1 + len(self._skipped)
        found = [(What.SEND, ticket) for ticket in read.leaving_due(now, limit=most)]
        found += [(What.WAIT, ticket) for ticket in read.waits_over(now, limit=most)]
        found += [(What.STEPS, ticket) for ticket in read.steps_due(now, limit=most)]
        found += [(What.CLOSE, ticket) for ticket in self._closings(now, most)]
        return [key for key in found if key not in self._skipped]

    def _closings(self, now: Instant, limit: int) -> Iterator[TicketId]:
        if (closing := self._closing()) is None:
            return
        for ticket, resolved_at in self.desk.read.resolved_before(now, limit=limit):
            if closing.at(resolved_at, self._calendar()) > now:
                return
            yield ticket

    def _closing(self) -> Closing | None:
        return Closing.parse(self.desk.read.settings().get(SETTING, ""))

    def _calendar(self) -> Calendar:
        """The desk's own, compiled again only when it has changed."""
        from sdesk.rules.calendar import Calendar  # here: most looks find nothing resolved

        name = self.desk.read.settings().get("calendar", "")
        spec = self.desk.read.calendars().get(name)
        text = json.dumps(spec, sort_keys=True)
        if self._compiled is None or self._compiled[0] != text:
            made = Calendar.from_json({**spec, "name": name}) if spec else Calendar.always()
            self._compiled = text, made
        return self._compiled[1]

    # Doing

    def run(self, limit: int = 100, until: Callable[[], bool] = lambda: False) -> Ran:
        """Do what is due, at most `limit` of it, and not on when `until` says so.

        A ticket that fails is left alone for some minutes and keeps nothing from the others. Raises
        what concerns them all: `Busy`, `StoreFault`.
        """
        done: list[Act] = []
        failed: list[Failure] = []
        due = self.due(limit)
        for number, (what, ticket) in enumerate(due):
            if number >= limit or until():
                return Ran(tuple(done), tuple(failed), more=True)
            try:
                is_done = self._do(what, ticket)
            except (Busy, StoreFault):
                raise
            except SdeskError as error:
                failed.append(self._failed(what, ticket, error))
            except Exception as error:
                # A fault of ours on one ticket must not keep the others from being warned.
                failed.append(self._failed(what, ticket, error))
            else:
                if is_done:
                    done.append(Act(what, ticket))
                else:
                    self._leave_alone(what, ticket, OVERTAKEN)
        return Ran(tuple(done), tuple(failed), more=False)

    def _failed(self, what: What, ticket: TicketId, error: Exception) -> Failure:
        self._leave_alone(what, ticket, SKIPPED)
        return Failure(what, ticket, error)

    def _leave_alone(self, what: What, ticket: TicketId, seconds: int) -> None:
        self._skipped[what, ticket] = self.desk.now() + seconds

    def _do(self, what: What, ticket: TicketId) -> bool:
        """Do it if it is still to be done; whether it was."""
        match what:
            case What.STEPS:
                return self._door().settle(ticket) > 0
            case What.WAIT:
                return self._end_wait(ticket)
            case What.CLOSE:
                return self._close(ticket)
            case What.SEND:
                return self.desk.release_outbox(ticket) > 0

    def _door(self) -> Door:
        door = self.desk.door()
        # The desk itself is no agent, and needs no leave.
        door.enforce = False
        return door

    def _end_wait(self, ticket: TicketId) -> bool:
        from sdesk.ops import EndWait
        from sdesk.store.notices import recipients, tell

        with self._door().transaction() as work:
            row = _still(work, ticket, StateCategory.WAITING)
            if row is None or row.state_until is None or row.state_until > work.tx.at:
                return False
            reason = row.wait_reason
            work.carry_out(ticket, [EndWait()], None)
            event = next(e for e in reversed(work.tx.events) if e["kind"] == "wait_ended")
            said = f"the wait is over: {reason}" if reason else "the wait is over"
            told = recipients(work.tx, row, ("assignee",))
            tell(work.tx, told, row.number, event["id"], "wait", said)
            return True

    def _close(self, ticket: TicketId) -> bool:
        from sdesk.ops import Close

        with self._door().transaction() as work:
            row, closing = _still(work, ticket, StateCategory.RESOLVED), self._closing()
            if row is None or closing is None or row.resolved_at is None:
                return False
            if closing.at(row.resolved_at, self._calendar()) > work.tx.at:
                return False
            work.carry_out(ticket, [Close(closing.reason)], None)
            return True


def _still(work: Work, ticket: TicketId, category: StateCategory) -> TicketTable | None:
    """The ticket, if it is still in such a state now that nobody else can write."""
    row = work.tx.ticket(ticket)
    return row if row is not None and row.category == category else None

"""The same act on many tickets: one batch for undo, a few transactions, and each ticket for itself.

Light to import: the door that is handed in brings what writing needs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sdesk.errors import Invalid, SdeskError

if TYPE_CHECKING:
    from sqlmodel import Session

    from sdesk.door import Door
    from sdesk.model import Change, TicketId
    from sdesk.ops import Op

AT_ONCE = 50
"""Tickets in one transaction: a commit waits for the disk."""
HOLD = 0.3
"""Seconds after which a transaction ends early, so that others get their turn."""

OpsOf = Callable[["TicketId"], "Sequence[Op]"] | Mapping["TicketId", "Sequence[Op]"]
"""What is to be done to each ticket; raising `SdeskError` for one refuses that one."""


class Outcome(NamedTuple):
    """What one act on many tickets did to each, or would do."""

    batch: int
    changed: tuple[TicketId, ...]
    unchanged: tuple[TicketId, ...]
    refused: tuple[tuple[TicketId, SdeskError], ...]
    left: tuple[TicketId, ...] = ()
    """Those it did not come to, because it was stopped."""


class _Rehearsed(Exception):
    """Ends a transaction that was only to be looked at."""


class Batching:
    """One act under way. `rehearsed` takes every transaction back."""

    def __init__(
        self, door: Door, of: Callable[[TicketId], Sequence[Op]], rehearsed: bool,
        on_progress: Callable[[int, int], None] | None, should_stop: Callable[[], bool] | None,
    ) -> None:  # fmt: skip
        self.door, self.of, self.rehearsed = door, of, rehearsed
        self.on_progress, self.should_stop = on_progress, should_stop
        self.batch = 0
        self.changed: list[TicketId] = []
        self.unchanged: list[TicketId] = []
        self.refused: list[tuple[TicketId, SdeskError]] = []
        self._one_by_one = 0
        """Tickets ahead that get a transaction each: a fault of the store took their common one along."""

    def run(self, tickets: Sequence[TicketId]) -> Outcome:
        done = 0
        while done < len(tickets) and not self._is_stopped():
            size = 1 if self._one_by_one else AT_ONCE
            done += self._transact(tickets[done : done + size], done, len(tickets))
        return Outcome(
            self.batch, tuple(self.changed), tuple(self.unchanged), tuple(self.refused),
            tuple(tickets[done:]),
        )  # fmt: skip

    def _is_stopped(self) -> bool:
        return self.should_stop is not None and self.should_stop()

    def _transact(self, tickets: Sequence[TicketId], before: int, total: int) -> int:
        """One transaction; how many of the tickets are settled by it."""
        made: list[tuple[TicketId, Change | SdeskError]] = []
        batch, reached = self.batch, 0
        try:
            with self.door.writer.write() as session:
                until = time.monotonic() + HOLD
                # Held while the session is: it forgets rows that nobody else knows.
                rows = self.door.fetch(session, tickets)  # noqa: F841
                for reached, ticket in enumerate(tickets, 1):  # noqa: B007
                    done = self._one(session, ticket, batch)
                    made.append((ticket, done))
                    batch = batch or getattr(done, "batch", 0)
                    if self.on_progress:
                        self.on_progress(before + len(made), total)
                    if self._is_stopped() or time.monotonic() > until:
                        break
                if self.rehearsed:
                    raise _Rehearsed
        except _Rehearsed:
            pass
        except SdeskError as fault:
            return self._faulted(tickets, reached, fault)
        self._one_by_one = max(0, self._one_by_one - len(made))
        self.batch = 0 if self.rehearsed else batch
        self._note(made)
        return len(made)

    def _one(self, session: Session, ticket: TicketId, batch: int) -> Change | SdeskError:
        """One ticket inside the transaction: a refusal takes back what was done to it, and no more."""
        point = session.begin_nested()
        try:
            change = self.door.carry_out(session, ticket, self.of(ticket), batch)
        except SdeskError as error:
            point.rollback()
            return error
        point.commit()
        return change

    def _faulted(self, tickets: Sequence[TicketId], reached: int, fault: SdeskError) -> int:
        """The store failed and the transaction is gone: once more one by one, or refused where it
        could not even begin."""
        if reached and len(tickets) > 1:
            self._one_by_one = len(tickets)
            return 0
        self._one_by_one = max(0, self._one_by_one - 1)
        self.refused += [(ticket, fault) for ticket in tickets]
        return len(tickets)

    def _note(self, made: Sequence[tuple[TicketId, Change | SdeskError]]) -> None:
        for ticket, done in made:
            if isinstance(done, SdeskError):
                self.refused.append((ticket, done))
            else:
                (self.changed if done else self.unchanged).append(ticket)


def carry_out(
    door: Door,
    tickets: Sequence[TicketId],
    of: OpsOf,
    *,
    rehearsed: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Outcome:
    """Do to each ticket what `of` says; with `rehearsed` nothing stays."""

    def operations(ticket: TicketId) -> Sequence[Op]:
        found = of(ticket) if callable(of) else of.get(ticket, ())
        if any(type(op).__name__ == "Open" for op in found):
            raise Invalid("A ticket is opened one at a time.")
        return found

    return Batching(door, operations, rehearsed, on_progress, should_stop).run(tickets)

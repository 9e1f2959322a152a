"""What a ticket's clocks have come to: warnings and levels of escalation, carried out each once.

Whoever writes to a ticket settles first what its clocks owe, and whoever keeps time settles what
nobody writes to. Each step leaves an event, in the same transaction as all it does; what has an
event is done.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sdesk.errors import SdeskError
from sdesk.model import Channel, Source
from sdesk.rules.ladder import WARNED, warned_details
from sdesk.store.apply import apply
from sdesk.store.following import tell_assignee
from sdesk.store.notices import recipients, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.door import Work
    from sdesk.levels import Pending
    from sdesk.rules.ladder import Level
    from sdesk.rules.sla import Clock
    from sdesk.store.tables import TicketTable

TIMER = "sdesk"
"""The actor of what time alone does."""


@contextmanager
def as_timer(work: Work) -> Iterator[None]:
    """What is recorded inside is done by the desk itself, in a batch of its own."""
    tx = work.tx
    before = tx.actor, tx.source, tx.batch, tx.rule, tx.cause
    tx.actor, tx.source, tx.batch, tx.rule, tx.cause = TIMER, Source.TIMER, 0, "", None
    try:
        yield
    finally:
        tx.actor, tx.source, tx.batch, tx.rule, tx.cause = before


def settle(work: Work, row: TicketTable) -> int:
    """Carry out all steps that are due; how many they were. What one does may make others due."""
    step_at = work.known(row.number).step_at
    if step_at is None or step_at > work.tx.at:
        return 0
    count = 0
    with as_timer(work):
        first = len(work.tx.events)
        while (due := _due(work, row)) is not None:
            before = len(work.tx.events)
            _carry_out(work, row, due)
            work.react(row, before, 1)
            work.session.flush()
            count += 1
        if len(work.tx.events) > first:
            tell_assignee(work.tx, row, first)
            row.version += 1
        work.measure(row)
    return count


def _due(work: Work, row: TicketTable) -> Pending | None:
    """The step that was due first."""
    pending = [p for p in work.pending(row).values() if p.owed.at <= work.tx.at]
    return min(pending, key=_urgency, default=None)


def _urgency(pending: Pending) -> tuple[int, str]:
    worked = pending.owed.level.at.worked(pending.clock.budget)
    return worked - pending.clock.budget, pending.clock.target


def _carry_out(work: Work, row: TicketTable, due: Pending) -> None:
    level, clock = due.owed.level, due.clock
    told = () if _is_quiet(work, row) else recipients(work.tx, row, level.tell)
    details = warned_details(clock, level, told)
    event = work.tx.record(WARNED, row, details=details)
    tell(
        work.tx, told, row.number, event, "warning" if level.is_warning else "escalation",
        sentence(clock, level), show_at=level.show_at(work.tx.at, work.reads.zone),
    )  # fmt: skip
    work.tx.cause, work.tx.rule = event, f"{clock.policy}: {clock.target} {level.title}"
    try:
        _do(work, row, level)
    finally:
        work.tx.cause, work.tx.rule = None, ""


def _is_quiet(work: Work, row: TicketTable) -> bool:
    """An alarm's ticket among others under one parent: whoever has the parent is told of that."""
    if row.channel != Channel.MONITORING or row.parent_id is None or row.assignee:
        return False
    parent = work.tx.ticket(row.parent_id)
    return parent is not None and bool(parent.live)


def _do(work: Work, row: TicketTable, level: Level) -> None:
    for op in level.operations(row.priority):
        try:
            apply(op, work.tx, row)
        except SdeskError as error:
            work.tx.record("rule_failed", row, details={"reason": error.message})


def sentence(clock: Clock, level: Level) -> str:
    """What a notice says of a step."""
    if level.at.percent is not None:
        said = f"{level.key} of the {clock.target} time is used"
    elif level.at.offset is None:
        said = f"the {clock.target} target is missed"
    elif level.at.offset < 0:
        said = f"the {clock.target} is due in {level.key.removesuffix(' before')}"
    else:
        said = f"the {clock.target} target was missed {level.key.removesuffix(' after')} ago"
    return f"{level.name}: {said}" if level.name else said

"""The clocks of many tickets again, from their events: to renew what lists show, to compare, to report."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from sdesk.levels import clock_rows, summary
from sdesk.model import Source, TicketId
from sdesk.rules.attainment import Judged, judge
from sdesk.rules.ladder import done_steps
from sdesk.rules.query import Context
from sdesk.rules.situations import SILENT, moments
from sdesk.store.reads.clocks import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sdesk.door import Door, Work
    from sdesk.levels import ServiceLevels
    from sdesk.model import ClockRow, Instant
    from sdesk.rules.clock import Clock
    from sdesk.store.reads import Reads
    from sdesk.store.reads.clocks import Held

CHUNK = 500
"""Tickets at a time: enough to be quick, few enough that other writers get their turn."""
_ALWAYS = ("policy", "started_at", "stopped_at", "budget", "due_at", "breach_at", "paused")
_AT_REST = ("used", "verdict")
"""What time alone changes while a clock runs."""
_CACHED = ("due_at", "due_target", "breach_at", "remaining")


@dataclass(frozen=True, slots=True)
class Measured:
    """A ticket, and its clocks as they follow from its events."""

    ticket: TicketId
    held: Held
    clocks: tuple[Clock, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is stored otherwise than the events have it."""

    ticket: TicketId
    target: str
    """Empty for the ticket's own columns."""
    name: str
    stored: Any
    computed: Any


def measured(
    reads: Reads, levels: ServiceLevels, tickets: Iterable[int], now: Instant, *, ledger: bool = False
) -> Iterator[Measured]:  # fmt: skip
    """Every ticket's clocks, in the order of the numbers; numbers that are gone are left out."""
    measure = levels.clocks if ledger else levels.dues
    for some in _chunks(tickets):
        held, withdrawn = reads.held(some), reads.withdrawn_among(some)
        for ticket, told in reads.stories(some, without=SILENT).items():
            if ticket in held:
                story = moments(told, withdrawn.get(ticket, ()))
                yield Measured(TicketId(ticket), held[ticket], measure(story, now))


def judged(
    reads: Reads, levels: ServiceLevels, tickets: Iterable[int], now: Instant
) -> Iterator[Judged]:
    """Every ticket's promises as far as they are decided, for reports."""
    for one in measured(reads, levels, tickets, now, ledger=True):
        held = one.held
        yield judge(
            one.ticket, one.clocks, queue=held.queue, assignee=held.assignee,
            organization=held.organization, ended_at=held.ended_at,
            worked=lambda name, start, end: levels.calendars[name].elapsed_s(start, end),
        )  # fmt: skip


def differences(
    reads: Reads, levels: ServiceLevels, tickets: Iterable[int], now: Instant,
    on_ticket: Callable[[], None] | None = None,
) -> Iterator[Difference]:  # fmt: skip
    """Where the stored clocks are not those that the events make."""
    for some in _chunks(tickets):
        stored = reads.clocks_among(some)
        for one in measured(reads, levels, some, now):
            rows = clock_rows(one.ticket, one.clocks)
            yield from _compare(one.ticket, stored[one.ticket], rows)
            cached = summary(one.clocks, rows)
            for name in _CACHED:
                if one.held.cached[name] != cached[name]:
                    yield Difference(one.ticket, "", name, one.held.cached[name], cached[name])
            if on_ticket is not None:
                on_ticket()


def _compare(
    ticket: TicketId, stored: Iterable[ClockRow], rows: Iterable[Mapping[str, Any]]
) -> Iterator[Difference]:
    computed = {row["target"]: row for row in rows}
    known = {row.target: row for row in stored}
    for target in sorted({*known, *computed}):
        if target not in known or target not in computed:
            there = ["there" if target in side else "missing" for side in (known, computed)]
            yield Difference(ticket, target, "clock", *there)
            continue
        row, at_rest = (
            computed[target],
            known[target].stopped_at is not None or known[target].paused,
        )
        for name in (*_ALWAYS, *(_AT_REST if at_rest else ())):
            if getattr(known[target], name) != row[name]:
                yield Difference(ticket, target, name, getattr(known[target], name), row[name])


def renew(
    door: Door, tickets: Iterable[int], on_tickets: Callable[[int], None] | None = None
) -> int:
    """Let the service levels of now count for these tickets: matched again, and what runs measured
    again. Returns how many tickets changed. Others may write in between."""
    changed = 0
    for some in _chunks(tickets):
        with door.transaction() as work:
            work.tx.source = Source.RULE
            changed += _renew(work, some)
        if on_tickets is not None:
            on_tickets(len(some))
    return changed


def _renew(work: Work, tickets: list[int]) -> int:
    from sdesk.store.renewal import renew as put

    reads, now = work.reads, work.tx.at
    levels = work.door.levels(reads)
    context = Context(me="", now=now, zone=reads.zone)
    policies = reads.first_matching(levels.conditions, tickets, context)
    held, withdrawn = reads.held(tickets), reads.withdrawn_among(tickets)
    stored, stories = reads.clocks_among(tickets), reads.stories(tickets, without=SILENT)
    clocks: dict[int, list[dict[str, Any]]] = {}
    columns: dict[int, dict[str, Any]] = {}
    for ticket, has in held.items():
        told, gone = stories[ticket], withdrawn.get(ticket, ())
        story = moments(told, gone)
        if (agreed := _agree(work, levels, ticket, has, policies, story)) is not None:
            story = moments([*told, agreed], gone)
        found = levels.dues(story, now)
        rows = clock_rows(ticket, found, levels.pending(found, now, done_steps(told)))
        cached = summary(found, rows)
        if _is_other(has.cached, cached) or _differ(stored[ticket], rows):
            clocks[ticket], columns[ticket] = rows, cached
    put(work.session, clocks, columns)
    return len(clocks)


def _differ(stored: Iterable[ClockRow], rows: Iterable[Mapping[str, Any]]) -> bool:
    steps = {row.target: (row.step, row.step_at) for row in stored}
    if any(steps.get(row["target"]) != (row["step"], row["step_at"]) for row in rows):
        return True
    return any(_compare(TicketId(0), stored, rows))


def _is_other(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return any(before[name] != after[name] for name in (*_CACHED, "breached"))


def _agree(
    work: Work, levels: ServiceLevels, ticket: int, held: Held, policies: Mapping[int, str], story: Any
) -> Told | None:  # fmt: skip
    """Record the policy and calendar that hold from now on; None where they are the same as before."""
    policy, before = policies.get(ticket, ""), held.cached["policy"]
    calendar = story[-1].calendar if story else ""
    own = levels.calendar_for(policy, held.queue, lambda: held.organization) or calendar
    if policy == before and own == calendar:
        return None
    row = work.tx.ticket(TicketId(ticket))
    assert row is not None
    if row.erased_at is not None:
        return None  # what its policy asked for may be gone: what held goes on to hold
    details = {"calendar": own} if own != calendar else {}
    if policy == before:
        work.tx.record("calendar_matched", row, details=details)
        return Told(work.tx.at, "calendar_matched", {}, details)
    work.tx.change(row, "policy_matched", details, policy=policy)
    return Told(work.tx.at, "policy_matched", {"policy": (before, policy)}, details)


def _chunks(tickets: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(tickets)
    while some := list(islice(rest, CHUNK)):
        yield some

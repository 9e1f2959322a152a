"""Bringing many whole tickets in at once: numbers, clocks and hashes computed, rows inserted in bulk.

Imports and demo stores come in by this door. They record what happened elsewhere, so the lifecycle
is not asked; everything else a ticket has (events, conversation, clocks, search, hash chain) is made
as a ticket of the desk's own would have it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sdesk.errors import Refused
from sdesk.levels import clock_rows, summary
from sdesk.ops import SaveAgent, SavePerson, SaveQueue
from sdesk.rules.ladder import WARNED, step_of, warned_details
from sdesk.rules.query import Context
from sdesk.rules.situations import moments
from sdesk.rules.sla import measure
from sdesk.store.bulk import Bulk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.door import Door
    from sdesk.levels import Pending
    from sdesk.rules.query import Facts
    from sdesk.store.reads import Reads


@dataclass(slots=True)
class LoadedEvent:
    """One thing that happened. `changes` as events keep them: column → [before, after]."""

    at: int
    kind: str
    actor: str = ""
    changes: dict[str, list[Any]] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    entry: LoadedEntry | None = None
    """The conversation entry that the event tells of."""
    source: str = "import"
    id: int = 0
    """Not known before it is stored."""


@dataclass(slots=True)
class LoadedEntry:
    kind: str
    at: int
    body: str
    author: str = ""
    agent: str = ""
    person_id: int | None = None


@dataclass(slots=True)
class LoadedTicket:
    """A ticket as it is now (`columns`: those of the ticket table but id, version, clocks and policy),
    and how it came so: `events`, oldest first, beginning with `opened` whose details hold at least
    state, category and priority at the opening."""

    columns: dict[str, Any]
    events: list[LoadedEvent]
    tags: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)


class Loader:
    """One bulk load. Each `add` is one committed transaction; a failed one leaves nothing behind."""

    def __init__(self, door: Door, reads: Reads) -> None:
        self._door, self._reads = door, reads
        self._levels = door.levels(reads)
        self._bulk = Bulk(door.writer, actor=door.actor, now=door.clock)

    def people(self, people: Sequence[SavePerson]) -> list[int]:
        """The numbers of people, found by external id or e-mail, else made, in the order given."""
        return self._bulk.people(people)

    def set_up(self, operations: Sequence[SaveQueue | SaveAgent]) -> None:
        """Queues and agents that the tickets need, in one transaction, by the ordinary door."""
        if operations:
            self._door.apply(None, operations, None)
            self._levels = self._door.levels(self._reads)

    def known(self, source: str) -> dict[str, int]:
        """External id → ticket number, of everything loaded from that source before."""
        sql = "SELECT external_id, id FROM ticket WHERE external_source = :source AND external_id <> ''"
        return dict(self._reads.reader.all(sql, {"source": source}))

    def add(self, tickets: Sequence[LoadedTicket], *, warn: bool = False) -> list[int]:
        """Insert whole tickets; their numbers in the order given.

        What their clocks have come to before is recorded, and nobody is told of it now: it is no
        news. With `warn` it is still to be done.
        """
        now = self._door.clock()
        self._check_place(tickets)
        return self._bulk.add(
            tickets, lambda ticket, number: self._measure(ticket, number, now, warn)
        )

    def _check_place(self, tickets: Sequence[LoadedTicket]) -> None:
        """In the file for restricted tickets all are; beside one, none. Raises `Refused`."""
        known = self._reads.settings()
        if known.get("restricted_of"):
            for ticket in tickets:
                ticket.columns["restricted"] = 1
        elif known.get("restricted_store") and any(t.columns.get("restricted") for t in tickets):
            raise Refused(
                "Some of these tickets are restricted, and those have a file of their own.",
                "Bring them in by themselves, into that file: sdesk import … --store PATH",
            )

    def optimize(self) -> None:
        """Merge the search index and refresh the planner's figures; worth it after a large load."""
        self._bulk.optimize()

    def _measure(
        self, ticket: LoadedTicket, number: int, now: int, warn: bool
    ) -> tuple[str, list[dict[str, Any]], dict[str, Any]]:
        """(policy, clock rows, the ticket's cached columns)."""
        opened = ticket.events[0]
        context = Context(me="", now=now, zone=self._reads.zone)
        facts: list[Facts] = []

        def known() -> Facts:
            if not facts:
                facts.append(self._bulk.facts(ticket, number, words=self._levels.asks_words))
            return facts[0]

        policy = self._levels.policy_for(known, context)
        opened.details["policy"] = policy or None
        queue = ticket.columns.get("queue", "")
        if calendar := self._levels.calendar_for(policy, queue, lambda: known().organization):
            opened.details["calendar"] = calendar
        # What is loaded now is judged by the agreements of now, however old it is.
        levels = self._levels
        clocks = measure(
            moments(ticket.events), levels.policies, levels.calendars, now, ledger=False
        )
        past = [] if warn else levels.passed(clocks, now)
        ticket.events += [_warned(pending, ticket.events[-1].at) for pending in past]
        done = {step_of(pending.clock, pending.owed.level) for pending in past}
        rows = clock_rows(number, clocks, levels.pending(clocks, now, done))
        return policy, rows, summary(clocks, rows)


def _warned(pending: Pending, at: int) -> LoadedEvent:
    """A step that was passed elsewhere; of that time, so that nothing seems to have happened since."""
    details = warned_details(pending.clock, pending.owed.level, ())
    return LoadedEvent(at, WARNED, "", details=details)

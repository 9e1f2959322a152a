"""One write, from start to end: check, apply, react, recompute the clocks, record, commit.

Loaded at the first write only: it brings SQLModel with it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from sdesk import ops
from sdesk.errors import NotFound, Refused, SdeskError, Stale
from sdesk.levels import clock_rows, summary
from sdesk.model import Change, Event, EventId, Source, TicketId
from sdesk.numbering import is_restricted
from sdesk.rules import (
    access,
    automation,
    lifecycle,
    oncall,
)
from sdesk.rules.ladder import done_steps
from sdesk.rules.priority import MATRIX
from sdesk.rules.query import Context
from sdesk.rules.situations import moments
from sdesk.settling import settle
from sdesk.setup_checks import check_setup
from sdesk.standing import Standing
from sdesk.store import following, letters, notices, outbox, spoken
from sdesk.store.apply import apply, work
from sdesk.store.apply.moving import survivors
from sdesk.store.engine import Result, Writer, again, open_writer
from sdesk.store.known import Known, asked
from sdesk.store.reads import Reads
from sdesk.store.reads.facts import COLUMNS, asks_others, make_facts
from sdesk.store.tables import DraftTable, TicketTable
from sdesk.store.transaction import Tx, event_value

ENDLESS = "the rules kept answering each other; it stays as it is"
SAID = ("replied", "received", "called", "absorbed")
"""Events after which a reply that was begun before is shown them first."""
WIDE = (
    ops.Merge, ops.Unmerge, ops.Split, ops.AddLink, ops.RemoveLink, ops.Revert, ops.Inform, ops.Receive,
)  # fmt: skip
"""Operations on a ticket that decide by what stands elsewhere as well."""

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlmodel import Session

    from sdesk.levels import Pending, ServiceLevels
    from sdesk.model import Instant
    from sdesk.rules.clock import Clock, Moment
    from sdesk.rules.query import Facts


class Door:
    """Writes for one actor of one store."""

    def __init__(
        self, place: str | Path, *, actor: str, source: Source, clock: Callable[[], Instant]
    ) -> None:
        self.writer: Writer = open_writer(place)
        self.actor, self.source, self.clock = actor, source, clock
        self.standing = Standing(actor)
        self.enforce = True
        """Off only while a store is being made: there is no agent yet to check."""

    @contextmanager
    def transaction(
        self, *, exclusive: bool = True, ticket: TicketId | None = None
    ) -> Iterator[Work]:
        """One transaction; `ticket` is the one that it is about, where it is about one."""
        locked = not exclusive and self.writer.dialect == "postgresql"
        with self.writer.write(exclusive=exclusive, first=asked(ticket, locked=locked)) as session:
            work = Work(self, session, ticket=ticket)
            try:
                yield work
                session.info["last"] = work.finish()
            except BaseException:
                if any(event["ticket_id"] is None for event in work.tx.events):
                    self.standing = Standing(self.actor)
                raise

    def apply(
        self, ticket: TicketId | None, operations: Sequence[ops.Op], based_on: EventId | None
    ) -> Change:
        narrow = all(
            isinstance(op, ops.TICKET_OPS) and not isinstance(op, WIDE) for op in operations
        )

        def attempt(exclusive: bool) -> Change:
            with self.transaction(exclusive=exclusive or not narrow, ticket=ticket) as work:
                work.is_narrow = narrow
                number = work.carry_out(ticket, operations, based_on)
                events = work.own_events()
            return Change(number, events, work.tx.batch)

        return again(self.writer, attempt)

    def carry_out(
        self, session: Session, ticket: TicketId, operations: Sequence[ops.Op], batch: int
    ) -> Change:
        """One ticket of many, in a transaction that goes on with others."""
        work = Work(self, session, batch=batch, ticket=ticket)
        if operations:
            work.carry_out(ticket, operations, None)
            spoken.together(session, work.finish())
        return Change(ticket, work.own_events(), work.tx.batch)

    @staticmethod
    def fetch(session: Session, tickets: Sequence[TicketId]) -> list[TicketTable]:
        """The rows of tickets that are about to be worked on, in one go."""
        query = select(TicketTable).where(col(TicketTable.id).in_(tickets))
        return list(session.execute(query).scalars())

    def levels(self, reads: Reads) -> ServiceLevels:
        """Policies and calendars, read again when the set-up has changed."""
        self.standing.look(reads)
        return self.standing.levels(reads)

    def aside(self, work: Callable[[Session], Result]) -> Result:
        """A write that is no event: it waits for nobody, where the engine has room for that."""

        def attempt(_: bool) -> Result:
            with self.writer.write(exclusive=False, aside=True) as session:
                return work(session)

        return again(self.writer, attempt)

    def save_draft(self, ticket: int, kind: str, body: str, based_on: int | None) -> None:
        def save(session: Session) -> None:
            row = self._draft(session, ticket, kind)
            if row is None:
                row = DraftTable(agent=self.actor, ticket_id=ticket, kind=kind, based_on=based_on)
                session.add(row)
            row.body, row.saved_at = body, self.clock()
            if based_on is not None:
                row.based_on = based_on

        self.aside(save)

    def drop_draft(self, ticket: int, kind: str) -> None:
        def drop(session: Session) -> None:
            if (row := self._draft(session, ticket, kind)) is not None:
                session.delete(row)

        self.aside(drop)

    def _draft(self, session: Session, ticket: int, kind: str) -> DraftTable | None:
        query = select(DraftTable).filter_by(agent=self.actor, ticket_id=ticket, kind=kind)
        return session.execute(query).scalar_one_or_none()

    def mark_seen(self, ticket: int) -> None:
        def mark(session: Session) -> None:
            row = session.get(TicketTable, ticket)
            if row is not None:
                spoken.together(session, [seen(self.actor, row)])
                notices.see_of(session, self.actor, ticket, self.clock())

        self.aside(mark)

    def see_notices(self, numbers: Sequence[int]) -> None:
        self.aside(lambda session: notices.see(session, self.actor, numbers, self.clock()))

    def release_outbox(self, ticket: int | None) -> int:
        with self.writer.write() as session:
            return len(outbox.release(session, self.clock(), ticket))

    def start_stopwatch(self, ticket: int) -> None:
        self.aside(lambda session: work.start_stopwatch(session, self.actor, ticket, self.clock()))

    def drop_stopwatch(self) -> None:
        self.aside(lambda session: work.drop_stopwatch(session, self.actor))

    def settle(self, ticket: TicketId) -> int:
        """Carry out what the ticket's clocks have come to; how many steps that were."""
        with self.transaction(ticket=ticket) as work:
            return settle(work, work.row(ticket))

    def close(self) -> None:
        self.writer.close()


def seen(agent: str, ticket: TicketTable) -> spoken.Statement:
    """The agent has looked at the ticket as it is now."""
    keep = (
        "INSERT INTO seen (agent, ticket_id, event_id) VALUES (:agent, :ticket, :event)"
        " ON CONFLICT (agent, ticket_id) DO UPDATE SET event_id = excluded.event_id"
    )
    return keep, {"agent": agent, "ticket": ticket.number, "event": ticket.last_event}


def still_seen(agent: str, ticket: TicketTable, before: int) -> spoken.Statement:
    """Who had seen all of a ticket before the event `before` has seen what they did to it, too."""
    keep = (
        "UPDATE seen SET event_id = :event WHERE agent = :agent AND ticket_id = :ticket AND"
        " event_id >= (SELECT max(id) FROM event WHERE ticket_id = :ticket AND id < :before)"
    )
    values = {
        "agent": agent, "ticket": ticket.number, "event": ticket.last_event, "before": before,
    }  # fmt: skip
    return keep, values


class Work:
    """What happens inside one transaction."""

    def __init__(
        self, door: Door, session: Session, *, batch: int = 0, ticket: TicketId | None = None
    ) -> None:
        self.door, self.session = door, session
        self.reads = Reads(
            spoken.SessionReader(session), me=door.actor, now=door.clock, zone="UTC", prefix="SD"
        )
        self._known = Known.of(session, ticket)
        self.is_narrow = False
        """Whether it is one act, which takes back and moves no messages."""
        door.standing.look(self.reads, self._known.stamp)
        setup = door.standing.setup(self.reads)
        settings = setup.settings
        self.reads.zone = settings.get("zone", "UTC")
        self.reads.prefix = settings.get("prefix", "SD")
        self.agent = setup.agent
        self.tx = Tx(
            session, door.clock(), door.actor, door.source, setup.states, lifecycle.check, MATRIX,
            settings.get("intake_queue", ""), batch=batch, prefix=self.reads.prefix,
            grace=outbox.seconds(settings.get(outbox.SETTING, "")), settings=settings,
            on_call=lambda queue: oncall.on_call(settings, queue, door.clock(), self.reads.zone),
            names={setup.agent.login: setup.agent.name} if setup.agent else {},
        )  # fmt: skip

    @property
    def levels(self) -> ServiceLevels:
        """Policies and calendars."""
        return self.door.standing.levels(self.reads)

    def known(self, ticket: int) -> Known:
        """What stood in the store of a ticket when it was asked first: events are written at the end."""
        if self._known.ticket != ticket:
            self._known = Known.of(self.session, ticket)
        return self._known

    def carry_out(
        self, ticket: TicketId | None, operations: Sequence[ops.Op], based_on: EventId | None
    ) -> TicketId | None:
        """All operations on one ticket (or on none), the reactions, the checks, the clocks."""
        row = None if ticket is None else self.row(ticket)
        if row is not None:
            # Its clocks may stop now: what they have come to before is done first.
            settle(self, row)
        before = len(self.tx.events)
        was = None if row is None else (row.category, row.state)
        for op in operations:
            self.tx.send()
            if self.door.enforce:
                self._check_access(op, row)
            if row is None and isinstance(op, ops.TICKET_OPS) and not isinstance(op, ops.Open):
                raise NotFound(f"{type(op).__name__} needs a ticket.")
            if row is not None and row.merged_into is not None:
                self._refuse_merged(op, row)
            was_none, row = row is None, apply(op, self.tx, row) or row
            if was_none and row is not None:
                self._known = Known(row.number, self._known.stamp)
            if isinstance(op, ops.SaveState):
                self.tx.states = {state.key: state for state in self.flushed().states()}
            if isinstance(op, ops.SaveSetting) and op.name == "intake_queue":
                self.tx.intake = op.value
            check_setup(self, op)
        if row is None:
            return ticket
        if not any(isinstance(op, ops.Revert) for op in operations):
            self.react(row, before, 1)
        if based_on is not None:
            self._refuse_stale(row, operations, based_on, before)
        if len(self.tx.events) > before:
            if was is not None and self.tx.settings.get(letters.ADDRESS):
                self._correspond(row, was, before)
            following.tell_watchers(self.tx, row, before)
            following.tell_assignee(self.tx, row, before)
            row.version += 1
            self.measure(row)
            if self.agent is not None:
                self.tx.later(seen(self.door.actor, row))
            self._measure_partners(row, before)
        return TicketId(row.number)

    def _correspond(self, row: TicketTable, was: tuple[str, str], before: int) -> None:
        from sdesk.informing import follow  # here: only a desk with mail needs it

        follow(self, row, was, before)

    def _check_access(self, op: ops.Op, row: TicketTable | None) -> None:
        """The operation may be done by this agent, on this ticket and on the others it concerns."""
        access.check(self.agent, self.door.actor, op, self._subject(row))
        access.check_place(op, self.tx.settings)
        if isinstance(op, ops.Merge) and (into := self.tx.ticket(op.into)) is not None:
            access.check(self.agent, self.door.actor, op, self._subject(into))

    def _refuse_merged(self, op: ops.Op, row: TicketTable) -> None:
        """Work on a merged ticket would be seen by nobody: the one it was merged into goes on."""
        if isinstance(op, ops.Unmerge | ops.Revert | ops.Receive):
            return
        here, there = self.reads.ref(row.number), self.reads.ref(survivors(self.tx, row.number)[-1])
        raise Refused(
            f"{here} was merged into {there}.",
            f"Work on {there}, or take them apart: sdesk unmerge {here}",
        )

    def _measure_partners(self, row: TicketTable, before: int) -> None:
        """The clocks of the other tickets that this work has changed; undone with this one."""
        others = {event["ticket_id"]: None for event in self.tx.events[before:]}
        extra = self.tx.extra
        for number in others:
            other = None if number in (None, row.number) else self.tx.ticket(number)
            if other is not None:
                other.version += 1
                self.tx.extra = {**extra, "partner": row.number}
                self.measure(other)
                first = self.tx.events[0]["id"]
                self.tx.later(still_seen(self.door.actor, other, first))
        self.tx.extra = extra

    def row(self, ticket: TicketId) -> TicketTable:
        if (row := self.tx.ticket(ticket)) is None:
            raise NotFound(f"There is no ticket {self.reads.ref(ticket)}.")
        return row

    def _subject(self, row: TicketTable | None) -> access.Subject | None:
        if row is None or row.id is None:
            return None
        ref = self.reads.ref(row.id)
        # In the file for restricted tickets the group is the rule, and it is the kernel's.
        restricted = bool(row.restricted) and not is_restricted(row.id)
        return access.Subject(ref, restricted, row.queue, row.owner, row.assignee)

    def flushed(self) -> Reads:
        self.session.flush()
        self.tx.send()
        return self.reads

    def react(self, row: TicketTable, start: int, depth: int) -> None:
        """Let the rules answer what has just been recorded, and what their answers record."""
        own = [event for event in self.tx.events[start:] if event["ticket_id"] == row.number]
        fresh = [event_value(event) for event in own]
        start = len(self.tx.events)
        for event in fresh:
            for decision in automation.decide(event, row):
                self.tx.cause, self.tx.rule = event.id, decision.rule
                try:
                    apply(decision.op, self.tx, row)
                except SdeskError as error:
                    self.tx.record("rule_failed", row, details={"reason": error.message})
                finally:
                    self.tx.cause, self.tx.rule = None, ""
        if len(self.tx.events) == start:
            return
        if depth < automation.MAX_DEPTH:
            self.react(row, start, depth + 1)
        elif self._would_go_on(row, start):
            self.tx.record("rule_failed", row, details={"reason": ENDLESS})

    def _would_go_on(self, row: TicketTable, start: int) -> bool:
        """Whether a rule has an answer to what rules have just done."""
        own = [event for event in self.tx.events[start:] if event["ticket_id"] == row.number]
        return any(True for event in map(event_value, own) for _ in automation.decide(event, row))

    def _refuse_stale(
        self, row: TicketTable, operations: Sequence[ops.Op], based_on: EventId, before: int
    ) -> None:
        """Somebody else's later change of the same field, or (for a reply) of the conversation."""
        own = [event for event in self.tx.events[before:] if event["ticket_id"] == row.number]
        mine = [event_value(event) for event in own]
        fields = {name: pair[1] for event in mine for name, pair in event.changes.items()}
        speaks = any(isinstance(op, ops.Reply | ops.Inform) for op in operations)
        for event in self._later(row, based_on):
            if event.actor == self.door.actor:
                continue
            for name in set(fields) & set(event.changes) - {"policy", "first_answered_at"}:
                raise Stale(name, yours=fields[name], theirs=event.changes[name][1], by=event.actor)
            if speaks and event.kind in SAID:
                raise Stale(
                    "conversation", yours="a reply", theirs=f"{event.kind} at a later moment",
                    by=event.actor,
                )  # fmt: skip

    def _later(self, row: TicketTable, based_on: EventId) -> list[Event]:
        own = {event["id"] for event in self.tx.events}
        events = self.flushed().history(row.number, limit=200)
        return [event for event in events if event.id > based_on and event.id not in own]

    def measure(self, row: TicketTable) -> None:
        """What the service levels make of the ticket now. Which of them hold is itself recorded, so
        that the ledger needs no other source than the events."""
        self._flush_beside(row)
        withdrawn = self.withdrawn(row)
        story = moments(self.told(row), withdrawn)
        agreed = len(self.tx.events)
        if row.erased_at is None:
            # Else what its policy asks for may be gone: what held goes on to hold.
            self._agree(row, story[-1].calendar if story else "")
        if len(self.tx.events) > agreed:
            story = moments(self.told(row), withdrawn)
        clocks, steps = self._look(row, story)
        rows = clock_rows(row.number, clocks, steps)
        self.tx.write_clocks(row.number, rows)
        known = self.known(row.number)
        self._known = replace(known, step_at=min((p.owed.at for p in steps.values()), default=None))
        for name, value in summary(clocks, rows).items():
            setattr(row, name, value)

    def pending(self, row: TicketTable) -> dict[str, Pending]:
        """Target → the next warning or level of its clock, as of now."""
        story = moments(self.told(row), self.withdrawn(row))
        return self._look(row, story)[1]

    def withdrawn(self, row: TicketTable) -> frozenset[int]:
        """Entries written in the ticket that an undo has taken back."""
        known = self.known(row.number)
        return known.withdrawn if self.is_narrow else self.reads.withdrawn(row.number)

    def _flush_beside(self, row: TicketTable) -> None:
        """Write what the session holds, but for the ticket's own row: it is written once, at the end."""
        session = self.session
        others = (one for one in session.dirty if one is not row)
        if session.new or session.deleted or any(True for _ in others):
            session.flush()

    def _look(
        self, row: TicketTable, story: tuple[Moment, ...]
    ) -> tuple[tuple[Clock, ...], dict[str, Pending]]:
        clocks = self.levels.dues(story, self.tx.at)
        return clocks, self.levels.pending(clocks, self.tx.at, done_steps(self.told(row)))

    def told(self, row: TicketTable) -> list[Event]:
        """All the ticket's events, those of this transaction too."""
        fresh = [event_value(e) for e in self.tx.events if e["ticket_id"] == row.number]
        return [*self.known(row.number).events, *fresh]

    def own_events(self) -> tuple[Event, ...]:
        """What was recorded but for what the desk itself did first."""
        own = [row for row in self.tx.events if row["batch"] == self.tx.batch]
        return tuple(event_value(row) for row in own)

    def _agree(self, row: TicketTable, calendar: str) -> None:
        """Record the policy and calendar that hold from now on, where they are others."""
        levels = self.levels
        facts = cache(lambda: self._facts(row, levels.asked))
        context = Context(me="", now=self.tx.at, zone=self.reads.zone)
        policy = levels.policy_for(facts, context)
        held = levels.calendar_for(policy, row.queue, lambda: self._organization(row)) or calendar
        details = {"calendar": held} if held != calendar else {}
        if policy != row.policy:
            self.tx.change(row, "policy_matched", details, policy=policy)
        elif details:
            self.tx.record("calendar_matched", row, details=details)

    def _facts(self, row: TicketTable, asked: frozenset[str]) -> Facts:
        """What policies ask of the ticket: as a rule nothing that its row does not say."""
        if asks_others(asked):
            return self.flushed().facts(row.number, asked)
        columns = {name: getattr(row, name) for name in COLUMNS}
        return make_facts(row.number, columns, words=False)

    def _organization(self, row: TicketTable) -> str:
        return self.flushed().facts(row.number, ()).organization

    def finish(self) -> list[spoken.Statement]:
        """Write what is to be written at the end; what is still to be done, together with the commit."""
        return self.tx.finish()


def undoable(events: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """From first events of an agent's batches, oldest first: the batches to undo, and to redo."""
    done: list[Event] = []
    taken_back: list[Event] = []
    for event in events:
        target = event.details.get("batch")
        if event.kind == "undone" and target is not None:
            done = [other for other in done if other.batch != target]
            taken_back.append(event)
        elif event.kind == "redone" and target is not None:
            taken_back = [other for other in taken_back if other.batch != target]
            done.append(event)
        else:
            done.append(event)
            taken_back = []
    return done, taken_back


def last_of(stack: Sequence[Event], what: str) -> Event:
    if not stack:
        raise Refused(f"There is nothing to {what}.")
    return stack[-1]

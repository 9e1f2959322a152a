"""Service levels at work: the desk's policies and calendars, asked which apply and what the clocks say."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from sdesk.rules import sla
from sdesk.rules.calendar import Calendar
from sdesk.rules.ladder import Climb, all_owed, done_of, done_steps, next_owed
from sdesk.rules.query import Query, asked, asks_words, matches, parse
from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sdesk.model import Event, Instant, Organization, Queue
    from sdesk.rules.ladder import Owed, Step
    from sdesk.rules.query import Context, Facts

ROUND_THE_CLOCK = "24/7"
"""The calendar of a desk that has none."""
SITE = "calendar."
"""Before the name of a site in the desk's settings: the calendar of that site."""


class SetUp(Protocol):
    """What is asked of the reads."""

    def policies(self) -> dict[str, dict[str, Any]]: ...
    def calendars(self) -> dict[str, dict[str, Any]]: ...
    def agreement_events(self) -> tuple[Event, ...]: ...
    def queues(self) -> tuple[Queue, ...]: ...
    def organizations(self) -> tuple[Organization, ...]: ...
    def settings(self) -> dict[str, str]: ...


@dataclass(frozen=True)
class Hours:
    """Whose calendar a ticket has that its policy leaves to it: its queue's, else its site's, else
    its customer's, else the desk's."""

    queues: Mapping[str, str] = field(default_factory=dict)
    """Queue → its own calendar or its site's."""
    organizations: Mapping[str, str] = field(default_factory=dict)
    """Folded name → calendar."""
    desk: str = ROUND_THE_CLOCK

    @classmethod
    def of(cls, reads: SetUp) -> Hours:
        settings = reads.settings()
        return cls(
            {q.key: q.calendar or settings.get(f"{SITE}{q.site}", "") for q in reads.queues()},
            {fold(o.name): o.calendar for o in reads.organizations() if o.calendar},
            settings.get("calendar") or ROUND_THE_CLOCK,
        )

    def of_ticket(self, queue: str, organization: Callable[[], str]) -> str:
        own = self.queues.get(queue, "")
        if not own and self.organizations:
            own = self.organizations.get(fold(organization()), "")
        return own or self.desk


@dataclass(frozen=True, slots=True)
class Pending:
    """The next warning or level of escalation of one clock."""

    clock: sla.Clock
    owed: Owed


@dataclass(frozen=True)
class ServiceLevels:
    """Policies in their order, each with its condition, and the calendars they count by."""

    policies: Mapping[str, sla.Policy]
    calendars: Mapping[str, Calendar]
    conditions: Mapping[str, Query]
    hours: Hours = field(default_factory=Hours)
    editions: Sequence[sla.Edition] = ()
    """What policies and calendars were before they were edited, oldest first."""
    dropped: Mapping[str, sla.Policy] = field(default_factory=dict)
    """Policies that match nothing any more, as they last were: they judge what they had matched."""
    left: Mapping[str, Calendar] = field(default_factory=dict)
    """Calendars that are gone, as they last were."""

    @classmethod
    def of(cls, reads: SetUp) -> ServiceLevels:
        """The desk's own, with all they have been before."""
        policies, calendars = reads.policies(), reads.calendars()
        levels = cls.read(policies, calendars)
        events = sorted(reads.agreement_events(), key=lambda event: event.id)
        gone = _gone(events)
        every = {
            "policy": gone["policy"] | policies,
            "calendar": gone["calendar"] | calendars,
        }
        return cls(
            levels.policies, levels.calendars, levels.conditions, Hours.of(reads),
            _editions(every, events), _policies(gone["policy"]), _calendars(gone["calendar"]),
        )  # fmt: skip

    @classmethod
    def read(
        cls, policies: Mapping[str, dict[str, Any]], calendars: Mapping[str, dict[str, Any]]
    ) -> ServiceLevels:
        made = _policies(policies)
        conditions = {name: parse(policy.when) for name, policy in made.items()}
        return cls(made, _calendars(calendars), conditions)

    def policy_for(self, facts: Callable[[], Facts], context: Context) -> str:
        """The first policy whose condition holds; empty when none does: no SLA, no clock."""
        known: Facts | None = None
        for name, condition in self.conditions.items():
            if condition.where is None:
                return name
            known = known or facts()
            if matches(condition, known, context):
                return name
        return ""

    @cached_property
    def asks_words(self) -> bool:
        """Whether some policy looks at what is written in a ticket."""
        return any(asks_words(condition.where) for condition in self.conditions.values())

    @cached_property
    def asked(self) -> frozenset[str]:
        """What the policies ask of a ticket (`rules.query.asked`)."""
        return frozenset[str]().union(*(asked(query.where) for query in self.conditions.values()))

    def calendar_for(self, policy: str, queue: str, organization: Callable[[], str]) -> str:
        """The calendar that a policy leaves to the ticket; empty where it names one itself."""
        held = self.policies.get(policy)
        if held is None or held.calendar:
            return ""
        return self.hours.of_ticket(queue, organization)

    @cached_property
    def _judges(self) -> tuple[Mapping[str, sla.Policy], Mapping[str, Calendar]]:
        return {**self.dropped, **self.policies}, {**self.left, **self.calendars}

    def clocks(self, moments: tuple[sla.Moment, ...], now: Instant) -> tuple[sla.Clock, ...]:
        return sla.measure(moments, *self._judges, now, editions=self.editions)

    def pending(
        self, clocks: Iterable[sla.Clock], now: Instant, done: Collection[Step]
    ) -> dict[str, Pending]:
        """Target → the next step of its clock, where there is one; `done` are those behind it."""
        found: dict[str, Pending] = {}
        for clock in clocks:
            policy = self.policies.get(clock.policy)
            target = policy.target(clock.target) if policy is not None else None
            if target is None or not target.ladder or not clock.is_running:
                continue
            calendar = self.calendars[clock.calendar]
            if (owed := next_owed(clock, target.ladder, calendar, now, done)) is not None:
                found[clock.target] = Pending(clock, owed)
        return found

    def passed(self, clocks: Iterable[sla.Clock], now: Instant) -> list[Pending]:
        """The steps that the time of running clocks is past, had none been done."""
        found: list[Pending] = []
        for clock in clocks:
            policy = self.policies.get(clock.policy)
            target = policy.target(clock.target) if policy is not None else None
            if target is not None and target.ladder and clock.is_running:
                owed = all_owed(clock, target.ladder, self.calendars[clock.calendar], now, ())
                found += [Pending(clock, one) for one in owed if one.at <= now]
        return found

    def climb(self, clock: sla.Clock, events: Sequence[Event], now: Instant) -> Climb:
        """What was warned and escalated for a clock, and all that is still to come; the events are
        those of its ticket."""
        policy = self.policies.get(clock.policy)
        target = policy.target(clock.target) if policy is not None else None
        done = done_of(clock, events)
        if target is None or not target.ladder or not clock.is_running:
            return Climb(done)
        steps = done_steps(events)
        ahead = all_owed(clock, target.ladder, self.calendars[clock.calendar], now, steps)
        return Climb(done, tuple(ahead))

    def dues(self, moments: tuple[sla.Moment, ...], now: Instant) -> tuple[sla.Clock, ...]:
        """The same without the ledger's sentences: for bulk work."""
        return sla.measure(moments, *self._judges, now, ledger=False, editions=self.editions)


def _policies(specs: Mapping[str, dict[str, Any]]) -> dict[str, sla.Policy]:
    return {name: sla.Policy.from_json({**spec, "name": name}) for name, spec in specs.items()}


def _calendars(specs: Mapping[str, dict[str, Any]]) -> dict[str, Calendar]:
    made = {name: Calendar.from_json({**spec, "name": name}) for name, spec in specs.items()}
    return made if ROUND_THE_CLOCK in made else made | {ROUND_THE_CLOCK: Calendar.always()}


Specs = dict[str, dict[str, dict[str, Any]]]
"""policy or calendar → name → specification."""


def _gone(events: Iterable[Event]) -> Specs:
    """What was dropped at some time and not made since, as it last was."""
    found: Specs = {"policy": {}, "calendar": {}}
    for event in events:
        what, _, done = event.kind.partition("_")
        name = str(event.details["name"])
        if done == "dropped":
            found[what][name] = json.loads(event.changes["spec"][0])
        else:
            found[what].pop(name, None)
    return found


def _editions(now: Specs, events: Sequence[Event]) -> tuple[sla.Edition, ...]:
    """The agreements before each edit, told backwards from those of now.

    What was first made at some moment has no earlier edition: it counts from ever. Dropping is no
    edit, as what was matched before is judged as before; making it again is one.
    """
    found: list[sla.Edition] = []
    for event, before in reversed(list(_edits(events))):
        what = event.kind.partition("_")[0]
        now = now | {what: now[what] | {str(event.details["name"]): json.loads(before)}}
        held = _policies(now["policy"]), _calendars(now["calendar"])
        found.append(sla.Edition(event.at, *held, event.id))
    return tuple(reversed(found))


def _edits(events: Iterable[Event]) -> Iterator[tuple[Event, str]]:
    """Each edit with what stood there before."""
    dropped: dict[tuple[str, str], str] = {}
    for event in events:
        what, _, done = event.kind.partition("_")
        before = event.changes.get("spec", (None, None))[0]
        key = what, str(event.details["name"])
        if done == "dropped":
            dropped[key] = before
        elif (before := before or dropped.pop(key, None)) is not None:
            yield event, before


def clock_rows(
    ticket: int, clocks: tuple[sla.Clock, ...], steps: Mapping[str, Pending] | None = None
) -> list[dict[str, Any]]:
    """Clocks as the `clock` table keeps them; `steps` by target."""
    owed = {target: coming.owed for target, coming in (steps or {}).items()}
    return [
        {
            "ticket_id": ticket, "target": clock.target, "policy": clock.policy,
            "started_at": clock.started_at, "stopped_at": clock.stopped_at,
            "budget": clock.budget, "used": clock.used, "due_at": clock.due_at,
            "breach_at": clock.breach_at, "paused": int(clock.paused), "verdict": clock.verdict,
            "step": owed[clock.target].level.key if clock.target in owed else "",
            "step_at": owed[clock.target].at if clock.target in owed else None,
        }
        for clock in clocks
    ]  # fmt: skip


def summary(clocks: Iterable[sla.Clock], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The ticket's cached columns: its earliest running clock, else what a paused one has left, and
    whether any promise was ever broken."""
    running = [row for row in rows if row["stopped_at"] is None and row["due_at"] is not None]
    paused = [row for row in rows if row["stopped_at"] is None and row["due_at"] is None]
    first = min(running, key=lambda row: row["due_at"], default=None)
    breaches = [row["breach_at"] for row in running if row["breach_at"] is not None]
    return {
        "due_at": first["due_at"] if first else None,
        "due_target": first["target"] if first else "",
        "breach_at": min(breaches, default=None),
        "remaining": None if first or not paused else min(r["budget"] - r["used"] for r in paused),
        "breached": int(any(clock.breaches for clock in clocks)),
    }

"""SLA clocks: a fold over what happened to a ticket, and the ledger that shows its arithmetic.

Nothing here is stored state: clocks follow from the ticket's moments, the policies and the
calendars. A change of priority or policy is retroactive: the budget in force counts from the
clock's original start, less what was paused by the policies of the time. What has stopped keeps
the verdict it stopped with, also when a policy or calendar is edited later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from sdesk.errors import NotFound
from sdesk.rules.calendar import Calendar
from sdesk.rules.clock import ByHand, Clock, Moment, Segment, Verdict, worked_lines
from sdesk.rules.hours import CalendarError
from sdesk.rules.policy import Budget, Policy, PolicyError, Target, parse_duration
from sdesk.rules.targets import FINISHED, IDLE, RUNNING, STEPS, Phase, Step

__all__ = [
    "Budget", "ByHand", "Clock", "Edition", "Moment", "Policy", "PolicyError", "Segment", "Tally",
    "Target", "measure", "parse_duration",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edition:
    """Policies and calendars as they were before somebody edited them."""

    until: int
    """The instant of the edit."""
    policies: Mapping[str, Policy]
    calendars: Mapping[str, Calendar]
    number: int = 0
    """Of the event that records the edit; 0 when there is none."""

    def is_over(self, moment: Moment) -> bool:
        """Whether the edit was made when the moment was recorded. Its time alone doesn't tell: an
        import records today what happened years ago, and today's agreements judge it."""
        if self.number and moment.number:
            return self.number < moment.number
        return self.until <= moment.at


def measure(
    moments: Iterable[Moment],
    policies: Mapping[str, Policy],
    calendars: Mapping[str, Calendar],
    now: int,
    *,
    ledger: bool = True,
    editions: Sequence[Edition] = (),
) -> tuple[Clock, ...]:
    """The clocks of a ticket as of `now`; without `ledger` for many tickets at once.

    Moments are taken in the order of their time, equal ones as given. None of them is left out
    for being later than `now`: clocks of two machines may differ by a second. `editions`, oldest
    first, are those that `policies` and `calendars` have superseded: they judge what stopped
    before the edit.
    """
    tally = Tally(policies, calendars, editions)
    for moment in sorted(moments, key=attrgetter("at")):
        tally.catch_up(moment)
        tally.add(moment)
    tally.catch_up(now)
    return tally.clocks(now, ledger=ledger)


class Tally:
    """The clocks of one ticket while its moments come in, in the order of time."""

    __slots__ = ("_calendars", "_editions", "_era", "_latest", "_policies", "_terms", "_tracks")

    def __init__(
        self,
        policies: Mapping[str, Policy],
        calendars: Mapping[str, Calendar],
        editions: Sequence[Edition] = (),
    ) -> None:
        self._policies, self._calendars = policies, calendars
        self._editions = editions
        self._era = 0
        # Most desks promise two of the six kinds; the others need not be followed.
        every = (policies, *(edition.policies for edition in editions))
        kinds = {t.kind for some in every for policy in some.values() for t in policy.targets}
        self._tracks = [_Track(kind, make()) for kind, make in STEPS.items() if kind in kinds]
        self._terms: list[_Terms | None] = []
        self._latest: Moment | None = None

    def catch_up(self, to: Moment | int) -> None:
        """Let the edits made before a moment, or an instant, take effect on what runs."""
        for edition in self._editions[self._era :]:
            if not (edition.until <= to if isinstance(to, int) else edition.is_over(to)):
                break
            self._era += 1
            until = edition.until
            if (latest := self._latest) is not None:
                at = max(until, latest.at)
                self._latest = None
                self.add(replace(latest, at=at, kind="changed", cause="agreement edited"))

    def add(self, moment: Moment) -> None:
        latest = self._latest
        if (
            latest is None
            or latest.policy != moment.policy
            or latest.priority != moment.priority
            or latest.calendar != moment.calendar
        ):
            self._terms = [self._terms_of(moment, track.kind) for track in self._tracks]
        self._latest = moment
        for track, terms in zip(self._tracks, self._terms, strict=True):
            track.add(moment, terms)

    def clocks(self, now: int, *, ledger: bool = True) -> tuple[Clock, ...]:
        if self._latest is None:
            return ()
        now, by_hand = max(now, self._latest.at), self._latest.by_hand
        found = (track.clock(now, ledger, by_hand) for track in self._tracks)
        return tuple(clock for clock in found if clock is not None)

    def _terms_of(self, moment: Moment, kind: str) -> _Terms | None:
        policies, calendars = self._policies, self._calendars
        if self._era < len(self._editions):
            edition = self._editions[self._era]
            policies, calendars = edition.policies, edition.calendars
        policy = policies.get(moment.policy) if moment.policy is not None else None
        target = policy.target(kind) if policy is not None else None
        budget = target.budgets.get(moment.priority) if target is not None else None
        if policy is None or target is None or budget is None:
            return None
        name = policy.calendar or moment.calendar
        calendar = calendars.get(name)
        if calendar is None:
            raise NotFound.named("calendar", name, calendars)
        return _Terms(policy, target, moment.priority, budget, name, calendar)


class _Terms:
    """What a target promises at some moment: the policy, budget and calendar in force."""

    __slots__ = ("budget", "calendar", "calendar_name", "policy", "priority", "target")

    def __init__(
        self,
        policy: Policy,
        target: Target,
        priority: int,
        budget: Budget,
        calendar_name: str,
        calendar: Calendar,
    ) -> None:
        self.policy, self.target, self.priority = policy, target, priority
        self.budget, self.calendar_name, self.calendar = budget, calendar_name, calendar

    def is_paused(self, moment: Moment) -> bool:
        return self.target.stands_still(moment.state, moment.category)

    def is_same(self, other: _Terms) -> bool:
        return self.policy.name == other.policy.name and self.priority == other.priority


class _Count:
    """What a stretch of marks comes to under certain terms."""

    __slots__ = ("budget", "due_at", "overrun_at", "used")

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.used = 0
        self.due_at: int | None = None
        self.overrun_at: int | None = None


class _Mark:
    """From a moment on, the clock stands still or not; None where no policy was in force.

    There the terms that count later judge it.
    """

    __slots__ = ("moment", "still", "terms")

    def __init__(self, moment: Moment, still: bool | None, terms: _Terms | None) -> None:
        self.moment, self.still, self.terms = moment, still, terms


class _Track:
    """One target of one ticket: its cycles."""

    __slots__ = ("_cycles", "_phase", "_step", "kind")

    def __init__(self, kind: str, step: Step) -> None:
        self.kind = kind
        self._step = step
        self._phase: Phase = IDLE
        self._cycles: list[_Cycle] = []

    def add(self, moment: Moment, terms: _Terms | None) -> None:
        before = self._phase
        if before is FINISHED:
            return
        target = terms.target if terms is not None else None
        phase, is_new = self._step(before, moment, target)
        self._phase = phase
        if phase is IDLE:
            return
        if is_new or before is IDLE:
            if before is RUNNING:
                # The terms it ran under judge it: those of the next cycle may be another policy's.
                self._cycles[-1].stop(moment, None)
            self._cycles.append(_Cycle(self.kind, moment.at))
        if phase is RUNNING:
            self._cycles[-1].run(moment, terms)
        elif before <= RUNNING or is_new:
            self._cycles[-1].stop(moment, terms)

    def clock(self, now: int, ledger: bool, by_hand: Sequence[ByHand]) -> Clock | None:
        if not self._cycles:
            return None
        due = next((due for due in reversed(by_hand) if due.target == self.kind), None)
        found = [
            clock for cycle in self._cycles if (clock := cycle.clock(now, ledger, due)) is not None
        ]
        if len(found) < 2:
            return found[0] if found else None
        return replace(found[-1], past=tuple(found[:-1]))


class _Cycle:
    """One run of a target, from its start until it is stopped for good."""

    __slots__ = (
        "_began_at", "_breached_at", "_marks", "_started_at", "_stop_count", "_stopped_at", "_terms",
        "kind",
    )  # fmt: skip

    def __init__(self, kind: str, at: int) -> None:
        self.kind = kind
        self._began_at = self._started_at = at
        self._marks: list[_Mark] = []
        self._stopped_at: int | None = None
        self._terms: _Terms | None = None
        self._stop_count: _Count | None = None
        self._breached_at: int | None = None

    def clock(self, now: int, ledger: bool, by_hand: ByHand | None) -> Clock | None:
        terms = self._terms
        if terms is None:
            return None
        stopped = self._stopped_at
        until = now if stopped is None else stopped
        paused = stopped is None and self._is_still(self._marks[-1], terms)
        count = self._stop_count if stopped is not None else None
        count = count or self._count(terms, until)
        breached_at = self._breached_at
        if breached_at is None and count.used > count.budget:
            breached_at = count.overrun_at
        runs = stopped is None and not paused
        clock = Clock(
            self.kind,
            terms.policy.name,
            terms.calendar_name,
            terms.priority,
            count.budget,
            self._started_at,
            stopped,
            count.used,
            count.due_at if runs else None,
            count.overrun_at if runs else None,
            paused,
            _verdict(breached_at is not None, stopped is not None, paused),
            breached_at,
            tuple(self._ledger(terms, until)) if ledger else (),
        )
        if by_hand is None or not self._holds(by_hand):
            return clock
        return _due_by_hand(clock, by_hand.due_at, until, terms.calendar)

    def _holds(self, due: ByHand) -> bool:
        """Whether a date set by hand is meant for this cycle."""
        return due.set_at >= self._began_at and (
            self._stopped_at is None or due.set_at <= self._stopped_at
        )

    def run(self, moment: Moment, terms: _Terms | None) -> None:
        self._stopped_at = None
        if terms is not None and terms.policy.on_change == "restart":
            past = next((mark.terms for mark in reversed(self._marks) if mark.terms), None)
            if past is not None and not past.is_same(terms):
                self._marks.clear()
                self._started_at = moment.at
        self._terms = terms
        still = terms.is_paused(moment) if terms is not None else None
        marks = self._marks
        if not marks or still is None or still != marks[-1].still or terms is not marks[-1].terms:
            marks.append(_Mark(moment, still, terms))

    def stop(self, moment: Moment, terms: _Terms | None) -> None:
        # A policy for open tickets doesn't match a resolved one: the terms before still count.
        self._terms = terms = terms or self._terms
        moment = self._when_given(moment, terms)
        while self._marks and self._marks[-1].moment.at > moment.at:
            self._marks.pop()
        self._marks.append(_Mark(moment, True, terms))
        self._stopped_at = moment.at
        if terms is not None:
            count = self._stop_count = self._count(terms, moment.at)
            if self._breached_at is None and count.used > count.budget:
                self._breached_at = count.overrun_at

    def _when_given(self, moment: Moment, terms: _Terms | None) -> Moment:
        """The moment, or where a policy that stops at the assignment came after it, the assignment."""
        at = moment.assigned_at
        if terms is None or terms.target.stop != "assigned" or at is None:
            return moment
        return replace(moment, at=at) if self._began_at <= at < moment.at else moment

    def _is_still(self, mark: _Mark, terms: _Terms) -> bool:
        return terms.is_paused(mark.moment) if mark.still is None else mark.still

    def _count(self, terms: _Terms, until: int) -> _Count:
        calendar = terms.calendar
        count = _Count(terms.budget.working_seconds(self._started_at, calendar))
        marks = self._marks
        final = len(marks) - 1
        for index, mark in enumerate(marks):
            if self._is_still(mark, terms):
                continue
            at, left = mark.moment.at, count.budget - count.used
            count.used += calendar.elapsed_s(
                at, marks[index + 1].moment.at if index < final else until
            )
            is_open = index == final and self._stopped_at is None
            if count.due_at is None and (is_open or count.used >= count.budget):
                count.due_at = _or_never(calendar.due_s, at, left)
            if count.overrun_at is None and (is_open or count.used > count.budget):
                count.overrun_at = _or_never(calendar.overrun_s, at, left)
        return count

    def _ledger(self, terms: _Terms, until: int) -> list[Segment]:
        lines: list[Segment] = []
        for moment, still, end in self._joined(terms, until):
            if still:
                paused = terms.calendar.elapsed_s(moment.at, end)
                lines.append(Segment(moment.at, end, "paused", paused, moment.cause, moment.state))
            else:
                lines += worked_lines(moment, end, terms.calendar)
        if self._stopped_at is None:
            lines[-1] = replace(lines[-1], end=None)
        return lines

    def _joined(self, terms: _Terms, until: int) -> Iterator[tuple[Moment, bool, int]]:
        """Moment, whether the clock stands still from it on, and the second that lasts to.

        Moments that change nothing for the clock begin nothing here.
        """
        begun = self._marks[0]
        for mark in self._marks:
            same = self._is_still(mark, terms) == self._is_still(begun, terms)
            if same and _are_same(mark.terms, begun.terms):
                continue
            if mark.moment.at > begun.moment.at:
                yield begun.moment, self._is_still(begun, terms), mark.moment.at
            begun = mark
        if self._stopped_at is None or until > begun.moment.at:
            yield begun.moment, self._is_still(begun, terms), until


def _due_by_hand(clock: Clock, due_at: int, until: int, calendar: Calendar) -> Clock:
    """The clock with a date for its promise: no pause moves it, and it is broken right after."""
    is_stopped, is_late = clock.stopped_at is not None, until > due_at
    return replace(
        clock,
        budget=max(1, calendar.elapsed_s(clock.started_at, due_at)),
        due_at=None if is_stopped else due_at,
        breach_at=None if is_stopped else due_at,
        paused=False,
        verdict=_verdict(is_late, is_stopped, False),
        breached_at=due_at if is_late else None,
        by_hand=True,
    )


def _are_same(one: _Terms | None, other: _Terms | None) -> bool:
    return one is other or (one is not None and other is not None and one.is_same(other))


def _verdict(is_breached: bool, is_stopped: bool, is_paused: bool) -> Verdict:
    if is_breached:
        return "breached"
    if is_stopped:
        return "met"
    return "paused" if is_paused else "running"


def _or_never(ask: Callable[[int, int], int], at: int, seconds: int) -> int | None:
    """The answer, or None when the calendar doesn't open that often any more.

    A ticket must stay workable although its calendar has run out.
    """
    try:
        return ask(at, seconds)
    except CalendarError:
        return None

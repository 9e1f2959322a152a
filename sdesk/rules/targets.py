"""Kinds of target: what starts, stops and renews each of them as a ticket's moments go by.

A kind is a name and a step: the phase so far and a moment in, the phase from then on out, and
whether another cycle begins there. `response` and `resolution` have one cycle in a ticket's life;
the others come again, and each cycle is a promise of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from sdesk.rules.clock import Moment
from sdesk.rules.policy import DONE, SUPPLIER_STATES, Target


class Phase(IntEnum):
    """Where a target is in its life."""

    IDLE = 0
    RUNNING = 1
    STOPPED = 2
    """The same cycle resumes when the ticket is reopened."""
    ENDED = 3
    """The next start is another cycle."""
    FINISHED = 4


# Looking a member up in its enum costs more than the step it is for.
IDLE, RUNNING, STOPPED, ENDED, FINISHED = Phase

Step = Callable[[Phase, Moment, Target | None], tuple[Phase, bool]]
"""(phase, moment, the target in force or None) → (phase, whether another cycle begins here)."""


def _response(phase: Phase, moment: Moment, _: Target | None) -> tuple[Phase, bool]:
    """From the requester's first word to the first public answer of an agent."""
    if phase is IDLE:
        return (RUNNING if moment.kind in ("opened", "asked") else IDLE), False
    return (FINISHED if moment.kind == "answered" else RUNNING), False


class _Resolution:
    """From creation to the resolution or closing, and on when that did not hold."""

    def __init__(self) -> None:
        self._stopped_by = ""

    def __call__(self, phase: Phase, moment: Moment, target: Target | None) -> tuple[Phase, bool]:
        category = moment.category
        # A policy that wants it closed is too late for what has been resolved under another.
        if phase is STOPPED and category == self._stopped_by:
            return STOPPED, False
        until_closed = target is not None and target.stop == "closed"
        if category == "closed" or (category in DONE and not until_closed):
            self._stopped_by = category
            return STOPPED, False
        return RUNNING, False


class _Update:
    """From the first unanswered message after an agent's answer to the next answer; asking again
    while it runs changes nothing."""

    def __init__(self) -> None:
        self._answered = False

    def __call__(self, phase: Phase, moment: Moment, _: Target | None) -> tuple[Phase, bool]:
        if moment.kind == "answered":
            self._answered = True
            return (ENDED if phase is RUNNING else phase), False
        if moment.kind == "asked" and self._answered and phase is not RUNNING:
            return RUNNING, True
        return phase, False


def _periodic(phase: Phase, moment: Moment, _: Target | None) -> tuple[Phase, bool]:
    """From each public answer to the next one."""
    return (RUNNING, True) if moment.kind == "answered" else (phase, False)


class _Queue:
    """From the arrival in a queue or tier until the ticket leaves it or, as the policy chooses, is
    assigned there. Resolving leaves it as well, and reopening comes back."""

    def __init__(self) -> None:
        self._queue, self._tier = "", 0
        self._arrived_at = 0

    def __call__(self, phase: Phase, moment: Moment, target: Target | None) -> tuple[Phase, bool]:
        if moment.category in DONE:
            return (STOPPED if phase is RUNNING else phase), False
        arrives = self._arrives(moment, target)
        self._queue, self._tier = moment.queue, moment.tier
        if not moment.queue:
            return (IDLE if phase is IDLE else ENDED), False
        if arrives:
            self._arrived_at = moment.at
        elif phase is ENDED:
            return ENDED, False
        return (ENDED if self._is_taken(moment, target) else RUNNING), arrives

    def _arrives(self, moment: Moment, target: Target | None) -> bool:
        if moment.queue == self._queue:
            return False
        same_tier = moment.tier != 0 and moment.tier == self._tier
        return not (same_tier and target is not None and target.per == "tier")

    def _is_taken(self, moment: Moment, target: Target | None) -> bool:
        """Whether somebody was given it since it came; who had it before does not count."""
        given_at = moment.assigned_at
        stops = target is not None and target.stop == "assigned"
        return stops and given_at is not None and given_at >= self._arrived_at


def _supplier(phase: Phase, moment: Moment, target: Target | None) -> tuple[Phase, bool]:
    """While the ticket waits for a supplier."""
    if moment.state in (target.states if target is not None else SUPPLIER_STATES):
        return RUNNING, phase is not RUNNING
    return (ENDED if phase is RUNNING else phase), False


STEPS: dict[str, Callable[[], Step]] = {
    "response": lambda: _response,
    "update": _Update,
    "periodic": lambda: _periodic,
    "resolution": _Resolution,
    "queue": _Queue,
    "supplier": lambda: _supplier,
}
"""Kind → a step for one ticket, which may remember."""

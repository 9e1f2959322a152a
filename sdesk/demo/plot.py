"""Where a demo ticket stands, and how its steps spread over working time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from sdesk.demo.stories import CALL, INBOUND, MOVE, PRIORITY, REPLY, WAIT, Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sdesk.demo.stories import Story
    from sdesk.model import Instant
    from sdesk.rules.calendar import Calendar

MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Terms:
    """What the policy promises for a priority: seconds of working time in a calendar."""

    calendar: Calendar
    response: int
    resolution: int
    pauses: frozenset[str]
    """The states in which the resolution clock stands still."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a live ticket stands. What is left of its clock is a share of the budget, or minutes."""

    name: str
    weight: int
    state: str
    target: str = "resolution"
    share: tuple[float, float] | None = None
    minutes: tuple[int, int] = (0, 0)

    @property
    def is_urgent(self) -> bool:
        """The clock has to run at this very moment for it to be true."""
        return self.share is None

    def used(self, rng: Random, terms: Terms) -> int:
        """Working seconds that the clock of `target` has run."""
        budget = terms.response if self.target == "response" else terms.resolution
        if self.share is not None:
            low, high = self.share
            return int(budget * (1 - low - rng.random() * (high - low)))
        low, high = self.minutes
        left = MINUTE * low + int(MINUTE * (high - low) * rng.random())
        return budget - min(left, int(budget * 0.8))


LIVE = (
    Situation("fresh", 6, "new", "response", share=(0.3, 0.95)),
    Situation("unanswered, at risk", 3, "new", "response", minutes=(3, 28)),
    Situation("unanswered, breached", 2, "new", "response", minutes=(-90, -5)),
    Situation("in work", 10, "open", share=(0.2, 0.9)),
    Situation("in work, at risk", 4, "open", minutes=(4, 57)),
    Situation("in work, breached", 3, "open", minutes=(-300, -8)),
    Situation("waits for the requester", 5, "waiting-customer", share=(0.2, 0.9)),
    Situation("waits for a supplier", 4, "waiting-supplier", share=(0.15, 0.8)),
    Situation("waits for a day", 3, "scheduled", share=(0.3, 0.9)),
    Situation("taken up again", 2, "reopened", share=(0.1, 0.6)),
)


def live_situations(rng: Random, count: int) -> list[Situation]:
    """So many situations in the proportions of their weights, every one of them where there is room."""
    total = sum(situation.weight for situation in LIVE)
    found = [s for s in LIVE for _ in range(max(1, round(s.weight * count / total)))]
    while len(found) < count:
        found.append(LIVE[3])
    rng.shuffle(found)
    return found[:count]


@dataclass(frozen=True, slots=True)
class Act:
    """A step at its moment. `mark` is a step's, or "take" or "wake"; `at` counts working seconds from the opening."""

    at: int
    mark: str
    step: Step | None = None


TAKE, WAKE, END, REOPEN = "take", "wake", "end", "reopen"
WAITS = ("waiting-customer", "waiting-supplier", "scheduled")


_NEEDED = (REPLY, MOVE, PRIORITY)


_ANSWER = Step(
    REPLY,
    ("Thank you, I have it and will write when there is news.", "Thank you, it is in my hands."),
)


def chosen_steps(
    rng: Random, story: Story, situation: Situation | None, *, brief: bool = False
) -> list[Step]:
    """The story's steps as far as they have happened, an answer to the requester among them.

    `brief` tells what is over in few words, for a million of them.
    """
    if situation is not None and situation.state == "new":
        return []
    if brief and situation is None:
        return _brief(rng, story)
    steps = _chosen(rng, story, situation)
    return steps if any(step.mark in (REPLY, CALL) for step in steps) else [_ANSWER, *steps]


def _chosen(rng: Random, story: Story, situation: Situation | None) -> list[Step]:
    random = rng.random
    if situation is None:
        return [s for s in story.steps if s.mark in _NEEDED or random() < 0.7]
    steps = [s for s in story.steps if s.mark != WAIT and (s.mark in _NEEDED or random() < 0.8)]
    if situation.state == "reopened" or random() < 0.3:
        return steps
    kept = 1 + int(random() * max(1, len(steps) - 1))
    return steps[:kept] + [s for s in steps[kept:] if s.mark == PRIORITY]


def _brief(rng: Random, story: Story) -> list[Step]:
    """Mostly nothing: the closing words are the answer."""
    random = rng.random
    return [
        s
        for s in story.steps
        if s.mark == PRIORITY or (s.mark not in (WAIT, MOVE) and random() < 0.12)
    ]


def first_answer(rng: Random, terms: Terms, limit: int) -> int:
    """Working seconds to the first answer: nearly always in time, and before `limit`."""
    late = rng.random() > 0.9
    seconds = terms.response * (1.05 + rng.random() if late else 0.05 + 0.8 * rng.random())
    return max(1, min(int(seconds), int(limit * 0.7)))


def timeline(rng: Random, steps: Sequence[Step], terms: Terms, used: int) -> tuple[list[Act], int]:
    """The acts over `used` seconds of running clock, with the paused time of waits between them.

    The second value is the working time from the opening to the end, pauses included.
    """
    answer = first_answer(rng, terms, used)
    take = int(answer * rng.random())
    room = max(used - answer, 1)
    gaps = sorted(rng.random() for _ in steps)
    acts = [Act(take, TAKE)]
    paused, waiting, answered, state = 0, False, False, ""

    def pause() -> int:
        return int(HOUR * (0.5 + 9 * rng.random())) if state in terms.pauses else 0

    for step, share in zip(steps, gaps, strict=True):
        moment = (
            answer + int(room * share * 0.95)
            if answered
            else max(take, int(answer * (0.5 + 0.5 * share)))
        )
        if step.mark in (REPLY, CALL) and not answered:
            answered, moment = True, answer
        if waiting:
            paused += pause()
            if step.mark != INBOUND:
                acts.append(Act(moment + paused, WAKE))
        acts.append(Act(moment + paused, step.mark, step))
        waiting, state = step.mark == WAIT, step.word
    if waiting:
        paused += pause()
        acts.append(Act(used + paused, WAKE))
    return _in_order(acts), used + paused


def _in_order(acts: list[Act]) -> list[Act]:
    """Steps keep their order: none comes before the one it follows."""
    times = list(accumulate((act.at for act in acts), max))
    return [Act(at, act.mark, act.step) for at, act in zip(times, acts, strict=True)]


def instants(terms: Terms, opened: Instant, acts: Sequence[Act]) -> list[Instant]:
    """The moments of the acts on the clock on the wall."""
    due = terms.calendar.due_s
    return [due(opened, act.at) for act in acts]

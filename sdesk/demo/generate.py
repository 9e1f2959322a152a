"""Tickets one after another, oldest first, each with its history: the demo's stream.

Everything follows from the seed and the moment: the same two give the same desk. Nothing here
reads a clock or touches a store.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from sdesk.demo import plot
from sdesk.demo.casting import Casts
from sdesk.demo.company import MACHINE, agents, people
from sdesk.demo.plot import END, REOPEN, Act, Situation, Terms
from sdesk.demo.stories import PRIORITY, WAIT, Story, stories
from sdesk.demo.telling import Opening, Teller
from sdesk.rules.priority import MATRIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sdesk.demo.play import Record
    from sdesk.demo.stories import Step
    from sdesk.model import Instant

    TermsOf = Callable[[int, str], Terms]
    """(priority, kind) → what the desk's policies promise."""

DAY = 86_400
BRIEF_FROM = 5_000
"""More tickets than that are for measuring: what is over is told in few words."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the company and its past are for a number of tickets."""

    tickets: int
    live: int
    people: int
    agents: int
    casts: int
    days: int

    @classmethod
    def of(cls, tickets: int) -> Scale:
        live = max(min(40, tickets), round(tickets * 0.03))
        return cls(
            tickets=tickets, live=live, people=min(4000, max(60, tickets // 4)),
            agents=min(60, max(9, live // 25)), casts=min(6000, max(200, tickets)),
            days=min(730, max(45, tickets // 5)),
        )  # fmt: skip


class Demo:
    """The company at one moment, and the stream of its tickets."""

    def __init__(
        self,
        tickets: int,
        *,
        seed: int,
        now: Instant,
        caller: str,
        caller_name: str,
        terms: TermsOf,
    ) -> None:
        self.now, self.scale, self.rng = now, Scale.of(tickets), Random(seed)
        self.since = now - self.scale.days * DAY
        staff = people(self.rng, self.scale.people)
        self.people = (*staff, MACHINE.numbered(len(staff) + 1))
        self.agents = agents(caller, caller_name, self.rng, self.scale.agents)
        self._terms = {story.key: terms(final_priority(story), story.kind) for story in stories()}
        self._office = terms(3, "incident").calendar
        casts = Casts.draw(self.rng, staff, count=self.scale.casts, since=self.since, until=now)
        self._teller = Teller(
            self.rng, now, staff, self.people[-1], self.agents, casts, brief=tickets > BRIEF_FROM
        )
        self._stories = [story for story in stories() for _ in range(story.weight)]

    def records(self) -> Iterator[Record]:
        """Every ticket in the order of opening."""
        live = sorted(self._live(), key=lambda opening: opening.at)
        past = self._past(self.scale.tickets - len(live))
        both = heapq.merge(past, live, key=lambda opening: opening.at)
        for opening in both:
            yield self._teller.tell(opening, self._terms[opening.story.key])

    def _past(self, count: int) -> Iterator[Opening]:
        """Openings of what is over, spread over working hours; one in twelve at any hour."""
        random, since = self.rng.random, self.since
        office = self._office
        span = office.elapsed_s(since, self.now - 3 * plot.HOUR)
        wall, night = self.now - since - 3 * plot.HOUR, count // 12
        day = count - night
        by_day = (office.due_s(since, 1 + int(span * (i + random()) / day)) for i in range(day))
        by_night = (since + int(wall * (i + random()) / night) for i in range(night))
        for at in heapq.merge(by_day, by_night):
            yield Opening(at, self._stories[int(random() * len(self._stories))], None)

    def _live(self) -> Iterator[Opening]:
        for situation in plot.live_situations(self.rng, self.scale.live):
            story = self._story_for(situation)
            terms = self._terms[story.key]
            steps = plot.chosen_steps(self.rng, story, situation)
            acts, length = self._acts(situation, story, steps, terms)
            opened = terms.calendar.due_back_s(self.now, max(1, length))
            yield Opening(opened, story, situation, acts)

    def _story_for(self, situation: Situation) -> Story:
        """A story that can stand there: with the wait it needs, and a clock that runs when it must."""
        story = self._stories[0]
        for _ in range(400):
            story = self._stories[int(self.rng.random() * len(self._stories))]
            waits = [step.word for step in story.steps if step.mark == WAIT]
            if situation.is_urgent and not self._terms[story.key].calendar.is_open_s(self.now - 1):
                continue
            if situation.state in plot.WAITS and situation.state not in waits:
                continue
            break
        return story

    def _acts(
        self, situation: Situation, story: Story, steps: list[Step], terms: Terms
    ) -> tuple[list[Act], int]:
        """The acts of a live ticket, and the working seconds from its opening to now."""
        rng = self.rng
        used = situation.used(rng, terms)
        if situation.state == "new":
            return [], used
        if situation.state == "open":
            return plot.timeline(rng, steps, terms, used)
        if situation.state == "reopened":
            acts, length = plot.timeline(rng, steps, terms, used // 2)
            back = length + int(plot.HOUR * (1 + 12 * rng.random()))
            return [*acts, Act(length, END, story.done), Act(back, REOPEN)], back + used // 2
        since = int(plot.HOUR * (0.3 + 14 * rng.random()))
        if situation.state not in terms.pauses:
            since = int(used * (0.1 + 0.4 * rng.random()))
            used -= since
        acts, length = plot.timeline(rng, steps, terms, used)
        wait = next(s for s in story.steps if s.mark == WAIT and s.word == situation.state)
        return [*acts, Act(length, WAIT, wait)], length + since


def final_priority(story: Story) -> int:
    """The priority a story's ticket ends with: its budget counts from the start."""
    raised = [int(step.word) for step in story.steps if step.mark == PRIORITY]
    return raised[-1] if raised else MATRIX[story.impact, story.urgency]

"""A round of triage: which tickets are left, which are done, and how quickly. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sdesk.rules.suggestion import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdesk.model import Event, Instant
    from sdesk.rules.suggestion import Suggestions

SURE = 0.8
"""From here on a suggestion stands ticked."""
PACE_OVER = 10
"""The pace is that of so many tickets, the last ones."""
_SETTLING = {"assignee", "state", "queue", "merged_into", "binned"}
"""Fields whose change takes a ticket out of the round."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A ticket that the agent of the round is done with."""

    ticket: int
    seconds: int
    """Since the one before was finished, or the round began."""
    right: Mapping[str, bool] = field(default_factory=dict)
    """Question → whether the ticket came to what was suggested."""


class Round:
    """The tickets of one triage, in their order; one of them is at hand."""

    def __init__(self, began: Instant) -> None:
        self.left: list[int] = []
        self.at: int | None = None
        """The ticket at hand; None when none is left."""
        self.done: list[Finished] = []
        self.lost = 0
        """Tickets that somebody else has settled."""
        self._since = began

    @property
    def total(self) -> int:
        return len(self.left) + len(self.done)

    def join(self, tickets: Iterable[int]) -> int:
        """Put those that are not in the round at its end, in their order; how many they are."""
        known = {*self.left, *(one.ticket for one in self.done)}
        fresh = [ticket for ticket in tickets if ticket not in known]
        self.left += fresh
        if self.at is None and self.left:
            self.at = self.left[0]
        return len(fresh)

    def step(self, by: int) -> bool:
        """To the next ticket, or the one before, round the end; False where there is no other."""
        if self.at is None or len(self.left) < 2:
            return False
        self.at = self.left[(self.left.index(self.at) + by) % len(self.left)]
        return True

    def ahead(self, most: int) -> list[int]:
        """The tickets that come next, and the one before."""
        if self.at is None:
            return []
        here, size = self.left.index(self.at), len(self.left)
        near = [self.left[(here + by) % size] for by in (*range(1, most + 1), -1)]
        return [ticket for ticket in dict.fromkeys(near) if ticket != self.at]

    def finish(self, ticket: int, now: Instant, right: Mapping[str, bool]) -> None:
        """The agent has settled the ticket: it counts, and the next one is at hand."""
        self._leave(ticket)
        self.done.append(Finished(ticket, max(0, now - self._since), right))
        self._since = now

    def lose(self, ticket: int) -> None:
        """Somebody else has settled it."""
        self._leave(ticket)
        self.lost += 1

    def _leave(self, ticket: int) -> None:
        here = self.left.index(ticket)
        del self.left[here]
        if self.at == ticket:
            self.at = self.left[here % len(self.left)] if self.left else None

    def come_back(self, ticket: int, *, at_hand: bool) -> None:
        """A finished ticket is to be triaged again, after all: at once, or at the end."""
        self.done = [one for one in self.done if one.ticket != ticket]
        here = self.left.index(self.at) if at_hand and self.at is not None else len(self.left)
        self.left.insert(here, ticket)
        if at_hand or self.at is None:
            self.at = ticket

    def finished(self) -> set[int]:
        return {one.ticket for one in self.done}

    def pace(self) -> int | None:
        """Seconds a ticket, over the last ones."""
        last = self.done[-PACE_OVER:]
        return round(sum(one.seconds for one in last) / len(last)) if last else None

    def kept(self) -> dict[str, tuple[int, int]]:
        """Question → (how often what was suggested is what the ticket came to, of how often)."""
        found: dict[str, tuple[int, int]] = {}
        for question in QUESTIONS:
            said = [one.right[question] for one in self.done if question in one.right]
            if said:
                found[question] = (sum(said), len(said))
        return found


def settled_by(events: Sequence[Event]) -> str:
    """Who did what took a ticket out of the round: the actor of its newest such event, and where a rule
    did it, of what the rule answered; empty where none did."""
    by_id = {event.id: event for event in events}
    for settling in reversed(events):
        if _SETTLING & settling.changes.keys():
            event: Event = settling
            while event.rule and event.cause in by_id:
                event = by_id[event.cause]
            return event.actor
    return ""


def kept_of(suggested: Suggestions, came_to: Mapping[str, str]) -> dict[str, bool]:
    """Question → whether what was suggested is what the ticket came to; an assignee only counts where
    somebody has it."""
    return {
        question: made.value == came_to[question]
        for question, made in suggested
        if came_to.get(question)
    }

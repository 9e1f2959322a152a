"""Queues, agents and people that a file names and the desk doesn't know yet.

Agents come in without access: inactive, with the role agent, under a login made of their name. A
file never gives anybody a role, and never wakes an agent up.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sdesk.errors import Invalid
from sdesk.ops import SaveAgent, SavePerson, SaveQueue
from sdesk.transfer.words import plain, slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdesk.desk import Desk
    from sdesk.loading import Loader
    from sdesk.transfer.presets import Preset
    from sdesk.transfer.records import ImportedTicket, Requester

MOST = {"queue": 1_000, "agent": 10_000}
"""More newcomers than these are a sign of a column mapped wrongly."""


class Newcomers:
    """Finds the desk's keys for the names in a file, and makes what is missing."""

    def __init__(self, desk: Desk, preset: Preset, *, dry_run: bool) -> None:
        self._desk, self._preset, self._dry_run = desk, preset, dry_run
        self.queues: list[str] = []
        self.agents: list[str] = []
        self.people = 0
        self._queue_keys = {
            plain(text): q.key for q in desk.read.queues() for text in (q.name, q.key)
        }
        self._logins = {
            plain(text): agent.login
            for agent in desk.read.agents(inactive=True)
            for text in (agent.email, agent.name, agent.login)
            if text
        }
        self._pending: list[SaveQueue | SaveAgent] = []
        self._actors: dict[str, str] = {}
        self._persons: dict[str, int] = {}
        self._seen: set[str] = set()
        self.categories: Mapping[str, str] = {s.key: str(s.category) for s in desk.read.states()}
        self._intake = desk.settings.intake_queue

    @cached_property
    def loader(self) -> Loader:
        return self._desk.loader()

    def queue(self, name: str) -> str:
        """The key of the queue with that name; none is the queue where new tickets come in."""
        if not name:
            return self._intake
        if (key := self._queue_keys.get(plain(name))) is None:
            key = slug(name) or self._intake
            known = key in self._queue_keys.values()
            self._queue_keys[plain(name)] = key
            if not known:
                self._await("queue", SaveQueue(key, name[:100]), self.queues, key)
        return key

    def agent(self, name: str) -> str:
        """The login of the agent with that login, name or address."""
        if (login := self._logins.get(plain(name))) is None:
            login = slug(name)
            known = not login or login in self._logins.values()
            self._logins[plain(name)] = login
            if not known:
                self._await("agent", SaveAgent(login, name[:100], active=False), self.agents, login)
        return login

    def _await(self, what: str, op: SaveQueue | SaveAgent, made: list[str], key: str) -> None:
        made.append(key)
        if len(made) > MOST[what]:
            raise Invalid(
                f"The file names more than {MOST[what]:,} {what}s that the desk doesn't have.",
                f"Is the column for the {what} the right one? See --dry-run and --map.",
            )
        self._pending.append(op)

    def actor(self, name: str) -> str:
        """Who did something, for the history: a login where one is known, else a word like one.

        Nobody is made for it: only who holds a ticket has to be an agent.
        """
        if not name:
            return ""
        if (known := self._actors.get(name)) is None:
            known = self._actors[name] = self._logins.get(plain(name)) or slug(name)
        return known

    def make(self) -> None:
        """Make the queues and agents named so far, in one transaction."""
        if self._pending and not self._dry_run:
            self.loader.set_up(self._pending)
        self._pending = []

    def count(self, tickets: Iterable[ImportedTicket]) -> None:
        for ticket in tickets:
            if ticket.requester is not None and ticket.requester.key not in self._seen:
                self._seen.add(ticket.requester.key)
                self.people += 1

    def persons(self, tickets: Sequence[ImportedTicket]) -> list[int | None]:
        """The number of each ticket's requester; people known by name only are known per source."""
        fresh = {
            each.key: each
            for ticket in tickets
            if (each := ticket.requester) is not None and each.key not in self._persons
        }
        if fresh:
            self.people += len(fresh)
            numbers = self.loader.people([self._person(each) for each in fresh.values()])
            self._persons |= dict(zip(fresh, numbers, strict=True))
        return [self._persons[t.requester.key] if t.requester else None for t in tickets]

    def _person(self, requester: Requester) -> SavePerson:
        external = "" if requester.email else f"{self._preset.source}:{requester.name}"
        return SavePerson(
            requester.name[:200], requester.email, requester.phone[:60], requester.organization[:200],
            external_id=external,
        )  # fmt: skip

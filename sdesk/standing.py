"""What every write needs to know of the desk's set-up, read again only when an event says that it has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk.levels import ServiceLevels
from sdesk.store.known import STAMP

if TYPE_CHECKING:
    from sdesk.model import Agent, State
    from sdesk.store.reads import Reads

NO_SETUP = "'person_saved', 'mail_held', 'mail_rejected', 'exported', 'backed_up', 'damage_found'"
_NEW = f"""SELECT 1 FROM event WHERE ticket_id IS NULL AND id > :since
    AND kind NOT IN ({NO_SETUP}) LIMIT 1"""
"""Whether the set-up has changed since that event: people and held mail come all day, and change
nothing of it."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Settings, states and the acting agent."""

    settings: dict[str, str]
    states: dict[str, State]
    agent: Agent | None


class Standing:
    """The set-up as one actor's writes last found it."""

    def __init__(self, actor: str) -> None:
        self._actor = actor
        self._stamp = -1
        self._setup: Setup | None = None
        self._levels: ServiceLevels | None = None

    def look(self, reads: Reads, stamp: int | None = None) -> None:
        """Forget what has changed. `stamp`: the answer to `STAMP`, where it was asked already."""
        if stamp is None:
            row = reads.reader.one(STAMP)
            stamp = int(row[0]) if row else 0
        if stamp == self._stamp:
            return
        if self._stamp < 0 or reads.reader.one(_NEW, {"since": self._stamp}) is not None:
            self._setup = self._levels = None
        self._stamp = stamp

    def setup(self, reads: Reads) -> Setup:
        if self._setup is None:
            states = {state.key: state for state in reads.states()}
            self._setup = Setup(reads.settings(), states, reads.agent(self._actor))
        return self._setup

    def levels(self, reads: Reads) -> ServiceLevels:
        """Policies and calendars."""
        if self._levels is None:
            self._levels = ServiceLevels.of(reads)
        return self._levels

"""What of the desk's set-up stands, read again only when an event says that it has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk.levels import ServiceLevels

if TYPE_CHECKING:
    from sdesk.model import Agent, State
    from sdesk.store.reads import Reads


@dataclass(frozen=True, slots=True)
class Setup:
    """Settings, states and the acting agent: what every write needs to know."""

    settings: dict[str, str]
    states: dict[str, State]
    agent: Agent | None


class Standing:
    """The set-up as one actor last found it. Threads may share it: none keeps what it read before
    another one noticed a change."""

    def __init__(self, actor: str) -> None:
        self._actor = actor
        self._stamp = -1
        self._edition = 0
        """Goes up with every change; what is kept is that of its edition."""
        self._setup: tuple[int, Setup] | None = None
        self._levels: tuple[int, ServiceLevels] | None = None

    def look(self, reads: Reads, stamp: int | None = None) -> None:
        """Notice what has changed. `stamp`: `reads.setup_stamp()`, where it was asked already."""
        stamp = reads.setup_stamp() if stamp is None else stamp
        if stamp != self._stamp:
            if self._stamp < 0 or reads.has_new_setup(self._stamp):
                self._edition += 1
            self._stamp = stamp

    def setup(self, reads: Reads) -> Setup:
        edition, known = self._edition, self._setup
        if known is None or known[0] != edition:
            states = {state.key: state for state in reads.states()}
            known = edition, Setup(reads.settings(), states, reads.agent(self._actor))
            self._setup = known
        return known[1]

    def levels(self, reads: Reads) -> ServiceLevels:
        """Policies and calendars."""
        edition, known = self._edition, self._levels
        if known is None or known[0] != edition:
            known = self._levels = edition, ServiceLevels.of(reads)
        return known[1]

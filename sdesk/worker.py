"""Keeping time without a server: whichever process holds the lease runs the timers.

`sdesk worker` is made for it; where none runs, an open desk does it beside its agent's work. Any
number may try: the lease picks one, and when its beats stop another takes over within 30 seconds.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from sdesk.desk import Desk, login_at, now_seconds
from sdesk.errors import SdeskError
from sdesk.model import Instant, Source
from sdesk.store import lease
from sdesk.store import place as places
from sdesk.store.lease import Held, Keeper

if TYPE_CHECKING:
    from sdesk.timers import Ran, Timers

ACTOR = "sdesk"
"""In whose name it is done: nobody's, the desk's own. As `settling.TIMER`, which costs SQLModel."""
TICK = 4.0
"""Seconds between two looks at the lease and at what is due, at most."""
BEAT = 8
"""Seconds between two beats; `lease.BELIEVED` outlives two of them."""
BATCH = 25
"""Acts in one go; then others get their turn to write."""
BREATH = 0.05
"""Seconds between two goes."""
BESIDE = 3
"""Acts in one go of an open desk: it shares its processor with somebody's keys."""
REST = 4
"""How many times as long as it has worked an open desk rests before it goes on."""

__all__ = ["Held", "Keeper", "Worker", "keeper"]

keeper = lease.held


def keep_all(
    places: Sequence[str | Path], kind: Keeper, ending: Ending, *,
    clock: Callable[[], Instant] = now_seconds, login: str = "",
) -> None:  # fmt: skip
    """Keep time for several files that make one desk, the first in this thread."""
    more = [
        threading.Thread(
            target=Worker(place, kind, clock=clock, login=login).keep, args=(ending,), daemon=True
        )
        for place in places[1:]
    ]
    for thread in more:
        thread.start()
    Worker(places[0], kind, clock=clock, login=login).keep(ending)
    for thread in more:
        thread.join(1.0)


class Ending(Protocol):
    """Word that it is time to end, as a `threading.Event` gives it."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float, /) -> object: ...


class Worker:
    """One process's part in keeping time. For one thread."""

    def __init__(
        self, place: str | Path, kind: Keeper, *, clock: Callable[[], Instant] = now_seconds,
        login: str = "", on_run: Callable[[Timers, Ran], None] | None = None,
    ) -> None:  # fmt: skip
        self.place = place if places.is_postgres(place) else places.find(place)
        self.kind, self.clock, self._on_run = kind, clock, on_run
        self.login = login or login_at(place)
        self.holder = f"{self.login}@{socket.gethostname()}:{os.getpid()}:{os.urandom(3).hex()}"
        self.held: Held | None = None
        """The lease as it was last seen."""
        self.trouble: SdeskError | None = None
        """Why the last tick could not do its work."""
        self._desk: Desk | None = None
        self._timers: Timers | None = None
        self._ending: Ending | None = None

    @property
    def is_keeper(self) -> bool:
        """Whether this process held the lease when it last looked."""
        return self.held is not None and self.held.holder == self.holder

    @property
    def desk(self) -> Desk:
        """The store as the desk itself has it open: nobody's connections but its own."""
        if self._desk is None:
            self._desk = Desk.open(
                self.place, actor=ACTOR, source=Source.TIMER, clock=lambda: self.clock()
            )
        return self._desk

    @property
    def timers(self) -> Timers:
        if self._timers is None:
            from sdesk.timers import Timers  # here: who only waits for the lease needs none

            self._timers = Timers(self.desk)
        return self._timers

    def look(self) -> Held | None:
        """Who holds the lease, dead or alive; None for nobody."""
        return lease.held(self.desk.read.reader)

    def keep(self, ending: Ending, on_tick: Callable[[], None] = lambda: None) -> None:
        """Tick until told to end; then let go of the lease."""
        self._ending = ending
        try:
            while not ending.is_set():
                pause = self.tick()
                on_tick()
                ending.wait(pause)
        finally:
            self.close()

    def tick(self) -> float:
        """Hold or take the lease and run what is due; seconds until it should be called again."""
        try:
            pause = self._tick()
        except SdeskError as error:
            self._give_up(error)
        else:
            self.trouble = None
            return pause
        return TICK

    def _tick(self) -> float:
        if not self._hold():
            return TICK
        begun, is_desk = monotonic(), self.kind is Keeper.DESK
        ran = self.timers.run(BESIDE if is_desk else BATCH, self._is_time_to_stop)
        if self._on_run is not None and (ran.done or ran.failed):
            self._on_run(self.timers, ran)
        if ran.more:
            return min(1.0, max(BREATH, REST * (monotonic() - begun))) if is_desk else BREATH
        coming = self.timers.next_at()
        return TICK if coming is None else min(TICK, max(1.0, coming - self.clock()))

    def _hold(self) -> bool:
        """Beat when it is time to, take over where nobody is alive; whether this process keeps time."""
        now = self.clock()
        self.held = self.look()
        if self.is_keeper and self.held is not None and 0 <= now - self.held.beat_at < BEAT:
            return True
        free = self.held is None or self.held.yields(self.holder, self.kind, now)
        if free and self._may_keep():
            self.held = lease.take(self.place, self.holder, self.kind, now)
        return self.is_keeper

    def _may_keep(self) -> bool:
        """A desk runs the timers for agents only; a worker is for whoever may write the store."""
        if self.kind is not Keeper.DESK:
            return True
        if not places.is_postgres(self.place) and places.is_read_only(Path(self.place)):
            return False
        agent = self.desk.read.agent(self.login)
        if agent is None or not agent.active:
            return False
        # Nobody else would keep the time of the tickets that this agent doesn't see.
        return not places.is_postgres(self.place) or self.desk.sees_all()

    def _is_time_to_stop(self) -> bool:
        if self._ending is not None and self._ending.is_set():
            return True
        return self.held is None or not 0 <= self.clock() - self.held.beat_at < BEAT

    def _give_up(self, trouble: SdeskError) -> None:
        """Begin anew at the next tick: the store may be another file by then."""
        self.trouble, self.held = trouble, None
        self._let_go()

    def close(self) -> None:
        """Let go of the lease; where that is not possible, its last beat grows old."""
        try:
            if self.is_keeper:
                lease.drop(self.place, self.holder)
        except SdeskError as error:
            self.trouble = error
        finally:
            self.held = None
            self._let_go()

    def _let_go(self) -> None:
        if self._desk is not None:
            self._desk.close()
        self._desk = self._timers = None

"""Telling the other desks at which ticket this one is: a beat every few seconds, in a thread of its own.

A stalled terminal doesn't hold the beats up, and a beat holds up no key. What can't be written now is
written with the next beat; the desk works without it.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.errors import SdeskError
from sdesk.store import place as places
from sdesk.store import presence
from sdesk.store.presence import LOOKING, WRITING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sdesk.model import Instant

BEAT = 10.0
"""Seconds between two beats; two of them may be lost before the others stop believing."""
STAYING = 0.25
"""Seconds at a ticket before it is told: who only passes through tells nothing."""

__all__ = ["LOOKING", "WRITING", "Attendance"]


class Attendance:
    """This desk's row of who is where. `at` and `leave` return at once."""

    def __init__(
        self, place: str | Path, agent: str, clock: Callable[[], Instant], *,
        place_of: Callable[[int], str | Path] | None = None,
    ) -> None:  # fmt: skip
        self.place, self.agent, self.clock = place, agent, clock
        self._place_of = place_of or (lambda _: place)
        """The file a ticket lies in: only there is it told that somebody is at it."""
        self.session = f"{agent}:{os.getpid()}:{os.urandom(4).hex()}"
        self._wanted: tuple[int, str] | None = None
        self._told: tuple[int, str] | None = None
        self._moved, self._ending = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def at(self, ticket: int, doing: str = LOOKING) -> None:
        """From now on at this ticket."""
        self._go((ticket, doing))

    def leave(self) -> None:
        """At no ticket any more."""
        self._go(None)

    def _go(self, wanted: tuple[int, str] | None) -> None:
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._moved.set()
        if self._thread is None and wanted is not None and not self._ending.is_set():
            self._thread = threading.Thread(target=self._run, name="sdesk-presence", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Take the row away and end; not for longer than a moment."""
        self._wanted = None
        self._ending.set()
        self._moved.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._ending.is_set():
            self._moved.wait(BEAT if self._wanted is not None else None)
            if self._moved.is_set():
                self._moved.clear()
                self._ending.wait(STAYING)
            self._tell()
        self._tell()

    def _tell(self) -> None:
        """Write where the desk is now, if there is something to write."""
        wanted = self._wanted
        if wanted is None and self._told is None:
            return
        before = None if self._told is None else self._place_of(self._told[0])
        now = None if wanted is None else self._place_of(wanted[0])
        try:
            if before is not None and before != now and _may_write(before):
                presence.leave(before, self.session)
            if now is not None and wanted is not None and _may_write(now):
                presence.beat(now, self.session, self.agent, *wanted, self.clock())
        except SdeskError:
            return
        self._told = wanted


def _may_write(place: str | Path) -> bool:
    return places.is_postgres(place) or not places.is_read_only(Path(place))

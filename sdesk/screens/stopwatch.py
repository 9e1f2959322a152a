"""The agent's stopwatch on the screen: in every status line, to the minute, and silent in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sdesk.present import duration
from sdesk.rules.spent import run_minutes
from sdesk.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from textual.timer import Timer

    from sdesk.desk import Desk
    from sdesk.model import Stopwatch, TicketId

SIGN = "◷"


class Timing:
    """Mixed into the app."""

    if TYPE_CHECKING:
        desk: Desk
        screen_stack: Any
        writing_lock: asyncio.Lock
        set_timer: Callable[..., Timer]

        def announce_change(self) -> None: ...

    stopwatch: Stopwatch | None = None
    stopwatch_words = ""
    """What the status lines show of it: "◷ 12m SD-3"."""
    _minute: Timer | None = None

    def show_stopwatch(self, running: Stopwatch | None) -> None:
        """This is the stopwatch now."""
        if running != self.stopwatch:
            self.stopwatch = running
            self._tick()

    def _tick(self) -> None:
        """Say how long it runs, and wake when that reads differently."""
        if self._minute is not None:
            self._minute.stop()
            self._minute = None
        words = ""
        if (running := self.stopwatch) is not None:
            now = self.desk.now()
            passed = duration(run_minutes(running.started_at, now) * 60)
            words = f"{SIGN} {passed} {self.desk.ref(running.ticket)}"
            left = 60 - max(0, now - running.started_at) % 60
            self._minute = self.set_timer(left + 0.05, self._tick)
        if words != self.stopwatch_words:
            self.stopwatch_words = words
            for screen in self.screen_stack:
                for line in screen.query(StatusLine):
                    line.repaint()

    async def start_stopwatch(self, ticket: TicketId) -> None:
        """Raises what the desk raises."""
        async with self.writing_lock:
            await asyncio.to_thread(self.desk.start_stopwatch, ticket)
        self.show_stopwatch(await asyncio.to_thread(self.desk.read.stopwatch))

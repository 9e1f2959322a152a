"""What the reader is told while the desk is open: announcements and a count in every head, and a
notice once in a toast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import work
from textual.worker import get_current_worker

from sdesk.errors import SdeskError
from sdesk.terminal.ringing import OFF, sequence
from sdesk.text import clean_line
from sdesk.widgets.letters import SIGN, Letters

if TYPE_CHECKING:
    import asyncio

    from textual.timer import Timer

    from sdesk.config import Config
    from sdesk.desk import Desk
    from sdesk.model import Notice
    from sdesk.terminal.ability import Ability

GATHER = 0.2
"""Seconds in which changes of the store are gathered before notices are read."""
MINUTE = 60.0
"""Quiet hours end without anybody writing."""
SHOWN = 5.0
"""Seconds a toast stands, in which those to come are gathered: never are two on the screen."""
MOST = 200
"""Notices of which is known which are new."""


class Noticing:
    """Mixed into the app."""

    if TYPE_CHECKING:
        desk: Desk
        screen_stack: Any
        writing_lock: asyncio.Lock
        notify: Callable[..., None]
        set_timer: Callable[..., Timer]
        set_interval: Callable[..., Timer]
        call_from_thread: Callable[..., Any]

        config: Config | None
        ability: Ability

        @property
        def frugal(self) -> bool: ...

        def _send(self, sequence: str) -> None: ...
        def announce_change(self) -> None: ...
        def complain(self, error: SdeskError, *, more: int = 0) -> None: ...

    letters = 0
    """How many notices are new."""
    announced: tuple[str, ...] = ()
    """Titles of the outages and the planned work that stand now or begin soon, outages first."""
    _told_of: frozenset[int] | None = None
    """New notices at the last look; None before the first."""
    _looking: Timer | None = None
    _untold: tuple[Notice, ...] = ()
    """The latest first: what came while a toast stood."""
    _telling: Timer | None = None

    def watch_notices(self) -> None:
        """From now on: look at once, after every change, and each minute."""
        self._look_for_notices()
        self.set_interval(MINUTE, self._look_for_notices)

    def notices_may_have_changed(self) -> None:
        """Look soon."""
        if self._looking is None:
            self._looking = self.set_timer(GATHER, self._look_for_notices)

    @work(thread=True, exclusive=True, group="notices")
    def _look_for_notices(self) -> None:
        worker = get_current_worker()
        self._looking = None
        read = self.desk.read
        count = read.new_notices()
        # Mostly there are none, and one question is enough.
        found = read.notices(limit=MOST) if count else ()
        now = self.desk.now()
        titles = tuple(one.title for one in self.desk.announcements() if one.is_told(now))
        if not worker.is_cancelled:
            self.call_from_thread(self._tell_notices, count, found, titles)

    def _tell_notices(self, count: int, found: Sequence[Notice], titles: tuple[str, ...]) -> None:
        before, self._told_of = self._told_of, frozenset(notice.id for notice in found)
        if (count, titles) != (self.letters, self.announced):
            self.letters, self.announced = count, titles
            for screen in self.screen_stack:
                for head in screen.query(Letters):
                    head.repaint()
        fresh = [notice for notice in found if before is not None and notice.id not in before]
        self._untold = (*fresh, *self._untold)
        if self._telling is None:
            self._tell_the_latest()

    def _tell_the_latest(self) -> None:
        self._telling, untold, self._untold = None, self._untold, ()
        if untold:
            more = f" · and {len(untold) - 1} more: g n" if len(untold) > 1 else ""
            said = f"{self.said_of(untold[0])}{more}"
            self.notify(f"{SIGN} {said}", markup=False, timeout=SHOWN)
            self._ring(said)
            self._telling = self.set_timer(SHOWN, self._tell_the_latest)

    def _ring(self, said: str) -> None:
        """Call who is elsewhere on their screen, as the settings want it: as often as a toast comes."""
        how = self.config.desk_bell if self.config is not None else OFF
        sent = sequence(how, "sdesk", said, tmux=self.ability.tmux, spare=self.frugal)
        if sent:
            self._send(sent)

    def said_of(self, notice: Notice) -> str:
        """A notice in one line: "SD-12: 75% of the resolution time is used"."""
        where = f"{self.desk.ref(notice.ticket)}: " if notice.ticket is not None else ""
        return where + clean_line(notice.text)

    @work(group="write")
    async def see_notices(self, numbers: Sequence[int]) -> None:
        """These have been read."""
        import asyncio

        try:
            async with self.writing_lock:
                await asyncio.to_thread(self.desk.see_notices, numbers)
        except SdeskError as error:
            self.complain(error)
            return
        self.announce_change()

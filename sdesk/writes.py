"""Writing from the screen: one at a time in the order of the keys, and the result told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import work

from sdesk.errors import SdeskError
from sdesk.numbering import is_restricted
from sdesk.present import counted
from sdesk.terminal.clipboard import copy
from sdesk.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from sdesk.desk import Desk, Undone
    from sdesk.model import EventId, TicketId
    from sdesk.ops import Op
    from sdesk.screens.macro_acts import Filling
    from sdesk.screens.moving_on import LastAct


def _has_moved(ticket: TicketId, done: Any) -> bool:
    """Whether it lies in the other file now, under another number."""
    now = getattr(done, "ticket", None)
    return now is not None and is_restricted(now) != is_restricted(ticket)


class Writes:
    """Mixed into the app: `write` raises, `act` tells, `start` doesn't wait."""

    if TYPE_CHECKING:
        desk: Desk
        writing_lock: asyncio.Lock
        screen: Any
        screen_stack: Any
        notify: Any
        _driver: Any

        def announce_change(self) -> None: ...
        async def look_at_outbox(self) -> None: ...
        def progress(self, doing: str, hint: str = "") -> Callable[[int, int], None]: ...
        async def write_again(self, done: Undone) -> None: ...

    _warm = False
    last_act: LastAct | None = None
    """What `.` repeats."""
    filling: Filling | None = None
    """A macro's text on its way into a composer."""

    @work(thread=True, group="warm", exit_on_error=False)
    def warm_up(self) -> None:
        """Load what writing needs (SQLModel: 300 ms, 27 MB) while a first choice is being made."""
        if not self._warm:
            self.desk.door()

    async def write(
        self, tickets: Sequence[TicketId] | None, *ops: Op, based_on: EventId | None = None
    ) -> Any:
        """Apply to one ticket, to several as one batch, or (None) to none; raises what the desk raises.

        Several tickets give an `Outcome`, otherwise a `Change`. One writer at a time, away from the
        screen's loop: with a thread for each write, quick keys arrive out of order.
        """
        async with self.writing_lock:
            if tickets is not None and len(tickets) > 1:
                done: Any = await asyncio.to_thread(self.desk.apply_many, tickets, *ops)
            else:
                one = tickets[0] if tickets else None
                done = await asyncio.to_thread(self.desk.apply, one, *ops, based_on=based_on)
        self._warm = True
        self.announce_change()
        await self.look_at_outbox()
        return done

    async def act(
        self,
        tickets: Sequence[TicketId] | None,
        *ops: Op,
        based_on: EventId | None = None,
        said: str = "",
    ) -> Any:
        """`write`, and tell the result; a refusal is shown and gives None. `said` names the act: "taken"."""
        if not self._warm:
            self.tell("one moment …")
        try:
            done = await self.write(tickets, *ops, based_on=based_on)
        except SdeskError as error:
            self.complain(error)
            return None
        if tickets is not None and len(tickets) == 1 and _has_moved(tickets[0], done):
            self._follow(tickets[0], done.ticket)
        else:
            self._tell_done(done, said)
        return done

    def _follow(self, before: TicketId, now: TicketId) -> None:
        """A ticket that has gone into the other file is called otherwise there: who looks at it stays."""
        for screen in self.screen_stack:
            if getattr(screen, "number", None) == before:
                screen.number = now
                screen.reload()
        self.tell(f"{self.desk.ref(before)} is {self.desk.ref(now)} from now on")

    @work(group="write")
    async def start(
        self,
        tickets: Sequence[TicketId] | None,
        *ops: Op,
        based_on: EventId | None = None,
        said: str = "",
        then: Callable[[Any], None] | None = None,
        otherwise: Callable[[], None] | None = None,
    ) -> None:
        """`act` from a key, without waiting for it; `then` gets the result of one that went well,
        `otherwise` is called after a refusal."""
        done = await self.act(tickets, *ops, based_on=based_on, said=said)
        if done is not None and then is not None:
            then(done)
        elif done is None and otherwise is not None:
            otherwise()

    @work(group="write")
    async def take_back(
        self, *, redo: bool = False, then: Callable[[Undone], None] | None = None
    ) -> None:
        """Undo my last batch, or do it again; `then` gets what was taken back."""
        try:
            async with self.writing_lock:
                take = self.desk.redo if redo else self.desk.undo
                telling = self.progress("doing again" if redo else "taking back")
                done = await asyncio.to_thread(take, on_progress=telling)
        except SdeskError as error:
            self.complain(error)
            return
        if then is not None:
            then(done)
        self.announce_change()
        await self.look_at_outbox()
        again = "u takes it back" if redo else "ctrl+r does it again"
        self.tell(f"{done.sentence} · {again}")
        await self.write_again(done)

    def _tell_done(self, done: Any, said: str) -> None:
        changed = getattr(done, "changed", None)
        if changed is None:
            where = self.desk.ref(done.ticket) if done.ticket is not None else ""
            words = f"{where} {said or 'changed'}" if done else f"{where} is so already"
            self.tell(f"{words} · u undoes" if done and where else words)
            return
        if done.refused:
            self.complain(done.refused[0][1], more=len(done.refused) - 1)
        words = f"{counted(len(changed), 'ticket')} {said or 'changed'}"
        self.tell(f"{words} · u undoes" if changed else words)

    def tell(self, words: str) -> None:
        """Say something on the status line of the screen, or in a toast where there is none."""
        line = next(iter(self.screen.query(StatusLine)), None)
        if line is None:
            self.notify(words, markup=False, timeout=4)
        else:
            line.tell(words)

    def complain(self, error: SdeskError, *, more: int = 0) -> None:
        """Show a refusal: its sentence, its hint, and how many more there were."""
        words = f"{error} (and {more} more)" if more else str(error)
        self.notify(words, severity="error", markup=False)

    def copy_text(self, text: str) -> None:
        """Copy, and show what was copied."""
        try:
            way = copy(text, self._send)
        except ValueError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.tell(f"copied: {text}" + (" (tmux)" if way == "tmux" else ""))

    def _send(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

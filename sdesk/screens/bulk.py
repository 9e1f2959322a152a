"""An act on many tickets from the screen: looked at first where they are many, told while it runs,
stopped by Esc, and listed row by row afterwards. Mixed into the app."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from textual import work

from sdesk.errors import SdeskError
from sdesk.present import counted
from sdesk.text import cut

if TYPE_CHECKING:
    from sdesk.batching import OpsOf, Outcome
    from sdesk.config import Config
    from sdesk.desk import Desk
    from sdesk.model import TicketId

LARGE = 20
"""Tickets from which a preview is shown, unless the settings say otherwise."""
TICK = 0.15
"""Seconds between two strokes of the bar."""
BAR = 12
NAMED = 4
"""Refused tickets that a preview names for each reason."""


class BulkAct(NamedTuple):
    """What is to be done to which tickets."""

    tickets: tuple[TicketId, ...]
    of: OpsOf
    words: str
    """What it does: "priority 2, tag vpn"."""
    said: str
    """What is said when it is done: "tagged"."""
    details: tuple[str, ...] = ()
    """Lines of the preview: the text that will go out."""
    after: Callable[[], None] | None = None
    """What is to be done when it is done; waits for the store."""


class BulkWrites:
    """`start_many` for a key; `carry_out_many` for a worker that asks things itself."""

    if TYPE_CHECKING:
        app: Any
        desk: Desk
        config: Config | None
        writing_lock: asyncio.Lock
        _warm: bool
        push_screen: Any
        push_screen_wait: Any

        def announce_change(self) -> None: ...
        async def look_at_outbox(self) -> None: ...
        def complain(self, error: SdeskError, *, more: int = 0) -> None: ...
        def tell(self, words: str) -> None: ...

    last_bulk: tuple[str, Outcome] | None = None
    """What was said of the last act on many, and what it did to each."""
    _stop: threading.Event | None = None

    @property
    def preview_from(self) -> int:
        """How many tickets make an act one that is shown before it is done; 0 for never."""
        return self.config.desk_bulk_preview if self.config is not None else LARGE

    def start_many(self, act: BulkAct, *, always_ask: bool = False) -> None:
        """Do it, after showing what it would do where the tickets are many."""
        if always_ask or 0 < self.preview_from <= len(act.tickets):
            self._preview(act)
        else:
            self._carry_out(act)

    @work(group="rehearse")
    async def _preview(self, act: BulkAct) -> None:
        """Rehearse and ask; keys are for the screen meanwhile, Esc among them."""
        found = await self._run(act, "looking at", partial(self.desk.rehearse))
        if found is None:
            return
        if found.left:
            self.tell("stopped: nothing was done")
            return
        if not found.changed:
            self.tell(f"{act.words}: nothing would change")
            if found.refused:
                self._show(act.said or "would change", found)
            return
        self._ask(act, found)

    @work(group="dialog")
    async def _ask(self, act: BulkAct, found: Outcome) -> None:
        """Do it when it is wanted; the acts themselves run in a worker that no other dialog ends."""
        from sdesk.screens.dialogs.ask import Ask

        lines = [*act.details, *refusals(found, self.desk.ref)]
        if await self.push_screen_wait(Ask(headline(act, found), {"y": "do it", "n": "leave it"}, lines)) == "y":  # fmt: skip
            self._carry_out(act)
        else:
            self.tell("nothing was done")

    @work(group="write")
    async def _carry_out(self, act: BulkAct) -> None:
        done = await self._run(act, act.words, partial(self.desk.apply_each))
        if done is None:
            return
        if act.after is not None:
            try:
                await asyncio.to_thread(act.after)
            except SdeskError as error:
                self.complain(error)
        self.announce_change()
        await self.look_at_outbox()
        said = act.said or "changed"
        self.last_bulk = (said, done)
        self._tell_many(said, done)
        if done.refused and len(act.tickets) >= self.preview_from > 0:
            self._show(said, done)
        elif done.refused:
            self.complain(done.refused[0][1], more=len(done.refused) - 1)

    def _tell_many(self, said: str, done: Outcome) -> None:
        words = [f"{counted(len(done.changed), 'ticket')} {said}"]
        so = len(done.unchanged)
        words += [f"{so:,} {'was' if so == 1 else 'were'} so already"] if so else []
        words += [f"{len(done.refused):,} refused"] if done.refused else []
        words += [f"stopped before {len(done.left):,}"] if done.left else []
        words += ["u undoes"] if done.changed else []
        self.tell(" · ".join([*words, ":result shows each"]))

    async def _run(self, act: BulkAct, doing: str, do: Callable[..., Outcome]) -> Outcome | None:
        """One pass over the tickets in a thread, with the bar; None where the desk refused all of it."""
        stop = threading.Event()
        progress = self.progress(doing, " · esc stops")
        if not self._warm:
            self.tell("one moment …")
        try:
            async with self.writing_lock:
                self._stop = stop
                return await asyncio.to_thread(
                    do, act.tickets, act.of, on_progress=progress, should_stop=stop.is_set
                )
        except SdeskError as error:
            self.complain(error)
            return None
        finally:
            stop.set()
            self._stop = None
            self._warm = True

    def progress(self, doing: str, hint: str = "") -> Callable[[int, int], None]:
        """What tells from a thread how far it is, on the bottom line."""
        loop, last = asyncio.get_running_loop(), time.monotonic()

        def tell(done: int, total: int) -> None:
            nonlocal last
            if time.monotonic() - last > TICK:
                last = time.monotonic()
                # Not waited for: a stalled terminal must not hold up the store.
                loop.call_soon_threadsafe(self.tell, bar(doing, done, total) + hint)

        return tell

    def stop_many(self) -> bool:
        """Have the act that is under way end after the ticket at hand; False where none is."""
        if self._stop is None or self._stop.is_set():
            return False
        self._stop.set()
        return True

    def show_last_bulk(self) -> None:
        """What the last act on many did to each ticket."""
        if self.last_bulk is None:
            self.tell("no act on several tickets yet")
        else:
            self._show(*self.last_bulk)

    def _show(self, said: str, done: Outcome) -> None:
        from sdesk.screens.dialogs.outcome import OutcomeReader

        self.push_screen(OutcomeReader(said, done))


def headline(act: BulkAct, found: Outcome) -> str:
    """ "tag vpn · 40 tickets: 38 change, 2 refused"."""
    parts = [f"{len(found.changed):,} change"]
    parts += [f"{len(found.unchanged):,} are so already"] if found.unchanged else []
    parts += [f"{len(found.refused):,} refused"] if found.refused else []
    return f"{cut(act.words, 60)} · {counted(len(act.tickets), 'ticket')}: {', '.join(parts)}"


def refusals(found: Outcome, ref: Callable[[int], str]) -> list[str]:
    """A line for each reason: how many, which ones, why. The tickets' own numbers don't part reasons."""
    reasons: Counter[str] = Counter()
    named: dict[str, list[str]] = {}
    for ticket, error in found.refused:
        reason = error.message.replace(ref(ticket), "it")
        reasons[reason] += 1
        named.setdefault(reason, []).append(ref(ticket))
    lines = []
    for reason, count in reasons.most_common(6):
        some = ", ".join(named[reason][:NAMED]) + (" …" if count > NAMED else "")
        lines.append(f"{count:,} refused: {reason} ({some})")
    return lines


def bar(doing: str, done: int, total: int) -> str:
    """ "tag vpn ━━━━──── 300/1,000"."""
    full = BAR * done // max(1, total)
    return f"{cut(doing, 30)} {'━' * full}{'─' * (BAR - full)} {done:,}/{total:,}"

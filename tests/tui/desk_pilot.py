"""Driving the desk by keys: start it, type, wait for a condition, read the screen as text.

Nothing here waits for "probably done": a machine may be as slow and as busy as it likes. Keys are
typed as over a slow line, all at once; the desk itself holds each until the one before is answered,
and `press` returns when the last one is. What a key has set going elsewhere (a thread that reads, a
write) is waited for with `settle`.
"""

from __future__ import annotations

import asyncio
import string
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot

from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.terminal.typeahead import _is_idle
from sdesk.widgets.status_line import StatusLine
from sdesk.widgets.ticket_list import TicketList

LONGEST = 60.0
"""Seconds until a condition counts as never coming true; only failures take them."""
LOOK = 0.005
HOPS = 3
_CHARACTERS = {_character_to_key(char): char for char in string.punctuation + " "}


def keystroke(key: str) -> Key:
    """A key as the terminal's parser would give it: "i", "/" or "slash", "enter"."""
    if len(key) == 1:
        return Key(_character_to_key(key), key)
    return Key(key, _CHARACTERS.get(key))


class DeskPilot(Pilot[None]):
    """A pilot whose `press` waits for the answer to the keys, not for an idle processor. It answers no
    question that it hasn't seen."""

    async def press(self, *keys: str) -> None:
        app, taken = self.app, asyncio.Event()
        until = time.monotonic() + LONGEST
        while not all(getattr(one, "is_seen", True) for one in (app.screen, app.focused)):
            assert time.monotonic() < until, f"never painted:\n{frame(app)}"
            await asyncio.sleep(LOOK / 5)
        for key in keys:
            app.post_message(keystroke(key))
        app.call_later(taken.set)
        while self._stands and not (taken.is_set() and not app.is_answering):
            assert time.monotonic() < until, f"{keys} were never answered:\n{frame(app)}"
            await asyncio.sleep(LOOK / 5)
        await self.pause()

    async def pause(self, delay: float | None = None) -> None:
        """Let every widget answer its messages, wait as long, and bring the screen up to date.

        Without a delay it is done some times: a message leads to a style, that to a new layout.
        """
        for _ in range(HOPS if delay is None else 1):
            if self._stands:
                await self._wait_for_screen(LONGEST)
            await asyncio.sleep(delay or 0)
            if self._stands:
                self.app.screen._on_timer_update()

    async def _wait_for_screen(self, timeout: float = LONGEST) -> bool:
        """Wait until every widget has answered the messages it has by now. Textual asks those as well
        that have none."""
        app, left, answered = self.app, 0, asyncio.Event()
        busy = [n for n in (app, *app.screen.walk_children(with_self=True)) if not _is_idle(n)]

        def one() -> None:
            nonlocal left
            left -= 1
            if not left:
                answered.set()

        for node in busy:
            left += node.call_later(one)
        until = time.monotonic() + timeout
        while left and self._stands and any(n.is_running and not _is_idle(n) for n in busy):
            assert time.monotonic() < until, f"a widget never answered:\n{frame(app)}"
            with suppress(TimeoutError):
                await asyncio.wait_for(answered.wait(), 0.1)
        return not left

    @property
    def _stands(self) -> bool:
        """The desk is not being left."""
        app = self.app
        return app.is_running and app._exception is None and bool(app.screen_stack)


def frame(app: SdeskApp) -> str:
    """What stands on the terminal, as text. The only place that asks Textual's compositor."""
    height = app.size.height
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(s.text for s in line).rstrip() for line in lines[:height])


async def settle(app: SdeskApp, pilot: Pilot[None], is_so: Callable[[], bool]) -> None:
    """Wait until the condition holds; the screen is in the failure's message."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        await pilot.pause(LOOK)
        if is_so():
            return
    raise AssertionError(f"it never came true; the screen:\n{frame(app)}")


def is_working(app: SdeskApp) -> bool:
    """Something is being read or written; a dialog that waits for its answer is not meant."""
    return any(not worker.is_finished and worker.group != "dialog" for worker in app.workers)


def is_at_rest(app: SdeskApp) -> bool:
    """Nothing is being answered, read, written, or gathered to be read: the screen is what it will be."""
    seen = next((screen for screen in reversed(app.screen_stack) if not screen.is_modal), None)
    gathering = getattr(seen, "_gathering", None) or getattr(seen, "_pending", None)
    # News wait for the end of a command that is being typed.
    is_held = getattr(seen, "is_commanding", False)
    return not (app.is_answering or is_working(app) or (gathering and not is_held))


async def rest(app: SdeskApp, pilot: Pilot[None]) -> None:
    """Wait until the screen is what it will be."""
    await settle(app, pilot, lambda: is_at_rest(app))
    await pilot.pause()


@asynccontextmanager
async def at_desk(
    desk: Desk, size: tuple[int, int] = (80, 24), **options: object
) -> AsyncIterator[tuple[SdeskApp, DeskPilot]]:
    """The desk on a screen of that size, with its first rows read."""
    app = SdeskApp(desk, **options)  # type: ignore[arg-type]
    async with app.run_test(size=size):
        pilot = DeskPilot(app)
        await settle(app, pilot, lambda: app._watch is not None)
        yield app, pilot
        # Leaving by `Q` waits for what is being written; the end of a test does not.
        await settle(app, pilot, lambda: not is_working(app))


def listed(app: SdeskApp) -> TicketList:
    return app.queue_screen.query_one(TicketList)


def told(app: SdeskApp) -> str:
    """What the status line says."""
    return app.screen.query_one(StatusLine).told


def complaints(app: SdeskApp) -> list[str]:
    return [n.message for n in app._notifications if n.severity == "error"]

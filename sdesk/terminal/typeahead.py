"""Keys in a burst, one after the other: what is typed ahead reaches what the keys before it open.

Over a slow link several keys arrive at once. Textual hands them all to whatever has the focus by
then, so that of "c" and "this is…" the words would be commands, and of "/", "vpn", Enter and "i" the
last one a letter of the query. Here the next key waits until the one before has been answered, and
until what it opens has taken the focus.
"""

from __future__ import annotations

import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.events import Callback, Key, Paste
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable, Iterable

    from textual.message_pump import MessagePump as Node

LONGEST = 5.0
"""Seconds a key waits at most for something to open."""
LOOK = 0.01
WAYS = 4
"""Ways up that are gone for a key: behind the key itself, and behind the messages that it leads to."""


class TypeAhead(MessagePump):
    """Mixed into the app, which hands every key from the terminal to `take_key`."""

    if TYPE_CHECKING:
        screen: Any
        focused: Any
        workers: Any

        async def hand_on(self, event: Key | Paste) -> None:
            """Give a key to the widget or screen that has the focus."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.typed_ahead: deque[Key | Paste] = deque()
        self.is_answering = False
        """A key is on its way, or what it does is: the next one waits."""
        self._asked_at = 0.0
        self._first: Node | None = None
        """What had the focus when the key came."""
        self._ways = 0
        """Ways up that are still to be gone."""

    async def take_key(self, event: Key | Paste) -> None:
        """Answer the key, or keep it while the one before is being answered."""
        if self.is_answering:
            self.typed_ahead.append(event)
        elif getattr(self.screen, "is_opening", False):
            self.typed_ahead.append(event)
            self.is_answering, self._asked_at = True, time.monotonic()
            await self._answered()
        else:
            await self._answer(event)

    async def _answer(self, event: Key | Paste) -> None:
        self.is_answering, self._asked_at = True, time.monotonic()
        self._first, self._ways = self.focused or self.screen, 1 if self._types(event) else WAYS
        await self.hand_on(event)
        self._pass(self._first)

    def _types(self, event: Key | Paste) -> bool:
        """Whether it goes into a text, where nothing else comes of it."""
        focused = self.focused
        if focused is None or isinstance(event, Paste):
            return focused is not None
        return bool(focused.check_consume_key(event.key, event.character))

    def _pass(self, node: Node | None) -> None:
        """Go the key's way up to the app, behind it in the queue of every widget that it passes; one
        that is being taken down is passed by."""
        while node is not None and node is not self:
            if not _is_idle(node) and node.post_message(_callback(self._pass, node._parent)):
                return
            node = node._parent
        self.post_message(_callback(self._arrived))

    async def _arrived(self) -> None:
        """Up at the app. Once more for what the key's action has told a widget: that Enter was pressed,
        say, which the widget tells the one above it in words of its own, which then moves the focus."""
        self._ways -= 1
        if self._ways:
            self._pass(self._first)
        else:
            await self._answered()

    async def _answered(self) -> None:
        """Let the next key go, unless something is still opening."""
        if self.typed_ahead and self._is_opening():
            self.set_timer(LOOK, self._answered)
        elif self.typed_ahead:
            await self._answer(self.typed_ahead.popleft())
        else:
            self.is_answering = False

    def _is_opening(self) -> bool:
        """A dialog was asked for and has no focus yet, or the screen isn't ready for keys."""
        if time.monotonic() - self._asked_at > LONGEST:
            return False
        screen = self.screen
        if not screen.is_mounted or getattr(screen, "is_opening", False):
            return True
        asked = any(worker.group == "dialog" and worker.is_running for worker in self.workers)
        return asked and not (screen.is_modal and self.focused is not None)


def _is_idle(node: Node) -> bool:
    """Whether it waits for a message and has none: then nothing that it is to tell is still to come."""
    queue: Any = node._message_queue
    waiting: Iterable[Future[Any]] = getattr(queue.ready_event, "_waiters", ())
    return not queue.qsize() and any(not each.done() for each in waiting)


def _callback(what: Callable[..., Any], *words: Any) -> Callback:
    """As `call_later` makes it, without the inspection of signatures, which takes longer than the call."""
    call = partial(what, *words)
    vars(call)["_param_count"] = 0
    return Callback(callback=call)

"""Keys in a burst, one after the other: what is typed ahead reaches the dialog that the first key opens.

Over a slow link several keys arrive at once. Textual hands them all to whatever has the focus by
then, so that of "c" and "this is…" the words would be commands. Here the next key waits until the
one before has been answered, and until what it opens has taken the focus.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from textual.events import Key, Paste
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from textual.message_pump import MessagePump as Node

LONGEST = 5.0
"""Seconds a key waits at most for something to open."""
LOOK = 0.01


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
        self._answering = False
        self._asked_at = 0.0
        self._way: Node | None = None
        """Where the key is on its way up. A dialog that a letter closes takes the rest of the way with it."""

    async def take_key(self, event: Key | Paste) -> None:
        """Answer the key, or keep it while the one before is being answered."""
        if self._answering:
            self.typed_ahead.append(event)
            if self._way is not None and not self._way.is_attached:
                await self._answered()
        elif getattr(self.screen, "is_opening", False):
            self.typed_ahead.append(event)
            self._answering, self._asked_at = True, time.monotonic()
            await self._answered()
        else:
            await self._answer(event)

    async def _answer(self, event: Key | Paste) -> None:
        self._answering, self._asked_at, self._way = True, time.monotonic(), None
        target = self.focused or self.screen
        await self.hand_on(event)
        self._follow(target)

    def _follow(self, node: Node | None) -> None:
        """Go the key's way up to the app, behind it in the queue of every widget that it passes."""
        self._way = None if node is self else node
        if node is None or node is self or not node.is_running:
            self.call_later(self._answered)
        else:
            node.call_later(self._follow, node._parent)

    async def _answered(self) -> None:
        """Let the next key go, unless something is still opening."""
        if self.typed_ahead and self._is_opening():
            self.set_timer(LOOK, self._answered)
        elif self.typed_ahead:
            await self._answer(self.typed_ahead.popleft())
        else:
            self._answering = False

    def _is_opening(self) -> bool:
        """A dialog was asked for and has no focus yet, or the screen isn't ready for keys."""
        if time.monotonic() - self._asked_at > LONGEST:
            return False
        screen = self.screen
        if not screen.is_mounted or getattr(screen, "is_opening", False):
            return True
        asked = any(worker.group == "dialog" and worker.is_running for worker in self.workers)
        return asked and not (screen.is_modal and self.focused is not None)

"""Keys in a burst, one after the other: what is typed ahead reaches what the keys before it open.

Over a slow link several keys arrive at once. Textual hands them all to whatever has the focus by
then, so that of "c" and "this is…" the words would be commands, and of "/", "vpn", Enter and "i" the
last one a letter of the query. Here the next key waits until the one before has been answered, and
until what it opens has taken the focus and holds what it is to show: a key never means what stood
there before. However long that takes; Esc is the way out of waiting, and takes back what was typed
behind it.
"""

from __future__ import annotations

import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from textual.events import Callback, Key, Paste
from textual.message_pump import MessagePump
from textual.worker import get_current_worker

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable, Iterable

    from textual.message_pump import MessagePump as Node
    from textual.worker import Worker

DIALOG = "dialog"
"""The group of the workers that open dialogs."""
LOOK = 0.01
"""Seconds between two looks at whether something stands."""
SILENT = 2.0
"""Seconds after which it is told that keys wait, and after which Esc is not for what was typed before it."""
WAYS = 4
"""Ways up that are gone for a key: behind the key itself, and behind the messages that it leads to."""


class TypeAhead(MessagePump):
    """Mixed into the app, which hands every key from the terminal to `take_key`."""

    if TYPE_CHECKING:
        screen: Any
        screen_stack: Any
        focused: Any
        workers: Any

        async def hand_on(self, event: Key | Paste) -> None:
            """Give a key to the widget or screen that has the focus."""

        def tell(self, words: str) -> None: ...

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.typed_ahead: deque[Key | Paste] = deque()
        self.is_answering = False
        """A key is on its way, or what it does is: the next one waits."""
        self.answered: Key | Paste | None = None
        """The key that is being answered, or was last."""
        self._in_dialog: set[Worker[Any]] = set()
        """Workers whose dialog stands."""
        self._given_up: WeakSet[Worker[Any]] = WeakSet()
        """Workers that were to open a dialog when Esc was pressed."""
        self._waits_since = 0.0
        """When what opens was asked for; 0 while nothing is waited for."""
        self._first: Node | None = None
        """What had the focus when the key came."""
        self._ways = 0
        """Ways up that are still to be gone."""

    async def take_key(self, event: Key | Paste) -> None:
        """Answer the key, or keep it while the one before is being answered."""
        if not (self.is_answering or self._is_opening()):
            await self._answer(event)
            return
        if self._is_late(event) and _is_escape(event) and self._is_opening():
            self.typed_ahead.clear()
        self.typed_ahead.append(event)
        if not self.is_answering:
            self.is_answering = True
            await self._answered()

    def _is_late(self, event: Key | Paste) -> bool:
        """Whether it was pressed so long after the key that is being answered that it isn't in one flow."""
        return self.answered is not None and event.time - self.answered.time > SILENT

    def _give_up(self, *, late: bool) -> bool | None:
        """Wait no longer for a dialog, or for what the screen waits for: True where that is all that
        Esc is to do, False where the screen is to have it, None where it goes on waiting."""
        if asked := self._asked():
            # Not cancelled: it may be writing. It gets no dialog any more.
            self._given_up |= set(asked)
            return True
        give_up: Any = getattr(self.screen, "give_up", None)
        return give_up(late) if give_up is not None else None

    async def _answer(self, event: Key | Paste) -> None:
        self.is_answering, self.answered = True, event
        self._first, self._ways = self.focused or self.screen, 1 if self._types(event) else WAYS
        if (as_seen := getattr(self._first, "as_seen", None)) is not None:
            as_seen(event.time)
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
        if not self.screen_stack:  # the desk is being left
            self.typed_ahead.clear()
        if self.typed_ahead and self._is_opening():
            await self._wait()
            return
        self._waits_since = 0.0
        if self.typed_ahead:
            await self._answer(self.typed_ahead.popleft())
        else:
            self.is_answering = False

    async def _wait(self) -> None:
        """Look again in a moment; Esc as the next key ends the waiting."""
        if _is_escape(first := self.typed_ahead[0]):
            gone = self._give_up(late=self._is_late(first))
            if gone is not None:
                self.typed_ahead.popleft()
            if gone is False:
                await self._answer(first)
                return
        self._tell_waiting()
        self.set_timer(LOOK, self._answered)

    def _tell_waiting(self) -> None:
        """Say once that keys wait, when they do for long."""
        now = time.monotonic()
        if not self._waits_since:
            self._waits_since = now
        elif 0 < self._waits_since < now - SILENT:
            self._waits_since = -1.0
            self.tell("one moment: what you type is kept · esc stops waiting")

    def _is_opening(self) -> bool:
        """A dialog was asked for and isn't ready for keys, or the screen isn't."""
        if not self.screen_stack:
            return False
        screen = self.screen
        if not screen.is_mounted or getattr(screen, "is_opening", False) or self._asked():
            return True
        return screen.is_modal and self.focused is None and bool(screen.focus_chain)

    def _asked(self) -> list[Worker[Any]]:
        """What is about to open a dialog, or was answered and is at what comes of it."""
        return [
            each
            for each in self.workers
            if each.group == DIALOG
            and each.is_running
            and each not in self._in_dialog
            and each not in self._given_up
        ]

    async def push_screen_wait(self, screen: Any, *, mode: str | None = None) -> Any:
        """As for every app; while the answer is waited for, keys are for the dialog."""
        worker = get_current_worker()
        if worker in self._given_up:
            return None
        self._in_dialog.add(worker)
        try:
            return await super().push_screen_wait(screen, mode=mode)  # type: ignore[misc]  # the app's
        finally:
            self._in_dialog.discard(worker)


def _is_escape(event: Key | Paste) -> bool:
    return isinstance(event, Key) and event.key == "escape"


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

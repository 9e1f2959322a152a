"""A key means what its agent saw: a refresh that takes a row from under the cursor is not for keys on their way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf

from textual.message import Message
from textual.widget import Widget

from sdesk.messages import StoreChanged

MOST = 8
"""Rows that are remembered: so many refreshes don't come before one of them has been seen."""


class _Gone:
    """How a row that is gone is put back, and when that it is gone was painted."""

    def __init__(self, put_back: Callable[[], None]) -> None:
        self.put_back = put_back
        self.seen_at = inf

    def seen(self) -> None:
        self.seen_at = Message().time


class Seen(Widget):
    """Mixed into a list with a cursor. When a refresh leaves out what stood under the cursor, the list
    says how it is put back (`lost`); a key that was pressed before that was painted, or so soon
    after that nobody can have seen it, then finds it there."""

    reaction = 0.25
    """Seconds that pass at least between what an agent sees and the key for it."""
    _gone: deque[_Gone] | None = None

    @property
    def is_seen(self) -> bool:
        """What stands there now has been painted."""
        return all(gone.seen_at < inf for gone in self._gone or ())

    def lost(self, put_back: Callable[[], None] | None) -> None:
        """What was under the cursor is not there any more; None: it was taken on purpose."""
        if self._gone is None:
            self._gone = deque(maxlen=MOST)
        if put_back is None:
            self._gone.clear()
            return
        gone = _Gone(put_back)
        self._gone.append(gone)
        self.call_after_refresh(gone.seen)

    def as_seen(self, pressed: float) -> None:
        """Show what stood there when the key was pressed; the next reading leaves it out again."""
        if not self._gone:
            return
        last = next((g for g in self._gone if pressed < g.seen_at + self.reaction), None)
        self._gone.clear()
        if last is not None:
            last.put_back()
            self.screen.post_message(StoreChanged())

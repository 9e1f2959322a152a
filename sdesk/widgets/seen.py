"""A key means what its agent saw: a refresh that takes a row from under the cursor is not for keys on their way."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from textual.message import Message
from textual.widget import Widget

from sdesk.messages import StoreChanged


class Seen(Widget):
    """Mixed into a list with a cursor. When a refresh leaves out what stood under the cursor, the list
    says how it is put back (`lost`); a key that was pressed before that was painted, or so soon
    after that nobody can have seen it, then finds it there."""

    reaction = 0.25
    """Seconds that pass at least between what an agent sees and the key for it."""
    _put_back: Callable[[], None] | None = None
    _seen_at = inf

    @property
    def is_seen(self) -> bool:
        """What stands there now has been painted."""
        return self._put_back is None or self._seen_at < inf

    def lost(self, put_back: Callable[[], None] | None) -> None:
        """What was under the cursor is not there any more; None: it is, or was taken on purpose."""
        self._put_back, self._seen_at = put_back, inf
        if put_back is not None:
            self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        self._seen_at = Message().time

    def as_seen(self, pressed: float) -> None:
        """Show what stood there when the key was pressed; the next reading leaves it out again."""
        put_back = self._put_back
        if put_back is not None and pressed < self._seen_at + self.reaction:
            self._put_back = None
            put_back()
            self.screen.post_message(StoreChanged())

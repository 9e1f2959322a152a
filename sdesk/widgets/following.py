"""A list follows what is typed, in its own time; what is done with the list waits until it has.

Everything that finds by a typed text has one of these: an act means the text as it stands when the
key is pressed, never the answer to an earlier piece of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


class Following:
    """`typed` says the text as it stands; `find` sets going what finds it, at once or later, and ends
    in `stands` with the same text, or in `failed`."""

    def __init__(self, typed: Callable[[], str], find: Callable[[str], None]) -> None:
        self._typed, self._find = typed, find
        self._asked: str | None = None
        self._shown: str | None = None
        """The text whose answer stands in the list."""
        self._acts: deque[Callable[[], None]] = deque()

    @property
    def is_behind(self) -> bool:
        """The list shows the answer to another text."""
        return self._shown != self._typed()

    @property
    def is_waiting(self) -> bool:
        """Something is to be done as soon as the list has followed: keys wait until it is."""
        return bool(self._acts)

    def follow(self) -> None:
        """Find the text as it stands, unless that is being done or has been."""
        if (typed := self._typed()) != self._asked:
            self._asked = typed
            self._find(typed)

    def then(self, act: Callable[[], None]) -> None:
        """Do it when the list shows the answer to the text as it stands: now, if it does."""
        self._acts.append(act)
        self._go_on()

    def stands(self, typed: str) -> None:
        """The list shows the answer to this text."""
        self._asked = self._shown = typed
        self._go_on()

    def failed(self, typed: str) -> None:
        """There is no answer: what waited for it is not done; the next act asks again."""
        if typed == self._asked:
            self._asked = self._shown = None
            self.forget()

    def forget(self) -> None:
        """Nothing is to be done any more."""
        self._acts.clear()

    def _go_on(self) -> None:
        while self._acts:
            if self.is_behind:
                self.follow()
            if self.is_behind or not self._acts:
                return
            self._acts.popleft()()

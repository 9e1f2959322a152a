"""A terminal as Textual sees it: it takes frames and requests, and tells what to send to the real one."""

from __future__ import annotations

from sdesk.terminal.cells import Cells
from sdesk.terminal.difference import Difference
from sdesk.terminal.sequences import (
    ENTERS,
    LEAVES,
    SYNC_BEGINS,
    SYNC_ENDS,
    Painter,
    request,
)
from sdesk.terminal.styles import Styles

AT_ONCE = 1_000
"""Characters of an output from which the terminal is asked to show it in one go, if it can."""
_LATEST_ONLY = frozenset({"bell", "call", "title", "clipboard", "pointer"})
"""Requests of which only the last counts while the line is stalled."""


class Display:
    """Not safe for threads: the driver holds a lock around it."""

    def __init__(
        self, width: int, height: int, *, erases_coloured: bool = True, scrolls: bool = True
    ) -> None:
        self._styles = Styles()
        self.cells = Cells(width, height)
        self._painter = Painter(self.cells, self._styles)
        self._difference = Difference(
            self._styles, erases_coloured=erases_coloured, scrolls=scrolls
        )
        self._requests: list[tuple[str, str]] = []
        self._is_painted = False
        """A frame has come that the terminal doesn't show yet."""
        self._syncs = False
        """The terminal holds its picture between the two sync marks: Textual asks, and uses them if so."""

    @property
    def waits(self) -> bool:
        """Whether there is something to send."""
        return self._is_painted or bool(self._requests)

    @property
    def is_redrawn(self) -> bool:
        """All rows have been drawn since the last sending: another screen, of which the parts that
        are laid out or read a moment later are still to come."""
        return len(self.cells.touched) >= self.cells.height

    def take(self, text: str) -> bool:
        """Take what Textual writes; whether it was a request, which goes out at once."""
        kind = request(text)
        if not kind:
            self._painter.paint(text)
            self._is_painted = True
        elif text in (SYNC_BEGINS, SYNC_ENDS):
            self._syncs = True
        else:
            self._pass(kind, text)
            return True
        return False

    def _pass(self, kind: str, text: str) -> None:
        if text == LEAVES:
            self._is_painted = False
            self._requests.append(("style", "\x1b[m"))
        if text in (ENTERS, LEAVES):
            self._difference.lose()
        if kind in _LATEST_ONLY:
            self._requests = [entry for entry in self._requests if entry[0] != kind]
        self._requests.append((kind, text))

    def resize(self, width: int, height: int) -> None:
        """Textual lays out for another size from now on."""
        if (width, height) != (self.cells.width, self.cells.height):
            self.cells.resize(width, height)
            self._difference.lose()

    def lose(self) -> None:
        """What the terminal shows is not known any more: the next frame is written whole."""
        self._difference.lose()

    def repaint(self) -> None:
        """Write the whole picture again, now."""
        self._difference.lose()
        self._is_painted = True

    def send(self) -> str:
        """All that the terminal lacks; it has it afterwards."""
        sent = "".join(text for _, text in self._requests)
        self._requests.clear()
        if not self._is_painted:
            return sent
        self._is_painted = False
        frame = self._difference.to(self.cells)
        if self._syncs and len(frame) >= AT_ONCE:
            frame = f"{SYNC_BEGINS}{frame}{SYNC_ENDS}"
        return sent + frame

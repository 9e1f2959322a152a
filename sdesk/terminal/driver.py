"""Drivers for Textual: one that outlives what a terminal may send, and one that writes differences."""

from __future__ import annotations

import codecs
import os
import threading
from typing import TYPE_CHECKING, Any

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize

from sdesk.terminal.display import Display
from sdesk.terminal.outlet import Outlet
from sdesk.terminal.sequences import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.message import Message


class SafeDriver(LinuxDriver):
    """Textual's driver, which passes on only what it knows, and whose input thread doesn't die of bytes
    that are no UTF-8.

    PuTTY set to Latin-1 sends them for every umlaut, and X10 mouse reports right of column 95. They
    arrive as U+FFFD, which no command is bound to and `clean` shows for what it is.
    """

    def write(self, data: str) -> None:
        super().write(harmless(data))

    def run_input_thread(self) -> None:
        with _Forgiving():
            super().run_input_thread()


class DifferenceDriver(SafeDriver):
    """Keeps the screen as cells and writes only what the terminal doesn't show yet.

    Textual draws into a `Display`, which is asked for the difference whenever the terminal has
    taken the one before. A terminal that takes nothing holds up neither the desk nor a timer.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        width, height = super()._get_terminal_size()
        self._display = Display(width, height, erases_coloured=erases_coloured(os.environ))
        self._out: Any = self._file
        self._outlet: Outlet | None = None
        # Reentrant: a signal may stop the driver while the same thread is drawing.
        self._lock = threading.RLock()

    def start_application_mode(self) -> None:
        if self._outlet is not None:  # continued by a signal without having been suspended by one
            self._outlet.stop()
        self._outlet = Outlet(self._out.fileno(), self._to_send)
        self._outlet.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def write(self, data: str) -> None:
        if self._outlet is None:
            return
        with self._lock:
            self._display.resize(*self._app.size)
            at_once = self._display.take(data)
        if at_once:
            self._outlet.wake()

    def flush(self) -> None:
        """Textual calls it at the end of every frame."""
        if self._outlet is None:
            return
        if self._display.is_redrawn:
            self._outlet.wake()
        else:
            self._outlet.hurry()

    def repaint(self) -> None:
        """Write the whole screen again: something else has written on it."""
        with self._lock:
            self._display.repaint()
        self.flush()

    def close(self) -> None:
        super().close()
        if self._outlet is not None:
            self._outlet.stop()
            self._outlet = None

    def process_message(self, message: Message) -> None:
        if isinstance(message, Resize):
            self._lose()
        super().process_message(message)

    def _get_terminal_size(self) -> tuple[int, int]:
        # Asked at the start and whenever the size changes, when terminals crop or wrap what they show.
        self._lose()
        return super()._get_terminal_size()

    def _lose(self) -> None:
        with self._lock:
            self._display.lose()

    def _to_send(self) -> bytes:
        with self._lock:
            return self._display.send().encode(self._out.encoding or "utf-8", "replace")


def erases_coloured(environ: Mapping[str, str]) -> bool:
    """Whether erased cells get the current background there: everywhere but in GNU screen and old terminals."""
    if environ.get("TMUX"):
        return True
    return not environ.get("TERM", "").startswith(("screen", "vt", "dumb", "eterm", "ansi"))


class _Forgiving:
    """While it stands, the driver's module gets a decoder that replaces instead of raising."""

    def __enter__(self) -> None:
        vars(linux_driver)["getincrementaldecoder"] = forgiving_decoder

    def __exit__(self, *_: object) -> None:
        vars(linux_driver)["getincrementaldecoder"] = codecs.getincrementaldecoder


def forgiving_decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    """Like `codecs.getincrementaldecoder`, but the decoder replaces what it can't read."""
    made = codecs.getincrementaldecoder(encoding)
    return lambda: made(errors="replace")

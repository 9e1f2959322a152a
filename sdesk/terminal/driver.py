"""A terminal driver that outlives what a terminal may send."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from collections.abc import Callable


class SafeDriver(LinuxDriver):
    """Textual's driver, whose input thread doesn't die of bytes that are no UTF-8.

    PuTTY set to Latin-1 sends them for every umlaut, and X10 mouse reports right of column 95. They
    arrive as U+FFFD, which no command is bound to and `clean` shows for what it is.
    """

    def run_input_thread(self) -> None:
        with _Forgiving():
            super().run_input_thread()


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

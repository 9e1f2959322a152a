"""The outlet: what the terminal takes is written at once, the rest in order by the thread."""

from __future__ import annotations

import os
import pty
import termios
import tty
from collections.abc import Iterator

import pytest

from sdesk.terminal.outlet import Outlet

FRAMES = [bytes([65 + number % 26]) * 3_000 for number in range(60)]


@pytest.fixture
def line() -> Iterator[tuple[int, int]]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, slave
    os.close(master)
    os.close(slave)


def read(master: int, count: int) -> bytes:
    found = b""
    while len(found) < count:
        found += os.read(master, 65_536)
    return found


def test_a_frame_is_written_by_whoever_hurries(line: tuple[int, int]) -> None:
    master, slave = line
    waiting = [b"frame"]
    outlet = Outlet(slave, lambda: waiting.pop() if waiting else b"")  # its thread isn't started
    outlet.hurry()
    assert read(master, 5) == b"frame"


def test_a_terminal_that_takes_nothing_holds_nobody_up_and_gets_all_in_order(
    line: tuple[int, int],
) -> None:
    master, slave = line
    waiting = list(FRAMES)
    outlet = Outlet(slave, lambda: waiting.pop(0) if waiting else b"")
    outlet.start()
    termios.tcflow(slave, termios.TCOOFF)
    for _ in FRAMES:
        outlet.hurry()
    termios.tcflow(slave, termios.TCOON)
    assert read(master, sum(map(len, FRAMES))) == b"".join(FRAMES)
    outlet.stop()


def test_what_is_no_terminal_is_written_by_the_thread() -> None:
    reader, writer = os.pipe()
    waiting = [b"frame"]
    outlet = Outlet(writer, lambda: waiting.pop() if waiting else b"")
    outlet.start()
    outlet.hurry()
    assert read(reader, 5) == b"frame"
    outlet.stop()
    os.close(reader)
    os.close(writer)

"""A line that nobody reads: the desk goes on, and shows the newest picture when it moves again."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.meter import Terminal
from sdesk.terminal.outlet import Outlet

PROGRAM = """
import sys
from pathlib import Path
from rich.text import Text
from textual.app import App
from textual.widgets import Input, Static
from sdesk.terminal.driver import DifferenceDriver

class Ticking(App):
    ENABLE_COMMAND_PALETTE = False
    ticks = 0
    def compose(self):
        yield Static()
        yield Input(id="line")
    def on_mount(self):
        self.set_interval(0.005, self.tick)
    def tick(self):
        self.ticks += 1
        letter = "abcdefghij"[self.ticks % 10]
        body = letter * (self.size.width * (self.size.height - 5))
        self.query_one(Static).update(Text(f"tick {self.ticks}.\\n{body}"))
        Path(sys.argv[1]).write_text(str(self.ticks))
    def on_key(self, event):
        if event.key == "f5":
            with self.suspend():
                print("outside", flush=True)
        if event.key == "f6":
            raise RuntimeError("a bug")
    def on_input_submitted(self):
        self.exit()

app = Ticking(driver_class=DifferenceDriver)
app.run()
sys.exit(app.return_code)
"""


@pytest.fixture
def ticking(tmp_path: Path) -> Iterator[tuple[Terminal, Path]]:
    program, ticks = tmp_path / "ticking.py", tmp_path / "ticks"
    program.write_text(PROGRAM)
    ticks.write_text("0")
    argv = [sys.executable, str(program), str(ticks)]
    with Terminal(argv, env={"PYTHONPATH": str(Path(__file__).parents[2])}) as terminal:
        yield terminal, ticks


def ticked(path: Path) -> int:
    return int(path.read_text() or 0)


def test_an_unread_terminal_holds_nothing_up_and_nothing_is_lost(
    ticking: tuple[Terminal, Path],
) -> None:
    terminal, ticks = ticking
    terminal.wait("tick 3")
    begun = ticked(ticks)
    while ticked(ticks) < begun + 250:  # Textual's own driver stops after thirty frames
        threading.Event().wait(0.02)
    before = len(terminal.raw)
    terminal.wait(lambda text: shown(text) >= begun + 250)
    assert len(terminal.raw) - before < 100_000, "frames had queued up"
    terminal.send("typed")
    terminal.wait("typed")
    terminal.send("enter")
    assert terminal.ended() == 0
    assert b"\x1b[?1049l\x1b[?25h" in terminal.raw


def shown(text: str) -> int:
    found = re.search(r"tick (\d+)\.", text)
    return int(found[1]) if found else 0


def test_around_another_program_the_screen_is_given_back_and_drawn_again(
    ticking: tuple[Terminal, Path],
) -> None:
    terminal, _ = ticking
    terminal.wait("tick 3")
    os.write(terminal._fd, b"\x1b[15~")
    terminal.wait(lambda _: b"outside" in terminal.raw)
    away = bytes(terminal.raw).split(b"outside", 1)
    assert away[0].count(b"\x1b[?1049h") == away[0].count(b"\x1b[?1049l") == 1

    def back() -> bytes:
        return bytes(terminal.raw).split(b"outside", 1)[1]

    terminal.wait(lambda _: b"\x1b[J" in back())
    assert b"\x1b[?1049h" in back().split(b"\x1b[J")[0]
    behind = shown(terminal.text)
    terminal.wait(lambda text: shown(text) > behind)
    assert "outside" not in terminal.text


def test_after_a_crash_the_terminal_is_as_it_was(ticking: tuple[Terminal, Path]) -> None:
    terminal, _ = ticking
    terminal.wait("tick 3")
    os.write(terminal._fd, b"\x1b[17~")
    assert terminal.ended() == 1
    left = bytes(terminal.raw).rpartition(b"\x1b[?1049l")
    assert b"a bug" in left[2]
    for mode in (b"1000", b"2004", b"1004"):
        assert terminal.raw.rfind(b"\x1b[?%bl" % mode) > terminal.raw.rfind(b"\x1b[?%bh" % mode)
    assert terminal.raw.rfind(b"\x1b[?25h") > terminal.raw.rfind(b"\x1b[?25l")


def test_a_terminal_that_is_gone_ends_the_thread() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    outlet = Outlet(writer, lambda: b"x")
    outlet.start()
    outlet.wake()
    outlet.stop()
    assert outlet.is_broken
    os.close(writer)


def test_what_is_left_is_sent_before_the_end() -> None:
    reader, writer = os.pipe()
    left = [b"last", b"but one "]
    outlet = Outlet(writer, lambda: left.pop() if left else b"")
    outlet.start()
    outlet.stop()
    assert os.read(reader, 100) == b"but one last"
    os.close(reader)
    os.close(writer)

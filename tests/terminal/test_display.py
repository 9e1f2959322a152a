"""What passes to the terminal and what doesn't, and how few bytes a change costs."""

from __future__ import annotations

import random
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.frames import Painter, Terminal
from sdesk.terminal.display import Display
from sdesk.terminal.driver import erases_coloured
from sdesk.terminal.styles import ATTRIBUTES, PLAIN, Styles
from tests.conftest import examples
from tests.each import each

PASSES = (
    "\x07", "\x1b[?1049h", "\x1b[?1000h", "\x1b[?1003l", "\x1b[?25l", "\x1b[?2004h", "\x1b[?7l", "\x1b[?1016h",
    "\x1b[?2026$p", "\x1b[?2048$p", "\x1b[>25u", "\x1b[<u", "\x1b]0;sdesk\x07", "\x1b]22;default\x07",
    "\x1b]52;c;aGVsbG8=\x07",
)  # fmt: skip
HOSTILE = (
    "\x1b]52;c;ZXZpbA==\x07", "\x1b]0;title\x1b\\", "\x1bP+q544e\x1b\\", "\x1b_Gf=100;AAAA\x1b\\", "\x1b[5n", "\x1b[c",
    "\x1b[6n", "\x1b[?1049l", "\x1b[21t", "\x1b[2J", "\x1b[?5h", "\x1bc", "\x1b#8", "\x1b(0", "\x9b31m", "\x90q\x9c",
    "\x0e", "\x08\x08", "\x07", "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\", "\x1b]52;c;aGVs", "\x1b[1;2;",
    "\x1b[200~", "\x1b[>4;2m", "\x1b[38;2;1;2m", "\x1b[4:3m", "\u202e", "\x00", "\x7f",
)  # fmt: skip
SAID = re.compile(r"(?:\x1b\[[0-9;]*[mHCGKJXMLr]|\x1b\[\d*D|\r\n?|[^\x00-\x1f\x7f-\x9f])*")
"""All that a difference may consist of."""


def painted(display: Display, *frames: str) -> str:
    for frame in frames:
        display.take(frame)
    return display.send()


@each("request_", PASSES)
def test_a_known_request_passes_whole(request_: str) -> None:
    display = Display(20, 4)
    assert display.take(request_)
    assert display.send() == request_


@each("text", HOSTILE)
def test_within_a_frame_nothing_but_cells_passes(text: str) -> None:
    sent = painted(Display(40, 4), f"\x1b[1;1Hbefore {text} after\x1b[0m\n\x1b[2;1Hnext")
    assert SAID.fullmatch(sent)
    shown = Terminal(40, 4)
    shown.feed(sent)
    assert shown.screen.display[0].startswith("before ")
    assert shown.screen.display[1].startswith("next")


@settings(max_examples=examples(75), deadline=None)
@given(st.text(alphabet=st.sampled_from("\x1b[]()#?>;:0123456789mHJK52c\x07\\P_^\x9b\x9c\x90\r\n\t aé漢\u0301\u200d\ufe0f")))  # fmt: skip
def test_no_text_drives_the_terminal(text: str) -> None:
    """Without a request of its own, whatever comes is drawn or dropped."""
    assert SAID.fullmatch(painted(Display(30, 5), "\x1b[1;1H" + text))


def test_a_title_is_no_way_in() -> None:
    display = Display(20, 4)
    display.take("\x1b]0;a\x1b[5nb\x07")
    assert "\x1b[5n" not in display.send()


def test_nothing_new_is_nothing_sent() -> None:
    display = Display(80, 24)
    frame = Painter(random.Random(1), 80, 24).whole() + "\x1b[3;4H"
    assert painted(display, frame)
    assert painted(display, frame) == ""


def test_the_cursor_stands_where_textual_put_it() -> None:
    display = Display(40, 5)
    painted(display, "\x1b[1;1Hword\x1b[1;5H")
    assert painted(display, "\x1b[3;9H") == "\x1b[3;9H"


def test_a_list_that_moves_is_moved_by_the_terminal() -> None:
    display = Display(80, 24)
    chance = random.Random(1)
    rows = [f"SD-{chance.random():.16f} {chance.random():.16f}{' ' * 20}" for _ in range(30)]
    frames = ["".join(f"\x1b[{y + 3};1H{rows[y + by]}" for y in range(18)) for by in range(4)]
    painted(display, "\x1b[1;1Hhead\x1b[24;1Hfoot", frames[0])
    up = painted(display, frames[1])
    assert up.startswith("\x1b[3;20r\x1b[3H\x1b[M\x1b[r")
    assert len(up) < 80
    assert "\x1b[2M" in painted(display, frames[3])
    assert "\x1b[3L" in painted(display, frames[0])


def test_colours_are_named_once_where_that_is_shorter() -> None:
    """A footer of keys and words in two colours is written in two goes."""
    keys = "".join(f"\x1b[1;38;2;95;200;215m{key} \x1b[0m\x1b[38;2;139;151;168mlabel  \x1b[0m" for key in "abcdefg")  # fmt: skip
    sent = painted(Display(80, 2), f"\x1b[2;1H{keys}")
    assert len(re.findall(r"38;2", sent)) == 2


def test_after_leaving_and_coming_back_all_is_written_again() -> None:
    """As around $EDITOR: what stood there before is not relied on."""
    display = Display(40, 5)
    painted(display, "\x1b[?1049h", "\x1b[1;1Hhello")
    display.take("\x1b[1;1Hnever seen")
    assert painted(display, "\x1b[?1049l", "\x1b[?25h") == "\x1b[m\x1b[?1049l\x1b[?25h"
    sent = painted(display, "\x1b[?1049h", "\x1b[2;1Hworld")
    assert "\x1b[J" in sent
    assert "never seen" in sent
    assert "world" in sent


def test_another_size_is_written_whole() -> None:
    display = Display(40, 5)
    painted(display, "\x1b[1;1Hhello 漢\x1b[5;1Hlast")
    display.resize(7, 3)
    shown = Terminal(7, 3)
    shown.feed(painted(display, "\x1b[2;1Hnew"))
    assert [line.rstrip() for line in shown.screen.display] == ["hello", "new", ""]


def test_a_bell_rings_once_however_long_the_line_was_stalled() -> None:
    display = Display(40, 5)
    assert painted(display, *["\x07"] * 50) == "\x07"


def test_long_outputs_are_shown_in_one_go_where_the_terminal_can() -> None:
    display = Display(80, 24)
    painter = Painter(random.Random(2), 80, 24)
    sent = painted(display, "\x1b[?2026h", painter.whole(), "\x1b[?2026l")
    assert sent.startswith("\x1b[?2026h")
    assert sent.endswith("\x1b[?2026l")
    assert "2026" not in painted(display, "\x1b[?2026h", "\x1b[1;1Hx", "\x1b[?2026l")


@each("text", ["👩‍💻 work", "🇳🇴 flag", "❤️ heart", "👍🏽 thumb"])
def test_behind_a_character_of_doubtful_width_places_are_absolute(text: str) -> None:
    sent = painted(Display(40, 2), f"\x1b[1;1H{text}")
    assert re.search(r"\x1b\[\d+G|\x1b\[1?;?\d*H", sent.split(text[0], 1)[1])


def test_a_row_with_one_is_written_to_its_end() -> None:
    display = Display(40, 2)
    painted(display, "\x1b[1;1Hstart ❤️ and the rest")
    assert "and the rest" in painted(display, "\x1b[1;7H\x1b[31m❤️\x1b[0m")
    assert "rest" not in painted(display, "\x1b[1;1HStart")


codes = st.sampled_from([*map(str, ATTRIBUTES), "31", "92", "38;5;200", "38;2;1;2;3", "44", "48;5;9", "48;2;9;9;9", "39", "49", "22", "24", "27", "55"])  # fmt: skip


@given(st.lists(codes, max_size=5), st.lists(codes, max_size=5))
def test_the_shortest_change_of_style_leads_there(old: list[str], new: list[str]) -> None:
    styles = Styles()
    first, second = (styles.after(PLAIN, ";".join(each)) if each else PLAIN for each in (old, new))
    change = styles.change(first, second)
    assert change == "" if first == second else styles.after(first, change[2:-1]) == second
    whole = styles.change(None, second)
    assert styles.after(first, whole[2:-1]) == second
    assert len(change) <= len(whole)


@each(
    ("environ", "expected"),
    [({"TERM": "xterm-256color"}, True), ({"TERM": "screen"}, False), ({"TERM": "screen-256color", "TMUX": "x"}, True), ({"TERM": "vt100"}, False)],
)  # fmt: skip
def test_colour_is_erased_with_only_where_terminals_do(environ: dict[str, str], expected: bool) -> None:  # fmt: skip
    assert erases_coloured(environ) is expected

"""What calls the person at the terminal, and what nobody can smuggle through it."""

from __future__ import annotations

from sdesk.terminal.display import Display
from sdesk.terminal.ringing import sequence
from sdesk.terminal.sequences import request
from tests.each import each

HOSTILE = (
    "4;1;50", "a\x07\x1b]52;c;eA==\x07", "\x1b]0;owned\x1b\\", "x;\x1b[2J", "\x9d52;c;eA==\x9c", "\u202eback",
    "notify;more;less", "x" * 900, "", "\n\r\t", "\udcff",
)  # fmt: skip


@each("how", ["osc9", "osc777"])
@each("text", HOSTILE)
def test_no_text_ends_its_notification_or_becomes_another(how: str, text: str) -> None:
    sent = sequence(how, "sdesk", text)
    assert request(sent) == "call"
    inside = sent.removeprefix("\x1b]").removesuffix("\x07")
    assert inside.isprintable()
    assert inside.count(";") == (1 if how == "osc9" else 3)
    assert len(inside) < 300


@each("text", HOSTILE)
def test_a_title_is_no_way_in_either(text: str) -> None:
    assert sequence("osc777", text, "x").count(";") == 3


def test_a_bell_is_one_byte_and_off_is_none() -> None:
    assert sequence("off", "sdesk", "x") == ""
    assert sequence("bell", "sdesk", "x") == "\a"
    assert sequence("osc9", "sdesk", "x", tmux=True) == "\a"
    assert sequence("osc777", "sdesk", "x", spare=True) == "\a"
    assert sequence("osc9", "sdesk", "SD-1: due") == "\x1b]9;sdesk: SD-1: due\a"


@each(
    "sent",
    [
        "\x1b]9;4;1;50\x07", "\x1b]9;4\x07", "\x1b]9;a\x1b\\", "\x1b]9;a;b\x07", "\x1b]99;i=1;x\x07",
        "\x1b]777;precmd\x07", "\x1b]777;notify;a;b;c\x07", "\x1b]9;a\x07\x1b]9;b\x07", "\x1b]9;\x9b2J\x07",
    ],
)  # fmt: skip
def test_nothing_else_of_these_sequences_reaches_a_terminal(sent: str) -> None:
    assert request(sent) == ""
    display = Display(80, 24)
    display.take(sent)
    assert "\x1b]" not in display.send()


def test_only_the_last_notification_waits_for_a_stalled_line() -> None:
    display = Display(80, 24)
    for text in ("one", "two"):
        assert display.take(sequence("osc9", "sdesk", text))
    assert display.send() == "\x1b]9;sdesk: two\a"

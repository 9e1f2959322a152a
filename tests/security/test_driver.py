"""The third layer: whoever writes what to the driver, a terminal gets what the driver knows."""

from __future__ import annotations

import os
import unicodedata
from types import SimpleNamespace
from typing import Any

import pytest
from textual.geometry import Size

from sdesk import text
from sdesk.terminal.clean import HARMFUL
from sdesk.terminal.driver import DifferenceDriver, SafeDriver
from sdesk.terminal.ringing import sequence
from tests.e2e.hostile import HOSTILE
from tests.each import each
from tests.security.strict import JOINERS, is_harmful, refused, scrambled

ROUNDS = int(os.environ.get("SDESK_SCRAMBLED", "2000"))
FRAMES = ("{}", "\x1b[2;1H\x1b[1;31m{}\x1b[0m", "\x1b[1;1H{}\n\x1b[31mnext\x1b[0m", "a{}b")
REQUESTS = (
    "\x07", "\x1b[?1049h", "\x1b[?2026$p", "\x1b[>25u", "\x1b[<u", "\x1b]0;sdesk\x07", "\x1b]22;pointer\x07",
    "\x1b]52;c;aGVsbG8=\x07", "\x1b]9;SD-1: late\x07", "\x1b]777;notify;SD-1;late\x07",
)  # fmt: skip


def _made(kind: type[SafeDriver]) -> Any:
    """A driver that stands alone: no thread, no terminal."""
    driver = kind.__new__(kind)
    vars(driver)["_app"] = SimpleNamespace(size=Size(80, 24))
    return driver


class Plain:
    """The driver of `driver = "plain"`."""

    def __init__(self) -> None:
        self._driver = _made(SafeDriver)
        self._sent: list[str] = []
        self._driver._writer_thread = SimpleNamespace(write=self._sent.append)

    def send(self, data: str) -> str:
        self._sent.clear()
        self._driver.write(data)
        return "".join(self._sent)


class Differing:
    """The driver as it comes."""

    def __init__(self) -> None:
        import threading

        from sdesk.terminal.display import Display

        self._driver = _made(DifferenceDriver)
        self._driver._display = Display(80, 24)
        self._driver._lock = threading.RLock()
        self._driver._out = SimpleNamespace(encoding="utf-8")
        self._driver._outlet = SimpleNamespace(wake=lambda: None)

    def send(self, data: str) -> str:
        self._driver.write(data)
        sent: bytes = self._driver._to_send()
        return sent.decode()


Way = Plain | Differing


@pytest.fixture(params=[Plain, Differing], ids=["plain", "differences"])
def way(request: pytest.FixtureRequest) -> Way:
    made: Way = request.param()
    return made


def test_a_terminal_gets_none_of_the_hostile_strings_in_any_kind_of_frame(way: Way) -> None:
    for given in HOSTILE:
        for frame in FRAMES:
            sent = way.send(frame.format(given[:5_000]))
            assert not refused(sent), (given[:80], sent[:200])


def test_a_terminal_gets_nothing_else_from_thousands_of_scrambled_sequences(way: Way) -> None:
    for seed in range(ROUNDS):
        given = scrambled(seed)
        sent = way.send(FRAMES[seed % len(FRAMES)].format(given))
        assert not refused(sent), (seed, given, sent)


def test_the_desks_own_requests_pass_whole(way: Way) -> None:
    for given in REQUESTS:
        assert way.send(given) == given


@pytest.mark.parametrize(
    "given",
    [
        "\x1b]0;a\u202eb\x07", "\x1b]0;a;b\x07", "\x1b]777;notify;a;b;c\x07", "\x1b]9;4;1;50\x07", "\x1b]52;c;?\x07",
        "\x1b]52;p;aGk=\x07", "\x1b]8;;x\x07", "\x1b[6n", "\x1b[?1h", "\x1b[?9999h", "\x1bc", "\x1b[2J\x07", "\x1bPq\x1b\\",
        "\x1b]0;a\x1b]52;c;aGk=\x07", "\x1b]9;a\u200bb\x07",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_request_does_not_pass(way: Way, given: str) -> None:
    sent = way.send(given)
    assert given not in sent
    assert not refused(sent), sent


@each("how", ["osc9", "osc777"])
def test_a_notification_carries_no_sequence_of_its_text(how: str) -> None:
    for given in (*HOSTILE, *map(scrambled, range(500))):
        for title, said in ((given, "x"), ("SD-1", given)):
            called = sequence(how, title, said)
            assert not refused(called), (given[:80], called)


def test_all_layers_agree_on_what_is_harmful() -> None:
    every = [chr(code) for code in (*range(0x20000), *range(0xE0000, 0xE1001))]
    harmful = [char for char in every if is_harmful(char)]
    assert [c for c in harmful if c in text.clean(f"a{c}b") and c not in "\n\t"] == []
    assert [c for c in harmful if not HARMFUL.match(c)] == []
    lost = [c for c in every if HARMFUL.match(c) and text.clean(f"a{c}b") == f"a{c}b"]
    assert set(lost) <= set("\n\t")
    shown = [c for c in every if HARMFUL.match(c) and unicodedata.category(c)[0] in "LNPS"]
    assert {unicodedata.name(c, "").rpartition(" ")[2] for c in shown} <= {"FILLER"}
    assert all(text.clean(f"a{c}b") == f"a{c}b" for c in JOINERS)

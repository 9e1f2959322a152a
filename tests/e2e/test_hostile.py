"""Text from outside as subject, person, tag and body: none of its control bytes reaches the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.meter import Terminal
from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import SdeskError
from sdesk.model import PersonId
from sdesk.store.archive import settle
from sdesk.text import clean_line
from tests.conftest import fresh_store
from tests.e2e.conftest import Run
from tests.e2e.hostile import HOSTILE
from tests.each import each

SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X].*?(?:\x1b\\|\x07)|[ -/]*[0-~])", re.S)
OURS = re.compile(
    rb"\x1b(?:\[[0-9;:]*[ABCDGHJKLMPSTXdmr@]|\[\?[0-9;]*(?:[hl]|\$p)|\[[<>=][0-9;]*u|\][0-9]+;default\x07)"
)
"""Colours, places, erasing, scrolling, modes: all that the desk itself ever says to a terminal."""
HIDDEN = re.compile(
    "[\x80-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)


def load(desk: Desk) -> int:
    """One ticket a string, with it in every place; returns how many there are."""
    made = 0
    for number, text in enumerate(HOSTILE):
        person = _person(desk, text) or PersonId(1)
        try:
            change = desk.apply(
                None, ops.Open(text[:400] or "x", f"Body: {text}", requester=person)
            )
        except SdeskError:
            continue
        assert change.ticket is not None
        made += 1
        for op in _more(text, number):
            try:
                desk.apply(change.ticket, op)
            except SdeskError:
                continue
    return made


@pytest.fixture(scope="module")
def loaded(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A store that holds them, made once, and how many there are."""
    path = fresh_store(home_template, tmp_path_factory.mktemp("hostile"))
    with Desk.open(path) as desk:
        made = load(desk)
    settle(path)
    return path, made


@pytest.fixture
def home(loaded: tuple[Path, int], tmp_path: Path) -> Path:
    return fresh_store(loaded[0], tmp_path / "desk")


def _person(desk: Desk, text: str) -> PersonId | None:
    try:
        desk.apply(None, ops.SavePerson(text[:150], organization=text[:150]))
    except SdeskError:
        return None
    return max(person.id for person in desk.read.people("", limit=500))


def _more(text: str, number: int) -> Iterator[ops.Op]:
    tag = "".join(c for c in text if not c.isspace() and c not in ',"()')[:50] or f"t{number}"
    for make in (
        lambda: ops.AddTags((tag,)),
        lambda: ops.AddNote(text),
        lambda: ops.Reply(text),
        lambda: ops.SetField("room", text),
        lambda: ops.Wait(reason=text),
    ):
        try:
            yield make()
        except SdeskError:
            continue


def strange(raw: bytes) -> list[object]:
    """What is neither text nor a sequence of ours."""
    found: list[object] = [seq for seq in SEQUENCE.findall(raw) if not OURS.fullmatch(seq)]
    rest = SEQUENCE.sub(b"", raw)
    found += re.findall(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", rest)
    return found + HIDDEN.findall(rest.decode("utf-8", "replace"))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_hostile_text_reaches_no_screen_with_its_controls(
    run: Run, loaded: tuple[Path, int], size: tuple[int, int]
) -> None:
    made = loaded[1]
    assert made > len(HOSTILE) // 2
    terminal = run(columns=size[0], rows=size[1])
    terminal.wait("All")
    terminal.send("6")
    terminal.wait("SD-")
    for _ in range(made // (size[1] - 10) + 1):
        terminal.press("pgdn", quiet=0.05)
    terminal.press("home")
    terminal.press("l")
    terminal.wait("NOTE")
    for turn in range(made if size[1] == 24 else 12):
        terminal.press("J", quiet=0.04)
        if turn % 12 == 0:
            look_closer(terminal)
    terminal.send("q", "g", "s")
    terminal.wait("resolution")
    for key in ("j", "j", "pgdn", "pgdn", "G"):
        terminal.press(key)
    terminal.send("q")
    terminal.wait(lambda text: "All" in text.splitlines()[1])
    terminal.send("/", "ctrl+u", "tag:")
    terminal.settle(0.5)
    assert not strange(bytes(terminal.raw))
    assert terminal.ended(0.1) is None, terminal.text


def look_closer(terminal: Terminal) -> None:
    """History and the clock's ledger, and back to the ticket."""
    terminal.send("H")
    terminal.wait("History of")
    terminal.press("pgdn")
    terminal.send("q")
    terminal.wait(lambda text: "History of" not in text)
    terminal.send("=")
    terminal.wait("The clock of")
    terminal.send("q")
    terminal.wait(lambda text: "The clock of" not in text)


@each(
    "text",
    [
        "\x1b]52;c;eA==\x07",
        "\x1b[6n",
        "\x1bPq\x1b\\",
        "a\x07b",
        "\x9b2J",
        "a\u202eb",
        "\x1b]8;;x\x07",
    ],
)
def test_the_measure_itself_finds_what_it_should(text: str) -> None:
    assert strange(b"\x1b[1;31mours\x1b[0m" + text.encode())
    assert not strange("\x1b[?25l\x1b[38;2;1;2;3mours · ✓\x1b[0m\r\n".encode())


def test_hostile_text_leaves_the_command_line_clean(run: Run, home: Path) -> None:
    with Desk.open(home) as desk:
        refs = [desk.ref(number) for number in desk.read.ids("sort:created")]
    for words in (("ls", "--limit", "200"), ("show", *refs), ("show", "--history", *refs)):
        terminal = run(*words, columns=120, rows=40, draws=False)
        assert terminal.ended(300) == 0, bytes(terminal.raw[-500:])
        assert not strange(bytes(terminal.raw))


def test_the_cleaner_leaves_a_word_of_every_string_that_has_one() -> None:
    assert sum(bool(clean_line(text)) for text in HOSTILE) > len(HOSTILE) // 2

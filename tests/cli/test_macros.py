"""Macros and templates from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk

from .conftest import Sdesk

pytestmark = pytest.mark.usefixtures("store")
PART = """
text = "Ordered {ask.part} for {ref}."
note = true
do = ["wait {ask.days} supplier part", "tag part"]
[ask]
part = "Which part?"
days = "How many days?"
"""


@pytest.fixture
def desk(store: Path) -> Iterator[Desk]:
    with Desk.open(store) as opened:
        yield opened


@pytest.fixture
def two(sdesk: Sdesk) -> list[int]:
    for subject in ("VPN drops", "Printer jams"):
        sdesk("new", subject, "--new-requester", "Mikko Korhonen <mikko@acme.example>")
    return [1, 2]


@pytest.fixture
def part(tmp_path: Path) -> Path:
    path = tmp_path / "part.toml"
    path.write_text(PART, encoding="utf-8")
    return path


def test_a_macro_is_made_shown_changed_and_dropped(sdesk: Sdesk, desk: Desk, part: Path) -> None:
    assert sdesk("macros", "add", "Part", str(part)).status == 0
    macro = next(m for m in desk.read.macros() if m.name == "Part")
    assert macro.acts == ("wait {ask.days} supplier part", "tag part")
    assert macro.asks == (("part", "Which part?"), ("days", "How many days?"))
    shown = sdesk("macros", "show", "part").out
    assert "{requester.first|there} is the" in shown
    part.write_text(shown.replace('"tag part"', '"tag spare"'), encoding="utf-8")
    assert sdesk("macros", "edit", "Part", str(part)).status == 0
    assert "Part\twait {ask.days} supplier part · tag spare" in sdesk("macros").out
    assert sdesk("macros", "add", "Part", str(part)).status == 2
    assert sdesk("macros", "drop", "Part").status == 0
    assert "No macro called 'Part'" in sdesk("macros", "drop", "Part").err


REFUSED = [
    ('text = "Hello {requestr}"', "there is no variable {requestr}. Did you mean 'requester'?"),
    ('do = ["quee network"]', "'quee network' is not known. Did you mean 'queue'?"),
    ('do = ["queue netwrk"]', "No queue called 'netwrk'. Did you mean 'network'?"),
    ('do = ["priority 9"]', "A priority is 1 to 4"),
    ('do = ["resolve solved It works."]', "speaks to the requester unseen"),
    ('text = "{ask.site}"', "there is no variable {ask.site}"),
    ("dos = 1", "'dos' means nothing in a macro. Did you mean 'do'?"),
    ("send = 1", "'send' is true or false"),
    ("text = ", "The file is no TOML"),
    ("", "neither a text nor anything to do"),
]


def test_what_could_not_be_used_is_refused_when_it_is_saved(sdesk: Sdesk, tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    for text, said in REFUSED:
        path.write_text(text, encoding="utf-8")
        done = sdesk("macros", "add", "M", str(path))
        assert done.status == 2
        assert said in " ".join(done.err.split())


def test_a_macro_is_used_on_tickets_with_each_ones_values_as_one_batch(
    sdesk: Sdesk, desk: Desk, part: Path, two: list[int]
) -> None:
    sdesk("macros", "add", "Part", str(part))
    tickets = two
    done = sdesk("macros", "run", "Part", "1", "2")
    assert (done.status, "Which part?" in done.err) == (2, True)
    answers = ("--answer", "part=fan {subject}", "--answer", "days=2d")
    assert sdesk("macros", "run", "Part", "1", "2", *answers).out.split() == ["SD-1", "SD-2"]
    assert [desk.read.conversation(t)[-1].text for t in tickets] == [
        "Ordered fan {subject} for SD-1.",
        "Ordered fan {subject} for SD-2.",
    ]
    assert {desk.read.ticket(t).state for t in tickets} == {"waiting-supplier"}
    sdesk("undo")
    assert {desk.read.ticket(t).state for t in tickets} == {"new"}


def test_a_text_for_the_requester_goes_only_when_that_is_said(
    sdesk: Sdesk, desk: Desk, two: list[int]
) -> None:
    desk.apply(None, ops.SaveMacro("Hello", "Hello {requester.first}"))
    assert "writes to the requesters" in sdesk("macros", "run", "Hello", "1").err
    assert sdesk("macros", "run", "Hello", "1", "--send").status == 0
    assert desk.read.conversation(1)[-1].text == "Hello Mikko"


def test_texts_are_kept_shown_and_dropped(sdesk: Sdesk, desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("Dear {requester}\n", encoding="utf-8")
    assert sdesk("templates", "add", "Dear", str(path), "--mine").status == 0
    assert sdesk("templates", "show", "dear").out == "Dear {requester}\n"
    path.write_text("Dear {reqester}\n", encoding="utf-8")
    assert "Did you mean 'requester'?" in sdesk("templates", "edit", "Dear", str(path)).err
    assert sdesk("templates", "drop", "Dear").status == 0
    assert "Dear" not in [t.name for t in desk.read.templates()]

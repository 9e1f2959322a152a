"""The table of commands: unique, complete, rebindable, documented."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sdesk.errors import Usage
from sdesk.keys import (
    BY_ID,
    COMMANDS,
    STACKS,
    bindings_for,
    check_keymap,
    display_keys,
    markdown,
    on_screen,
    split_keys,
    textual_keymap,
)
from tests.each import each

WANTED = [
    "j",
    "k",
    "g",
    "G",
    "enter",
    "l",
    "h",
    "q",
    "escape",
    "/",
    "n",
    "N",
    "\\",
    ":",
    "space",
    "v",
    "*",
    "o",
    "i",
    "a",
    "s",
    "p",
    "t",
    "T",
    "r",
    "R",
    "c",
    "w",
    "d",
    "y",
    "Y",
    "u",
    "ctrl+r",
    "H",
    "=",
    "[",
    "]",
    "1",
    "9",
    "-",
    "z",
    "O",
    "?",
    "ctrl+p",
    "Q",
    "J",
    "K",
    "!",
    "D",
]


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(COMMANDS)


def test_every_key_of_the_map_is_there() -> None:
    bound = {key for command in COMMANDS for key in command.keys}
    assert not set(WANTED) - bound


def test_no_two_commands_share_a_key_on_any_screen() -> None:
    check_keymap({})


@each("screen", STACKS)
def test_no_key_is_one_that_terminals_fold_or_drop(screen: str) -> None:
    for command in on_screen(screen):
        for key in command.keys:
            assert key not in {"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+j", "ctrl+enter", "shift+enter"}
            assert not key.startswith("alt+")


@each(
    ("keymap", "says"),
    [
        ({"ticket.tke": "x"}, "Did you mean 'ticket.take'?"),
        ({"ticket.take": "a"}, "ticket.assign"),
        ({"ticket.take": "question_mark"}, "help.keys"),
        ({"ticket.take": "alt+x"}, "Esc followed by x"),
        ({"ticket.take": "ctrl+m"}, "terminals don't send"),
        ({"go.mine": "u"}, "go.unassigned"),
        ({"view.nth": "5"}, "has 9 keys"),
        ({"ticket.take": ""}, "there is no key"),
    ],
)
def test_a_keymap_that_can_not_be_is_refused(keymap: dict[str, str], says: str) -> None:
    with pytest.raises(Usage, match=r"\[keys\] line 7") as refused:
        check_keymap(keymap, dict.fromkeys(keymap, 7))
    assert says in str(refused.value)


def test_two_commands_may_swap_their_keys() -> None:
    check_keymap({"ticket.take": "a", "ticket.assign": "i"})


def test_one_key_may_mean_two_things_on_two_screens_only_where_the_table_says_so() -> None:
    check_keymap({"ticket.previous": "n"})
    with pytest.raises(Usage):
        check_keymap({"ticket.previous": "r"})


def test_keys_are_shown_as_people_read_them() -> None:
    assert display_keys(BY_ID["list.down"]) == "j ↓"
    assert display_keys(BY_ID["go.mine"]) == "g m"
    assert display_keys(BY_ID["go.mine"], {"go.menu": "x", "go.mine": "e"}) == "x e"
    assert display_keys(BY_ID["view.nth"]) == "1-9"
    assert display_keys(BY_ID["ticket.open"]) == "Enter l"


def test_a_comma_alone_is_a_key() -> None:
    assert split_keys(",") == (",",)
    assert split_keys("j, down") == ("j", "down")
    assert textual_keymap({"ticket.take": ","}) == {"ticket.take": "comma"}


def test_choices_of_a_menu_are_no_bindings() -> None:
    assert "go.mine" not in {b.id for b in bindings_for("queue")}  # type: ignore[union-attr]
    assert textual_keymap({"go.mine": "x"}) == {}


def test_every_command_has_an_action_on_its_screens() -> None:
    from sdesk.app import SdeskApp
    from sdesk.screens.calendar import CalendarScreen
    from sdesk.screens.queue import QueueScreen
    from sdesk.screens.sla import SlaScreen
    from sdesk.screens.ticket import TicketScreen
    from sdesk.screens.triage import TriageScreen

    classes = {
        "queue": QueueScreen, "sla": SlaScreen, "ticket": TicketScreen, "calendar": CalendarScreen,
        "app": SdeskApp, "triage": TriageScreen,
    }  # fmt: skip
    for command in COMMANDS:
        name = command.action.partition("(")[0]
        for screen in set(command.screens) & set(classes):
            if command.prefix and screen != "queue":
                continue
            assert hasattr(classes[screen], f"action_{name}"), (command.id, screen)


def test_the_table_needs_no_textual() -> None:
    script = "import sdesk.keys, sys; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_docs_hold_the_table() -> None:
    text = (Path(__file__).parents[1] / "docs" / "keys.md").read_text(encoding="utf-8")
    assert markdown() in text, "put the output of sdesk.keys.markdown() into docs/keys.md"


def test_the_docs_name_every_word_of_the_command_line() -> None:
    from sdesk.screens.commands import WORDS

    text = (Path(__file__).parents[1] / "docs" / "keys.md").read_text(encoding="utf-8")
    assert not [name for name in WORDS if f"`:{name}" not in text]

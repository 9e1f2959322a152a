"""Other key maps: every id on a random key, the presets, and the check of what a terminal sends."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import random
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from textual.pilot import Pilot

from sdesk.app import SdeskApp
from sdesk.config import Config
from sdesk.desk import Desk
from sdesk.key_presets import PRESETS
from sdesk.keycheck import Bound, Heard, KeyCheck, bound_keys
from sdesk.keys import BY_ID, COMMANDS, STACKS, check_keymap, effective, keys_of
from sdesk.model import TicketId
from sdesk.screens.desk_screen import is_typing
from sdesk.screens.sla import SlaScreen
from sdesk.screens.ticket import TicketScreen
from tests.each import each
from tests.tui.desk_pilot import LONGEST, at_desk, complaints, frame, settle

Make = Callable[..., TicketId]
NAMES = {
    "!": "exclamation_mark", '"': "quotation_mark", "#": "number_sign", "$": "dollar_sign",
    "%": "percent_sign", "&": "ampersand", "'": "apostrophe", "(": "left_parenthesis",
    ")": "right_parenthesis", "*": "asterisk", "+": "plus", "-": "minus", ".": "full_stop",
    "/": "slash", ":": "colon", ";": "semicolon", "<": "less_than_sign", "=": "equals_sign",
    ">": "greater_than_sign", "?": "question_mark", "@": "at", "[": "left_square_bracket",
    "\\": "backslash", "]": "right_square_bracket", "^": "circumflex_accent", "_": "underscore",
    "`": "grave_accent", "{": "left_curly_bracket", "|": "vertical_line", "}": "right_curly_bracket",
    "~": "tilde",
}  # fmt: skip
"""Keys as the pilot names them."""
POOL = [
    *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", *NAMES,
    *(f"f{number}" for number in range(1, 13)), "insert", "delete", "home", "end", "tab",
    *(f"ctrl+{letter}" for letter in "abefgklnoprtuvwxy"),
]  # fmt: skip


def random_keymap(seed: int) -> dict[str, str]:
    """Every command on keys of its own on each screen where it works."""
    chance = random.Random(seed)
    taken: dict[tuple[str, str], set[str]] = {}
    keymap = {}
    for command in COMMANDS:
        stacks = [
            name for name, scopes in STACKS.items() if any(s in scopes for s in command.screens)
        ]
        used = set[str]().union(*(taken.setdefault((s, command.prefix), set()) for s in stacks))
        free = [key for key in POOL if key not in used]
        chosen = chance.sample(free, len(command.keys) if command.fixed else 1)
        keymap[command.id] = ",".join(chosen)
        for stack in stacks:
            taken[stack, command.prefix] |= set(chosen)
    return keymap


def pressed(keymap: Mapping[str, str], command_id: str) -> str:
    key = keys_of(BY_ID[command_id], keymap)[0]
    return NAMES.get(key, key)


async def work_through(
    app: SdeskApp, pilot: Pilot[None], desk: Desk, ticket: TicketId, keymap: Mapping[str, str]
) -> None:
    """Take, priority 2, tag vpn."""
    await pilot.press(pressed(keymap, "ticket.take"))
    await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ana")
    await pilot.press(pressed(keymap, "ticket.priority"), "2")
    await settle(app, pilot, lambda: desk.read.ticket(ticket).priority == 2)
    await pilot.press(pressed(keymap, "ticket.tags"))
    await settle(app, pilot, lambda: "Tags" in frame(app) and is_typing(app.focused))
    await pilot.press(*"vpn")
    await settle(app, pilot, lambda: "a tag that isn" in frame(app))
    await pilot.press("enter")
    await settle(app, pilot, lambda: desk.read.ticket(ticket).tags == ("vpn",))
    assert not complaints(app)


MAPS = {"random": random_keymap(1), **{name: dict(PRESETS[name]) for name in PRESETS if name != "default"}}  # fmt: skip
"""The default keys are pressed by all other tests."""


@pytest.mark.parametrize("keymap", MAPS.values(), ids=MAPS)
async def test_the_script_passes_on_queue_ticket_and_board(
    desk: Desk, make_ticket: Make, keymap: dict[str, str]
) -> None:
    check_keymap(keymap)
    tickets = [make_ticket(f"Ticket {number}") for number in range(1, 7)]
    async with at_desk(desk, size=(120, 30), config=Config(keys=keymap)) as (app, pilot):
        # In the queue: the view of all, the last of the numbered keys that this desk has.
        nth = keys_of(BY_ID["view.nth"], keymap)[5]
        await pilot.press(NAMES.get(nth, nth))
        await settle(app, pilot, lambda: app.queue_screen.view == 5)
        first = app.queue_screen.listed.cursor_id
        assert first is not None
        await work_through(app, pilot, desk, first, keymap)
        await pilot.press(pressed(keymap, "list.down"))
        second = app.queue_screen.listed.cursor_id
        assert second not in (None, first)
        # In the ticket.
        await pilot.press(pressed(keymap, "ticket.open"))
        await settle(app, pilot, lambda: isinstance(app.screen, TicketScreen))
        assert second is not None
        await settle(app, pilot, lambda: f"Ticket {second}" in frame(app))
        if keymap == PRESETS["arrows"]:
            return  # the act keys are the default ones
        await work_through(app, pilot, desk, second, keymap)
        await pilot.press(pressed(keymap, "ticket.next"))
        await settle(app, pilot, lambda: app.screen.targets() not in ((second,), ()))  # type: ignore[attr-defined]
        await pilot.press(pressed(keymap, "go.back"))
        await settle(app, pilot, lambda: app.screen is app.queue_screen)
        # On the board, by way of the menu.
        await pilot.press(pressed(keymap, "go.menu"), pressed(keymap, "go.sla"))
        await settle(app, pilot, lambda: isinstance(app.screen, SlaScreen) and bool(app.screen.targets()))  # fmt: skip
        board = app.screen
        assert isinstance(board, SlaScreen)
        while board.targets()[0] in (first, second):
            await pilot.press(pressed(keymap, "list.down"))
        await work_through(app, pilot, desk, board.targets()[0], keymap)
    assert len(tickets) == 6


@each("name", PRESETS)
def test_a_preset_names_only_what_exists_and_clashes_nowhere(name: str) -> None:
    check_keymap(effective(name, {}))


def test_an_own_key_goes_over_the_presets() -> None:
    assert effective("mutt", {"ticket.take": "A"})["ticket.take"] == "A"
    assert effective("mutt", {"go.menu": "c"})["go.menu"] == "c"


async def heard(asked: tuple[Bound, ...], *keys: str, wait: float = LONGEST) -> KeyCheck:
    """What comes of these keys; after the last of them it waits so long for another one."""
    check = KeyCheck(asked, wait=LONGEST)
    async with check.run_test() as pilot:
        await pilot.press(*keys[:-1])
        check.wait = wait
        await pilot.press(keys[-1])
        until = time.monotonic() + LONGEST
        while check.is_running and check.left and time.monotonic() < until:
            await asyncio.sleep(0.01)
    return check


async def test_the_check_tells_keys_that_come_as_others_or_not_at_all() -> None:
    asked = tuple(Bound(key, (key,)) for key in ("ctrl+u", "?", "home", "end"))
    check = await heard(asked, "ctrl+u", "question_mark", "a", "a", wait=0.2)
    assert [h.sentence() for h in check.failed] == [
        "Home arrives as a: home",
        "End doesn't arrive: end",
    ]
    assert check.left == 0


async def test_a_slip_is_asked_for_again_and_esc_esc_ends_the_check() -> None:
    asked = tuple(Bound(key, (key,)) for key in ("home", "escape", "j", "k"))
    check = await heard(asked, "a", "home", "escape", "escape", "escape")
    assert (check.failed, check.left) == ([], 2)


def test_what_is_asked_for_is_every_bound_key_once_plain_letters_last() -> None:
    found = [bound.key for bound in bound_keys({})]
    assert len(found) == len(set(found))
    assert {"ctrl+u", "?", "enter", "j", "9"} <= set(found)
    assert found[-1].isalnum()
    assert not found[0].isalnum()
    assert Heard(Bound("ctrl+u", ("list.page_up",)), "").sentence().startswith("ctrl+u doesn't")


def read_some(terminal: int) -> bytes:
    """What is there; nothing when the other end has gone."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def test_the_check_listens_on_a_real_terminal(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    env = {**os.environ, "SDESK_CONFIG": str(tmp_path / "none.toml"), "TERM": "xterm-256color"}
    run = subprocess.Popen(
        [sys.executable, "-m", "sdesk", "keys", "check"],
        stdin=slave, stdout=slave, stderr=slave, env=env,
    )  # fmt: skip
    os.close(slave)
    seen, answers, until = b"", [b"x", b"x", b"\x1b", b"\x1b"], time.monotonic() + 120
    while run.poll() is None and time.monotonic() < until:
        if select.select([master], [], [], 0.2)[0]:
            seen += read_some(master)
        elif answers and b"Esc Esc ends" in seen:
            os.write(master, answers.pop(0))
    while more := read_some(master):
        seen += more
    os.close(master)
    assert run.returncode == 1
    assert b"arrives as x" in seen
    assert b"1 key heard, 1 of them wrong" in seen

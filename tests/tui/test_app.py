"""The app around the screens: writes in order, keymaps, hostile text, quick Esc, leaving."""

from __future__ import annotations

import asyncio
import codecs
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from sdesk import ops
from sdesk.config import Config
from sdesk.desk import Desk
from sdesk.errors import Usage
from sdesk.keys import after
from sdesk.model import TicketId
from sdesk.terminal.ability import detect
from sdesk.terminal.clean import TermSafeFilter
from sdesk.terminal.clipboard import copy
from sdesk.terminal.driver import forgiving_decoder
from sdesk.widgets.status_line import StatusLine

from .desk_pilot import at_desk, frame, listed, settle, told

MakeTicket = Callable[..., TicketId]
HOSTILE = [
    "\x1b]52;c;cm0gLXJmIH4K\x07x",
    "\x9b31mred\x9d0;t\x9c",
    "[/nope]",
    "[@click=app.quit]Invoice[/]",
    "user\u202etxt.exe",
    "a\x00b\x07c\rd",
    "[red on red]invisible[/]",
]


async def test_sixty_quick_writes_stay_in_the_order_of_the_keys(
    desk: Desk, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        for n in range(60):
            app.start([ticket], ops.AddNote(f"note {n}"))
        await settle(app, pilot, lambda: len(desk.read.conversation(ticket)) >= 61)
    notes = [e.text for e in desk.read.conversation(ticket) if e.text.startswith("note ")]
    assert notes == [f"note {n}" for n in range(60)]


async def test_leaving_waits_for_the_write_under_way(
    desk: Desk, make_ticket: MakeTicket, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = make_ticket()
    real = desk.apply
    begun, go_on = asyncio.Event(), __import__("threading").Event()

    def slow(*args: object, **options: object) -> object:
        app_loop.call_soon_threadsafe(begun.set)
        go_on.wait(60)
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(desk, "apply", slow)
    async with at_desk(desk) as (app, pilot):
        app_loop = asyncio.get_running_loop()
        app.start([ticket], ops.AddNote("written last"))
        await begun.wait()
        await pilot.press("Q")
        await pilot.pause()
        assert app.exit_code is None
        go_on.set()
        await settle(app, pilot, lambda: app.exit_code == 0)
    assert desk.read.conversation(ticket)[-1].text == "written last"


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_shown_harmless_in_every_cell(
    desk: Desk, make_ticket: MakeTicket, text: str
) -> None:
    # Straight into the store: what intake would have cleaned must not matter to the screen.
    ticket = make_ticket("placeholder")
    from sqlalchemy import update

    from sdesk.store.tables import PersonTable, TicketTable

    with desk.door().writer.write() as session:
        session.execute(update(TicketTable).where(TicketTable.id == ticket).values(subject=text))
        session.execute(update(PersonTable).where(PersonTable.id == 1).values(name=text))
    async with at_desk(desk, size=(140, 30)) as (app, pilot):
        await pilot.press("2")
        await settle(app, pilot, lambda: "SD-1" in frame(app))
        await pilot.press("Y")
        await settle(app, pilot, lambda: "copied" in told(app))
        shown = frame(app)
    assert not [c for c in shown if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160]
    assert "\u202e" not in shown


async def test_escape_and_a_quick_letter_are_two_keys(desk: Desk, make_ticket: MakeTicket) -> None:
    for n in range(3):
        make_ticket(f"Number {n}")
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "space")
        assert listed(app).state.marks
        await pilot.press("alt+j")
        await settle(app, pilot, lambda: not listed(app).state.marks)
        await settle(app, pilot, lambda: listed(app).state.cursor == 2)


async def test_escape_and_a_quick_letter_leave_the_query_line_too(
    desk: Desk, make_ticket: MakeTicket
) -> None:
    for n in range(3):
        make_ticket(f"Number {n}")
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "slash", "alt+j")
        await settle(app, pilot, lambda: app.focused is listed(app))
        await settle(app, pilot, lambda: listed(app).state.cursor == 1)


async def test_the_users_keys_are_bound_and_shown(desk: Desk, make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    config = Config(keys={"ticket.take": "I"}, origins={"keys.ticket.take": "config.toml:3"})
    async with at_desk(desk, config=config) as (app, pilot):
        await pilot.press("2", "i")
        await pilot.press("I")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ana")
        await settle(app, pilot, lambda: "I take" in frame(app) or "taken" in frame(app))


async def test_a_keymap_that_clashes_refuses_to_start(desk: Desk) -> None:
    config = Config(keys={"ticket.take": "a"}, origins={"keys.ticket.take": "config.toml:3"})
    with pytest.raises(Usage, match="line 3"):
        async with at_desk(desk, config=config):
            pass


async def test_a_bug_leaves_a_trace_in_the_log_and_drafts_saved(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "state" / "sdesk.log"
    flushed: list[bool] = []
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 (the app raises when it is left)
        async with at_desk(desk, log_file=log) as (app, pilot):
            monkeypatch.setattr(app, "flush_drafts", lambda: flushed.append(True))
            app.call_later(lambda: 1 // 0)
            await pilot.pause()
    assert flushed
    assert "ZeroDivisionError" in log.read_text()


async def test_the_palette_finds_and_runs_a_command(desk: Desk, make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2", "ctrl+p", *"take it", "enter")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ana")


def test_the_filter_drops_control_characters_and_links() -> None:
    line = [Segment("ok"), Segment("\x1b]0;x\x07 \x9b1m\u202e", Style(link="https://evil.example"))]
    cleaned = TermSafeFilter().apply(line, Color(0, 0, 0))
    assert cleaned[0] == line[0]
    assert not [c for c in cleaned[1].text if ord(c) < 32 or ord(c) == 0x9B or ord(c) == 0x202E]
    assert cleaned[1].style is not None
    assert not cleaned[1].style.link


def test_the_filter_lets_joined_letters_and_emoji_be() -> None:
    line = [Segment("می‌خواهم 👩‍🔧 naïve")]
    assert TermSafeFilter().apply(line, Color(0, 0, 0)) is line


def test_the_input_decoder_outlives_bytes_that_are_no_utf8() -> None:
    decoder = forgiving_decoder("utf-8")()
    assert isinstance(decoder, codecs.IncrementalDecoder)
    assert decoder.decode(b"a\xe4b\xff") == "a\ufffdb\ufffd"


def test_copying_uses_osc_52_outside_tmux() -> None:
    sent: list[str] = []
    assert copy("SD-1042", sent.append, {}) == "terminal"
    assert sent == ["\x1b]52;c;U0QtMTA0Mg==\x07"]


def test_copying_refuses_what_no_terminal_takes() -> None:
    with pytest.raises(ValueError, match="bytes"):
        copy("x" * 80_000, lambda _: None, {})


def test_what_a_terminal_can_is_read_from_its_environment() -> None:
    far = detect({"SSH_CONNECTION": "1 2 3 4", "LANG": "C.UTF-8"})
    assert (far.remote, far.mouse, far.truecolor, far.unicode) == (True, False, False, True)
    near = detect({"COLORTERM": "truecolor", "LC_ALL": "POSIX"})
    assert (near.remote, near.mouse, near.truecolor, near.unicode) == (False, True, True, False)


RUN = """
import sys
from pathlib import Path
from sdesk.app import run
from sdesk.desk import Desk
sys.exit(run(Desk.open(Path(sys.argv[1]), actor="ana")))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_desk_in_order(store: Path, number: int, code: int) -> None:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", RUN, str(store)],
        stdin=slave, stdout=slave, stderr=slave, env=os.environ | {"TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(slave)
    seen = b""
    while b"Acme IT" not in seen:
        seen += os.read(master, 65536)
    # Bytes no UTF-8 decoder takes come first: the desk must still be there to answer the signal.
    os.write(master, b"\xe4\xff")
    child.send_signal(number)
    # What it still writes is read: a hang-up would be another signal.
    while child.poll() is None:
        if select.select([master], [], [], 0.05)[0]:
            with suppress(OSError):
                os.read(master, 65536)
    os.close(master)
    assert child.returncode == code


@pytest.mark.parametrize(
    "theme", ["sdesk-16", "sdesk-dark", "sdesk-light", "dracula", "ansi-light"]
)
async def test_another_theme_colours_every_line_again(
    desk: Desk, make_ticket: MakeTicket, theme: str
) -> None:
    make_ticket()
    async with at_desk(desk) as (app, pilot):
        await pilot.press("2")
        await settle(app, pilot, lambda: "VPN" in listed(app).render_line(0).text)
        first = listed(app).render_line(0)
        app.theme = "textual-light"
        await settle(app, pilot, lambda: listed(app).render_line(0) != first)
        before = listed(app).render_line(0)
        app.theme = theme
        await settle(app, pilot, lambda: listed(app).render_line(0) != before)
        assert listed(app).render_line(0).text == before.text


async def test_the_menu_behind_g_shows_every_choice_on_a_narrow_terminal(desk: Desk) -> None:
    async with at_desk(desk, (80, 24)) as (app, pilot):
        await pilot.press("g")
        await settle(app, pilot, lambda: app.screen.query_one(StatusLine).menu is not None)
        await settle(app, pilot, lambda: "recent" in frame(app).splitlines()[-1])
        lines = "".join(frame(app).splitlines()[-2:])
        for choice in after("go.menu"):
            assert f" {choice.keys[0]} {choice.label}" in lines, lines

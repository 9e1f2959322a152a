"""Themes, ASCII and the frugal mode."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.color import Color

import sdesk
from sdesk.config import Config
from sdesk.desk import Desk
from sdesk.errors import NotFound
from sdesk.model import TicketId
from sdesk.remembered import Remembered
from sdesk.terminal import ability
from sdesk.terminal.ascii import in_ascii
from sdesk.themes import THEMES, theme_for
from tests.each import each
from tests.tui.desk_pilot import at_desk, frame, listed, settle

Make = Callable[..., TicketId]
HERE = ability.Ability(truecolor=True, remote=False, tmux=False, unicode=True)
FAR = ability.Ability(truecolor=True, remote=True, tmux=False, unicode=True)


@each(
    ("words", "name"),
    [
        ({}, "sdesk-dark"),
        ({"frugal": True}, "sdesk-16"),
        ({"no_color": True}, "sdesk-none"),
        ({"wanted": "contrast", "no_color": True}, "sdesk-contrast"),
        ({"wanted": "default"}, "sdesk-dark"),
        ({"wanted": "nord"}, "nord"),
    ],
)
def test_the_theme_suits_the_terminal_unless_one_is_named(
    words: dict[str, object], name: str
) -> None:
    assert theme_for(HERE, **words) == name  # type: ignore[arg-type]


async def test_the_picker_shows_each_theme_and_esc_puts_the_old_one_back(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "state.json"
    async with at_desk(desk, remembered=Remembered(file)) as (app, pilot):
        before = app.theme
        await pilot.press("colon", *"theme", "enter")
        await settle(app, pilot, lambda: "high contrast" in frame(app))
        await pilot.press("down")
        await settle(app, pilot, lambda: app.theme == "sdesk-dark")
        await pilot.press("down")
        await settle(app, pilot, lambda: app.theme == "sdesk-light")
        await pilot.press("escape")
        await settle(app, pilot, lambda: app.theme == before and not app.screen.is_modal)
        await pilot.press("colon", *"theme contrast", "enter")
        await settle(app, pilot, lambda: app.theme == "sdesk-contrast")
    async with at_desk(desk, remembered=Remembered(file)) as (app, _):
        assert app.theme == "sdesk-contrast"
    async with at_desk(desk, config=Config(theme="16"), remembered=Remembered(file)) as (app, _):
        assert app.theme == "sdesk-16"


async def test_a_theme_that_does_not_exist_is_refused_with_the_nearest(desk: Desk) -> None:
    with pytest.raises(NotFound, match="'dark'"):
        async with at_desk(desk, config=Config(theme="drak")):
            pass


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_in_every_theme_the_cursor_and_what_burns_are_told_by_more_than_colour(
    desk: Desk, make_ticket: Make, clock: Callable[[], int], theme: str
) -> None:
    make_ticket(priority=1)
    clock.forward(40 * 60)  # type: ignore[attr-defined]
    async with at_desk(desk, config=Config(theme=theme)) as (app, pilot):
        await pilot.press("2")
        await settle(app, pilot, lambda: "!!" in frame(app))
        assert ("▌" if theme != "sdesk-ascii" else ">") in frame(app)
        inks = app.queue_screen.listed.inks()
        assert inks["cursor"] != inks["text"]


async def test_ascii_reaches_every_screen_and_moves_nothing(desk: Desk, make_ticket: Make) -> None:
    make_ticket("Проблема — 電話が鳴らない “now” naïve…", priority=1)
    async with at_desk(desk, size=(100, 30)) as (app, pilot):
        await pilot.press("2", "colon", *"theme ascii", "enter")
        await settle(app, pilot, lambda: frame(app).isascii())
        for keys in (("enter",), ("q", "g", "s"), ("equals_sign",), ("q", "q", "a"), ("escape", "question_mark"), ("escape", "Z")):  # fmt: skip
            await pilot.press(*keys)
            await pilot.pause(0.1)
            await settle(app, pilot, lambda: frame(app).isascii())
        assert "---" in frame(app)


@each(
    "text",
    [
        "─┼│ ▌█░",
        "naïve Ångström",
        "電話",
        "e\u0301cole",
        "👩‍🔧 fixes",
        "‖ customer",
        "−12m → 5",
        "\u0627\u0644",
    ],
)
def test_the_stand_ins_take_the_same_cells(text: str) -> None:
    assert in_ascii(text).isascii()
    assert cell_len(in_ascii(text)) == cell_len(text)


@pytest.mark.parametrize(
    ("terminal", "wanted", "is_frugal"),
    [(FAR, None, True), (FAR, False, False), (HERE, True, True), (HERE, None, False)],
)
async def test_over_ssh_or_when_told_so_the_link_is_spared(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    terminal: ability.Ability,
    wanted: bool | None,
    is_frugal: bool,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(ability, "detect", lambda: terminal)
    async with at_desk(desk, config=Config(frugal=wanted)) as (app, _):
        assert (app.frugal, app.takes_mouse) == (is_frugal, not is_frugal and not terminal.remote)
        assert app.theme == ("sdesk-16" if is_frugal else "sdesk-dark")
        assert app.gather == (0.5 if is_frugal else 0.05)
        assert app.animation_level == "none"


async def test_no_color_leaves_the_terminals_own_colours(
    desk: Desk, make_ticket: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    make_ticket()
    async with at_desk(desk) as (app, _):
        assert app.theme == "sdesk-none"
        strip = listed(app).render_line(0)
        for one in app.get_line_filters():
            strip = strip.apply_filter(one, Color(0, 0, 0))
        colours = {c for _, style, _ in strip if style for c in (style.color, style.bgcolor) if c}
        assert strip.text.strip()
        assert all(colour.is_default for colour in colours)


def test_every_sign_that_the_desk_draws_has_one_of_ascii() -> None:
    room = Path(sdesk.__file__).parent
    files = [f for name in ("screens", "widgets", "present") for f in (room / name).rglob("*.py")]
    drawn = {
        sign
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for sign in node.value
    }
    assert {"☑", "◷", "‖"} <= drawn
    assert [sign for sign in drawn - {"?"} if "?" in in_ascii(sign)] == []

"""The desk's colours: one theme of the terminal's own 16 colours, and a dark and a light one for more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.theme import Theme

if TYPE_CHECKING:
    from sdesk.terminal.ability import Ability

ANSI = Theme(
    name="sdesk-16",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "text-muted": "ansi_bright_black",
        "border": "ansi_bright_black",
        "border-blurred": "ansi_bright_black",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_black",
        "input-selection-background": "ansi_blue",
        "input-selection-foreground": "ansi_bright_white",
        "scrollbar": "ansi_bright_black",
        "scrollbar-background": "ansi_default",
    },
)
DARK = Theme(
    name="sdesk-dark",
    primary="#5fafd7",
    secondary="#87afaf",
    accent="#5fd7d7",
    warning="#e5b567",
    error="#f0717a",
    success="#8ec07c",
    foreground="#d8dee9",
    background="#14181f",
    surface="#1b212b",
    panel="#232b38",
    boost="#2b3545",
    variables={
        "text-muted": "#8b97a8",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#2d4a63",
    },
)
LIGHT = Theme(
    name="sdesk-light",
    dark=False,
    primary="#1d5f8a",
    secondary="#3a6b6b",
    accent="#00707a",
    warning="#8a5a00",
    error="#b3182a",
    success="#2f6f2f",
    foreground="#1e2530",
    background="#fafaf7",
    surface="#f0f0ea",
    panel="#e5e6df",
    boost="#d9dbd2",
    variables={
        "text-muted": "#5d6675",
        "block-cursor-foreground": "#10151c",
        "block-cursor-background": "#c5dcec",
    },
)
CONTRAST = Theme(
    name="sdesk-contrast",
    primary="#80d0ff",
    secondary="#a0ffff",
    accent="#00ffff",
    warning="#ffff00",
    error="#ff6060",
    success="#00ff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#202020",
    boost="#303030",
    variables={
        "text-muted": "#d0d0d0",
        "border": "#ffffff",
        "block-cursor-foreground": "#000000",
        "block-cursor-background": "#ffff00",
    },
)


def _plain(name: str) -> Theme:
    """No colour at all: the cursor is reversed, the rest is told by signs and bold."""
    parts = ("primary", "secondary", "accent", "warning", "error", "success", "foreground", "background", "surface", "panel", "boost")  # fmt: skip
    own = (
        "text-muted", "border", "border-blurred", "block-cursor-foreground", "block-cursor-background",
        "input-cursor-foreground", "input-cursor-background", "input-selection-foreground",
        "input-selection-background", "scrollbar", "scrollbar-background",
    )  # fmt: skip
    variables = dict.fromkeys(own, "ansi_default") | {
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "block-cursor-text-style": "bold reverse",
        "input-cursor-text-style": "reverse",
    }
    return Theme(name=name, ansi=True, variables=variables, **dict.fromkeys(parts, "ansi_default"))  # type: ignore[arg-type]


NONE, ASCII = _plain("sdesk-none"), _plain("sdesk-ascii")
THEMES = (ANSI, DARK, LIGHT, CONTRAST, NONE, ASCII)
OWN = "sdesk-"
DEFAULT = "default"
WORDS = {
    DEFAULT: "what suits this terminal", "dark": "dark, for a terminal with all colours",
    "light": "light, for a terminal with all colours", "contrast": "high contrast",
    "16": "the terminal's own 16 colours", "none": "no colours: signs, bold, reverse",
    "ascii": "no colours, and nothing but ASCII",
}  # fmt: skip


def own_name(name: str) -> str:
    """A theme as Textual knows it: the desk's own ones may be named without their prefix."""
    return f"{OWN}{name}" if f"{OWN}{name}" in {theme.name for theme in THEMES} else name


def theme_for(
    ability: Ability, wanted: str = "", *, frugal: bool = False, no_color: bool = False
) -> str:
    """The theme's name: the wanted one, else what the terminal shows well."""
    if wanted and wanted != DEFAULT:
        return own_name(wanted)
    if no_color:
        return NONE.name
    return DARK.name if ability.truecolor and not frugal else ANSI.name

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
THEMES = (ANSI, DARK, LIGHT)


def theme_for(ability: Ability, wanted: str = "") -> str:
    """The theme's name: the wanted one, else what the terminal shows well."""
    known = {theme.name for theme in THEMES} | {
        theme.name.removeprefix("sdesk-") for theme in THEMES
    }
    if wanted in known:
        return wanted if wanted.startswith("sdesk-") else f"sdesk-{wanted}"
    return wanted or (DARK.name if ability.truecolor else ANSI.name)

"""The colours of the parts of a line, taken from the theme once for all widgets.

Component classes would say the same in CSS, but Textual matches each of them against every rule
for every widget: a quarter of the time to the first paint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.style import Style
from textual.color import Color, ColorParseError

if TYPE_CHECKING:
    from textual.app import App

_SPECS: dict[str, tuple[str, str, str]] = {
    # tone: (colour, background, manner); empty: the line's own
    "text": ("", "", ""),
    "strong": ("", "", "bold"),
    "muted": ("text-muted", "", ""),
    "accent": ("accent", "", ""),
    "key": ("accent", "", "bold"),
    "good": ("success", "", ""),
    "done": ("success", "", "bold"),
    "warn": ("warning", "", ""),
    "risk": ("warning", "", "bold"),
    "breached": ("error", "", "bold"),
    "heading": ("text-muted", "", "underline"),
    "active": ("accent", "", "bold reverse"),
    "cursor": ("block-cursor-foreground", "block-cursor-background", "bold"),
}


def tones(app: App[Any]) -> Mapping[str, Style]:
    """Tone → style under the app's theme; made once for each theme."""
    made: tuple[str, dict[str, Style]] | None = getattr(app, "_tones", None)
    if made is None or made[0] != app.theme:
        made = (app.theme, _make(app.theme_variables))
        app._tones = made  # type: ignore[attr-defined]
    return made[1]


def _make(variables: Mapping[str, str]) -> dict[str, Style]:
    worn = variables.get("block-cursor-text-style", "bold")
    specs = {**_SPECS, "cursor": (*_SPECS["cursor"][:2], worn)}
    return {
        name: Style(
            color=_color(variables, color),
            bgcolor=_color(variables, background),
            bold="bold" in manner,
            underline="underline" in manner,
            reverse="reverse" in manner,
        )
        for name, (color, background, manner) in specs.items()
    }


def _color(variables: Mapping[str, str], name: str) -> Any:
    """A theme's variable as Rich takes it; "auto 60%" and shades are mixed from fore- and background."""
    if not name:
        return None
    try:
        found = Color.parse(variables[name])
    except (KeyError, ColorParseError):
        if name == "block-cursor-foreground":
            return Color.parse(variables["block-cursor-background"]).get_contrast_text(1).rich_color
        fore, back = Color.parse(variables["foreground"]), Color.parse(variables["background"])
        return back.blend(fore, 0.6).rich_color
    if found.a < 1 and found.ansi is None:
        found = Color.parse(variables["background"]) + found
    return found.rich_color

"""The palette (ctrl+p): every command that works here, found by typing a few letters of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sdesk.keys import display_keys, on_screen
from sdesk.screens.dialogs.pick import Choice, Pick

if TYPE_CHECKING:
    from textual.screen import Screen


def choices_for(name: str, keymap: Mapping[str, str]) -> list[Choice]:
    """The commands of a screen with the user's keys; each value is the command's action."""
    return [
        Choice(command.action, command.help, command.id, display_keys(command, keymap))
        for command in on_screen(name)
        if not command.fixed and command.id != "help.palette"
    ]


def palette_for(screen: Screen[Any], keymap: Mapping[str, str]) -> Pick:
    """The palette over a screen; it returns an action or None."""
    return Pick("Command", choices_for(getattr(screen, "NAME", "queue"), keymap))

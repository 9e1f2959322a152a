"""The palette (ctrl+p): every command that works here, found by typing a few letters of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.keys import display_keys, on_screen

if TYPE_CHECKING:
    from sdesk.screens.desk_screen import DeskScreen
    from sdesk.widgets.choice_list import Choice


def choices_for(screen: DeskScreen) -> list[Choice]:
    """The commands of a screen with the user's keys; each value is the command's action."""
    from sdesk.widgets.choice_list import Choice  # here: it isn't needed for the first paint

    keymap = screen.desk_app.keymap
    return [
        Choice(command.action, command.help, command.id, display_keys(command, keymap))
        for command in on_screen(screen.NAME)
        if not command.fixed and command.id != "help.palette"
    ]

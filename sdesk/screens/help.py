"""Help: every command that works on the screen below, with the user's own keys; Enter runs it."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult

from sdesk.keys import STACKS, Command, display_keys, on_screen
from sdesk.screens.dialogs.pick import Choice, Pick
from sdesk.widgets.choice_list import ChoiceList


def help_choices(name: str, keymap: Mapping[str, str]) -> list[Choice]:
    """The commands of a screen as choices; each value is its action, None where there is no one action."""
    return [_choice(command, keymap) for command in on_screen(name)]


def _choice(command: Command, keymap: Mapping[str, str]) -> Choice:
    keys = display_keys(command, keymap)
    action = None if command.fixed or command.id.startswith("help.") else command.action
    return Choice(action, command.help, f"{command.group} · {command.id}", lead=keys)


class HelpScreen(Pick):
    """Searchable; returns the action to run on the screen it was opened over, or None."""

    def __init__(self, name: str = "") -> None:
        super().__init__("Help · type to search, enter does it", ())
        self.below = name

    def compose(self) -> ComposeResult:
        name = self.below or str(getattr(self.app.screen_stack[-2], "NAME", "queue"))
        self.choices = help_choices(
            name if name in STACKS else "queue", getattr(self.app, "keymap", {})
        )
        self.most = max(4, self.app.size.height - 4)
        yield from super().compose()

    def finish(self) -> None:
        """A command without an action of its own is only shown."""
        choice = self.query_one(ChoiceList).current
        if choice is not None and choice.value is not None:
            self.dismiss(choice.value)

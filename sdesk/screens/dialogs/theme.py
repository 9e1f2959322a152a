"""Pick a theme: the desk wears the one under the cursor while one looks for it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.widgets import Input

from sdesk.screens.dialogs.pick import Choice, Pick
from sdesk.themes import own_name
from sdesk.widgets.choice_list import ChoiceList


class ThemePick(Pick):
    """Returns a name; Esc puts the theme back that was there before."""

    def __init__(self, choices: Sequence[Choice], default: str) -> None:
        super().__init__("Theme", choices)
        self.default = default
        self.before = ""

    def on_mount(self) -> None:
        self.before = self.app.theme
        super().on_mount()
        self.watch(self.query_one(ChoiceList), "cursor", self._try_on, init=False)

    @on(Input.Changed, "PickInput")
    def try_first(self) -> None:
        """What was typed has brought another theme under the cursor."""
        if self.query_one(Input).value:
            self.call_later(self._try_on)

    def _try_on(self) -> None:
        choice = self.query_one(ChoiceList).current
        if choice is not None:
            self.app.theme = self.default if choice.value == "default" else own_name(choice.value)

    def action_close(self) -> None:
        self.app.theme = self.before
        super().action_close()

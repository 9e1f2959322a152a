"""Ask for one line of text."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from sdesk.errors import SdeskError
from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.text import clean_line


class Prompt(BottomDialog[str | None]):
    """Ask for a line; returns it stripped, or None when closed.

    `validate` gets the text when Enter is pressed: it returns a sentence that says what is wrong, or
    None, or raises `SdeskError`; the dialog stays open until the text is right.
    """

    def __init__(
        self,
        title: str,
        value: str = "",
        placeholder: str = "",
        *,
        validate: Callable[[str], object] | None = None,
        hint: str = "",
    ) -> None:
        super().__init__()
        self.heading = clean_line(title)
        self.initial = clean_line(value)
        self.placeholder = clean_line(placeholder)
        self.check = validate
        self.hint = hint

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel") as panel:
            panel.border_title = Content(self.heading)
            if self.hint:
                yield Static(Content(self.hint), classes="hint")
            yield Static(Content(""), classes="fault", id="fault")
            with Horizontal(classes="line"):
                yield Static(Content("› "), classes="prompt")
                yield Input(self.initial, placeholder=self.placeholder, select_on_focus=False)
                yield Static(Content("enter take · esc close"), classes="keys")

    def on_mount(self) -> None:
        self.query_one("#fault").display = False
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if (wrong := self._fault(text)) is None:
            self.dismiss(text)
            return
        fault = self.query_one("#fault", Static)
        fault.update(Content(wrong))
        fault.display = True

    def _fault(self, text: str) -> str | None:
        """What is wrong with the text, as a sentence."""
        if self.check is None:
            return None
        try:
            answer = self.check(text)
        except SdeskError as error:
            return str(error)
        return answer if isinstance(answer, str) and answer else None

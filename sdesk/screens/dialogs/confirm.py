"""Ask by word before something that can't be seen again at once."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.text import clean_line


class Confirm(BottomDialog[bool]):
    """True only when the word was typed whole; Enter alone never confirms."""

    def __init__(self, word: str, question: str = "") -> None:
        super().__init__()
        self.word = word
        self.question = clean_line(question) or f"Type '{word}' to go on."

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel") as panel:
            panel.border_title = Content(self.question)
            with Horizontal(classes="line"):
                yield Static(Content("› "), classes="prompt")
                yield Input(placeholder=self.word, select_on_focus=False)
                yield Static(Content(f"type {self.word} and enter · esc close"), classes="keys")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        if event.value.strip().casefold() == self.word.casefold():
            self.dismiss(True)

    def action_close(self) -> None:
        self.dismiss(False)

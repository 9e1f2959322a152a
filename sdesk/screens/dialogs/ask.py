"""Ask with one key an answer; Enter is none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.text import clean_line


class Ask(BottomDialog[str]):
    """Returns the key of the answer, or "" when closed."""

    def __init__(
        self, question: str, answers: Mapping[str, str], details: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.question = clean_line(question)
        self.answers = dict(answers)
        self.details = [clean_line(detail) for detail in details]

    def compose(self) -> ComposeResult:
        keys = " · ".join([*(f"{key} {word}" for key, word in self.answers.items()), "esc back"])
        with Vertical(classes="panel") as panel:
            panel.border_title = Content(self.question)
            for detail in self.details:
                yield Static(Content(detail), classes="hint")
            yield Static(Content(keys), classes="hint")

    def on_key(self, event: events.Key) -> None:
        if event.character in self.answers:
            event.stop()
            self.dismiss(event.character)

    def action_close(self) -> None:
        self.dismiss("")

"""Ask with one key an answer; Enter is none of them, nor is a key from before the question was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.text import clean_line

FLOW = 0.4
"""Seconds without a key after which one is an answer again, once keys came before the question stood."""


class Ask(BottomDialog[str]):
    """Returns the key of the answer, or "" when closed.

    It may come up while somebody types: a letter that was pressed before it stood there, or in one
    flow with such a letter, answers nothing.
    """

    def __init__(
        self, question: str, answers: Mapping[str, str], details: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.question = clean_line(question)
        self.answers = dict(answers)
        self.details = [clean_line(detail) for detail in details]
        self._keys = " · ".join([*(f"{key} {word}" for key, word in answers.items()), "esc back"])
        self.hears_from = inf
        """Keys from then on are answers."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel") as panel:
            panel.border_title = Content(self.question)
            for detail in self.details:
                yield Static(Content(detail), classes="hint")
            yield Static(Content(self._keys), classes="hint", id="keys")

    def on_mount(self) -> None:
        self.call_after_refresh(self._seen)

    @property
    def is_seen(self) -> bool:
        """The question has been painted."""
        return self.hears_from < inf

    def _seen(self) -> None:
        self.hears_from = Message().time

    def on_key(self, event: events.Key) -> None:
        if event.character not in self.answers:
            return
        event.stop()
        if event.time >= self.hears_from:
            self.dismiss(event.character)
            return
        self.hears_from = event.time + FLOW if self.is_seen else inf
        self.query_one("#keys", Static).update(
            Content(f"pressed before this was asked, so once more: {self._keys}")
        )

    def action_close(self) -> None:
        self.dismiss("")

"""The `:` line at the bottom: Tab completes, up and down walk through what was typed before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from sdesk.messages import CommandGiven
from sdesk.text import clean_line, cut

Completions = Callable[[str], list[tuple[str, str]]]
"""From a line to how it can go on: (the whole line then, its help)."""


class CommandInput(Input):
    """The line itself."""

    BINDINGS = [
        Binding("tab", "complete(1)", show=False, id="command.complete"),
        Binding("shift+tab", "complete(-1)", show=False),
        Binding("up,ctrl+p", "older", show=False, id="command.older"),
        Binding("down,ctrl+n", "newer", show=False, id="command.newer"),
        Binding("escape", "leave", show=False, id="command.leave"),
    ]

    @property
    def bar(self) -> CommandLine:
        assert isinstance(self.parent, CommandLine)
        return self.parent

    def action_complete(self, step: int) -> None:
        self.bar.complete(step)

    def action_older(self) -> None:
        self.bar.recall(-1)

    def action_newer(self) -> None:
        self.bar.recall(1)

    def action_leave(self) -> None:
        self.bar.close()

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "backspace" and not self.value:
            event.stop()
            self.bar.close()
            return
        await super()._on_key(event)


class CommandLine(Horizontal):
    """Stands over the status line while a command is typed; goes when it is given or given up."""

    DEFAULT_CSS = """
    CommandLine {
        dock: bottom;
        height: 1;
        background: $surface;
        & > .colon { width: 2; color: $accent; text-style: bold; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
        & > Input:focus { border: none; }
        & > .hint { width: auto; max-width: 60%; color: $text-muted; padding: 0 1; }
    }
    """

    def __init__(
        self, completions: Completions, history: list[str], back_to: Widget | None
    ) -> None:
        super().__init__()
        self.completions = completions
        self.history = history
        self.back_to = back_to
        self._at = len(history)
        self._typed = ""
        self._offered: Sequence[tuple[str, str]] = ()
        self._offer = -1

    def compose(self) -> ComposeResult:
        yield Static(Content(" :"), classes="colon")
        yield CommandInput(select_on_focus=False, compact=True)
        yield Static(Content("tab completes · esc leaves"), classes="hint")

    @property
    def input(self) -> CommandInput:
        return self.query_one(CommandInput)

    def close(self) -> None:
        """Leave without a command."""
        self.screen.set_focus(self.back_to, scroll_visible=False)
        self.remove()

    @on(Input.Changed)
    def show_hint(self, event: Input.Changed) -> None:
        event.stop()
        if self._offer >= 0 and self._offered[self._offer][0] == event.value:
            return
        self._offered, self._offer = (), -1
        found = self.completions(event.value) if event.value else []
        if len(found) == 1:
            words = found[0][1]
        else:
            words = "  ".join(line.split()[-1] for line, _ in found[:9])
        self.query_one(".hint", Static).update(Content(clean_line(cut(words, 70))))

    @on(Input.Submitted)
    def give(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if text and (not self.history or self.history[-1] != text):
            self.history.append(text)
        screen = self.screen
        self.close()
        screen.post_message(CommandGiven(text))

    def complete(self, step: int) -> None:
        """The next way the line can go on, round and round."""
        # The line may be another one already, and not told yet.
        if self._offer < 0 or self._offered[self._offer][0] != self.input.value:
            self._offered, self._offer = self.completions(self.input.value), -1
        if self._offered:
            self._offer = (self._offer + step) % len(self._offered) if self._offer >= 0 else 0
            self._put(self._offered[self._offer][0])

    def recall(self, step: int) -> None:
        """An older or newer line."""
        if self._at == len(self.history):
            self._typed = self.input.value
        self._at = max(0, min(self._at + step, len(self.history)))
        self._put(self.history[self._at] if self._at < len(self.history) else self._typed)

    def _put(self, text: str) -> None:
        self.input.value = text
        self.input.cursor_position = len(text)

"""A line to the other agents at the ticket: Enter sends it and the next one can be typed, Esc leaves."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static


class ChatInput(Input):
    """The line itself."""

    BINDINGS = [Binding("escape", "leave", show=False, id="chat.leave")]

    def action_leave(self) -> None:
        assert isinstance(self.parent, ChatField)
        self.parent.close()


class ChatField(Horizontal):
    """Stands over the status line until it is left."""

    DEFAULT_CSS = """
    ChatField {
        dock: bottom;
        height: 1;
        background: $surface;
        & > .word { width: auto; color: $secondary; text-style: bold; padding: 0 1; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
        & > Input:focus { border: none; }
        & > .hint { width: auto; color: $text-muted; padding: 0 1; }
    }
    """

    class Said(Message):
        """A line is to be sent; `text` is not empty."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    is_ready = False
    """It has had the focus: what is typed ahead may come."""

    def compose(self) -> ComposeResult:
        yield Static(Content("» CHAT"), classes="word")
        yield ChatInput(
            placeholder="to the other agents; @name calls one", select_on_focus=False, compact=True
        )
        yield Static(Content("enter send · esc leave"), classes="hint")

    def on_mount(self) -> None:
        self.action_edit()
        self.is_ready = True

    def action_edit(self) -> None:
        """Back into the line."""
        self.screen.set_focus(self.query_one(ChatInput), scroll_visible=False)

    def give_back(self, text: str) -> None:
        """A line that could not be sent, unless another one has been begun."""
        field = self.query_one(ChatInput)
        if not field.value:
            field.value = text
            field.cursor_position = len(text)

    def close(self) -> None:
        self.screen.set_focus(None)
        self.remove()

    @on(Input.Submitted)
    def say(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        event.input.value = ""
        if text:
            self.post_message(self.Said(text))

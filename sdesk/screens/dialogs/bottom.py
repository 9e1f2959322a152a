"""What every small question shares: it stands at the bottom, and the screen above stays as it is."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.screen import ModalScreen

Result = TypeVar("Result")


class BottomDialog(ModalScreen[Result]):
    """A modal docked at the bottom without a dimmed background, so that opening one paints a few lines."""

    DEFAULT_CSS = """
    BottomDialog {
        align: left bottom;
        background: transparent;
        & > .panel {
            width: 100%;
            height: auto;
            max-height: 90%;
            background: $surface;
            border-top: solid $accent;
            border-title-color: $accent;
            border-title-style: bold;
        }
        & .line { width: 100%; height: 1; padding: 0 1; }
        & .prompt { width: auto; color: $accent; text-style: bold; }
        & .label { width: auto; color: $text-muted; }
        & .hint.-wrong { color: $error; text-style: bold; }
        & .line.-tall { height: 5; }
        & .known { padding: 0 11; }
        & TextArea { width: 1fr; height: 5; padding: 0; }
        & .keys { width: auto; color: $text-muted; }
        & .hint { width: 100%; height: auto; padding: 0 1; color: $text-muted; }
        & .fault { width: 100%; height: auto; padding: 0 1; color: $error; text-style: bold; }
        & Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
        & Input:focus { border: none; }
    }
    """
    BINDINGS = [Binding("escape", "close", "Close", show=False, id="dialog.close")]

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Once, and only while it is the one in front: Textual would pop whatever stands there."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()

    def action_close(self) -> None:
        self.dismiss(None)

"""A text area for what people type: nothing harmful comes in by pasting, and it stands 16 colours."""

from __future__ import annotations

from rich.style import Style
from textual import events
from textual.widgets import TextArea

from sdesk.text import clean


class TextBox(TextArea):
    """Several lines of plain text."""

    def __init__(self, text: str = "") -> None:
        super().__init__(clean(text), compact=True, soft_wrap=True, highlight_cursor_line=False)
        self.cursor_blink = False

    @property
    def rich_style(self) -> Style:
        # Without a background, as while it is being removed, TextArea takes the theme's surface for
        # a colour of Rich's, which `ansi_default` is not.
        style = super().rich_style
        return style if style.bgcolor is not None else style + Style(bgcolor="default")

    async def _on_paste(self, event: events.Paste) -> None:
        # What is pasted can hold escape sequences that would reach the terminal when it is drawn.
        event.prevent_default()
        event.stop()
        if not self.read_only and (
            done := self._replace_via_keyboard(clean(event.text), *self.selection)
        ):
            self.move_cursor(done.end_location)

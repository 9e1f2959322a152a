"""A text area for what people type: nothing harmful comes in by pasting, and it goes quietly."""

from __future__ import annotations

from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import TextArea

from sdesk.text import clean


class TextBox(TextArea):
    """Several lines of plain text."""

    def __init__(self, text: str = "") -> None:
        super().__init__(clean(text), compact=True, soft_wrap=True, highlight_cursor_line=False)
        self.cursor_blink = False

    def render_lines(self, crop: Region) -> list[Strip]:
        # What is being removed has no styles any more, and TextArea fails without them.
        if not self.is_attached:
            return [Strip.blank(crop.width)] * crop.height
        return super().render_lines(crop)

    async def _on_paste(self, event: events.Paste) -> None:
        # What is pasted can hold escape sequences that would reach the terminal when it is drawn.
        event.prevent_default()
        event.stop()
        if not self.read_only and (
            done := self._replace_via_keyboard(clean(event.text), *self.selection)
        ):
            self.move_cursor(done.end_location)

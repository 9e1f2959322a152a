"""Lines to read in a panel at the bottom: a ledger, a history. Any way back closes it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip

from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.text import clean_line
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.thread_lines import Line

_PARTS = ("text", "heading", "muted", "good", "warn", "bad")


class Lines(LineView):
    """Lines of (text, part) pairs with an upper edge that moves."""

    COMPONENT_CLASSES = {f"lines--{part}" for part in _PARTS}
    DEFAULT_CSS = """
    Lines {
        height: auto;
        & > .lines--text { color: $foreground; }
        & > .lines--heading { color: $accent; text-style: bold; }
        & > .lines--muted { color: $text-muted; }
        & > .lines--good { color: $success; text-style: bold; }
        & > .lines--warn { color: $warning; text-style: bold; }
        & > .lines--bad { color: $error; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.content: tuple[Line, ...] = ()
        self.top = 0
        self._styles: dict[str, Style] = {}

    def show(self, content: Sequence[Line], *, at_end: bool = False) -> None:
        """Show these lines, from the first or (`at_end`) so that the last is in sight."""
        self.content = tuple(content)
        self.top = len(self.content) if at_end else 0
        self.forget_lines()
        self.refresh(layout=True)
        self.call_after_refresh(self.scroll_lines, 0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self.content))

    def on_resize(self) -> None:
        """The room for the lines may come later than the first look at it."""
        self.scroll_lines(0)

    def scroll_lines(self, by: int) -> None:
        """Move so many lines down, or up."""
        self.top = max(0, min(self.top + by, len(self.content) - max(1, self.size.height)))
        self.repaint()

    def draw(self, y: int) -> Strip:
        if not self._styles:
            self._styles = {p: self.get_component_rich_style(f"lines--{p}") for p in _PARTS}
        index = self.top + y
        parts = self.content[index] if 0 <= index < len(self.content) else ()
        made = [(text, self._styles[part]) for text, part in ((" ", "text"), *parts)]
        return line(made, self.size.width, self._styles["text"])

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}


class Reader(BottomDialog[None]):
    """Shows lines; subclasses read them in `on_mount` and hand them to `show`."""

    DEFAULT_CSS = """
    Reader {
        & > .panel { max-height: 92%; }
        & Lines { max-height: 100%; }
    }
    """
    BINDINGS = [
        Binding("h,q,escape", "close", show=False, id="reader.close"),
        Binding("j,down", "scroll(1)", show=False, id="reader.down"),
        Binding("k,up", "scroll(-1)", show=False, id="reader.up"),
        Binding("ctrl+d,pagedown,space", "page(1)", show=False, id="reader.page_down"),
        Binding("ctrl+u,pageup", "page(-1)", show=False, id="reader.page_up"),
        Binding("g,home", "scroll(-1000000)", show=False, id="reader.first"),
        Binding("G,end", "scroll(1000000)", show=False, id="reader.last"),
    ]

    def __init__(self, heading: str = "") -> None:
        super().__init__()
        self.heading = heading

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield Lines()

    def show(self, heading: str, content: Sequence[Line], *, at_end: bool = False) -> None:
        """Put the lines under that heading; does nothing where the reader has been closed meanwhile."""
        for panel in self.query(".panel"):
            panel.border_title = Content(clean_line(heading))
        for lines in self.query(Lines):
            lines.show(content, at_end=at_end)

    def action_scroll(self, by: int) -> None:
        self.query_one(Lines).scroll_lines(by)

    def action_page(self, by: int) -> None:
        lines = self.query_one(Lines)
        lines.scroll_lines(by * max(1, lines.size.height - 1))

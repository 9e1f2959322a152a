"""A countdown in digits three lines tall."""

from __future__ import annotations

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from sdesk.text import clean_line
from sdesk.widgets.cells import fit
from sdesk.widgets.letters import Letters
from sdesk.widgets.line_view import line

TALL = 3
GLYPHS = {
    "0": ("┌─┐", "│ │", "└─┘"), "1": (" ┐ ", " │ ", " ┴ "), "2": ("╶─┐", "┌─┘", "└─╴"),
    "3": ("╶─┐", " ─┤", "╶─┘"), "4": ("╷ ╷", "└─┤", "  ╵"), "5": ("┌─╴", "└─┐", "╶─┘"),
    "6": ("┌─╴", "├─┐", "└─┘"), "7": ("╶─┐", "  │", "  ╵"), "8": ("┌─┐", "├─┤", "└─┘"),
    "9": ("┌─┐", "└─┤", "╶─┘"), ":": ("  ", "• ", "• "), "−": ("   ", "╶─╴", "   "),
    " ": (" ", " ", " "),
}  # fmt: skip
"""Anything else stands as it is on the lowest line."""


def big(text: str) -> tuple[str, str, str]:
    """The text as three lines."""
    rows = ["", "", ""]
    for char in text:
        for index, piece in enumerate(GLYPHS.get(char, (" ", " ", char))):
            rows[index] += piece
    return rows[0], rows[1], rows[2]


class Countdown(Letters):
    """Big digits at the left; three lines of words beside them. Only lines that changed are painted."""

    COMPONENT_CLASSES = {
        "count--breached",
        "count--risk",
        "count--running",
        "count--paused",
        "count--text",
        "count--muted",
    }
    DEFAULT_CSS = """
    Countdown {
        height: 3;
        & > .count--breached { color: $error; text-style: bold; }
        & > .count--risk { color: $warning; text-style: bold; }
        & > .count--running { color: $success; text-style: bold; }
        & > .count--paused { color: $text-muted; }
        & > .count--text { color: $foreground; text-style: bold; }
        & > .count--muted { color: $text-muted; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.sign = ""
        self.digits = ""
        self.tone = "running"
        self.words: tuple[str, ...] = ()

    def show(self, sign: str, digits: str, tone: str, words: tuple[str, ...]) -> None:
        """Show a countdown; `words` are up to three lines from anywhere, cleaned here."""
        self.sign, self.digits, self.tone = sign, digits, tone
        self.words = tuple(clean_line(word) for word in words)
        self.repaint()

    def draw(self, y: int) -> Strip:
        width = self.size.width
        tone = self._style(self.tone)
        rows = big(self.digits)
        sign = self.sign if y == 1 else ""
        left = f" {sign:<2} {rows[y] if y < TALL else ''}"
        words = self.words[y] if y < len(self.words) else ""
        part = self._style("text" if y == 1 else "muted")
        letters = f" {told} " if y == 0 and (told := self.letters()) else ""
        room = max(0, width - len(left) - 3 - cell_len(letters))
        return line(
            [(left, tone), ("   ", part), (fit(words, room), part), (letters, self._style("risk"))],
            width,
            part,
        )

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"count--{part}")

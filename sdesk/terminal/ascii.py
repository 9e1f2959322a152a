"""Lines in ASCII: borders, bars and signs for a terminal whose encoding holds nothing else.

Every character becomes one that takes the same cells, so that nothing moves. It knows nothing of sdesk.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SIGNS = {
    "…": "~", "·": "-", "•": "o", "●": "*", "★": "*", "✓": "+", "✎": "&", "‖": "=", "—": "-", "–": "-",
    "−": "-", "×": "x", "→": ">", "←": "<", "↑": "^", "↓": "v", "›": ">", "‹": "<", "»": ">", "«": "<",
    "▲": "A", "△": "^", "◆": "#", "✉": "@", "⚠": "!", "“": '"', "”": '"', "‘": "'", "’": "'", "▌": ">", "▐": "<",
    "█": "#", "▓": "#", "▒": ":", "░": ".", "▸": ">", "▾": "v", "⏎": "/", "○": "o", "◐": "o", "■": "#",
    "□": ".", "✗": "x", "⚑": "P", "€": "E", "ß": "s", "ø": "o", "Ø": "O", "æ": "a", "đ": "d", "ł": "l",
    "☑": "x", "☐": ".", "◷": "T", "◂": "<", "⋯": ":", "⚿": "#", "⇒": ">",
}  # fmt: skip
_ACROSS = frozenset("─━┄┅┈┉╌╍═╴╶╸╺▁▂▔▀▄▃━")
_DOWN = frozenset("│┃┆┇┊┋╎╏║╵╷╹╻▏▎▍▕")
_BOXES = range(0x2500, 0x2580)
_BLOCKS = range(0x2580, 0x25A0)
_BRAILLE = range(0x2800, 0x2900)


class AsciiFilter(LineFilter):
    """Draw every rendered line in ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]


@lru_cache(maxsize=4096)
def in_ascii(text: str) -> str:
    """The text in ASCII, as many cells wide."""
    if text.isascii():
        return text
    made = "".join(map(_stand_in, text))
    # Marks and joiners that make one character of several have been counted by themselves.
    width = cell_len(text)
    return made[:width].ljust(width)


@lru_cache(maxsize=1024)
def _stand_in(char: str) -> str:
    if char.isascii():
        return char
    if (sign := _SIGNS.get(char)) is not None:
        return sign
    if (drawn := _drawn(char)) is not None:
        return drawn
    width = cell_len(char)
    plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    return plain[:width].ljust(width, " ") if plain else "?" * width


def _drawn(char: str) -> str | None:
    if char in _ACROSS:
        return "-"
    if char in _DOWN:
        return "|"
    code = ord(char)
    if code in _BOXES:
        return "+"
    return "#" if code in _BLOCKS or code in _BRAILLE else None

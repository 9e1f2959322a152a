"""The last cleaner: no rendered line reaches the terminal with a control character in it.

Text is cleaned at intake and where it meets a widget; this filter stands behind both, so that one
forgotten place can't drive an agent's terminal. It knows nothing of sdesk.
"""

from __future__ import annotations

import re

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

# Control characters, and what takes no cell but hides or reorders text. U+200C and U+200D stay:
# Persian, Indic scripts and joined emoji need them.
HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


class TermSafeFilter(LineFilter):
    """Drop harmful characters and terminal hyperlinks from every rendered line."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(_is_harmless(segment) for segment in segments):
            return segments
        return [_defused(segment) for segment in segments]


def _is_harmless(segment: Segment) -> bool:
    text, style, _ = segment
    if style is not None and style.link:
        return False
    return (text.isascii() and text.isprintable()) or not HARMFUL.search(text)


def _defused(segment: Segment) -> Segment:
    text, style, control = segment
    if style is not None and style.link:
        style = style.update_link(None)
    return Segment(HARMFUL.sub(_stand_in, text), style, control)


def _stand_in(found: re.Match[str]) -> str:
    # It was given cells or none by Textual's measure; the line keeps its width.
    return " " * _cells(found[0])


def _cells(char: str) -> int:
    from rich.cells import cell_len  # here: only a line that slipped through pays for it

    return cell_len(char)

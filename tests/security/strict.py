"""What may reach a terminal, read strictly: characters that hide nothing, and the desk's own sequences."""

from __future__ import annotations

import random
import re
import unicodedata

VOCABULARY = re.compile(
    # Colours, places, erasing, scrolling; modes and questions about them; the keyboard's protocol.
    r"\x1b\[[0-9;]*[ABCDGHJKLMPSTXdmr@]|\x1b\[[0-9]+b|\x1b\[\?[0-9]+(?:[hl]|\$p)|\x1b\[(?:>[0-9]+|<)u"
    # Whole requests, which only the desk itself makes: clipboard, title, pointer, notification, bell.
    r"|\x1b\]52;c;[A-Za-z0-9+/=]*(?:\x07|\x1b\\)|\x1b\][012];[^\x00-\x1f;]*(?:\x07|\x1b\\)"
    r"|\x1b\]22;[a-z-]+(?:\x07|\x1b\\)|\x1b\]9;[^\x00-\x1f;0-9][^\x00-\x1f;]*\x07|\x1b\]9;\x07"
    r"|\x1b\]777;notify;[^\x00-\x1f;]*;[^\x00-\x1f;]*\x07|\A\x07\Z"
)
JOINERS = "\u200c\u200d"
_FILLERS = "\u115f\u1160\u3164\uffa0"


def refused(text: str) -> list[str]:
    """What a terminal must not get, in order."""
    rest = VOCABULARY.sub("", text)
    return [char for char in rest if is_harmful(char)]


def is_harmful(char: str) -> bool:
    """Whether a terminal acts on the character, or a reader is deceived by it."""
    kind = unicodedata.category(char)
    if char in JOINERS or (kind == "Cf" and _is_written(char)):
        return False
    return char in _FILLERS or (kind in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in "\n\t\r")


def _is_written(char: str) -> bool:
    """Arabic and Syriac number signs, hieroglyph joiners, musical beams: format characters that show."""
    code = ord(char)
    return (
        code in range(0x600, 0x606)
        or code in {0x6DD, 0x70F, 0x890, 0x891, 0x8E2}
        or (0x110BD <= code <= 0x1D17A and code not in range(0xE0000, 0xE1000))
    )


PIECES = (
    "\x1b", "\x1b]", "\x1b[", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x1b\\", "\x07", "\x9b", "\x9d", "\x9c", "\x90",
    "52;c;", "0;", "8;;http://x", "9;", "777;notify;", "?", "$p", "$q", "6n", "c", "m", "H", "J", "2", "31", ";",
    "2026h", "1049l", ">31u", "t", "b", "\n", "\r", "\t", "\x00", "\x08", "\x7f", "\x85", "\u2028", "\u202e",
    "\u2066", "\u200b", "\u200d", "\ufeff", "\u3164", "\U000e0041", "\ud800", "\udcff", "e\u0301", "日本", "👩‍👩‍👧",
    "text", " ", "é", "tmux;", "=", "A", "z", "\\", "[/]", "[@click=app.bell]x",
)  # fmt: skip


def scrambled(seed: int) -> str:
    """A string of such pieces."""
    dice = random.Random(seed)
    return "".join(dice.choices(PIECES, k=dice.randint(1, 24)))

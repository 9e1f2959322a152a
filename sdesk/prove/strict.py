"""Which characters no terminal should get, read strictly: those it acts on, and those that deceive a reader."""

from __future__ import annotations

import unicodedata

JOINERS = "\u200c\u200d"
FILLERS = "\u115f\u1160\u3164\uffa0"
"""Letters that take a place and show nothing."""


def is_harmful(char: str) -> bool:
    """Whether a terminal acts on the character, or a reader is deceived by it."""
    kind = unicodedata.category(char)
    if char in JOINERS or (kind == "Cf" and _is_written(char)):
        return False
    return char in FILLERS or (kind in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in "\n\t\r")


def _is_written(char: str) -> bool:
    """Arabic and Syriac number signs, hieroglyph joiners, musical beams: format characters that show."""
    code = ord(char)
    return (
        code in range(0x600, 0x606)
        or code in {0x6DD, 0x70F, 0x890, 0x891, 0x8E2}
        or (0x110BD <= code <= 0x1D17A and code not in range(0xE0000, 0xE1000))
    )

"""Strings that would harm a terminal, markup, layout or a query; more from beside the repository."""

from __future__ import annotations

import json
from pathlib import Path

SHARED = Path(__file__).parents[2].parent / "shared" / "cases" / "hostile" / "strings.json"
OWN = (
    "\x1b]52;c;c2Rlc2s=\x07clipboard",
    "\x1b]52;c;c2Rlc2s=\x1b\\clipboard",
    "\x1b]0;title of theirs\x07after",
    "\x1b]8;;https://elsewhere.example\x07link\x1b]8;;\x07",
    "\x1b[2J\x1b[31mred\x1b[0m\x1b[6n\x1b[c",
    "\x1bP$qm\x1b\\dcs \x1b_apc\x1b\\ \x1b^pm\x1b\\",
    "\x9b2J\x9d0;t\x9c eight bits",
    "bell\x07 back\x08\x08 nul\x00 shift\x0e\x0f del\x7f",
    "never closed \x1b]0;and then",
    "[/red] [bold]never closed",
    "[@click=app.quit]press me[/]",
    "[link=https://elsewhere.example]x[/link] {braces} $dollars",
    "a\u202eb\u2066c\u200bd\u2028e",
    "\U000e0041\U000e0042 tags",
    "e" + "\u0301" * 300,
    "👩‍👩‍👧 🏴‍☠️ \u2764\ufe0f 日本語 ﷽",
    "long" * 3_000,
    "words and " * 3_000,
    "'; DROP TABLE ticket; --",
    '" OR "" MATCH "*',
    "%_\\ * NEAR(",
    "=cmd|' /C calc'!A0",
    "--help -rf /",
    "x\r\nBcc: somebody@elsewhere.example",
    "<script>alert(1)</script>",
)


def hostile() -> tuple[str, ...]:
    """Our own strings, and the shared ones where the folder is there."""
    if not SHARED.exists():
        return OWN
    cases = json.loads(SHARED.read_text(encoding="utf-8"))
    return (*OWN, *(case["s"] for case in cases))


HOSTILE = hostile()

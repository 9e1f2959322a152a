"""Strings that would harm a terminal, markup, layout or a query: those that ship, and more from beside the repository."""

from __future__ import annotations

import json
from pathlib import Path

from sdesk.prove.strings import OWN

SHARED = Path(__file__).parents[2].parent / "shared" / "cases" / "hostile" / "strings.json"


def hostile() -> tuple[str, ...]:
    """Our own strings, and the shared ones where the folder is there."""
    if not SHARED.exists():
        return OWN
    cases = json.loads(SHARED.read_text(encoding="utf-8"))
    return (*OWN, *(case["s"] for case in cases))


HOSTILE = hostile()

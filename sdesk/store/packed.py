"""What is kept as JSON in a text column, taken out again: damaged bytes are no fault of a program."""

from __future__ import annotations

import json
from typing import Any

from sdesk.errors import StoreFault


def unpacked(text: str, of: str) -> Any:
    """The value in the text; `of` names what it belongs to. Raises `StoreFault`."""
    try:
        return json.loads(text)
    except ValueError:
        raise damaged(of) from None


def damaged(of: str) -> StoreFault:
    return StoreFault(
        f"The store is damaged: {of} can't be read.", "See: sdesk audit verify, sdesk doctor"
    )

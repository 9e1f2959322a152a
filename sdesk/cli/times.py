"""Times on the command line that may lie on either side of now."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sdesk.errors import Usage

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import Instant


def instant(text: str, desk: Desk) -> Instant:
    """A date with a time in the desk's zone, wherever it lies; else as `sdesk wait --until` reads it."""
    from sdesk.rules.when import parse_any

    return parse_any(text, now=desk.now(), zone=desk.settings.zone)


def day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Usage(f"'{text}' is no date.", "Write it like '2026-12-24'.") from None

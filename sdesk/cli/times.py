"""Times on the command line that may lie on either side of now."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

from sdesk.errors import Usage

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import Instant

_DATED = re.compile(r"\d{4}-\d\d?-\d\d?")


def instant(text: str, desk: Desk) -> Instant:
    """A date with a time in the desk's zone, wherever it lies; else as `sdesk wait --until` reads it."""
    from zoneinfo import ZoneInfo

    from sdesk.rules.when import parse_until

    if not _DATED.match(text.strip()):
        return parse_until(text, now=desk.now(), zone=desk.settings.zone)
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Usage(f"'{text}' is no time.", "Write it like '2026-12-24 15:00'.") from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(desk.settings.zone))
    return int(at.timestamp())


def day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Usage(f"'{text}' is no date.", "Write it like '2026-12-24'.") from None

"""The newest event's hash, each hour, into the log of the system: out of reach of who writes the store."""

from __future__ import annotations

import syslog
from typing import TYPE_CHECKING

from sdesk.audit import anchor_line, last_anchor, verify
from sdesk.store import chained, upkeep
from sdesk.store.chained import Anchor, Chain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sdesk.model import Instant
    from sdesk.store.reader import Reader

HOUR = 3_600


def say(line: str, *, loud: bool = False) -> None:
    """Into the log of the system, where only its administrators read and nobody changes what was written."""
    syslog.openlog("sdesk", 0, syslog.LOG_AUTHPRIV)
    syslog.syslog(syslog.LOG_CRIT if loud else syslog.LOG_NOTICE, line)


def anchor(
    reader: Reader, place: str | Path, now: Instant, tell: Callable[[str], None] = say
) -> Chain | None:
    """Check what was added since the last anchor and write the next one, if an hour has passed and no
    other process does; what was found, None where nothing was to be done."""
    before = last_anchor(reader)
    if before is not None and 0 <= now - before.at < HOUR:
        return None
    found = verify(reader, since=before)
    head = found.head or chained.head(reader)
    if head is None:
        return None
    value = f"{head.event}:{head.hash}"
    if not upkeep.claim(place, upkeep.ANCHOR, value, now, now - HOUR):
        return None
    tell(anchor_line(chained.store_id(reader), Anchor(head.event, head.hash, now)))
    return found

"""The Message-IDs and the date of a mail, as far as they are sane."""

from __future__ import annotations

import re
from email.utils import mktime_tz, parsedate_tz

from sdesk.mail.reading.fields import unfolded

_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_EARLIEST, _LATEST = 0, 4_102_444_800
REFERENCES = 100
"""The first twenty and the newest eighty are kept of a longer thread."""


def ids(value: bytes) -> tuple[str, ...]:
    """The Message-IDs of a header, each once, in order: printable ASCII in angle brackets."""
    found = list(dict.fromkeys(_ID.findall(unfolded(value, 256_000))))
    if len(found) > REFERENCES:
        found = found[:20] + found[20 - REFERENCES :]
    return tuple(found)


def own_id(values: list[bytes]) -> str:
    """The mail's own Message-ID; '' for none, for several, and for one that is no such thing."""
    if len(values) != 1:
        return ""
    text = unfolded(values[0], 400)
    return text if _ID.fullmatch(text) else ""


def date(value: bytes) -> int | None:
    """The instant that the sender claims; None when it is none."""
    try:
        parts = parsedate_tz(unfolded(value, 100))
        instant = mktime_tz(parts) if parts else None
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return instant if instant is not None and _EARLIEST <= instant < _LATEST else None

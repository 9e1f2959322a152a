"""Time spent as people type it: "15m on the phone", "1h30m", "1:30", "1.5h". Pure."""

from __future__ import annotations

import re

from sdesk.errors import Invalid

EXAMPLES = "15m, 1h, 1h30m, 1:30, 1.5h"
_SPAN = re.compile(
    r"(?:(?P<clock>\d{1,3}):(?P<rest>[0-5]\d)"
    r"|(?P<part>\d{1,3}[.,]\d{1,2})\s?h"
    r"|(?:(?P<hours>\d{1,3})\s?h)?\s?(?:(?P<minutes>\d{1,4})\s?m(?:in)?)?"
    r")(?=\s|$)",
    re.IGNORECASE,
)


def parse_spent(text: str) -> tuple[int, str]:
    """The seconds, and the note that follows them. Raises `Invalid`."""
    text = text.strip()
    found = _SPAN.match(text)
    if found is None or not found[0].strip():
        raise Invalid(f"'{text[:40]}' is no time spent.", f"For example {EXAMPLES}.")
    seconds = _seconds(found)
    if not seconds:
        raise Invalid("No time was spent.", f"For example {EXAMPLES}.")
    return seconds, text[found.end() :].strip()


def _seconds(found: re.Match[str]) -> int:
    if found["clock"] is not None:
        return int(found["clock"]) * 3_600 + int(found["rest"]) * 60
    if found["part"] is not None:
        return round(float(found["part"].replace(",", ".")) * 3_600)
    return int(found["hours"] or 0) * 3_600 + int(found["minutes"] or 0) * 60


def run_seconds(started_at: int, now: int) -> int:
    """What a stopwatch came to: whole minutes, the begun one counts."""
    return max(60, -(-(now - started_at) // 60) * 60)


def run_minutes(started_at: int, now: int) -> int:
    """The full minutes that a running stopwatch shows."""
    return max(0, now - started_at) // 60

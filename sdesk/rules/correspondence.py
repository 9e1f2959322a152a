"""Which letters the desk writes by itself, and when requesters are reminded. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.errors import Invalid
from sdesk.rules.closing import Closing

if TYPE_CHECKING:
    from collections.abc import Callable

SETTING = "mail_letters"
"""The desk's setting: which letters it writes by itself, in one line; "none" for none."""
AUTOMATIC = ("resolved", "closed", "survey", "reminder")
DEFAULT = ("resolved", "closed", "reminder")
REMIND_AFTER, REMIND_TIMES = "remind_after", "remind_times"
"""The desk's settings: after how long without an answer the requester is reminded, how often."""
AFTER, TIMES, MOST_TIMES = "3bd", 2, 10


def written(value: str) -> tuple[str, ...]:
    """Which letters the setting asks for. Raises `Invalid`."""
    words = value.replace(",", " ").split()
    if not words:
        return DEFAULT
    if words == ["none"]:
        return ()
    for word in words:
        if word not in AUTOMATIC:
            raise Invalid(f"{SETTING}: '{word}' is none of {', '.join(AUTOMATIC)}, none.")
    return tuple(words)


def times(value: str) -> int:
    """How often a requester is reminded. Raises `Invalid`."""
    if not value.strip():
        return TIMES
    if not value.strip().isdecimal() or int(value) > MOST_TIMES:
        raise Invalid(f"{REMIND_TIMES}: '{value}' is not a number from 0 to {MOST_TIMES}.")
    return int(value)


def after(value: str) -> Closing | None:
    """After how long a requester is reminded; None for never. Raises `Invalid`."""
    try:
        return Closing.parse(value or AFTER)
    except Invalid:
        raise Invalid(
            f"{REMIND_AFTER}: '{value}' is no time to remind after.",
            "Write '3bd' for working days, '72h' for hours, or 'off'.",
        ) from None


CHECKS: dict[str, Callable[[str], object]] = {
    SETTING: written, REMIND_AFTER: after, REMIND_TIMES: times,
}  # fmt: skip
"""Setting → what refuses a value it can't have."""

"""Time that passes, as people read it: countdowns, when they next change, ages and moments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sdesk.model import Instant, TicketRow

MINUTE, HOUR, DAY = 60, 3600, 86_400
SECONDS_UNDER = 10 * MINUTE
"""Below this a countdown shows seconds."""
AT_RISK = HOUR
"""A clock with less than this left is at risk."""
MINUS = "−"

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def countdown_parts(
    due_at: Instant | None,
    breach_at: Instant | None,
    now: Instant,
    *,
    paused_remaining: int | None = None,
) -> tuple[str, str]:
    """The sign ("!!", "!", "‖" or "") and the text ("−12m", "08:32", "2h 10m") of a clock.

    Between due and breach (the office is closed) a clock stands at 00:00. `breach_at` is the last
    instant that still holds the promise.
    """
    if paused_remaining is not None:
        # A promise that was broken before the pause stays broken.
        return ("!!" if paused_remaining < 0 else "‖"), duration(paused_remaining)
    if due_at is None:
        return "", ""
    if now > due_at:
        if breach_at is not None and now <= breach_at:
            return "!", "00:00"
        return "!!", MINUS + _span(now - due_at)
    left = due_at - now
    if left < SECONDS_UNDER:
        return "!", f"{left // MINUTE:02d}:{left % MINUTE:02d}"
    return ("!" if left < AT_RISK else ""), _span(left)


def countdown(
    due_at: Instant | None,
    breach_at: Instant | None,
    now: Instant,
    *,
    paused_remaining: int | None = None,
) -> str:
    """What is left of a clock: "!! −12m", "!  08:32", "2h 10m", "3d 4h", "‖ 3h 20m" or nothing."""
    sign, text = countdown_parts(due_at, breach_at, now, paused_remaining=paused_remaining)
    if sign == "‖":
        return f"‖ {text}"
    return f"{sign:<2} {text}" if sign else text


def countdown_cell(row: TicketRow, now: Instant) -> str:
    """The countdown of a list's row, its text always in the same column behind the sign."""
    sign, text = countdown_parts(row.due_at, row.breach_at, now, paused_remaining=row.remaining)
    return f"{sign:<2} {text}" if text else ""


def next_change(
    due_at: Instant | None, now: Instant, *, breach_at: Instant | None = None
) -> Instant | None:
    """When the running countdown's text will next differ; None when there is no clock."""
    if due_at is None:
        return None
    left = due_at - now
    if left >= 0:
        if left < SECONDS_UNDER:
            return now + 1 if left or breach_at is None else max(breach_at, now) + 1
        return now + left % _unit(left) + 1
    if breach_at is not None and now <= breach_at:
        return breach_at + 1
    unit = _unit(-left)
    return now + unit - (-left) % unit


def _unit(seconds: int) -> int:
    """The step in which `_span` of so many seconds changes."""
    if seconds < DAY:
        return MINUTE
    return HOUR if seconds < 10 * DAY else DAY


def _span(seconds: int) -> str:
    """A span of calendar time in at most two units, floored: 12m, 2h 10m, 3d 4h, 12d."""
    if seconds < HOUR:
        return f"{seconds // MINUTE}m"
    if seconds < DAY:
        return f"{seconds // HOUR}h {seconds % HOUR // MINUTE}m"
    if seconds < 10 * DAY:
        return f"{seconds // DAY}d {seconds % DAY // HOUR}h"
    return f"{seconds // DAY}d"


def duration(seconds: int) -> str:
    """An amount of working time: 45s, 50m, 2h 28m, 40h. Never in days: a working day isn't 24 h."""
    if seconds < 0:
        return MINUS + duration(-seconds)
    if seconds < MINUTE:
        return f"{seconds}s" if seconds else "0m"
    hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
    if not hours:
        return f"{minutes}m"
    return f"{hours}h {minutes}m" if minutes else f"{hours}h"


def adding_up(amounts: Iterable[int]) -> list[int]:
    """Amounts in whole minutes whose sum is that of the amounts, floored: a ledger that adds up.

    What is less than a minute keeps its seconds.
    """
    shown: list[int] = []
    total = 0
    for amount in amounts:
        before, total = total // MINUTE, total + amount
        shown.append((total // MINUTE - before) * MINUTE or amount)
    return shown


def age(at: Instant, now: Instant) -> str:
    """How long ago, in one unit: now, 5m, 2h, 3d, 5w, 2y. What lies ahead counts as now."""
    passed = now - at
    for unit, letter in ((365 * DAY, "y"), (7 * DAY, "w"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if passed >= (2 * unit if letter == "w" else unit):
            return f"{passed // unit}{letter}"
    return "now"


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    # Here, not above: a list of countdowns needs no zones.
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def local(at: Instant, zone: str) -> datetime:
    """The instant on the wall clock of that time zone."""
    return datetime.fromtimestamp(at, _zone(zone))


def moment(at: Instant | None, zone: str, now: Instant) -> str:
    """Local time, as short as it stays clear: 10:42, Tue 10:42, 3 Nov 10:42, 3 Nov 2025; "" for None."""
    if at is None:
        return ""
    there, today = local(at, zone), local(now, zone).date()
    days = there.date() - today
    if not days:
        return f"{there:%H:%M}"
    if abs(days) < timedelta(days=7):
        return f"{_DAYS[there.weekday()]} {there:%H:%M}"
    if there.year == today.year:
        return f"{there.day} {_MONTHS[there.month - 1]} {there:%H:%M}"
    return f"{there.day} {_MONTHS[there.month - 1]} {there.year}"


def stamp(at: Instant | None, zone: str) -> str:
    """Local time in full, for tables and files: 2026-11-03 10:42; "" for None."""
    return "" if at is None else f"{local(at, zone):%Y-%m-%d %H:%M}"

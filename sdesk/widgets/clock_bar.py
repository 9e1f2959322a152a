"""A clock as a bar of its elapsed share, and as a sentence."""

from __future__ import annotations

from sdesk.model import ClockRow, Instant
from sdesk.present import countdown_parts, duration, moment
from sdesk.rules.calendar import Calendar
from sdesk.rules.clock import Clock

FULL, EMPTY = "█", "░"
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


def bar(share: float, width: int) -> str:
    """The share (0 to 1, more is full) in so many cells, to an eighth of a cell."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    return (FULL * full + _EIGHTHS[rest]).ljust(full + bool(rest), FULL) + EMPTY * (
        width - full - bool(rest)
    )


def share_of(clock: Clock | ClockRow, calendar: Calendar | None, now: Instant) -> float:
    """The share of the budget that is worked by now; more than 1 past due.

    A running clock without a known calendar is as far as it was when it was last computed.
    """
    used = clock.used
    if (
        calendar is not None
        and clock.due_at is not None
        and clock.stopped_at is None
        and not clock.paused
    ):
        ahead, behind = calendar.elapsed_s(now, clock.due_at), calendar.elapsed_s(clock.due_at, now)
        used = clock.budget - ahead + behind
    return used / clock.budget if clock.budget else 1.0


def clock_sign(clock: Clock | ClockRow, now: Instant) -> tuple[str, str]:
    """(sign, text) of a clock: ("!!", "−12m"), ("✓", "met"), ("‖", "3h 20m")."""
    if clock.stopped_at is not None:
        return ("!!", "breached") if clock.verdict == "breached" else ("✓", "met")
    if clock.paused:
        return countdown_parts(None, None, now, paused_remaining=clock.budget - clock.used)
    return countdown_parts(clock.due_at, clock.breach_at, now)


def tone_of(sign: str) -> str:
    """The colour class that goes with a sign."""
    return {"!!": "breached", "!": "risk", "‖": "paused", "✓": "met"}.get(sign, "running")


def clock_words(clock: Clock | ClockRow, zone: str, now: Instant) -> str:
    """When it is due or was stopped, and what it promises: "due Tue 13:52 · 2h 28m of 4h"."""
    if clock.stopped_at is not None:
        return f"{moment(clock.stopped_at, zone, now)} · {duration(clock.used)} of {duration(clock.budget)}"
    if clock.paused:
        return f"paused · {duration(clock.used)} of {duration(clock.budget)} used"
    return (
        f"due {moment(clock.due_at, zone, now)} · {duration(clock.budget)}"
        if clock.due_at
        else "never due"
    )

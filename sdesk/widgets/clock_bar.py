"""A clock as a bar of its elapsed share, and as a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.present import countdown_parts, duration, moment

if TYPE_CHECKING:
    # Calendars take time to load; the preview needs only words.
    from sdesk.model import ClockRow, Instant
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


def is_left(clock: Clock | ClockRow, is_done: bool) -> bool:
    """Whether the ticket ended before the promise did: nobody answered, and nobody waits any more.
    It was neither kept nor, while there was time left, broken; reopened, the clock goes on."""
    return is_done and clock.stopped_at is None and clock.paused


def left_words(clock: Clock | ClockRow) -> str:
    """What was left undone: "never answered"."""
    return {"response": "never answered", "update": "not answered"}.get(clock.target, "left")


def clock_sign(clock: Clock | ClockRow, now: Instant, *, is_done: bool = False) -> tuple[str, str]:
    """(sign, text) of a clock: ("!!", "−12m"), ("✓", "met"), ("‖", "3h 20m"); where the ticket is
    finished and the clock stands for good, ("–", "never answered")."""
    if is_left(clock, is_done):
        return ("!!" if clock.used > clock.budget else "–"), left_words(clock)
    if clock.stopped_at is not None:
        return ("!!", "breached") if clock.verdict == "breached" else ("✓", "met")
    if clock.paused:
        return countdown_parts(None, None, now, paused_remaining=clock.budget - clock.used)
    return countdown_parts(clock.due_at, clock.breach_at, now)


def tone_of(sign: str) -> str:
    """The colour class that goes with a sign."""
    return {"!!": "breached", "!": "risk", "‖": "paused", "–": "paused", "✓": "met"}.get(
        sign, "running"
    )


def clock_words(
    clock: Clock | ClockRow, zone: str, now: Instant, *, done_at: Instant | None = None
) -> str:
    """When it is due or was stopped, and what it promises: "due Tue 13:52 · 2h 28m of 4h". `done_at`:
    when the ticket was finished, if it is."""
    if done_at is not None and is_left(clock, True):
        return f"stopped by the end {moment(done_at, zone, now)} · {duration(clock.used)} of {duration(clock.budget)}"
    if clock.stopped_at is not None:
        return f"{moment(clock.stopped_at, zone, now)} · {duration(clock.used)} of {duration(clock.budget)}"
    if clock.paused:
        return f"paused · {duration(clock.used)} of {duration(clock.budget)} used"
    return (
        f"due {moment(clock.due_at, zone, now)} · {duration(clock.budget)}"
        if clock.due_at
        else "never due"
    )

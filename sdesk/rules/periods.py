"""Periods of whole days that reports are about: today, the last weeks, this month. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PERIODS = ("today", "7 days", "30 days", "90 days", "this month", "last month")
"""In the order in which a key goes through them."""
_DAYS_BACK = {"today": 0, "7 days": 6, "30 days": 29, "90 days": 89}
"""Today is one of them."""


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days of a zone, and the instants they last from and (exclusively) to."""

    first: date
    last: date
    start: int
    end: int

    @classmethod
    def of(cls, first: date, last: date, zone: str) -> Span:
        return cls(first, last, midnight(first, zone), midnight(last, zone, days=1))


def midnight(at: date, zone: str, *, days: int = 0) -> int:
    """The beginning of a day there, or of one so many days later."""
    return int(datetime.combine(at + timedelta(days=days), time(), ZoneInfo(zone)).timestamp())


def span(period: str, now: int, zone: str) -> Span:
    """The days of a period as of now; "30 days" begins where `sdesk sla report` does."""
    today = datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    if period == "this month":
        return Span.of(today.replace(day=1), today, zone)
    if period == "last month":
        last = today.replace(day=1) - timedelta(days=1)
        return Span.of(last.replace(day=1), last, zone)
    return Span.of(today - timedelta(days=_DAYS_BACK[period]), today, zone)


def days_back(now: int, zone: str, count: int) -> list[int]:
    """The beginnings of the last days, today's last, and of tomorrow: one more than `count`."""
    today = datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    return [midnight(today, zone, days=day) for day in range(1 - count, 2)]

"""How much time a promise allows: working time or working days, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk.errors import Invalid

if TYPE_CHECKING:
    from sdesk.rules.calendar import Calendar

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_WORKING_DAYS = re.compile(r"(\d+)bd( end)?")
_MOST_SECONDS = 10 * 366 * 86_400
_MOST_DAYS = 2_000


class PolicyError(Invalid):
    """A policy that can't be; names the value and the place."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a target allows: working seconds, or working days."""

    seconds: int = 0
    days: int = 0
    end_of_day: bool = False
    """Whether the last of the working days counts to its closing time."""

    def __post_init__(self) -> None:
        if (self.seconds > 0) == (self.days > 0) or min(self.seconds, self.days) < 0:
            raise PolicyError("A budget is a time longer than zero.")

    @classmethod
    def parse(cls, text: str, place: str = "budget") -> Budget:
        """Read "4h", "1h30m", "2d" (48 hours of working time), "3bd" or "3bd end" (of day)."""
        written = str(text).strip().lower()
        if days := _WORKING_DAYS.fullmatch(written):
            return cls(
                days=_positive(int(days[1]), _MOST_DAYS, text, place), end_of_day=bool(days[2])
            )
        return cls(seconds=parse_duration(text, place))

    def __str__(self) -> str:
        if self.days:
            return f"{self.days}bd end" if self.end_of_day else f"{self.days}bd"
        return duration_text(self.seconds)

    def working_seconds(self, start: int, calendar: Calendar) -> int:
        """The budget of a clock that starts then; pauses come on top of the working days."""
        if self.seconds:
            return self.seconds
        return calendar.elapsed_s(start, calendar.add_days_s(start, self.days, self.end_of_day))


def parse_duration(text: str, place: str = "duration") -> int:
    """Seconds of "4h", "1h30m", "90s"; a day is 24 hours."""
    found = _DURATION.fullmatch(str(text).strip().lower().replace(" ", ""))
    if found is None or not found[0]:
        raise PolicyError(
            f"{place}: '{text}' is not a length of time.", "Write it like '30m', '4h' or '3bd'."
        )
    parts = zip(found.groups(), _UNITS.values(), strict=True)
    seconds = sum(int(count) * unit for count, unit in parts if count)
    return _positive(seconds, _MOST_SECONDS, text, place)


def duration_text(seconds: int) -> str:
    """The shortest text that `parse_duration` reads back; days are written as hours."""
    hours, rest = divmod(seconds, 3600)
    parts = [(hours, "h"), (rest // 60, "m"), (rest % 60, "s")]
    return "".join(f"{count}{unit}" for count, unit in parts if count)


def _positive(amount: int, most: int, text: str, place: str) -> int:
    if amount <= 0:
        raise PolicyError(f"{place}: '{text}' is not longer than zero.")
    if amount > most:
        raise PolicyError(f"{place}: '{text}' is longer than ten years.")
    return amount

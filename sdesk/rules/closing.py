"""When a resolved ticket that nobody has answered closes by itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk.errors import Invalid
from sdesk.rules.budget import Budget, PolicyError

if TYPE_CHECKING:
    from sdesk.model import Instant
    from sdesk.rules.calendar import Calendar

SETTING = "close_after"
DEFAULT = "5bd"
NEVER = ("", "off", "never")


@dataclass(frozen=True, slots=True)
class Closing:
    """How long a ticket stays resolved: working days of the desk's calendar, or hours by the clock."""

    after: Budget

    @classmethod
    def parse(cls, text: str) -> Closing | None:
        """Read "5bd", "5bd end" (of the day) or "72h"; None for never. Raises `Invalid`."""
        if text.strip().lower() in NEVER:
            return None
        try:
            return cls(Budget.parse(text, SETTING))
        except PolicyError:
            raise Invalid(
                f"{SETTING}: '{text}' is no time to close after.",
                "Write '5bd' for working days, '72h' for hours, or 'off'.",
            ) from None

    def at(self, resolved_at: Instant, calendar: Calendar) -> Instant:
        """When a ticket that was resolved then closes."""
        if self.after.days:
            return calendar.add_days_s(resolved_at, self.after.days, self.after.end_of_day)
        return resolved_at + self.after.seconds

    @property
    def reason(self) -> str:
        """As the history tells it."""
        if not self.after.days:
            return f"no answer for {self.after}"
        return f"no answer for {self.after.days} working day{'s' * (self.after.days != 1)}"

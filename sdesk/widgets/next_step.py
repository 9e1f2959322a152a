"""The next warning or escalation of a clock, in few cells."""

from __future__ import annotations

from dataclasses import dataclass

from sdesk.model import Instant
from sdesk.present import local, moment
from sdesk.text import clean_line


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next, when, and whom it tells: logins, or words that no login replaces."""

    title: str
    at: Instant
    tell: tuple[str, ...] = ()

    def words(self, zone: str, now: Instant) -> str:
        """ "75% 14:20 → lead, ana"."""
        told = f" → {', '.join(self.tell)}" if self.tell else ""
        return clean_line(f"{self.title} {moment(self.at, zone, now)}{told}")

    def short(self, zone: str, now: Instant) -> str:
        """ "→ 14:20", "→ Tue 14:20", "→ 24 Dec": when, in eleven cells."""
        when = moment(self.at, zone, now)
        return f"→ {when}" if len(when) < 10 else f"→ {local(self.at, zone):%d %b}"

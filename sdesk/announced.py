"""Values of what is told to many, and of what one of them thought of the help."""

from __future__ import annotations

from typing import NamedTuple

from sdesk.model import Instant, TicketId

SOON = 24 * 3600
"""Seconds ahead in which planned work is told of in every head."""


class Announcement(NamedTuple):
    """Word of planned work or an outage."""

    id: int
    kind: str
    """planned or outage."""
    title: str
    text: str
    scope: str
    target: str
    starts_at: Instant | None
    ends_at: Instant | None
    state: str
    """open, over or cancelled."""
    ticket: TicketId | None
    agent: str
    at: Instant
    updated_at: Instant

    def stands(self, now: Instant) -> bool:
        """Whether what it tells of goes on now: an outage until somebody says that it is over."""
        begun = self.starts_at is None or self.starts_at <= now
        is_past = self.kind != "outage" and self.ends_at is not None and self.ends_at <= now
        return self.state == "open" and begun and not is_past

    def is_told(self, now: Instant) -> bool:
        """Whether the heads tell of it: it stands, or begins soon."""
        begins = self.starts_at is not None and now < self.starts_at <= now + SOON
        return self.stands(now) or (self.state == "open" and begins)


class Survey(NamedTuple):
    """What the requester was asked when it was closed, and said."""

    asked_at: Instant
    """0: they said it without being asked."""
    score: int | None
    comment: str
    answered_at: Instant | None

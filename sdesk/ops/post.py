"""Operations on mails of ours that did not arrive."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resend:
    """Send a mail of the ticket again that did not arrive, or has been tried in vain so far."""

    letter: int | None = None
    """None: all of them."""


@dataclass(frozen=True, slots=True)
class DropMail:
    """Give up a mail of the ticket that did not arrive, or that has been tried in vain so far."""

    letter: int | None = None
    """None: all of them."""

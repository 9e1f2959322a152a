"""How a demo store is told from a desk of work: one setting, which also says how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import Instant

MARK = "demo"
"""The setting's name; its value is tickets, seed and moment."""


def mark_of(tickets: int, seed: int, now: Instant) -> str:
    return f"{tickets} {seed} {now}"


def made_of(desk: Desk) -> tuple[int, int, Instant] | None:
    """Tickets, seed and moment of a demo store; None for a desk of work."""
    words = desk.read.settings().get(MARK, "").split()
    if len(words) != 3 or not all(word.lstrip("-").isdigit() for word in words):
        return None
    return int(words[0]), int(words[1]), int(words[2])

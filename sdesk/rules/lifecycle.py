"""Which state may follow which, by the states' categories. Pure."""

from __future__ import annotations

from sdesk.errors import Refused
from sdesk.model import LIVE, State, StateCategory

NEW, OPEN, WAITING = StateCategory.NEW, StateCategory.OPEN, StateCategory.WAITING
RESOLVED, CLOSED = StateCategory.RESOLVED, StateCategory.CLOSED

NEXT: dict[StateCategory, frozenset[StateCategory]] = {
    NEW: frozenset({NEW, OPEN, WAITING, RESOLVED}),
    OPEN: frozenset({OPEN, WAITING, RESOLVED}),
    WAITING: frozenset({OPEN, WAITING, RESOLVED}),
    RESOLVED: frozenset({RESOLVED, OPEN, CLOSED}),
    CLOSED: frozenset({OPEN}),
}
"""What an agent may do. Imports record what happened elsewhere, whatever it was."""
CANCELLED = "cancelled"
"""The one closed state that a live ticket may go to: it ends without a resolution."""


def check(before: State, after: State) -> None:
    """Raises `Refused` with the way that is open."""
    if after.key == CANCELLED and before.category != CLOSED:
        return
    if after.category in NEXT[before.category]:
        return
    if after.category == CLOSED and before.category in LIVE:
        raise Refused(
            f"A ticket that is {before.name.lower()} can't be closed.",
            "Resolve it first, or cancel it.",
        )
    if before.category == CLOSED:
        raise Refused(f"A closed ticket can't become {after.name.lower()}.", "Reopen it first.")
    raise Refused(f"{before.name} can't be followed by {after.name.lower()}.")


def is_reopening(before: str, after: str) -> bool:
    """Whether a change of category takes finished work up again."""
    return before in (RESOLVED, CLOSED) and after in LIVE

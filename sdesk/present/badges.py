"""Short signs and words for what a row is: state, priority, urgency, nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.model import PRIORITY_NAMES, StateCategory
from sdesk.present.time import countdown_parts
from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdesk.model import Instant, Present, TicketRow

NOBODY = "—"


def urgency(row: TicketRow, now: Instant) -> str:
    """What its clock says about a row: "breached", "risk", "paused" or ""."""
    sign, _ = countdown_parts(row.due_at, row.breach_at, now, paused_remaining=row.remaining)
    return {"!!": "breached", "!": "risk", "‖": "paused"}.get(sign, "")


def state_badge(row: TicketRow, names: Mapping[str, str] | None = None) -> str:
    """The state in a list: new, open, "‖ customer", "‖ scheduled", "✓ resolved", closed.

    `names` gives the desk's own names by key; a waiting state drops its "waiting for".
    """
    if row.category == StateCategory.WAITING:
        return "‖ " + clean_line(row.state).removeprefix("waiting-")
    name = clean_line((names or {}).get(row.state, row.state))
    return f"✓ {name}" if row.category == StateCategory.RESOLVED else name


def tone(category: str) -> str:
    """The colour class of a state's category: new, open, paused or done."""
    if category in (StateCategory.RESOLVED, StateCategory.CLOSED):
        return "done"
    return "paused" if category == StateCategory.WAITING else str(category)


def priority_badge(priority: int, *, long: bool = False) -> str:
    """P1, or in full "P1 critical"."""
    return f"P{priority} {PRIORITY_NAMES.get(priority, '')}".rstrip() if long else f"P{priority}"


def person_or_nobody(name: str) -> str:
    return clean_line(name) or NOBODY


def company_words(company: Sequence[Present]) -> str:
    """ "ben is writing · lea looks"."""
    writing = [clean_line(one.agent) for one in company if one.is_writing]
    looking = [clean_line(one.agent) for one in company if not one.is_writing]
    parts = []
    if writing:
        parts.append(f"{', '.join(writing)} {'is' if len(writing) == 1 else 'are'} writing")
    if looking:
        parts.append(f"{', '.join(looking)} look{'s' if len(looking) == 1 else ''}")
    return " · ".join(parts)


def counted(number: int, one: str, many: str = "") -> str:
    """1 ticket, 12 tickets, 1,042 tickets."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"

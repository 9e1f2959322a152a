"""What triage reads, away from the screen's loop: which tickets are left, and all that decides one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sdesk.model import PRIORITY_NAMES, StateCategory, TicketId
from sdesk.rules.triage import settled_by
from sdesk.screens.reading import TicketPage, read_page
from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sdesk.desk import Desk
    from sdesk.model import EventId, TicketRow
    from sdesk.suggesting import Advice

VIEW, QUERY = "unassigned", "state:open is:unassigned sort:due"
"""The view whose query is triaged, and the query where there is no such view."""
REASON = "-state:waiting"
"""What waits has been looked at."""
MOST_ASKED = 50
"""Tickets that left at once and of which it is asked who settled them."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One ticket with all that decides where it goes."""

    page: TicketPage
    advice: Advice


@dataclass(frozen=True, slots=True)
class Gone:
    """A ticket that is no longer to be triaged."""

    row: TicketRow | None
    by: str
    """Whose act took it out; empty where that isn't known."""

    def words(self) -> str:
        """What became of it: "taken by ben"."""
        if self.row is None:
            return "gone"
        if self.row.category in (StateCategory.RESOLVED, StateCategory.CLOSED):
            return clean_line(f"{self.row.state} by {self.by}" if self.by else self.row.state)
        if self.row.assignee == self.by and self.by:
            return f"taken by {clean_line(self.by)}"
        if self.row.assignee:
            return f"given to {clean_line(self.row.assignee)}"
        return "settled" + (f" by {clean_line(self.by)}" if self.by else "")


@dataclass(frozen=True, slots=True)
class News:
    """How the round stands in the store."""

    ids: Sequence[int]
    """What is to be triaged, in the query's order."""
    at: int | None
    """The ticket at hand when this was asked."""
    newest: EventId | None
    """Its newest event."""
    gone: dict[int, Gone] = field(default_factory=dict)


def usual_query(desk: Desk) -> str:
    """The query of the Unassigned view, without what waits."""
    views = {view.name.casefold(): view.query for view in desk.read.views()}
    query = views.get(VIEW) or QUERY
    return query if " or " in query.casefold() else f"{query} {REASON}"


def read_news(desk: Desk, query: str, left: Collection[int], at: int | None) -> News:
    """Raises what reading raises."""
    read = desk.read
    ids = read.ids(query)
    events = read.history(at, limit=1) if at is not None else ()
    known = set(ids)
    away = [ticket for ticket in left if ticket not in known]
    rows = {int(row.id): row for row in read.rows(away)}
    gone = {ticket: Gone(rows.get(ticket), "") for ticket in away}
    for ticket in away[:MOST_ASKED]:
        gone[ticket] = Gone(rows.get(ticket), settled_by(read.history(ticket, limit=MOST_ASKED)))
    return News(ids, at, events[-1].id if events else None, gone)


def read_sight(desk: Desk, number: int) -> Sight:
    """Raises `NotFound`."""
    page = read_page(desk, TicketId(number))
    return Sight(page, desk.suggest(TicketId(number), wait=False))


@dataclass(frozen=True, slots=True)
class Offer:
    """One suggestion as the panel shows it."""

    question: str
    value: str
    said: str
    """The value as people know it."""
    probability: float
    why: str
    is_so: bool
    """The ticket has it already."""


def offers(sight: Sight) -> dict[str, Offer]:
    """Question → what is suggested."""
    found: dict[str, Offer] = {}
    now = came_to(sight.page)
    for question, made in sight.advice.suggestions:
        found[question] = Offer(
            question, made.value, value_words(sight.page, question, made.value), made.probability,
            clean_line(sight.advice.why(question)), now[question] == made.value,
        )  # fmt: skip
    return found


def value_words(page: TicketPage, question: str, value: str) -> str:
    """A value as people know it: "P2 high", a queue's name."""
    if question == "priority":
        return f"P{value} {PRIORITY_NAMES.get(int(value), '')}".strip() if value.isdigit() else ""
    if question == "queue":
        value = page.names.get(value, value)
    return clean_line(value)


def came_to(of: TicketPage | TicketRow) -> dict[str, str]:
    """Question → what the ticket has."""
    ticket = of.ticket if isinstance(of, TicketPage) else of
    return {
        "category": ticket.path, "queue": ticket.queue, "priority": str(ticket.priority),
        "assignee": ticket.assignee,
    }  # fmt: skip

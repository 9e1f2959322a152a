"""Which tickets somebody may mean who is to name another one: to merge into, to link with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from sdesk.errors import SdeskError
from sdesk.screens.dialogs.pick import Choice
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import TicketId, TicketRow

MOST = 30


def others(
    desk: Desk, tickets: Collection[TicketId], first: Sequence[TicketId] = ()
) -> Callable[[str], list[Choice]]:
    """A source for `Pick`. Nothing typed: the `first` ones, then open tickets of the same requester and
    with the same rare words. Typed: the ticket of that number, then what a search for the words finds."""

    def find(typed: str) -> list[Choice]:
        if typed.strip():
            found = _named(desk, typed.strip())
        else:
            found = [*first, *_likely(desk, tickets)]
        rows = desk.read.rows([n for n in dict.fromkeys(found) if n not in tickets][:MOST])
        return [_choice(row) for row in rows]

    return find


def _named(desk: Desk, typed: str) -> list[int]:
    found: list[int] = []
    with suppress(SdeskError):
        found.append(desk.read.resolve(typed))
    for query in (f"state:open {typed}*", typed):
        # What is half typed need not be a filter yet.
        with suppress(SdeskError):
            found += desk.read.ids(query, limit=MOST)
    return found


def _likely(desk: Desk, tickets: Collection[TicketId]) -> list[int]:
    found: list[int] = []
    for ticket in list(tickets)[:3]:
        found += desk.read.similar_live(ticket, limit=6)
        if (person := desk.read.ticket(ticket).requester) is not None:
            theirs = desk.read.requester_tickets(person.id, limit=MOST)
            found += [row.id for row in theirs if row.category in ("new", "open", "waiting")]
    return found


def _choice(row: TicketRow) -> Choice:
    about = " · ".join(filter(None, (clean_line(row.requester), row.state)))
    return Choice(row, f"{row.ref} {clean_line(row.subject)}", about)

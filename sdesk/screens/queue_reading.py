"""What the queue screen reads, in worker threads: values come back, nothing is painted here."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sdesk.errors import NotFound, QueryError
from sdesk.widgets.header_bar import Burning

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import ClockRow, Entry, EventId, Ticket, TicketId, TicketRow

FIRST_PAGE = 60
VECTOR = 10_000
"""Numbers read at first; more when the cursor nears their end."""
COUNT_AT_MOST = 10_000
LIVE, AT_RISK, BREACHED = "state:open", "state:open is:at-risk", "state:open is:breached"


class Listing(NamedTuple):
    """The answer to a query: numbers, and the rows worth having now."""

    query: str
    ids: array[int]
    rows: Sequence[TicketRow]
    whole: bool
    event: EventId | None = None
    """The newest event when this was read."""


class Glance(NamedTuple):
    """What the preview shows of one ticket."""

    row: TicketRow
    ticket: Ticket
    clocks: tuple[ClockRow, ...]
    entries: tuple[Entry, ...]


class Rows:
    """Where the list's rows come from: with the fields and the tones that the view shows."""

    def __init__(self, desk: Desk) -> None:
        self.read = desk.read
        self.fields: tuple[str, ...] = ()
        self.colours: tuple[tuple[str, str], ...] = ()

    def rows(self, ids: Sequence[int]) -> list[TicketRow]:
        """A colour whose query the desk no longer understands leaves the rows as they are."""
        if not (self.fields or self.colours):
            return self.read.rows(ids)
        try:
            return self.read.looked_at(ids, fields=self.fields, colours=self.colours)
        except QueryError:
            return self.read.looked_at(ids, fields=self.fields)


def first_page(desk: Desk, query: str, rows: Rows) -> Listing:
    """So few rows that the screen can read them itself before its first paint. Raises `QueryError`."""
    ids = desk.read.ids(query, limit=FIRST_PAGE)
    return Listing(query, ids, rows.rows(ids), whole=len(ids) < FIRST_PAGE)


def listing(
    desk: Desk, query: str, known: Sequence[int], limit: int | None, source: Rows
) -> Listing:
    """The vector up to a limit, and fresh rows: the beginning's and the known ones'. Raises `QueryError`."""
    event = desk.read.last_event()
    ids = desk.read.ids(query, limit=limit)
    rows = source.rows([*dict.fromkeys([*known, *ids[:FIRST_PAGE]])])
    whole = limit is None or len(ids) < limit
    return Listing(query, ids, rows, whole, event)


def burning(desk: Desk) -> Burning:
    """How many are live, at risk, breached, and how many mails are held."""
    live, risk, breached = desk.read.counts((LIVE, AT_RISK, BREACHED), at_most=COUNT_AT_MOST)
    return Burning(live, risk, breached, desk.read.count_held())


def glance(desk: Desk, ticket: TicketId, *, entries: int) -> Glance | None:
    """The ticket with its newest entries; None when it is gone."""
    try:
        whole = desk.read.ticket(ticket)
    except NotFound:
        return None
    rows = desk.read.rows([ticket])
    if not rows:
        return None
    return Glance(
        rows[0], whole, desk.read.clocks(ticket), desk.read.conversation(ticket, limit=entries)
    )

"""Moving messages from one ticket's thread to another's.

An entry keeps where it was written (`from_ticket`), wherever and however often it is moved: the events
that tell of it stay there, and so does what the clocks make of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlmodel import col

from sdesk.store.tables import AttachmentTable, EntryTable, OutboxTable, TicketTable

if TYPE_CHECKING:
    from sdesk.store.transaction import Tx


def thread(tx: Tx, ticket: int, *, start: int = 0) -> list[int]:
    """The numbers of the entries that stand in a ticket's thread, from `start` on, oldest first."""
    query = select(col(EntryTable.id)).where(col(EntryTable.ticket_id) == ticket)
    query = query.where(col(EntryTable.id) >= start).order_by(col(EntryTable.id))
    return list(tx.session.execute(query).scalars())


def newest_entry(tx: Tx) -> int:
    return int(tx.session.execute(select(func.max(col(EntryTable.id)))).scalar() or 0)


def move(tx: Tx, entries: Iterable[int], to: int, *, out_of: Sequence[int] = ()) -> list[int]:
    """Put entries into the thread of `to`, with what hangs on them; those that really went.

    With `out_of` only what stands in the threads of those tickets.
    """
    went: list[int] = []
    for number in entries:
        entry = tx.session.get(EntryTable, number)
        if entry is None or entry.ticket_id == to or (out_of and entry.ticket_id not in out_of):
            continue
        tx.reworded |= {entry.ticket_id, to}
        written = entry.ticket_id if entry.from_ticket is None else entry.from_ticket
        entry.ticket_id = to
        entry.from_ticket = None if written == to else written
        went.append(number)
    tx.session.flush()
    _move_along(tx, went, to)
    return went


def _move_along(tx: Tx, entries: list[int], to: int) -> None:
    for table in (AttachmentTable, OutboxTable):
        for start in range(0, len(entries), 500):
            some = entries[start : start + 500]
            tx.session.execute(
                update(table).where(col(table.entry_id).in_(some)).values(ticket_id=to)
            )


def files(tx: Tx, ticket: int) -> list[int]:
    """The numbers of a ticket's files that came with no message."""
    query = select(col(AttachmentTable.id)).where(
        col(AttachmentTable.ticket_id) == ticket, col(AttachmentTable.entry_id).is_(None)
    )
    return [int(number) for number in tx.session.execute(query.order_by("id")).scalars()]


def move_files(tx: Tx, numbers: Iterable[int], to: int, *, out_of: Sequence[int]) -> list[int]:
    """Put files that came with no message to another ticket; those that really went."""
    went: list[int] = []
    for number in numbers:
        file = tx.session.get(AttachmentTable, number)
        if file is not None and file.ticket_id in out_of and file.ticket_id != to:
            file.ticket_id = to
            went.append(number)
    tx.session.flush()
    return went


def later(tx: Tx, ticket: int, than: int) -> int:
    """How many messages have been written in a ticket itself since the entry `than`."""
    query = select(func.count()).where(
        col(EntryTable.ticket_id) == ticket, col(EntryTable.id) > than,
        col(EntryTable.from_ticket).is_(None), col(EntryTable.withdrawn) == 0,
    )  # fmt: skip
    return int(tx.session.execute(query).scalar() or 0)


def survivors(tx: Tx, ticket: int) -> list[int]:
    """The ticket, the one it was merged into, and so on to the one that goes on."""
    found = [ticket]
    while (row := tx.session.get(TicketTable, found[-1])) is not None:
        if row.merged_into is None or row.merged_into in found:
            break
        found.append(row.merged_into)
    return found

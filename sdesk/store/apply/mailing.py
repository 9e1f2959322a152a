"""Who takes part in a ticket by mail, and how undo puts back what mail has brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from sdesk.store import spoken
from sdesk.store.apply.undo import KEPT, Kept
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdesk.store.tables import TicketTable
    from sdesk.store.transaction import Tx

CHANGE = "participant."
LONGEST = 200

_ADD = (
    "INSERT INTO participant (ticket_id, address, name) VALUES (:ticket, :address, :name)"
    " ON CONFLICT (ticket_id, address) DO NOTHING"
)
_DROP = "DELETE FROM participant WHERE ticket_id = :ticket AND address = :address"
_FIND = "SELECT name FROM participant WHERE ticket_id = :ticket AND address = :address"


def join(tx: Tx, ticket: TicketTable, people: Mapping[str, str]) -> None:
    """Let addresses (→ names) write into the ticket; one event where that is news."""
    changes: dict[str, tuple[object, object]] = {}
    for address, name in people.items():
        change = CHANGE + address.casefold()
        if (before := _name(tx, ticket, change)) is None:
            said = cut(clean_line(name), LONGEST)
            _put(tx, ticket, change, said)
            changes[change] = (before, said)
    if changes:
        tx.record("joined", ticket, changes=changes)


def _where(ticket: TicketTable, change: str) -> dict[str, object]:
    return {"ticket": ticket.number, "address": change.removeprefix(CHANGE)}


def _name(tx: Tx, ticket: TicketTable, change: str) -> str | None:
    """Under which name an address takes part; None where it doesn't."""
    row = spoken.row(tx.session, _FIND, _where(ticket, change))
    return None if row is None else str(row[0])


def _put(tx: Tx, ticket: TicketTable, change: str, name: str | None) -> None:
    if name is None:
        spoken.run(tx.session, _DROP, _where(ticket, change))
    else:
        spoken.run(tx.session, _ADD, {**_where(ticket, change), "name": name})


KEPT[CHANGE] = Kept(_name, _put)


# A mail that an agent has let in, "mail.17": held before, new or append now.


def _number(change: str) -> int:
    return int(change.partition(".")[2])


def _outcome_of(tx: Tx, _: TicketTable, change: str) -> str:
    row = tx.session.execute(
        text("SELECT outcome FROM mail WHERE id = :id"), {"id": _number(change)}
    )
    return str(row.scalar_one())


def _put_outcome(tx: Tx, ticket: TicketTable, change: str, outcome: str) -> None:
    is_in = outcome in ("new", "append")
    tx.session.execute(
        text(
            "UPDATE mail SET outcome = :outcome, ticket_id = :ticket, handled_by = :by,"
            " handled_at = :at WHERE id = :id"
        ),
        {
            "outcome": outcome, "id": _number(change), "ticket": ticket.number if is_in else None,
            "by": tx.actor if is_in else "", "at": tx.at if is_in else None,
        },
    )  # fmt: skip


KEPT["mail."] = Kept(_outcome_of, _put_outcome)

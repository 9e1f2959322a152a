"""Public messages on their way out: each waits a moment in which it can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from sdesk.errors import Invalid, Refused
from sdesk.store import letters
from sdesk.store.tables import OutboxTable

if TYPE_CHECKING:
    from sqlmodel import Session

    from sdesk.model import Instant
    from sdesk.store.tables import EntryTable
    from sdesk.store.transaction import Tx

SETTING = "undo_seconds"
"""The desk's setting: for how long a reply can be taken back; 0 sends at once."""
DEFAULT = 15
MOST = 600


_PUT = "INSERT INTO outbox (entry_id, ticket_id, send_after, sent_at) VALUES (:entry, :ticket, :after, :sent)"


def seconds(value: str) -> int:
    """The setting's value. Raises `Invalid`."""
    if not value.strip():
        return DEFAULT
    if not value.strip().isdecimal() or int(value) > MOST:
        raise Invalid(f"{SETTING}: '{value}' is not a number of seconds from 0 to {MOST}.")
    return int(value)


def put(tx: Tx, entry: EntryTable) -> None:
    """Let a reply leave when its time has come, by mail where the desk has an address; with no time
    to wait it has left."""
    assert entry.id is not None
    row = {
        "entry": entry.id, "ticket": entry.ticket_id, "after": tx.at + tx.grace,
        "sent": None if tx.grace else tx.at,
    }  # fmt: skip
    tx.later((_PUT, row))
    letters.reply(tx, entry)


def take_back(tx: Tx, entry: EntryTable, ref: str) -> None:
    """Keep a reply from leaving. Raises `Refused` where it has left: by mail, where it goes so."""
    row = tx.session.get(OutboxTable, entry.id)
    if row is None:
        return
    if row.sent_at is not None and not letters.is_here(tx, entry.id):
        raise Refused(
            f"The reply on {ref} was sent {_ago(tx.at - row.sent_at)}; it can't be taken back.",
            "Write another one.",
        )
    letters.take_back(tx, entry.id)
    tx.session.delete(row)
    tx.session.flush()


def _ago(spent: int) -> str:
    return "just now" if spent < 60 else f"{spent // 60} min ago" if spent < 5_400 else "long ago"


def release(session: Session, now: Instant, ticket: int | None = None) -> list[int]:
    """Mark what is due as sent; the numbers of those entries. Sending itself is the channels' part."""
    due = "outbox WHERE sent_at IS NULL AND send_after <= :now"
    due += "" if ticket is None else " AND ticket_id = :ticket"
    values = {"now": now, "ticket": ticket}
    rows = session.execute(text(f"SELECT entry_id FROM {due}"), values)
    numbers = [int(number) for (number,) in rows]
    if numbers:
        session.execute(
            text(f"UPDATE {due.replace(' WHERE', ' SET sent_at = :now WHERE')}"), values
        )
    return numbers

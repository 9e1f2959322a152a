"""Appliers for mails of ours that did not arrive: once more, or given up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from sdesk import ops
from sdesk.errors import Refused
from sdesk.posted import BOUNCED, DROPPED, FAILED, WAITING
from sdesk.store.apply import apply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.store.tables import TicketTable
    from sdesk.store.transaction import Tx

LETTER = "letter."
"""Before the number of a letter in an event's changes."""
LEAVING = "leaving"
"""What a letter that waits counts as once a server has been asked: it may have left."""


@apply.register(ops.Resend)
def _resend(op: ops.Resend, tx: Tx, ticket: TicketTable) -> TicketTable:
    for number, state, to in _concerned(tx, ticket, op.letter, (FAILED, BOUNCED, DROPPED)):
        _set(tx, number, WAITING)
        values = {"id": number, "now": tx.at}
        # Its two days begin anew.
        tx.session.execute(text("UPDATE letter SET send_after = :now WHERE id = :id"), values)
        changes = {f"{LETTER}{number}": (state, WAITING)}
        tx.record("mail_resent", ticket, changes=changes, details={"letter": number, "to": to})
    return ticket


@apply.register(ops.DropMail)
def _drop(op: ops.DropMail, tx: Tx, ticket: TicketTable) -> TicketTable:
    for number, state, to in _concerned(tx, ticket, op.letter, (FAILED, BOUNCED)):
        _set(tx, number, DROPPED)
        changes = {f"{LETTER}{number}": (state, DROPPED)}
        tx.record("mail_dropped", ticket, changes=changes, details={"letter": number, "to": to})
    return ticket


def _concerned(
    tx: Tx, ticket: TicketTable, number: int | None, states: Sequence[str]
) -> list[tuple[int, str, list[str]]]:
    """The letters meant, with state and recipients; what is being tried counts as failed, too."""
    query = text(
        "SELECT id, state, recipients, answer, held_until FROM letter WHERE (ticket_id = :ticket OR"
        " entry_id IN (SELECT id FROM entry WHERE ticket_id = :ticket)) ORDER BY id"
    )
    rows = tx.session.execute(query, {"ticket": ticket.number}).all()
    known = [row for row in rows if number is None or row[0] == number]
    if number is not None and not known:
        raise Refused(f"{tx.ref(ticket.number)} has no mail {number}.", "See: sdesk mail outbox")
    tried = [r for r in known if r[1] == WAITING and r[3] and (r[4] or 0) <= tx.at]
    # Of all of a ticket's, those that were given up by hand stay so.
    wanted = [r for r in known if r[1] in states and (number is not None or r[1] != DROPPED)]
    if not wanted and not tried:
        raise Refused("There is no mail of it that did not arrive.", "See: sdesk mail outbox")
    return [(int(r[0]), str(r[1]), json.loads(r[2])) for r in (*wanted, *tried)]


def _set(tx: Tx, number: int, state: str) -> None:
    """The state of a letter; one that waits is as if it had never been tried."""
    waits = state == WAITING
    tx.session.execute(
        text(
            "UPDATE letter SET state = :state, next_at = :next, tries = 0, holder = '',"
            " held_until = NULL WHERE id = :id"
        ),
        {"state": state, "next": tx.at if waits else None, "id": number},
    )


def state_of(tx: Tx, _ticket: TicketTable, name: str) -> Any:
    """For undo: the state of the letter that a change names."""
    query = text("SELECT state, tries FROM letter WHERE id = :id")
    row = tx.session.execute(query, {"id": int(name.removeprefix(LETTER))}).first()
    if row is None:
        return None
    return LEAVING if row[0] == WAITING and row[1] else str(row[0])


def put_state(tx: Tx, _ticket: TicketTable, name: str, state: Any) -> None:
    _set(tx, int(name.removeprefix(LETTER)), state)

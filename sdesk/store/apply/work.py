"""Appliers of what hangs on a ticket: files, time spent, the checklist, those who watch it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text
from sqlmodel import col

from sdesk import ops
from sdesk.errors import Invalid, NotFound, Refused
from sdesk.files import LIMIT, file_name, file_size, media_of
from sdesk.store.apply import apply
from sdesk.store.apply.undo import KEPT, Kept
from sdesk.store.tables import (
    AgentTable,
    AttachmentTable,
    BlobTable,
    CheckItemTable,
    SettingTable,
    StopwatchTable,
    TicketTable,
    WatcherTable,
    WorkedTable,
)
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sqlmodel import Session

    from sdesk.store.transaction import Tx

STOPWATCH = "stopwatch"
"""The change of an event that stopped it."""
SPOKEN = ("replied", "received", "noted", "called", "chatted")


# Files


@apply.register(ops.Attach)
def _attach(op: ops.Attach, tx: Tx, ticket: TicketTable) -> TicketTable:
    name = file_name(op.name)
    _check_size(tx, name, len(op.body))
    row = AttachmentTable(
        ticket_id=ticket.number, entry_id=_just_said(tx, ticket), name=name,
        media=media_of(name, op.body), size=len(op.body), sha256=_keep(tx, op.body), at=tx.at,
        agent=tx.actor,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    details = {"attachment": row.id, "name": name, "size": row.size, "media": row.media}
    tx.record("attached", ticket, details=details)
    return ticket


def _check_size(tx: Tx, name: str, size: int) -> None:
    row = tx.session.get(SettingTable, "attachment_limit")
    limit = int(row.value) if row is not None and row.value.isdigit() else LIMIT
    if size > limit:
        raise Refused(
            f"{name} has {file_size(size)}; a file may have {file_size(limit)}.",
            "An admin can change the setting attachment_limit.",
        )


def _keep(tx: Tx, body: bytes) -> str:
    """The hash under which the bytes lie in the store, once however often they are attached."""
    key = hashlib.sha256(body).hexdigest()
    if tx.session.get(BlobTable, key) is None:
        tx.session.add(BlobTable(sha256=key, body=body))
    return key


def _just_said(tx: Tx, ticket: TicketTable) -> int | None:
    """The message that this same transaction has written, for its files to go with."""
    for row in reversed(tx.events):
        if row["ticket_id"] == ticket.id and row["kind"] in SPOKEN:
            return int(json.loads(row["payload"])["details"]["entry"])
    return None


@apply.register(ops.Detach)
def _detach(op: ops.Detach, tx: Tx, ticket: TicketTable) -> TicketTable:
    row = _file(tx, ticket, op.file)
    if row is None or row.withdrawn:
        raise NotFound(f"The ticket has no file {op.file}.")
    row.withdrawn = 1
    details = {"name": row.name, "size": row.size}
    tx.record("detached", ticket, changes={f"file.{row.id}": (True, False)}, details=details)
    return ticket


def _file(tx: Tx, ticket: TicketTable, number: int) -> AttachmentTable | None:
    row = tx.session.get(AttachmentTable, number)
    return row if row is not None and row.ticket_id == ticket.id else None


# Time spent


@apply.register(ops.LogTime)
def _log_time(op: ops.LogTime, tx: Tx, ticket: TicketTable) -> TicketTable:
    row = WorkedTable(
        ticket_id=ticket.number, agent=tx.actor, at=tx.at, seconds=op.seconds,
        note=clean_line(op.note),
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    changes: dict[str, tuple[Any, Any]] = {}
    if op.stop and (started := _runs_since(tx, ticket)) is not None:
        _run_since(tx, ticket, STOPWATCH, None)
        changes[STOPWATCH] = (started, None)
    details = {"worked": row.id, "seconds": op.seconds, "note": row.note}
    tx.record("worked", ticket, changes=changes, details=details)
    return ticket


def _runs_since(tx: Tx, ticket: TicketTable, _name: str = STOPWATCH) -> int | None:
    """Since when the actor's stopwatch runs on the ticket; None where it doesn't."""
    row = tx.session.get(StopwatchTable, tx.actor)
    return row.started_at if row is not None and row.ticket_id == ticket.number else None


def _run_since(tx: Tx, ticket: TicketTable, _name: str, started: int | None) -> None:
    """Let it go on as if it had not been stopped, unless one runs since then; None puts it back."""
    row = tx.session.get(StopwatchTable, tx.actor)
    if started is not None and row is None:
        tx.session.add(StopwatchTable(agent=tx.actor, ticket_id=ticket.number, started_at=started))
    elif started is None and row is not None and row.ticket_id == ticket.number:
        tx.session.delete(row)
    tx.session.flush()


KEPT[STOPWATCH] = Kept(_runs_since, _run_since)


def start_stopwatch(session: Session, agent: str, ticket: int, at: int) -> None:
    """Start the agent's one stopwatch on the ticket. Raises `Refused` while it runs elsewhere."""
    row = session.get(StopwatchTable, agent)
    if row is not None and row.ticket_id != ticket:
        raise Refused(f"Your stopwatch runs on ticket {row.ticket_id}.", "Stop it there first.")
    if row is None:
        session.add(StopwatchTable(agent=agent, ticket_id=ticket, started_at=at))


def drop_stopwatch(session: Session, agent: str) -> None:
    """Put the agent's stopwatch back without recording time."""
    session.execute(text("DELETE FROM stopwatch WHERE agent = :agent"), {"agent": agent})


# The checklist


@apply.register(ops.AddCheck)
def _add_check(op: ops.AddCheck, tx: Tx, ticket: TicketTable) -> TicketTable:
    here = col(CheckItemTable.ticket_id) == ticket.id
    (last,) = tx.session.execute(select(func.max(col(CheckItemTable.position))).where(here)).one()
    body = clean_line(op.text)
    if not body:
        raise Invalid("Line of the checklist: there is no text.")
    row = CheckItemTable(
        ticket_id=ticket.number, position=int(last or 0) + 1, body=body, done=int(op.done)
    )
    tx.session.add(row)
    tx.session.flush()
    tx.record("check_added", ticket, details={"item": row.id, "text": body})
    return ticket


@apply.register(ops.Check)
def _check(op: ops.Check, tx: Tx, ticket: TicketTable) -> TicketTable:
    return _tick(tx, ticket, op.item, 1, "checked")


@apply.register(ops.Uncheck)
def _uncheck(op: ops.Uncheck, tx: Tx, ticket: TicketTable) -> TicketTable:
    return _tick(tx, ticket, op.item, 0, "unchecked")


def _tick(tx: Tx, ticket: TicketTable, item: int, done: int, kind: str) -> TicketTable:
    row = _item(tx, ticket, item)
    if row.done != done:
        row.done = done
        changes = {f"check.{item}": (not done, bool(done))}
        tx.record(kind, ticket, changes=changes, details={"text": row.body})
    return ticket


@apply.register(ops.DropCheck)
def _drop_check(op: ops.DropCheck, tx: Tx, ticket: TicketTable) -> TicketTable:
    row = _item(tx, ticket, op.item)
    row.withdrawn = 1
    changes = {f"item.{op.item}": (True, False)}
    tx.record("check_dropped", ticket, changes=changes, details={"text": row.body})
    return ticket


def _item(tx: Tx, ticket: TicketTable, item: int) -> CheckItemTable:
    row = tx.session.get(CheckItemTable, item)
    if row is None or row.ticket_id != ticket.id or row.withdrawn:
        raise NotFound(f"The checklist has no line {item}.")
    return row


# Watching


@apply.register(ops.Watch)
def _watch(op: ops.Watch, tx: Tx, ticket: TicketTable) -> TicketTable:
    login = op.agent or tx.actor
    if tx.session.get(AgentTable, login) is None:
        known = tx.session.execute(select(col(AgentTable.login))).scalars().all()
        raise NotFound.named("agent", login, known)
    return _follow(tx, ticket, login, watching=True)


@apply.register(ops.Unwatch)
def _unwatch(op: ops.Unwatch, tx: Tx, ticket: TicketTable) -> TicketTable:
    return _follow(tx, ticket, op.agent or tx.actor, watching=False)


def _follow(tx: Tx, ticket: TicketTable, login: str, *, watching: bool) -> TicketTable:
    change = f"watch.{login}"
    if _set_watch(tx, ticket, change, watching):
        kind = "watched" if watching else "unwatched"
        tx.record(kind, ticket, changes={change: (not watching, watching)})
    return ticket


# What undo puts back: each takes the name of the change, "watch.ana".


def _key(change: str) -> str:
    return change.partition(".")[2]


def _watches(tx: Tx, ticket: TicketTable, change: str) -> bool:
    return tx.session.get(WatcherTable, (ticket.number, _key(change))) is not None


def _set_watch(tx: Tx, ticket: TicketTable, change: str, value: bool) -> bool:
    """Whether that changed anything."""
    row = tx.session.get(WatcherTable, (ticket.number, _key(change)))
    if (row is not None) == value:
        return False
    if row is None:
        tx.session.add(WatcherTable(ticket_id=ticket.number, agent=_key(change)))
    else:
        tx.session.delete(row)
    tx.session.flush()
    return True


def _is_checked(tx: Tx, _: TicketTable, change: str) -> bool:
    row = tx.session.get(CheckItemTable, int(_key(change)))
    return row is not None and bool(row.done)


def _set_check(tx: Tx, _: TicketTable, change: str, value: bool) -> None:
    if (row := tx.session.get(CheckItemTable, int(_key(change)))) is not None:
        row.done = int(value)


def _kept_row(table: Any) -> Kept:
    """A row that can be taken away and brought back."""

    def now(tx: Tx, _: TicketTable, change: str) -> bool:
        row = tx.session.get(table, int(_key(change)))
        return row is not None and not row.withdrawn

    def put(tx: Tx, _: TicketTable, change: str, value: bool) -> None:
        if (row := tx.session.get(table, int(_key(change)))) is not None:
            row.withdrawn = int(not value)

    return Kept(now, put)


KEPT["watch."] = Kept(_watches, _set_watch)
KEPT["check."] = Kept(_is_checked, _set_check)
KEPT["file."] = _kept_row(AttachmentTable)
KEPT["item."] = _kept_row(CheckItemTable)

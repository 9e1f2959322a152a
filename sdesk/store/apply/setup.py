"""Appliers of what an administrator sets up: queues, states, calendars, policies, views, texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlmodel import col

from sdesk import ops
from sdesk.errors import NotFound
from sdesk.store import tables
from sdesk.store.apply import apply
from sdesk.store.search import SearchIndex
from sdesk.text import clean, clean_line

if TYPE_CHECKING:
    from sqlmodel import SQLModel

    from sdesk.store.tables import TicketTable
    from sdesk.store.transaction import Tx


def _save(
    tx: Tx, kind: str, table: type[SQLModel], key: dict[str, Any], values: dict[str, Any]
) -> None:
    """Insert or change one row of a set-up table and record what differs."""
    row = tx.session.get(table, tuple(key.values()))
    is_new = row is None
    row = row or table(**key)
    changes = {k: (None if is_new else getattr(row, k), v) for k, v in values.items()}
    changes = {k: pair for k, pair in changes.items() if pair[0] != pair[1]}
    if not changes and not is_new:
        return
    for name, value in values.items():
        setattr(row, name, value)
    tx.session.add(row)
    tx.session.flush()
    tx.record(kind, changes=changes, details=key)


@apply.register(ops.SaveQueue)
def _queue(op: ops.SaveQueue, tx: Tx, _: TicketTable | None) -> None:
    values = {
        "name": clean_line(op.name), "tier": op.tier, "site": clean_line(op.site),
        "calendar": op.calendar,
    }  # fmt: skip
    own = {"address": op.address, "signature": op.signature, "language": op.language}
    values |= {name: clean(value) for name, value in own.items() if value is not None}
    _save(tx, "queue_saved", tables.QueueTable, {"key": op.key}, values)
    # A site is searched for by its comparable form; no ticket's event brings a new one.
    connection = tx.session.connection()
    index = SearchIndex(connection.connection.driver_connection, connection.dialect.name)
    index.remember([clean_line(op.site)])


@apply.register(ops.SaveState)
def _state(op: ops.SaveState, tx: Tx, _: TicketTable | None) -> None:
    values = {"name": clean_line(op.name), "category": str(op.category), "position": op.position}
    _save(tx, "state_saved", tables.StateTable, {"key": op.key}, values)


@apply.register(ops.SaveCalendar)
def _calendar(op: ops.SaveCalendar, tx: Tx, _: TicketTable | None) -> None:
    values = {"spec": json.dumps(op.spec, sort_keys=True, ensure_ascii=False)}
    _save(tx, "calendar_saved", tables.CalendarTable, {"name": op.name}, values)


@apply.register(ops.SavePolicy)
def _policy(op: ops.SavePolicy, tx: Tx, _: TicketTable | None) -> None:
    values = {
        "spec": json.dumps(op.spec, sort_keys=True, ensure_ascii=False),
        "position": op.position,
    }
    _save(tx, "policy_saved", tables.PolicyTable, {"name": op.name}, values)


@apply.register(ops.DropCalendar)
def _drop_calendar(op: ops.DropCalendar, tx: Tx, _: TicketTable | None) -> None:
    _drop(tx, "calendar", tables.CalendarTable, op.name, ("spec",))


@apply.register(ops.DropPolicy)
def _drop_policy(op: ops.DropPolicy, tx: Tx, _: TicketTable | None) -> None:
    _drop(tx, "policy", tables.PolicyTable, op.name, ("spec", "position"))


@apply.register(ops.SaveRetention)
def _retention(op: ops.SaveRetention, tx: Tx, _: TicketTable | None) -> None:
    from sdesk.store.channel_tables import RetentionTable  # here: few acts need it

    values = {"query": clean_line(op.query), "after": clean_line(op.after), "action": op.action}
    _save(tx, "retention_saved", RetentionTable, {"name": clean_line(op.name)}, values)


@apply.register(ops.DropRetention)
def _drop_retention(op: ops.DropRetention, tx: Tx, _: TicketTable | None) -> None:
    from sdesk.store.channel_tables import RetentionTable

    _drop(tx, "retention", RetentionTable, op.name, ("query", "after", "action"))


def _drop(tx: Tx, what: str, table: type[SQLModel], name: str, kept: tuple[str, ...]) -> None:
    """Delete a named row; its event keeps what it was."""
    row = tx.session.get(table, name)
    if row is None:
        known = tx.session.execute(select(table.__table__.c.name)).scalars().all()  # type: ignore[attr-defined]
        raise NotFound.named(what, name, known)
    changes = {column: (getattr(row, column), None) for column in kept}
    tx.record(f"{what}_dropped", changes=changes, details={"name": name})
    tx.session.delete(row)


@apply.register(ops.SaveView)
def _view(op: ops.SaveView, tx: Tx, _: TicketTable | None) -> None:
    owner = "" if op.shared else tx.actor
    name = clean_line(op.name)
    row = tx.session.get(tables.ViewTable, (owner, name))
    position = op.position
    if position is None:
        beside = row or (None if op.shared else tx.session.get(tables.ViewTable, ("", name)))
        position = beside.position if beside else _last_position(tx) + STEP
    spec = json.loads(row.spec) if row else {}
    if op.columns is not None:
        spec["columns"] = [clean_line(word) for word in op.columns]
    if op.colours is not None:
        spec["colours"] = [[tone, clean_line(query)] for tone, query in op.colours]
    values = {
        "query": clean_line(op.query), "position": position,
        "spec": json.dumps(spec, sort_keys=True, ensure_ascii=False),
    }  # fmt: skip
    _save(tx, "view_saved", tables.ViewTable, {"owner": owner, "name": name}, values)


STEP = 10
"""Between two views, so that a third one finds room."""


def _last_position(tx: Tx) -> int:
    return int(tx.session.execute(select(func.max(col(tables.ViewTable.position)))).scalar() or 0)


@apply.register(ops.DropView)
def _drop_view(op: ops.DropView, tx: Tx, _: TicketTable | None) -> None:
    owner = "" if op.shared else tx.actor
    row = tx.session.get(tables.ViewTable, (owner, op.name))
    if row is None:
        query = select(col(tables.ViewTable.name)).where(col(tables.ViewTable.owner) == owner)
        raise NotFound.named("view", op.name, tx.session.execute(query).scalars().all())
    tx.record(
        "view_dropped",
        changes={name: (getattr(row, name), None) for name in ("query", "position", "spec")},
        details={"owner": owner, "name": op.name},
    )
    tx.session.delete(row)


@apply.register(ops.SaveTemplate)
def _template(op: ops.SaveTemplate, tx: Tx, _: TicketTable | None) -> None:
    key = {"owner": "" if op.shared else tx.actor, "name": clean_line(op.name)}
    _save(tx, "template_saved", tables.TemplateTable, key, {"body": clean(op.text)})


@apply.register(ops.SaveMacro)
def _macro(op: ops.SaveMacro, tx: Tx, _: TicketTable | None) -> None:
    key = {"owner": "" if op.shared else tx.actor, "name": clean_line(op.name)}
    rest = {
        "acts": [clean_line(act) for act in op.acts],
        "asks": [(name, clean_line(question)) for name, question in op.asks],
        "send": op.send,
        "note": op.note,
    }
    kept = json.dumps(rest, sort_keys=True, ensure_ascii=False)
    values = {"body": clean(op.text), "operations": kept}
    _save(tx, "macro_saved", tables.MacroTable, key, values)


@apply.register(ops.DropTemplate)
def _drop_template(op: ops.DropTemplate, tx: Tx, _: TicketTable | None) -> None:
    _drop_owned(tx, "template", tables.TemplateTable, op, ("body",))


@apply.register(ops.DropMacro)
def _drop_macro(op: ops.DropMacro, tx: Tx, _: TicketTable | None) -> None:
    _drop_owned(tx, "macro", tables.MacroTable, op, ("body", "operations"))


def _drop_owned(
    tx: Tx, what: str, table: type[SQLModel], op: ops.DropTemplate | ops.DropMacro,
    kept: tuple[str, ...],
) -> None:  # fmt: skip
    """Delete what is an agent's own or everybody's; its event keeps what it was."""
    owner = "" if op.shared else tx.actor
    row = tx.session.get(table, (owner, op.name))
    if row is None:
        columns = table.__table__.c  # type: ignore[attr-defined]
        query = select(columns.name).where(columns.owner == owner)
        raise NotFound.named(what, op.name, tx.session.execute(query).scalars().all())
    changes = {column: (getattr(row, column), None) for column in kept}
    tx.record(f"{what}_dropped", changes=changes, details={"owner": owner, "name": op.name})
    tx.session.delete(row)


@apply.register(ops.SaveCategory)
def _category(op: ops.SaveCategory, tx: Tx, _: TicketTable | None) -> None:
    _save(tx, "category_saved", tables.CategoryTable, {"path": clean_line(op.path)}, {})


@apply.register(ops.SaveSetting)
def _setting(op: ops.SaveSetting, tx: Tx, _: TicketTable | None) -> None:
    named, values = {"name": clean_line(op.name)}, {"value": clean(op.value)}
    _save(tx, "setting_saved", tables.SettingTable, named, values)

"""Putting many tickets' clocks in place of those that stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.store.reads.base import among
from sdesk.store.tables import ClockTable
from sdesk.store.transaction import insert_rows
from sdesk.store.watch import RENEWED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlmodel import Session

COLUMNS = ("due_at", "due_target", "breach_at", "remaining", "breached")
# Text, as settings are; counted in SQL, so that two who renew at once count both.
_COUNT = f"""INSERT INTO setting (name, value) VALUES ('{RENEWED}', '1')
    ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(setting.value AS BIGINT) + 1 AS TEXT)"""


def renew(
    session: Session,
    clocks: Mapping[int, Sequence[dict[str, Any]]],
    columns: Mapping[int, dict[str, Any]],
) -> None:
    """Ticket → its clock rows, and its cached columns; both concern the same tickets."""
    if not clocks:
        return
    session.flush()
    connection = session.connection()
    connection.exec_driver_sql(f"DELETE FROM clock WHERE {among('ticket_id', clocks)}")
    insert_rows(session, ClockTable, [row for rows in clocks.values() for row in rows])
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    values = ", ".join(f"{name} = {mark}" for name in COLUMNS)
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(
            f"UPDATE ticket SET {values} WHERE id = {mark}",
            [(*(row[name] for name in COLUMNS), ticket) for ticket, row in columns.items()],
        )
        cursor.execute(_COUNT)
    finally:
        cursor.close()

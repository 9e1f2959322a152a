"""The spine: append-only, chained, complete."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.store.chained import chain, digest

COLUMNS = (
    "id, ticket_id, at, actor, kind, payload, source, batch, cause_id, rule, salt, digest, hash"
)


@pytest.fixture
def store(either_store: Path | str) -> Path | str:
    return either_store


def rows(desk: Desk) -> list[dict[str, object]]:
    names = COLUMNS.split(", ")
    found = desk.read.reader.all(f"SELECT {COLUMNS} FROM event ORDER BY id")
    return [dict(zip(names, row, strict=True)) for row in found]


def test_an_event_can_be_neither_changed_nor_deleted(
    desk: Desk, make_ticket: Callable[..., TicketId]
) -> None:
    make_ticket()
    writer = desk.door().writer
    for statement in ("UPDATE event SET actor = 'eve'", "DELETE FROM event"):
        with (
            pytest.raises((sqlite3.Error, DBAPIError, psycopg.Error), match="append-only"),
            writer.write() as session,
        ):
            session.connection().exec_driver_sql(statement)


def test_each_event_carries_a_hash_over_the_one_before(
    desk: Desk, make_ticket: Callable[..., TicketId]
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.AddNote("look at the router"), ops.Assign("ben"))
    before = ""
    for row in rows(desk):
        assert row["digest"] == digest(str(row["salt"]), str(row["payload"]))
        assert row["hash"] == chain(before, row)
        before = str(row["hash"])
    assert before


def test_a_refused_operation_leaves_no_event_and_no_change(
    desk: Desk, make_ticket: Callable[..., TicketId]
) -> None:
    ticket = make_ticket()
    before = rows(desk)
    with pytest.raises(Exception, match="No queue called"):
        desk.apply(ticket, ops.AddNote("kept only if the move works"), ops.Move("netwrk"))
    assert rows(desk) == before
    assert [entry.kind for entry in desk.read.conversation(ticket)] == ["inbound"]


def test_doing_what_is_already_so_records_nothing(
    desk: Desk, make_ticket: Callable[..., TicketId]
) -> None:
    ticket = make_ticket(assignee="ben", tags=("vpn",))
    before = len(rows(desk))
    assert not desk.apply(
        ticket, ops.Assign("ben"), ops.AddTags(("vpn",)), ops.Move("service-desk")
    )
    assert len(rows(desk)) == before

"""The spine: append-only, chained, complete."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.store.chained import chain, digest

COLUMNS = (
    "id, ticket_id, at, actor, kind, payload, source, batch, cause_id, rule, salt, digest, hash"
)


def rows(store: Path) -> list[dict[str, object]]:
    with sqlite3.connect(store) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT {COLUMNS} FROM event ORDER BY id")]


def test_an_event_can_be_neither_changed_nor_deleted(
    store: Path, desk: Desk, make_ticket: Callable[..., TicketId]
) -> None:
    make_ticket()
    with sqlite3.connect(store) as connection:
        for statement in ("UPDATE event SET actor = 'eve'", "DELETE FROM event"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_each_event_carries_a_hash_over_the_one_before(
    store: Path, desk: Desk, make_ticket: Callable[..., TicketId]
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.AddNote("look at the router"), ops.Assign("ben"))
    before = ""
    for row in rows(store):
        assert row["digest"] == digest(str(row["salt"]), str(row["payload"]))
        assert row["hash"] == chain(before, row)
        before = str(row["hash"])
    assert before


def test_a_refused_operation_leaves_no_event_and_no_change(
    store: Path, desk: Desk, make_ticket: Callable[..., TicketId]
) -> None:
    ticket = make_ticket()
    before = rows(store)
    with pytest.raises(Exception, match="No queue called"):
        desk.apply(ticket, ops.AddNote("kept only if the move works"), ops.Move("netwrk"))
    assert rows(store) == before
    assert [entry.kind for entry in desk.read.conversation(ticket)] == ["inbound"]


def test_doing_what_is_already_so_records_nothing(
    store: Path, desk: Desk, make_ticket: Callable[..., TicketId]
) -> None:
    ticket = make_ticket(assignee="ben", tags=("vpn",))
    before = len(rows(store))
    assert not desk.apply(
        ticket, ops.Assign("ben"), ops.AddTags(("vpn",)), ops.Move("service-desk")
    )
    assert len(rows(store)) == before

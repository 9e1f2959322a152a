"""How often an act asks the server: each time everybody else who writes waits as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.pq import PipelineStatus, TransactionStatus

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import PersonId, TicketId
from tests.postgres.conftest import Home

pytestmark = pytest.mark.postgres


@contextmanager
def counted(patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Everything that waits for an answer; what is sent together waits once."""
    trips: list[str] = []
    execute, pipeline = psycopg.Cursor.execute, psycopg.Connection.pipeline
    commit = psycopg.Connection.commit

    def executed(self: Any, query: Any, *rest: Any, **more: Any) -> Any:
        pgconn = self.connection.pgconn
        if pgconn.pipeline_status == PipelineStatus.OFF:
            if (
                pgconn.transaction_status == TransactionStatus.IDLE
                and not self.connection.autocommit
            ):
                trips.append("BEGIN")
            trips.append(str(query)[:60])
        return execute(self, query, *rest, **more)

    def sent_together(self: Any) -> Any:
        trips.append("several at once")
        return pipeline(self)

    def committed(self: Any) -> None:
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            trips.append("COMMIT")
        commit(self)

    with patch.context() as here:
        here.setattr(psycopg.Cursor, "execute", executed)
        here.setattr(psycopg.Connection, "pipeline", sent_together)
        here.setattr(psycopg.Connection, "commit", committed)
        yield trips


ACTS: tuple[tuple[ops.Op, int], ...] = (
    (ops.Take(), 5),
    (ops.AddNote("asked the provider"), 6),
    (ops.Reply("We are on it."), 7),
    (ops.SetPriority(2), 5),
    (ops.Resolve("solved", "It works again."), 7),
)
"""Each act and the most round trips it may take."""


def test_an_act_asks_the_server_a_handful_of_times(
    shared: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shared.desk("ben") as ben:
        first, second = opened(ben), opened(ben)
        for op, _ in ACTS:
            ben.apply(first, op)
        for op, most in ACTS:
            with counted(monkeypatch) as trips:
                ben.apply(second, op)
            assert len(trips) <= most, (op, trips)
        with counted(monkeypatch) as trips:
            opened(ben)
        assert len(trips) <= 12, trips


def opened(desk: Desk) -> TicketId:
    ticket = desk.apply(None, ops.Open("VPN", requester=PersonId(1), text="drops")).ticket
    assert ticket is not None
    return ticket


def test_a_refused_act_leaves_nothing_and_the_next_one_is_done(shared: Home) -> None:
    """What fails in the last round trip, together with the commit, fails whole."""
    with shared.desk("ben") as ben:
        ticket = opened(ben)
        shared.sql("", "ALTER TABLE event ADD CONSTRAINT never CHECK (kind <> 'noted') NOT VALID")
        try:
            with pytest.raises(Exception, match="never"):
                ben.apply(ticket, ops.AddNote("lost"))
        finally:
            shared.sql("", "ALTER TABLE event DROP CONSTRAINT never")
        ben.apply(ticket, ops.AddNote("kept"))
        assert [e.text for e in ben.read.conversation(ticket)] == ["drops", "kept"]


def test_a_write_over_a_dropped_connection_is_done_on_a_new_one(shared: Home) -> None:
    with shared.desk("ben") as ben:
        ticket = opened(ben)
        for number in range(2):
            shared.sql(
                "", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ben'"
            )
            ben.apply(ticket, ops.AddNote(f"still here {number}"))
        assert [e.text for e in ben.read.conversation(ticket)][1:] == [
            "still here 0",
            "still here 1",
        ]

"""Several agents at one server: nobody's act is lost, and who came second is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from sdesk import ops
from sdesk.audit import verify
from sdesk.desk import Desk
from sdesk.errors import NotFound, Refused, Stale
from sdesk.model import TicketId
from sdesk.store.engine import ATTEMPTS, PostgresWriter, again
from sdesk.store.postgres import Collision
from tests.postgres.conftest import Home

pytestmark = pytest.mark.postgres


def a_ticket(shared: Home, **values: object) -> TicketId:
    with shared.desk() as ana:
        ticket = ana.apply(None, ops.Open("VPN", requester=1, text="drops", **values)).ticket  # type: ignore[arg-type]
    assert ticket is not None
    return ticket


def both(*acts: Callable[[], object]) -> list[object]:
    """What comes of acts that begin at the same moment: a result, or the error it raised."""
    line = threading.Barrier(len(acts))

    def go(act: Callable[[], object]) -> object:
        line.wait()
        try:
            return act()
        except (Stale, Refused) as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(go, acts))


def test_of_two_who_take_a_ticket_at_once_one_has_it_and_the_other_is_told(shared: Home) -> None:
    with shared.desk("ben") as ben, shared.desk("mia") as mia:
        ben.door(), mia.door()
        for op in (ops.Take(), ops.Take(), ops.SetPriority(1), ops.Take()):
            ticket = a_ticket(shared)
            based = ben.read.last_event()
            priority = ops.SetPriority(2) if isinstance(op, ops.SetPriority) else op
            done = both(
                lambda t=ticket, b=based, o=op: ben.apply(t, o, based_on=b),  # type: ignore[misc]
                lambda t=ticket, b=based, o=priority: mia.apply(t, o, based_on=b),  # type: ignore[misc]
            )
            told = [error for error in done if isinstance(error, Stale | Refused)]
            assert len(told) == 1
            found = ben.read.ticket(ticket)
            assert found is not None
            if isinstance(op, ops.Take):
                assert str(told[0]).startswith(f"{found.assignee} has it already")
            else:
                assert isinstance(told[0], Stale)
                assert told[0].theirs == found.priority


def test_no_note_of_several_who_write_at_once_is_lost(shared: Home) -> None:
    tickets = [a_ticket(shared), a_ticket(shared)]
    desks = [shared.desk(login) for login in ("ben", "mia", "lea")]

    def write(desk: Desk) -> None:
        for n in range(6):
            desk.apply(tickets[n % 2], ops.AddNote(f"{desk.actor} {n}"))

    for desk in desks:
        desk.door()
    both(*(lambda desk=desk: write(desk) for desk in desks))
    with shared.desk() as ana:
        notes = [e.text for ticket in tickets for e in ana.read.conversation(ticket)]
        assert {f"{login} {n}" for login in ("ben", "mia", "lea") for n in range(6)} <= set(notes)
        assert verify(ana.read.reader).is_whole
    for desk in desks:
        desk.close()


def test_reading_and_checking_goes_on_while_another_holds_the_chain(shared: Home) -> None:
    """A refusal, a draft and a look need the lock of the chain for nothing."""
    ticket = a_ticket(shared)
    with shared.desk("ben") as ben, psycopg.connect(shared.owner) as other:
        ben.save_draft(ticket, "reply", "Dear")
        other.execute(f"SELECT pg_advisory_xact_lock({PostgresWriter.CHAIN_LOCK})")
        ben.save_draft(ticket, "reply", "Dear Mikko")
        ben.mark_seen(ticket)
        assert ben.read.ticket(ticket) is not None
        with pytest.raises(NotFound, match="No agent"):
            ben.apply(ticket, ops.Assign("nobody"))


def waiting(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    """How many connections of this database wait for a lock at this moment."""
    sql = """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'"""
    row = connection.execute(sql).fetchone()
    return int(str(row[0])) if row else 0


def wait_for(holds: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def test_a_write_that_meets_another_on_its_ticket_is_done_after_it(shared: Home) -> None:
    """Somebody holds the ticket, and ends while ben waits for it."""
    ticket = a_ticket(shared)
    with shared.desk("ben") as ben, psycopg.connect(shared.owner) as other:
        ben.door()
        other.execute("SELECT 1 FROM ticket WHERE id = %s FOR UPDATE", (ticket,))
        with (
            ThreadPoolExecutor(1) as pool,
            psycopg.connect(shared.owner, autocommit=True) as watch,
        ):
            done = pool.submit(lambda: ben.apply(ticket, ops.AddNote("at last")))
            wait_for(lambda: waiting(watch) == 1)
            other.rollback()
            done.result()
        assert ben.read.conversation(ticket)[-1].text == "at last"


def test_what_a_write_decides_by_is_read_before_it_waits_for_the_chain(shared: Home) -> None:
    """While somebody has the chain, ben and mia have come as far as their first numbered row, each
    with the ticket's row in hand; and whoever writes alone waits for both."""
    tickets = [a_ticket(shared), a_ticket(shared)]
    with shared.desk("ben") as ben, shared.desk("mia") as mia, shared.desk() as ana:
        for desk in (ben, mia, ana):
            desk.apply(tickets[0], ops.AddNote("warm"))
        with (
            psycopg.connect(shared.owner) as other,
            psycopg.connect(shared.owner, autocommit=True) as watch,
            ThreadPoolExecutor(3) as pool,
        ):
            other.execute(f"SELECT pg_advisory_xact_lock({PostgresWriter.CHAIN_LOCK})")
            done = [
                pool.submit(desk.apply, ticket, ops.AddNote("in turn"))
                for desk, ticket in zip((ben, mia), tickets, strict=True)
            ]
            wait_for(lambda: waiting(watch) == 2)
            asked = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            assert all(str(row[0]).startswith("INSERT INTO entry") for row in watch.execute(asked))
            done.append(pool.submit(ana.apply, tickets[0], ops.AddLink("relates", tickets[1])))
            wait_for(lambda: waiting(watch) == 3)
            other.rollback()
            for one in done:
                one.result()
        assert verify(ana.read.reader).is_whole


def test_it_is_tried_a_few_times_with_growing_pauses_and_then_told() -> None:
    pauses: list[float] = []

    class Away:
        pass

    def collide(_: bool) -> None:
        raise Collision

    with pytest.raises(Collision, match="Others wrote"):
        again(Away(), collide, pause=pauses.append)  # type: ignore[arg-type]
    assert len(pauses) == ATTEMPTS - 1
    assert pauses == sorted(pauses)


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_what_the_server_calls_a_collision_is_tried_again(home: Home, state: str) -> None:
    ticket = a_ticket(home)
    home.sql(
        "",
        "CREATE SEQUENCE once; GRANT ALL ON once TO PUBLIC;"
        " CREATE FUNCTION once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF nextval('once') <= 2 THEN RAISE EXCEPTION 'met' USING ERRCODE = '{state}'; END IF;"
        " RETURN NEW; END $$; CREATE TRIGGER once BEFORE INSERT ON entry FOR EACH ROW"
        " EXECUTE FUNCTION once()",
    )
    with home.desk("ben") as ben:
        before = ben.read.last_event()
        ben.apply(ticket, ops.AddNote("third time"))
        assert [e.text for e in ben.read.conversation(ticket)].count("third time") == 1
        assert ben.read.last_event() == before + 1

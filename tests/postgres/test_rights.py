"""What an agent's role may do at the server, past the desk: work, and nothing that rewrites or rules."""

from __future__ import annotations

import json

import psycopg
import pytest
from sqlmodel import SQLModel

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid, Refused, StoreFault
from sdesk.model import Source
from sdesk.store import roles
from sdesk.store.chained import chain, digest
from sdesk.store.migrations import postgres_0004 as rules
from tests.postgres.conftest import Home, address

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module", autouse=True)
def worked(shared: Home) -> None:
    with shared.desk() as ana:
        ana.apply(None, ops.Open("Printer", requester=1, text="jams"))


def test_every_table_has_its_rights_and_every_one_that_hangs_on_a_ticket_its_rows() -> None:
    tables = SQLModel.metadata.tables
    known = {*roles.WORKED, *roles.ADDED, *roles.SET_UP}
    assert known == {*tables, "ticket_text", "folded"}
    hanging = {
        name
        for name, table in tables.items()
        if {"ticket_id", "to_id", "entry_id"} & set(table.c.keys())
    }
    kept = {*rules.OF_TICKETS, *rules.OTHERS, *rules.BY_RANK}
    assert hanging <= kept
    assert set(rules.PRIVATE) == set(roles.FUNCTIONS)


FORBIDDEN = (
    "UPDATE event SET actor = 'ben'", "DELETE FROM event", "TRUNCATE event", "TRUNCATE ticket",
    "ALTER TABLE event DISABLE TRIGGER ALL", "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY",
    "DROP TRIGGER event_is_not_changed ON event", "DROP TABLE event", "DELETE FROM ticket",
    "DELETE FROM entry", "UPDATE blob SET body = ''", "CREATE TABLE mine (a int)",
    "UPDATE agent SET role = 'admin' WHERE login = 'ben'", "INSERT INTO member VALUES ('network', 'ben')",
    "UPDATE queue SET name = 'x'", "UPDATE state SET name = 'x'", "UPDATE policy SET spec = '{}'",
    "UPDATE calendar SET spec = '{}'", "UPDATE setting SET value = 'x'", "DELETE FROM setting",
    "INSERT INTO retention (name) VALUES ('x')", "SELECT * FROM sdesk_letting_go",
    "INSERT INTO category VALUES ('Mine')", "INSERT INTO view (owner, name) VALUES ('', 'For all')",
    "INSERT INTO view (owner, name) VALUES ('lea', 'Hers')",
    "INSERT INTO macro (owner, name) VALUES ('', 'For all')",
    "INSERT INTO announcement (title) VALUES ('Outage')",
    "INSERT INTO upkeep (name, value) VALUES ('verified', 'x')",
    "INSERT INTO draft (agent, kind) VALUES ('lea', 'note')",
    "INSERT INTO presence (session, agent) VALUES ('x', 'lea')",
    "CREATE OR REPLACE FUNCTION sdesk_rank() RETURNS integer LANGUAGE sql AS 'SELECT 2'",
    "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres", "SET session_replication_role = replica",
    "SET row_security = off; SELECT * FROM ticket",
    # Of what runs as the owner nothing runs for what the agent has made.
    "CREATE FUNCTION pg_temp.f() RETURNS bigint LANGUAGE sql AS 'DELETE FROM public.event; SELECT 1::bigint';"
    " CREATE TEMP VIEW v AS SELECT pg_temp.f() AS id; GRANT SELECT ON v TO PUBLIC; SELECT sdesk_next('v')",
    "CREATE TEMP TABLE t (id int, owner text, assignee text, queue text, restricted int);"
    " CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION sdesk_let_go()",
    "CREATE TEMP TABLE event (id int, ticket_id int); CREATE TRIGGER x BEFORE INSERT ON event"
    " FOR EACH ROW EXECUTE FUNCTION sdesk_event_guard()",
)  # fmt: skip


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_role_may_not(shared: Home, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        shared.sql("ben", statement)


def test_no_function_that_runs_as_the_owner_is_everybodys(shared: Home) -> None:
    free = """SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.prosecdef
        AND p.pronamespace = 'public'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE')"""
    assert shared.sql("", free) == []


def test_a_lead_may_what_the_desk_lets_leads_do(shared: Home) -> None:
    shared.sql("mia", "INSERT INTO category VALUES ('Hers')")
    shared.sql("mia", "INSERT INTO view (owner, name) VALUES ('', 'For all')")
    with shared.desk("mia") as mia:
        mia.apply(None, ops.SaveCategory("Network / DNS"))
        mia.apply(None, ops.Announce("outage", "Mail", "is down"))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        shared.sql("mia", "UPDATE queue SET name = 'x'")


def forged(home: Home, **columns: object) -> tuple[str, list[object]]:
    """An event that follows the last one as it should, but for what is given."""
    last, before = home.sql("", "SELECT id, hash FROM event ORDER BY id DESC LIMIT 1")[0]
    row: dict[str, object] = {
        "id": last + 1, "ticket_id": 1, "at": 1, "actor": "ben", "kind": "noted", "source": "cli",
        "batch": last + 1, "cause_id": None, "rule": "", "salt": "s",
        "payload": json.dumps({"changes": {}, "details": {}}),
    }  # fmt: skip
    row |= columns
    row["digest"] = digest(str(row["salt"]), str(row["payload"]))
    row.setdefault("hash", chain(before, row))
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    return f"INSERT INTO event ({names}) VALUES ({marks})", list(row.values())


@pytest.mark.parametrize(
    "columns",
    [{"actor": "lea"}, {"actor": "sdesk"}, {"id": 2_000_000}, {"id": 1}, {"hash": "0" * 64}],
    ids=["another's name", "the desk's name", "far ahead", "in the past", "another history"],
)
def test_no_event_is_forged(shared: Home, columns: dict[str, object]) -> None:
    statement, values = forged(shared, **columns)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        shared.sql("ben", statement, *values)


def test_what_time_does_is_written_in_the_desks_name_by_whoever_keeps_it(home: Home) -> None:
    with home.desk() as ana:
        ana.apply(None, ops.Open("Printer", requester=1, text="jams"))
    assert home.sql("lea", "SELECT sdesk_rank()") == [(0,)]
    statement, values = forged(home, actor="sdesk", source="timer")
    assert home.sql("ben", statement, *values) == []


def test_who_one_is_is_what_the_server_says(shared: Home) -> None:
    with Desk.open(shared.of("lea"), source=Source.CLI, clock=shared.clock) as lea:
        assert lea.actor == "lea"
        number = lea.apply(None, ops.Open("Mine", requester=1, text="x")).ticket
        assert number is not None
        assert {event.actor for event in lea.read.history(number)} == {"lea"}
    cheat = Desk.open(shared.of("lea"), actor="ana", clock=shared.clock)
    with cheat, pytest.raises(Refused, match="in the name of"):
        cheat.apply(number, ops.AddNote("as Ana"))


def test_an_agent_works_a_whole_day_with_no_more_rights(home: Home) -> None:
    with home.desk("ben") as ben:
        number = ben.apply(None, ops.Open("VPN", requester=1, text="drops", tags=("vpn",), fields={"room": "1"})).ticket  # fmt: skip
        assert number is not None
        other = ben.apply(None, ops.Open("VPN too", requester=2, text="drops")).ticket
        assert other is not None
        for op in (
            ops.Take(), ops.SetPriority(1), ops.AddNote("@lea look"), ops.Reply("We look"), ops.AddTags(("a",)),
            ops.RemoveTags(("a",)), ops.SetField("room", "2"), ops.Attach("log.txt", b"log"), ops.LogTime(60),
            ops.AddCheck("one"), ops.Watch(), ops.Unwatch(), ops.Chat("hello"), ops.Resolve("done"), ops.Reopen("not yet"),
        ):  # fmt: skip
            ben.apply(number, op)
        ben.undo()
        ben.redo()
        ben.apply(other, ops.Merge(number))
        ben.save_draft(number, "reply", "Dear")
        ben.drop_draft(number, "reply")
        ben.mark_seen(number)
        ben.start_stopwatch(number)
        ben.drop_stopwatch()
        ben.apply(None, ops.SaveView("Mine too", "assignee:me"))
        ben.apply(None, ops.DropView("Mine too"))
        ben.apply(None, ops.SavePerson("New Person", "new@example.org"))
        ben.apply_many([number], ops.AddNote("all of them"))
        assert ben.read.count("vpn") >= 1


def test_an_admin_who_is_not_the_owner_rules_the_desk(home: Home) -> None:
    with home.desk() as ana:
        ana.apply(None, ops.SaveAgent("mia", "Mia", "admin", "", True, ()))
    roles.settle(home.owner, "mia", is_admin=True)
    with home.desk("mia") as mia:
        mia.apply(None, ops.SaveQueue("vpn", "VPN", 2))
        mia.apply(None, ops.SaveAgent("lea", "Lea", "agent", "", True, ("vpn",)))
        assert mia.sees_all()
    for statement in ("DELETE FROM event", "UPDATE event SET actor = 'x'", "DROP TABLE event"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            home.sql("mia", statement)
    # She lets others in and out, whose roles are there; whom another let in, that one has to.
    roles.settle(home.owner, "lea", is_admin=False, is_active=False)
    assert roles.settle(home.of("mia"), "lea", is_admin=False).made
    home.sql("lea", "SELECT * FROM ticket")
    assert roles.settle(home.of("mia"), "lea", is_admin=False, is_active=False).made
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        home.sql("lea", "SELECT * FROM ticket")
    assert roles.settle(home.of("mia"), "ben", is_admin=False, is_active=False).wanted


def test_what_the_desk_does_in_its_own_name_is_an_admins(shared: Home) -> None:
    from sdesk.alarms import Alarms
    from sdesk.mail import taking
    from sdesk.privacy import run_retention

    with pytest.raises(Refused, match="sees to the whole desk; the role 'ben' may not"):
        taking.open_desk(shared.of("ben"), shared.clock)
    with pytest.raises(Refused, match="Taking alerts"):
        Alarms(shared.of("ben"), clock=shared.clock)
    taking.open_desk(shared.owner, shared.clock).close()
    with shared.desk() as ana:
        ana.apply(None, ops.SaveAgent("adm", "Adm", "admin", "", True, ()))
    roles.settle(shared.owner, "adm", is_admin=True)
    with shared.desk("adm") as admin:
        assert run_retention(admin).done == 0, "without rules nothing has to be erased"


def test_who_has_left_sees_nothing_whatever_the_server_permits(home: Home) -> None:
    with home.desk() as ana:
        ana.apply(None, ops.Open("Printer", requester=1, text="jams"))
        assert home.sql("ben", "SELECT count(*) FROM ticket") == [(1,)]
        ana.apply(None, ops.SaveAgent("ben", "Ben", "agent", "", False, ()))
    for table in ("ticket", "entry", "event", "person", "ticket_text"):
        assert home.sql("ben", f"SELECT count(*) FROM {table}") == [(0,)], table


def test_what_is_not_permitted_is_said_as_sql_that_does_it(home: Home) -> None:
    """A desk whose owner may make no roles: another says what it prints."""
    name = f"keeper_{home.database}"
    home.sql("", f'CREATE ROLE "{name}" LOGIN')
    home.sql("", f'GRANT "{roles.groups(home.database).admins}" TO "{name}"')
    home.sql("", "INSERT INTO agent (login, role) VALUES (%s, 'admin')", name)
    new = f"new_{home.database}"
    done = roles.settle(home.of(name), new, is_admin=False)
    assert not done.made
    assert done.why
    assert done.wanted == tuple(roles.statements(home.of(name), new, is_admin=False))
    for statement in done.wanted:
        home.sql("", statement)
    assert roles.statements(home.owner, new, is_admin=False) == []
    assert home.sql(new, "SELECT count(*) FROM ticket") == [(0,)]
    assert roles.strangers(home.owner, [new, "nobody"]) == ["nobody"]
    for one in (name, new):
        home.sql("", f'DROP OWNED BY "{one}"; DROP ROLE "{one}"')


def test_lost_rights_are_found_and_given_again(shared: Home) -> None:
    group = roles.groups(shared.database).agents
    shared.sql("", f'REVOKE INSERT ON entry FROM "{group}"')
    assert roles.missing(shared.owner) == ["insert on entry"]
    roles.settle(shared.owner, "ben", is_admin=False)
    assert roles.missing(shared.owner) == []


def test_two_desks_of_one_server_have_nothing_in_common(home: Home, shared: Home) -> None:
    assert roles.groups(home.database) != roles.groups(shared.database)
    roles.settle(home.owner, "ben", is_admin=False, is_active=False)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        home.sql("ben", "SELECT * FROM ticket")
    assert shared.sql("ben", "SELECT count(*) FROM ticket")


def test_a_long_name_of_a_database_is_cut_and_stays_its_own() -> None:
    long = roles.groups("d" * 63), roles.groups("d" * 62 + "e")
    assert all(len(name.encode()) <= roles.LONGEST for name in (long[0].agents, long[0].admins))
    assert long[0] != long[1]
    assert len(roles.groups("ä" * 31).admins.encode()) <= roles.LONGEST


def test_a_login_is_quoted_as_it_is(shared: Home) -> None:
    odd = f'o"dd {shared.database[-4:]}; DROP TABLE event'
    assert roles.settle(shared.owner, odd, is_admin=False).is_new
    assert shared.sql("", "SELECT count(*) FROM pg_roles WHERE rolname = %s", odd) == [(1,)]
    shared.sql("", f"DROP OWNED BY {roles.quoted(odd)}; DROP ROLE {roles.quoted(odd)}")
    with pytest.raises(Invalid):
        roles.quoted("a\0b")


def test_a_role_without_a_part_in_the_desk_is_told_so(home: Home) -> None:
    roles.settle(home.owner, "lea", is_admin=False, is_active=False)
    with pytest.raises(StoreFault, match="has no part in the desk"):
        Desk.open(address(home.server, home.database, "lea"))

"""A restricted ticket is not there for whoever may not see it, by whatever program they ask."""

from __future__ import annotations

import psycopg
import pytest

from sdesk import ops
from sdesk.errors import NotFound, Refused, SdeskError
from sdesk.model import Kind, LinkKind, TicketId
from sdesk.rules import access
from sdesk.store.migrations.postgres_0004 import OF_TICKETS
from tests.postgres.conftest import Home

pytestmark = pytest.mark.postgres
HIDDEN, OPEN = TicketId(1), TicketId(2)
"""Ticket 1 is of the queue network, restricted, and Ana's; ben doesn't work that queue, lea does."""


@pytest.fixture(scope="module")
def hidden(shared: Home) -> Home:
    """A restricted ticket with a row in every table that hangs on a ticket, and one for everybody."""
    with shared.desk() as ana:
        secret = ops.Open(
            "Dismissal of M.", requester=1, text="Nobody may know", queue="network", assignee="ana",
            restricted=True, tags=("secrecy",), fields={"room": "B12"}, kind=Kind.INCIDENT,
        )  # fmt: skip
        assert ana.apply(None, secret).ticket == HIDDEN
        assert ana.apply(None, ops.Open("Printer", requester=2, text="jams")).ticket == OPEN
        ana.apply(
            HIDDEN, ops.Attach("letter.txt", b"the letter"), ops.LogTime(60), ops.AddCheck("sign")
        )
        ana.apply(HIDDEN, ops.AddNote("ask @lea"), ops.Reply("We will tell you."), ops.Watch())
        ana.apply(OPEN, ops.AddLink(LinkKind.RELATES, HIDDEN))
        ana.save_draft(HIDDEN, "reply", "Dear")
        ana.mark_seen(HIDDEN)
    fill(shared)
    return shared


def fill(home: Home) -> None:
    """Rows that only channels make."""
    for statement in (
        "INSERT INTO mail (ticket_id, sha256, subject) VALUES (1, 'aa', 'secret')",
        "INSERT INTO blob (sha256, body) VALUES ('aa', 'raw')",
        "INSERT INTO letter (ticket_id, message_id, subject) VALUES (1, '<a@b>', 'secret')",
        "INSERT INTO participant (ticket_id, address) VALUES (1, 'm@example.org')",
        "INSERT INTO survey (ticket_id, token) VALUES (1, 'x')",
        "INSERT INTO alarm (source, key, ticket_id) VALUES ('s', 'k', 1)",
        "INSERT INTO delivery (target, ticket_id, title) VALUES ('pager', 1, 'secret')",
        "INSERT INTO announcement (ticket_id, title) VALUES (1, 'secret')",
        "INSERT INTO notice (agent, ticket_id, event_id) VALUES ('ben', 1, 999)",
        "INSERT INTO presence (session, agent, ticket_id) VALUES ('p', 'ana', 1)",
        "INSERT INTO watcher (ticket_id, agent) VALUES (1, 'mia')",
    ):
        home.sql("", statement)


@pytest.mark.parametrize("table", [*OF_TICKETS, "announcement", "presence", "draft", "link"])
def test_no_row_of_a_hidden_ticket_is_read_counted_or_changed(hidden: Home, table: str) -> None:
    every = f"SELECT count(*) FROM {table} WHERE ticket_id = 1"
    if table == "link":
        every = "SELECT count(*) FROM link WHERE to_id = 1"
    assert hidden.sql("", every)[0][0] > 0, "there is something to hide"
    assert hidden.sql("ben", every) == [(0,)]
    whole = hidden.sql("", f"SELECT count(*) FROM {table}")[0][0]
    kept = hidden.sql("", every)[0][0]
    assert hidden.sql("ben", f"SELECT count(*) FROM {table}")[0][0] <= whole - kept
    if table != "event":
        column = "kind" if table == "link" else "ticket_id"
        assert hidden.sql("ben", f"UPDATE {table} SET {column} = {column} WHERE true") == []
    assert hidden.sql("", every)[0][0] == kept


def test_what_hangs_on_a_message_or_a_file_is_hidden_as_well(hidden: Home) -> None:
    for table in ("mention", "blob", "outbox"):
        assert hidden.sql("", f"SELECT count(*) FROM {table}")[0][0] > 0
        assert hidden.sql("ben", f"SELECT count(*) FROM {table}") == [(0,)], table


def test_the_desk_knows_no_such_ticket(hidden: Home) -> None:
    with hidden.desk("ben") as ben:
        assert ben.read.count("") == 1
        assert not ben.read.ids("dismissal")
        assert not ben.read.ids("nobody")
        with pytest.raises(NotFound):
            ben.read.resolve("SD-1")
        with pytest.raises(NotFound, match="There is no ticket"):
            ben.apply(HIDDEN, ops.AddNote("hello"))
        assert not ben.sees_all()
        assert "secrecy" not in str(ben.read.tags())


def test_members_of_its_queue_its_people_and_admins_see_it(hidden: Home) -> None:
    with hidden.desk("lea") as lea:
        assert lea.read.count("") == 2
        assert list(lea.read.ids("dismissal")) == [HIDDEN]
        lea.apply(HIDDEN, ops.AddNote("seen"))
        assert lea.sees_all()
    assert hidden.sql("mia", "SELECT count(*) FROM ticket") == [(1,)]
    assert hidden.sql("", "SELECT count(*) FROM ticket") == [(2,)]


WRITES = (
    "UPDATE entry SET ticket_id = {} WHERE ticket_id = 2",
    "INSERT INTO entry (ticket_id, body) VALUES ({}, 'x')",
    "INSERT INTO tag (ticket_id, tag) VALUES ({}, 'x')",
    "INSERT INTO field (ticket_id, name) VALUES ({}, 'x')",
    "INSERT INTO link (ticket_id, kind, to_id) VALUES (2, 'relates', {})",
    "INSERT INTO watcher (ticket_id, agent) VALUES ({}, 'ben')",
    "INSERT INTO worked (ticket_id, agent) VALUES ({}, 'ben')",
    "INSERT INTO draft (agent, ticket_id, kind) VALUES ('ben', {}, 'note')",
    "INSERT INTO seen (agent, ticket_id) VALUES ('ben', {})",
    "INSERT INTO clock (ticket_id, target) VALUES ({}, 'x')",
)


def test_no_column_ties_a_ticket_to_a_hidden_one_or_sends_what_it_says(hidden: Home) -> None:
    entry = hidden.sql("", "SELECT min(id) FROM entry WHERE ticket_id = 1")[0][0]
    for write in (
        "UPDATE ticket SET parent_id = 1 WHERE id = 2",
        "UPDATE ticket SET merged_into = 1 WHERE id = 2",
        "INSERT INTO ticket (subject, parent_id) VALUES ('x', 1)",
        f"INSERT INTO outbox (entry_id, ticket_id, send_after) VALUES ({entry}, 2, 0)",
        f"INSERT INTO letter (entry_id, ticket_id, message_id) VALUES ({entry}, 2, '<b@b>')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            hidden.sql("ben", write)
    # A ticket whose parent another has hidden is worked on like any other.
    hidden.sql("", "UPDATE ticket SET parent_id = 1 WHERE id = 2")
    hidden.sql("ben", "UPDATE ticket SET urgency = 2 WHERE id = 2")
    hidden.sql("", "UPDATE ticket SET parent_id = NULL WHERE id = 2")


@pytest.mark.parametrize("write", WRITES)
def test_nothing_is_moved_into_it_and_the_refusal_tells_nothing(hidden: Home, write: str) -> None:
    """A number that is hidden and one that is nobody's are refused in the same words."""
    said = []
    for number in (HIDDEN, 4711):
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
            hidden.sql("ben", write.format(number))
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_numbers_go_on_after_those_that_are_hidden(home: Home) -> None:
    with home.desk() as ana:
        ana.apply(None, ops.Open("For all", requester=1, text="a"))
        ana.apply(None, ops.Open("Secret", requester=1, text="b", queue="network", restricted=True))
    with home.desk("ben") as ben:
        change = ben.apply(None, ops.Open("After", requester=1, text="c"))
        assert change.ticket == 3
        assert ben.read.count("") == 2
    rows = home.sql("", "SELECT id FROM event ORDER BY id")
    assert [number for (number,) in rows] == list(range(1, len(rows) + 1))
    with home.desk() as ana:
        from sdesk.audit import verify

        assert verify(ana.read.reader).is_whole


def test_who_gives_a_restricted_ticket_away_finishes_the_act_and_sees_it_no_more(
    home: Home,
) -> None:
    with home.desk() as ana:
        secret = ops.Open("Secret", requester=1, text="b", queue="service-desk", restricted=True)
        number = ana.apply(None, secret).ticket
    assert number is not None
    with home.desk("ben") as ben:
        assert ben.read.count("") == 1
        ben.apply(number, ops.AddNote("to the network"), ops.Move("network"))
        assert ben.read.count("") == 0
        with pytest.raises(NotFound):
            ben.apply(number, ops.AddNote("too late"))
        with pytest.raises(SdeskError):
            ben.undo()
    with home.desk("lea") as lea:
        assert list(lea.read.ids("")) == [number]


def test_the_database_and_the_rules_say_the_same(hidden: Home) -> None:
    """`rules/access.may_see` and the policies, for everybody and every way a ticket may stand."""
    with hidden.desk() as ana:
        agents = {agent.login: agent for agent in ana.read.agents()}
    before = hidden.sql("", "SELECT queue, owner, assignee, restricted FROM ticket WHERE id = 1")[0]
    try:
        for queue in ("network", "service-desk", "applications"):
            for owner, assignee in (("", ""), ("ben", ""), ("", "mia"), ("lea", "ben")):
                values = (queue, owner, assignee)
                hidden.sql("", "UPDATE ticket SET queue = %s, owner = %s, assignee = %s WHERE id = 1", *values)  # fmt: skip
                for login in ("ben", "lea", "mia"):
                    subject = access.Subject("SD-1", True, queue, owner, assignee)
                    seen = bool(hidden.sql(login, "SELECT 1 FROM ticket WHERE id = 1"))
                    assert seen == access.may_see(agents[login], subject), (values, login)
    finally:
        hidden.sql("", "UPDATE ticket SET queue = %s, owner = %s, assignee = %s, restricted = %s WHERE id = 1", *before)  # fmt: skip


def test_lists_ask_for_the_hidden_once_a_statement(hidden: Home) -> None:
    plan = hidden.sql(
        "ben", "EXPLAIN SELECT id FROM ticket WHERE live = 1 ORDER BY due_at LIMIT 50"
    )
    said = "\n".join(row[0] for row in plan)
    assert "hashed SubPlan" in said


def test_a_ticket_cant_be_taken_by_who_doesnt_see_it(hidden: Home) -> None:
    assert (
        hidden.sql("ben", "UPDATE ticket SET assignee = 'ben', restricted = 0 WHERE id = 1") == []
    )
    assert hidden.sql("", "SELECT assignee, restricted FROM ticket WHERE id = 1") == [("ana", 1)]
    with hidden.desk("ben") as ben, pytest.raises((NotFound, Refused)):
        ben.apply(HIDDEN, ops.Take())

"""Set-up and access that were changed past the history are found, and nothing else is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sdesk import audit, ops
from sdesk.desk import Desk
from sdesk.store.agreeing import unfounded
from tests.each import each


def meddle(store: Path, sql: str) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute(sql)
        connection.commit()


def test_all_that_the_desk_does_itself_agrees(
    desk: Desk, make_ticket: Callable[..., object], store: Path
) -> None:
    make_ticket()
    desk.apply(None, ops.SaveAgent("ben", "Ben Okafor", "lead", "b@x.example", False, ("network",)))
    desk.apply(None, ops.SaveAgent("new", "New", "agent", "", True, ()))
    desk.apply(
        None, ops.SaveRetention("old", "kind:request", "3y"), ops.SaveSetting("name", "Other")
    )
    desk.apply(None, ops.SaveMacro("m", "text", ("priority 1",)), ops.SaveView("v", "is:live"))
    desk.apply(None, ops.DropView("v"), ops.DropRetention("old"), ops.DropTemplate("Acknowledge"))
    meddle(store, "INSERT INTO setting VALUES ('told.me', '5'), ('clocks_renewed', '2')")
    assert unfounded(desk.read.reader) == []
    report = audit.report(desk, [], [])
    assert (report.is_whole, report.unfounded) == (True, ())


def test_a_column_that_is_younger_than_its_row_agrees(desk: Desk, store: Path) -> None:
    desk.apply(None, ops.SaveView("young", "is:live"))
    with closing(sqlite3.connect(store)) as connection:  # as an earlier sdesk has said it
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'"
        for (name,) in connection.execute(triggers).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
    young = "kind = 'view_saved' AND payload LIKE '%young%'"
    meddle(
        store, f"UPDATE event SET payload = json_remove(payload, '$.changes.spec') WHERE {young}"
    )
    meddle(store, "UPDATE view SET spec = '{}' WHERE name = 'young'")
    assert unfounded(desk.read.reader) == []


@each(
    ("sql", "said"),
    [
        ("UPDATE agent SET role = 'admin' WHERE login = 'ben'", "agent 'ben': 'role' is 'admin', by event"),
        ("UPDATE agent SET active = 0 WHERE login = 'ben'", "agent 'ben': 'active' is '0'"),
        ("INSERT INTO agent (login, role) VALUES ('eve', 'admin')", "agent 'eve' is there, and no event"),
        ("DELETE FROM agent WHERE login = 'mia'", "agent 'mia' is gone"),
        ("INSERT INTO member VALUES ('network', 'ben')", "agent 'ben' works in the queue 'network', and"),
        ("DELETE FROM member WHERE agent = 'ana'", "works in the queue 'network' no more"),
        ("UPDATE setting SET value = 'x' WHERE name = 'zone'", "setting 'zone': 'value' is 'x'"),
        ("UPDATE policy SET spec = '{}'", "policy 'Standard': 'spec' is '{}'"),
        ("UPDATE queue SET calendar = '24/7' WHERE \"key\" = 'network'", "queue 'network': 'calendar' is"),
        ("INSERT INTO retention VALUES ('gone', '', '1d', 'erase')", "retention 'gone' is there"),
        ("UPDATE state SET category = 'closed' WHERE \"key\" = 'new'", "state 'new': 'category' is 'closed'"),
        ("UPDATE view SET query = '' WHERE name = 'Mine'", "view 'Mine': 'query' is ''"),
        ("DELETE FROM template", "template 'Acknowledge' is gone"),
    ],
)  # fmt: skip
def test_what_was_changed_past_it_is_named(sql: str, said: str, desk: Desk, store: Path) -> None:
    meddle(store, sql)
    assert any(said in one for one in unfounded(desk.read.reader)), unfounded(desk.read.reader)
    assert not audit.report(desk, [], []).is_whole

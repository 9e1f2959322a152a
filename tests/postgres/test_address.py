"""An address in place of a path: every way it can be wrong has a sentence, and no password is ever shown."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk.cli.program import run
from sdesk.desk import Desk
from sdesk.errors import Missing, SdeskError, StoreFault
from sdesk.store import place as places
from sdesk.store import postgres as engine
from sdesk.store.engine import PostgresWriter
from sdesk.store.migrations import upgrade
from sdesk.store.postgres import Found, check, connect
from sdesk.store.refusals import refusal
from tests.conftest import Clock, setup_operations
from tests.each import each
from tests.postgres.conftest import Home, address

SECRET = "Z3heim/nis"
ADDRESSES = (
    f"postgresql://ben:{SECRET}@db.example/desk",
    f"postgresql://ben:{SECRET.replace('/', '%2F')}@db.example:5432/desk?sslmode=require",
    f"postgres://ben:{SECRET}@127.0.0.1:1/desk",
    f"postgresql://db.example/desk?user=ben&password={SECRET.replace('/', '%2F')}",
    f"postgresql://ben:{SECRET}@h1:1,h2:2/desk?connect_timeout=x",
    f"postgresql://ben:a@b:{SECRET}@db.example/desk",
)


def database_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_password_is_shown_nowhere(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert places.has_password(url)
    shown = places.shown(url)
    assert "heim" not in shown
    assert shown.startswith(("postgresql://", "postgres://"))
    assert run(["--store", url, "ls"]) == 2
    said = capsys.readouterr()
    assert "given with a password" in said.err
    assert ".pgpass" in said.err
    assert "heim" not in said.out + said.err


@pytest.mark.parametrize("url", ADDRESSES[2:5])
def test_nor_in_what_the_driver_says(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 1)
    with pytest.raises(SdeskError) as caught:
        connect(url.replace("db.example", "127.0.0.1:1"))
    assert "heim" not in str(caught.value)


@each(
    "url",
    ["postgresql:///desk", "postgresql://ben@h/desk", "postgresql://ben:@h/desk?sslmode=require"],
)
def test_an_address_without_a_password_is_shown_as_it_is(url: str) -> None:
    assert not places.has_password(url)
    assert places.shown(url) == url.replace(":@", "@")


def test_a_path_is_no_address(tmp_path: Path) -> None:
    path = tmp_path / "a:b@c.db"
    assert places.shown(path) == str(path)
    assert not places.has_password(path)


def test_another_host_is_spoken_to_in_private_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unless somebody says otherwise: the driver itself goes on in the clear where there is no TLS."""
    import psycopg

    asked: list[object] = []

    def spy(url: str, **named: object) -> None:
        asked.append(named.get("sslmode"))
        raise psycopg.OperationalError("server does not support SSL, but SSL was required")

    monkeypatch.setattr(psycopg, "connect", spy)
    monkeypatch.delenv("PGSSLMODE", raising=False)
    for url in ("postgresql://db.example/d", "postgresql://h/d?sslmode=verify-full", "postgresql:///d", "postgresql://127.0.0.1/d"):  # fmt: skip
        with pytest.raises(StoreFault, match="in private"):
            connect(url)
    assert asked == ["require", None, None, None]


SAID = (
    ('password authentication failed for user "ben"\nconnection to server at "127.0.0.1", port 5 failed:'
     ' FATAL:  no pg_hba.conf entry for host "127.0.0.1", no encryption', "authentication failed", "passwords belong"),
    ('root certificate file "/x" does not exist\nEither provide the file, use the system\'s trusted roots',
     "in private: root certificate file", "sslrootcert=FILE"),
    ('server certificate for "a" does not match host name "b"', "in private", "as its certificate does"),
    ("SSL error: certificate verify failed", "in private", "somebody may be in between"),
    ('certificate authentication failed for user "ben"', "does not let you in", "a role each"),
    ('no pg_hba.conf entry for host "h", user "u", SSL encryption', "does not let you in", "one of the desk's agents"),
    ('invalid sslmode value: "bogus"', "The address postgresql://h/d can't be used: invalid sslmode", "scaling.md"),
    ('definition of service "x" not found', "can't be used", "scaling.md"),
    ("server closed the connection unexpectedly\n\tThis probably means the server terminated\n"
     "\tbefore or while processing the request.", "does not answer: server closed the connection unexpectedly", "when it runs"),
)  # fmt: skip


@each(("said", "sentence", "hint"), SAID)
def test_of_what_the_driver_says_the_line_that_tells_is_taken(
    said: str, sentence: str, hint: str
) -> None:
    found = refusal(Exception(f"connection failed: {said}"), "postgresql://h/d?sslmode=bogus")
    assert sentence in str(found)
    assert hint in str(found)
    assert "connection failed" not in str(found)


def test_a_password_in_settings_that_others_can_read_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    monkeypatch.setenv("SDESK_CONFIG", str(config))
    monkeypatch.delenv("SDESK_STORE", raising=False)
    config.write_text('store = "postgresql://ben:Z3heimnis@127.0.0.1:1/desk"')
    config.chmod(0o640)
    assert run(["ls"]) == 2
    assert "others can get at that file" in capsys.readouterr().err
    config.chmod(0o600)
    assert run(["ls"]) == 1
    said = capsys.readouterr()
    assert "Connection refused" in said.err
    assert "heim" not in said.out + said.err


@each(
    ("address", "wanted"),
    [
        ("postgresql://h/d?prepare=no", ("postgresql://h/d", False)),
        (
            "postgresql://h/d?prepare=no&sslmode=require",
            ("postgresql://h/d?sslmode=require", False),
        ),
        (
            "postgresql://h/d?sslmode=require&prepare=no",
            ("postgresql://h/d?sslmode=require", False),
        ),
        ("postgresql://h/d?prepare=yes", ("postgresql://h/d", True)),
        ("postgresql://h/d?sslmode=require", ("postgresql://h/d?sslmode=require", True)),
    ],
)
def test_for_a_pooler_no_statement_is_prepared(address: str, wanted: tuple[str, bool]) -> None:
    assert places.for_driver(address) == wanted


@pytest.mark.postgres
def test_the_driver_is_told_so(postgres: str) -> None:
    sign = "&" if "?" in postgres else "?"
    with connect(f"{postgres}{sign}prepare=no") as connection:
        assert connection.prepare_threshold is None
    with connect(postgres) as connection:
        assert connection.prepare_threshold


def test_no_library_writes_onto_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StoreFault):
        connect("postgresql://127.0.0.1:1/desk")
    for name in ("psycopg", "sqlalchemy.pool"):
        log = logging.getLogger(name)
        root, log.root.handlers = log.root.handlers, []
        try:
            log.error("a connection is lost")
        finally:
            log.root.handlers = root
    assert capsys.readouterr().err == ""


def test_the_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreFault, match="package that is not installed"):
        connect("postgresql:///desk")


def test_a_newer_schema_is_refused_and_an_older_one_is_its_owners_to_upgrade() -> None:
    with pytest.raises(StoreFault, match="newer sdesk"):
        check(Found("ben", "desk", places.SCHEMA + 1, "ana", True))
    with pytest.raises(StoreFault, match="owner 'ana'"):
        check(Found("ben", "desk", places.SCHEMA - 1, "ana", False))
    check(Found("ana", "desk", places.SCHEMA - 1, "ana", True))


@pytest.mark.postgres
def test_what_is_wrong_at_the_server_has_a_sentence(postgres: str) -> None:
    def told(url: str) -> str:
        with pytest.raises(SdeskError) as caught:
            Desk.open(url)
        return str(caught.value)

    assert "does not answer: Connection refused" in told("postgresql://127.0.0.1:1/desk")
    assert "has no database 'nowhere'" in told(address(postgres, "nowhere"))
    name = database_of(postgres)
    assert 'role "ghost" does not exist' in told(address(postgres, name, "ghost"))
    assert "sdesk init" in told(address(postgres, name))
    with pytest.raises(Missing):
        Desk.open(postgres)
    with connect(postgres) as other:
        other.execute("CREATE TABLE invoices (id int)")
    assert "another program: it holds invoices" in told(postgres)
    with pytest.raises(StoreFault, match="another program"):
        Desk.create(postgres, setup=setup_operations(), clock=Clock())


@pytest.mark.postgres
def test_who_may_make_no_tables_makes_no_desk(home: Home, postgres: str) -> None:
    name = database_of(postgres)
    with pytest.raises(StoreFault, match="role 'ben' may not make tables"):
        Desk.create(address(postgres, name, "ben"), setup=setup_operations(), clock=Clock())
    with pytest.raises(StoreFault, match="There is a desk"):
        Desk.create(home.owner, setup=setup_operations(), clock=Clock())


@pytest.mark.postgres
def test_a_desk_that_can_not_be_made_whole_leaves_nothing_behind(postgres: str) -> None:
    from sdesk import ops

    broken = [*setup_operations(), ops.SaveAgent("x", "X", "agent", "", True, ("no-such-queue",))]
    with pytest.raises(SdeskError):
        Desk.create(postgres, setup=broken, clock=Clock())
    with Desk.create(postgres, setup=setup_operations(), clock=Clock()) as desk:
        assert desk.actor == "postgres"


@pytest.mark.postgres
def test_a_desk_that_is_behind_is_upgraded_by_its_owner_alone(home: Home) -> None:
    home.sql("", "UPDATE alembic_version SET version_num = '0003'")
    with pytest.raises(StoreFault, match="upgrades it by opening it"):
        home.desk("ben")
    home.sql("", "UPDATE alembic_version SET version_num = '0009'")
    with pytest.raises(StoreFault, match="newer sdesk"):
        home.desk()


@pytest.mark.postgres
def test_opening_it_upgrades_what_is_in_it(postgres: str) -> None:
    writer = PostgresWriter(postgres)
    upgrade(writer, to="0003")
    writer.close()
    with connect(postgres) as other:
        other.execute("INSERT INTO ticket (id, subject) VALUES (7, 'VPN')")
        other.execute("INSERT INTO setting (name, value) VALUES ('name', 'Acme')")
    with Desk.open(postgres) as desk:
        assert desk.settings.name == "Acme"
        assert list(desk.read.ids("")) == [7]
        assert desk.sees_all()


@pytest.mark.postgres
def test_every_command_works_at_an_address(
    shared: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDESK_STORE", shared.of("ben"))
    assert run(["new", "Printer jams"]) == 0
    number = capsys.readouterr().out.strip()
    for command in (
        ["ls"], ["show", number], ["take", number], ["note", number, "looked"], ["reply", number, "We look"],
        ["undo"], ["notices"], ["views", "list"], ["queues"], ["agents"], ["worker", "--status"],
    ):  # fmt: skip
        assert run(command) in ((0, 1) if command[0] == "worker" else (0,)), (
            command,
            capsys.readouterr().err,
        )
    capsys.readouterr()
    assert run(["worker", "--once"]) == 1
    assert "the role 'ben' may not" in capsys.readouterr().err
    run(["doctor"])
    said = capsys.readouterr().out
    for what in ("PostgreSQL", "local socket", "server clock", "role", "ben, agent"):
        assert what in said
    assert "wrong store" not in said
    monkeypatch.setenv("SDESK_STORE", shared.owner)
    assert run(["worker", "--once"]) == 0


@pytest.mark.postgres
def test_agents_are_added_with_their_roles(
    shared: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDESK_STORE", shared.owner)
    with shared.desk() as ana:
        from sdesk import ops

        ana.apply(None, ops.SaveAgent("postgres", "The owner", "admin"))
    login = f"new_{shared.database[-6:]}"
    assert run(["agents", "add", login, "--queue", "network"]) == 0
    assert "without a password" in capsys.readouterr().err
    with Desk.open(shared.of(login)) as desk:
        assert desk.actor == login
    assert run(["agents", "grants", login]) == 0
    assert capsys.readouterr().out == ""
    assert run(["agents", "set", login, "active=no"]) == 0
    with pytest.raises(StoreFault, match="no part in the desk"):
        Desk.open(shared.of(login))
    shared.sql("", f'DROP ROLE "{login}"')
    assert run(["agents", "grants", "ben"]) == 0
    assert run(["agents", "grants", "nobody"]) == 3


def test_rights_at_a_server_are_not_for_a_file(
    open_desk: Callable[[str], Desk], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--store", str(store), "agents", "grants", "ben"]) == 1
    assert "lies in a file" in capsys.readouterr().err

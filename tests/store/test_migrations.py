"""Migrations and tables say the same; a newer store is refused, an older one copied first."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel

from sdesk.cli.doctor.files import copies
from sdesk.desk import Desk
from sdesk.errors import StoreFault
from sdesk.store import place, tables
from sdesk.store.engine import PostgresWriter, SqliteWriter
from sdesk.store.migrations import keep_copy, script, upgrade
from sdesk.store.reader import schema_version

OUTSIDE = {"ticket_text", "folded", "alembic_version", "sdesk_letting_go"}
"""Tables of the search index, of Alembic and of PostgreSQL's rights: they are no part of the model."""


def shape(engine: Engine) -> dict[str, object]:
    look = inspect(engine)
    found: dict[str, object] = {}
    for table in look.get_table_names():
        if table in OUTSIDE or table.startswith(("ticket_fts", "ticket_subject", "sqlite_")):
            continue
        columns = {c["name"]: (str(c["type"]), c["nullable"]) for c in look.get_columns(table)}
        indexes = {
            (i["name"], tuple(i["column_names"]), bool(i["unique"]))
            for i in look.get_indexes(table)
        }
        keys = tuple(look.get_pk_constraint(table)["constrained_columns"])
        found[table] = (columns, indexes, keys)
    return found


def test_the_migrations_make_the_tables_as_the_model_names_them(store: Path) -> None:
    by_model = create_engine("sqlite://")
    SQLModel.metadata.create_all(by_model)
    assert shape(create_engine(f"sqlite:///{store}")) == shape(by_model)


@pytest.mark.postgres
def test_the_migrations_make_the_same_tables_on_postgresql(postgres: str) -> None:
    writer = PostgresWriter(postgres)
    upgrade(writer)
    made = shape(writer.engine)
    with writer.engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW sdesk_concealed CASCADE")
    SQLModel.metadata.drop_all(writer.engine)
    SQLModel.metadata.create_all(writer.engine)
    assert made == shape(writer.engine)
    writer.close()


def test_the_newest_migration_is_the_schema_the_program_knows() -> None:
    revisions = list(script().walk_revisions())
    assert len(revisions) == place.SCHEMA
    assert revisions[0].revision == f"{place.SCHEMA:04d}"


def test_a_newer_store_is_refused_with_a_sentence(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute(f"PRAGMA user_version = {place.SCHEMA + 1}")
    with pytest.raises(StoreFault, match="newer sdesk"):
        Desk.open(store, actor="ana")


def test_a_copy_is_kept_before_the_schema_changes(store: Path) -> None:
    copy = keep_copy(store, place.SCHEMA)
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM agent").fetchone() == (4,)


def test_an_upgrade_says_what_it_does_before_it_begins(tmp_path: Path) -> None:
    path = place.make(tmp_path / "old.db")
    writer = SqliteWriter(path)
    upgrade(writer, to="0003")
    writer.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 3")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = path.with_name("old.db.schema-3")
    told: list[str] = []

    def hear(text: str) -> None:
        assert not copy.exists()
        told.append(text)

    with Desk.open(path, actor="ana", told=hear), Desk.open(path, actor="ana", told=hear):
        (said,) = told
    assert "old.db.schema-3" in said
    assert f"from schema 3 to {place.SCHEMA}" in said
    assert schema_version(copy) == 3
    assert schema_version(path) == place.SCHEMA
    (found,) = copies(path)
    assert "old.db.schema-3" in found.said
    assert str(copy) in found.mend


def test_every_column_a_read_names_is_in_the_tables(desk: Desk, make_ticket: object) -> None:
    """Reads are SQL text: asking each of them on a real store is the contract."""
    ticket = make_ticket()  # type: ignore[operator]
    read = desk.read
    read.ticket(ticket), read.conversation(ticket), read.history(ticket), read.clocks(ticket)
    read.board(), read.people("mik"), read.organizations(), read.agents(), read.queues()
    read.states(), read.categories(), read.views(), read.templates(), read.macros()
    read.calendars(), read.policies(), read.tags(), read.settings(), read.drafts()
    read.field_names(), read.events_since(0), read.last_event(), read.vocabulary()
    read.requester_tickets(1), read.rows([ticket]), read.batches("ana"), read.similar(ticket)
    assert len(tables.SQLModel.metadata.tables) == 43

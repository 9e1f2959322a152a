"""A few hundred tickets that differ in everything a filter can ask, on each engine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import create_engine, insert
from sqlmodel import SQLModel

from sdesk.rules.query import Context, Facts, Vocabulary
from sdesk.store import channel_tables, place, tables
from sdesk.store.postgres import PostgresReader
from sdesk.store.reader import Reader, SqliteReader
from sdesk.store.reads.facts import facts_of
from sdesk.store.search import POSTGRESQL_DDL, SQLITE_DDL, SearchIndex
from sdesk.text import fold

NOW = 1_795_000_000
"""Wednesday 2026-11-18 11:06:40 UTC, 13:06 in Helsinki."""
CONTEXT = Context(me="ana", now=NOW, zone="Europe/Helsinki")
STATES = {
    "new": "new", "open": "open", "waiting-customer": "waiting", "scheduled": "waiting",
    "resolved": "resolved", "closed": "closed", "cancelled": "closed",
}  # fmt: skip
VOCABULARY = Vocabulary(
    queues={"service-desk": "Service desk", "network": "Network team", "apps": "Äpps"},
    states={"new": "New", "open": "In progress", "waiting-customer": "Waiting for customer",
            "scheduled": "Scheduled", "resolved": "Resolved", "closed": "Closed", "cancelled": "Cancelled"},
    agents={"ana": "Ana Virtanen", "ben": "Ben Okafor", "zoë": "Zoë Ek"},
    policies=("Gold P1", "Standard"),
    categories=("Hardware / Printer", "Network / VPN"),
    organizations=("ACME Oy", "Nordtek"),
    tags=("vip", "VPN", "c++", "c#", "on-hold"),
    fields=("room", "Cost centre"),
)  # fmt: skip
SUBJECTS = (
    "Printer jam", "PRINTER Jams on 3F", "Straße – ÜNIT_7", "VPN drops", "vpn-client 100%_sure",
    "東京タワー", "ﬁle \u2460 damaged", "Zoë's laptop", "café CAFE\u0301", "''\";--", "…", "jam printer",
)  # fmt: skip
BODIES = (
    "", "The printer jam is back", "see http://vpn.example/x?y=1", "strasse unit 7", "İstanbul ıssız",
    "jam\nprinter", "no", "prin", "🔥 !!!", "ａｂｃ printer",
)  # fmt: skip
PEOPLE = (
    ("Matti Korhonen", "matti@acme.example"), ("Åsa Öberg", "Asa.Oberg@nordtek.example"),
    ("", "noreply@acme.example"), ("J. Li", ""), ("Jam Printer", "JAM@x.example"),
)  # fmt: skip
ORGANIZATIONS = ("ACME Oy", "Nordtek", "…")
PATHS = ("", "Hardware / Printer", "Network / VPN", "Network", "Ünit / straße", "—")
SERVICES = ("", "VPN", "E-mail", "vpn client", "!")
TAGS = ("vip", "VIP", "VPN", "c++", "c#", "on-hold", "🔥", "ＶＰＮ", "Straße")
FIELDS = {"room": ("3F", "3f-12", "", "…"), "Cost centre": ("A 100", "a-100"), "x": ("printer",)}


@dataclass(repr=False)
class Sample:
    """A store with the facts of all of its tickets."""

    reader: Reader
    facts: list[Facts]

    def __repr__(self) -> str:
        return f"<sample on {self.reader.dialect}>"


@pytest.fixture(
    scope="package", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def sample(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sample]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("query") / "sample.db"
        fill(f"sqlite:///{path}")
        reader: Reader = SqliteReader(path)
    else:
        url = request.getfixturevalue("sample_database")
        fill(url.replace("postgresql://", "postgresql+psycopg://"))
        reader = PostgresReader(url)
    numbers = [row[0] for row in reader.all("SELECT id FROM ticket ORDER BY id")]
    yield Sample(reader, facts_of(reader, numbers, me="ana"))
    reader.close()


@pytest.fixture(scope="package")
def sample_database(request: pytest.FixtureRequest) -> Iterator[str]:
    import psycopg

    server = request.getfixturevalue("postgres_server")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("CREATE DATABASE query_sample")
    base, _, query = server.partition("?")
    yield f"{base.rsplit('/', 1)[0]}/query_sample" + (f"?{query}" if query else "")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("DROP DATABASE query_sample WITH (FORCE)")


def fill(url: str, seed: int = 7, count: int = 240) -> None:
    """Make the tables and put random tickets into them."""
    engine = create_engine(url)
    SQLModel.metadata.create_all(engine)
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        for statement in SQLITE_DDL if is_sqlite else POSTGRESQL_DDL:
            connection.exec_driver_sql(statement)
        for table, rows in _rows(random.Random(seed), count):
            if rows:
                connection.execute(insert(table), rows)
        driver: Any = connection.connection.driver_connection
        index = SearchIndex(driver, engine.dialect.name)
        # Both ways in: one by one, and all at once.
        index.refresh(range(1, count // 3)) if is_sqlite else index.rebuild()
        index.rebuild() if is_sqlite else index.refresh(range(1, count // 3))
        index.check()
        if is_sqlite:
            connection.exec_driver_sql(f"PRAGMA application_id = {place.APPLICATION_ID}")
            connection.exec_driver_sql(f"PRAGMA user_version = {place.SCHEMA}")
    engine.dispose()


def _rows(rng: random.Random, count: int) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    yield tables.OrganizationTable, [
        {"id": n, "name": name, "name_fold": fold(name)} for n, name in enumerate(ORGANIZATIONS, 1)
    ]  # fmt: skip
    yield tables.PersonTable, [
        {"id": n, "name": name, "name_fold": fold(name), "email": mail, "email_fold": mail.casefold(),
         "organization_id": rng.choice((None, 1, 2, 3)), "vip": n % 2}
        for n, (name, mail) in enumerate(PEOPLE, 1)
    ]  # fmt: skip
    yield (
        tables.QueueTable,
        [
            {"key": "service-desk", "name": "Service desk", "tier": 1, "site": "Helsinki"},
            {"key": "network", "name": "Network team", "tier": 2, "site": "Åbo / Turku"},
            {"key": "apps", "name": "Äpps", "tier": 2, "site": ""},
        ],
    )
    tickets = [_ticket(rng, number) for number in range(1, count + 1)]
    yield tables.TicketTable, tickets
    numbers = range(1, count + 1)
    yield tables.TagTable, [
        {"ticket_id": n, "tag": tag} for n in numbers for tag in rng.sample(TAGS, rng.choice((0, 0, 1, 2)))
    ]  # fmt: skip
    yield tables.FieldTable, [
        {"ticket_id": n, "name": name, "value": value, "value_fold": fold(value)}
        for n in numbers for name in rng.sample(sorted(FIELDS), rng.choice((0, 1, 2)))
        for value in [rng.choice(FIELDS[name])]
    ]  # fmt: skip
    entries = [
        {"ticket_id": n, "body": rng.choice(BODIES), "withdrawn": int(rng.random() < 0.2)}
        for n in numbers for _ in range(rng.choice((0, 1, 2, 3)))
    ]  # fmt: skip
    yield tables.EntryTable, entries
    calling = random.Random(len(entries))
    yield tables.MentionTable, [
        {"agent": agent, "entry_id": n} for n in range(1, len(entries) + 1)
        for agent in calling.sample(("ana", "ben", "zoë"), calling.choice((0, 0, 0, 1, 2)))
    ]  # fmt: skip
    yield tables.WatcherTable, [
        {"agent": agent, "ticket_id": n} for n in numbers
        for agent in calling.sample(("ana", "ben", "zoë"), calling.choice((0, 0, 1, 2)))
    ]  # fmt: skip
    watched = random.Random(count)
    yield channel_tables.AlarmTable, [
        {"source": "icinga", "key": f"{n}-{k}", "ticket_id": n if n % 5 else None, "state": watched.choice(("down", "up"))}
        for n in numbers for k in range(watched.choice((0, 0, 1, 2)))
    ]  # fmt: skip
    yield tables.LinkTable, [
        {"ticket_id": n, "kind": "relates", "to_id": n + 1} for n in numbers if n % 11 == 0 and n < count
    ]  # fmt: skip
    yield tables.SeenTable, [
        {"agent": rng.choice(("ana", "ben")), "ticket_id": n, "event_id": n * 2 + rng.choice((-1, 0, 1))}
        for n in numbers if n % 3
    ]  # fmt: skip
    yield channel_tables.SurveyTable, [
        {"ticket_id": n, "asked_at": NOW, "score": rng.choice((None, 1, 2, 3, 4, 5)), "comment": ""}
        for n in numbers if n % 3 == 1
    ]  # fmt: skip
    yield tables.ClockTable, [clock for n in numbers for clock in _clocks(rng, n)]


def _ticket(rng: random.Random, number: int) -> dict[str, Any]:
    state = rng.choice(sorted(STATES))
    source = rng.choice(("", "", "servicenow", "Jira"))
    return {
        "id": number, "last_event": number * 2, "kind": rng.choice(("incident", "request", "question")),
        "subject": rng.choice(SUBJECTS), "state": state, "category": STATES[state],
        "live": int(STATES[state] in ("new", "open", "waiting")), "state_until": _at(rng, 0.7),
        "impact": rng.randint(1, 3), "urgency": rng.randint(1, 3), "priority": rng.randint(1, 4),
        "priority_overridden": rng.randint(0, 1), "path": rng.choice(PATHS),
        "queue": rng.choice(("service-desk", "network", "apps", "gone", "")),
        "owner": rng.choice(("", "ana", "ben")), "assignee": rng.choice(("", "ana", "ben", "zoë")),
        "requester_id": rng.choice((None, 1, 2, 3, 4, 5)), "service": rng.choice(SERVICES),
        "channel": rng.choice(("phone", "mail", "walk-in")), "created_at": _at(rng, 0) or 0,
        "updated_at": _at(rng, 0) or 0, "first_answered_at": _at(rng, 0.5), "resolved_at": _at(rng, 0.5),
        "closed_at": _at(rng, 0.5), "reopen_count": rng.choice((0, 0, 1, 3)),
        "resolution_code": rng.choice(("", "fixed", "no-fault")), "restricted": rng.randint(0, 1),
        "parent_id": rng.choice((None, None, max(1, number - 1))) if number > 1 else None,
        "external_source": source, "external_id": f"{rng.choice(('INC', 'inc'))}{number}" if source else "",
        "policy": rng.choice(("", "Gold P1", "Standard")), "due_at": _at(rng, 0.4), "breach_at": _at(rng, 0.4),
        "remaining": rng.choice((None, 60)), "breached": int(rng.random() < 0.2),
        "erased_at": _at(rng, 0.8), "binned": int(rng.random() < 0.2), "merged_into": rng.choice((None, None, None, max(1, number - 1))),
    }  # fmt: skip


def _at(rng: random.Random, missing: float) -> int | None:
    """An instant near some boundary that filters name, or none."""
    if rng.random() < missing:
        return None
    near = rng.choice((0, 60, 1800, 3600, 86_400, 2 * 86_400, 7 * 86_400, 30 * 86_400, 47_200))
    return NOW + rng.choice((-1, 1)) * near + rng.choice((-1, 0, 1, 500))


def _clocks(rng: random.Random, ticket: int) -> Iterator[dict[str, Any]]:
    for target in rng.sample(("response", "resolution", "update"), rng.choice((0, 1, 2))):
        stopped = _at(rng, 0.5)
        yield {
            "ticket_id": ticket, "target": target, "policy": "Standard", "started_at": NOW - 9_999,
            "stopped_at": stopped, "budget": 3600, "used": 60, "due_at": _at(rng, 0.2),
            "breach_at": _at(rng, 0.2), "paused": rng.randint(0, 1) if stopped is None else 0,
            "verdict": rng.choice(("met", "breached")) if stopped else rng.choice(("running", "paused", "breached")),
        }  # fmt: skip

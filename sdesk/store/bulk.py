"""Rows by the thousand: plain dictionaries into `insert()`, the hash chain and the index kept whole."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import func, insert, select
from sqlmodel import col

from sdesk.model import LIVE
from sdesk.numbering import base_of
from sdesk.rules.query import Facts, document
from sdesk.store import spoken
from sdesk.store.chained import canonical, chain, digest, head_of
from sdesk.store.reads.facts import make_facts
from sdesk.store.search import SearchIndex
from sdesk.store.tables import (
    CategoryTable,
    ClockTable,
    EntryTable,
    EventTable,
    FieldTable,
    OrganizationTable,
    PersonTable,
    TagTable,
    TicketTable,
)
from sdesk.store.transaction import end_of_chain, insert_rows
from sdesk.text import clean, clean_line, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlmodel import Session

    from sdesk.ops import SavePerson
    from sdesk.store.engine import Writer

Measured = tuple[str, list[dict[str, Any]], dict[str, Any]]


class Entry(Protocol):
    kind: str
    at: int
    body: str
    author: str
    agent: str
    person_id: int | None


class Happening(Protocol):
    at: int
    kind: str
    actor: str
    changes: dict[str, list[Any]]
    details: dict[str, Any]
    source: str

    @property
    def entry(self) -> Entry | None: ...


class Whole(Protocol):
    columns: dict[str, Any]
    tags: tuple[str, ...]
    fields: dict[str, str]

    @property
    def events(self) -> Sequence[Happening]: ...


class Bulk:
    """Inserts whole tickets; one transaction a call."""

    def __init__(self, writer: Writer, *, actor: str, now: Callable[[], int]) -> None:
        self._writer, self._actor, self._now = writer, actor, now
        self._organizations: dict[str, int] = {}
        self._names: dict[int, tuple[str, str, str]] = {}
        self._paths: set[str] = set()

    def people(self, people: Sequence[SavePerson]) -> list[int]:
        """The numbers of people: known by external id or e-mail, else made, with one event for all."""
        with self._writer.write() as session:
            numbers = self._known(session, people)
            fresh = [(i, person) for i, person in enumerate(people) if numbers[i] is None]
            rows, taken = self._person_rows(session, fresh)
            if rows:
                session.execute(insert(PersonTable), rows)
                rest = _Chain(session, self._actor, "import")
                rest.add(None, self._now(), "people_loaded", {}, {"people": len(rows)})
                rest.write()
            for (index, _), made in zip(fresh, taken, strict=True):
                numbers[index] = made
            for number, person in zip(numbers, people, strict=True):
                self._names[int(number or 0)] = (person.name, person.email, person.organization)
        return [int(number or 0) for number in numbers]

    def _known(self, session: Session, people: Sequence[SavePerson]) -> list[int | None]:
        """The numbers of those who are in the store, asked for by the hundred."""
        external = _numbers(session, "external_id", {p.external_id for p in people})
        email = _numbers(session, "email_fold", {p.email.casefold() for p in people})
        return [external.get(p.external_id) or email.get(p.email.casefold()) for p in people]

    def _person_rows(
        self, session: Session, people: Sequence[tuple[int, SavePerson]]
    ) -> tuple[list[dict[str, Any]], list[int]]:
        """Rows to insert, and the number each of the people gets: one person named twice is made once."""
        last = session.execute(select(func.max(col(PersonTable.id)))).scalar() or _base(session)
        made: dict[tuple[str, str], int] = {}
        rows, numbers = [], []
        for _, person in people:
            key = (person.external_id, person.email.casefold())
            if any(key) and key in made:
                numbers.append(made[key])
                continue
            last += 1
            made[key] = last
            numbers.append(last)
            name = clean_line(person.name) or "(no name)"
            email = clean_line(person.email)
            rows.append({
                "id": last, "name": name, "name_fold": fold(name), "email": email,
                "email_fold": email.casefold(), "phone": clean_line(person.phone),
                "organization_id": self._organization(session, person.organization),
                "vip": int(person.vip), "external_id": clean_line(person.external_id),
            })  # fmt: skip
        return rows, numbers

    def _organization(self, session: Session, name: str) -> int | None:
        name = clean_line(name)
        if not name:
            return None
        key = fold(name)
        if key not in self._organizations:
            query = select(col(OrganizationTable.id)).filter_by(name_fold=key)
            found = session.execute(query).scalar()
            if found is None:
                row = OrganizationTable(name=name, name_fold=key)
                session.add(row)
                session.flush()
                found = row.id
            self._organizations[key] = int(found or 0)
        return self._organizations[key]

    def add(self, tickets: Sequence[Whole], measure: Callable[[Any, int], Measured]) -> list[int]:
        """Insert tickets; `measure(ticket, number)` gives policy, clock rows and cached columns."""
        with self._writer.write() as session:
            load = _Load(session, self._actor, self._names)
            numbers = [load.ticket(ticket, measure) for ticket in tickets]
            load.write(self._paths)
        return numbers

    def facts(self, ticket: Whole, number: int, *, words: bool) -> Facts:
        """What a policy's condition sees of a ticket that is not in the store yet."""
        person = ticket.columns.get("requester_id") or 0
        return make_facts(
            number, _DEFAULTS | ticket.columns, tags=ticket.tags, fields=ticket.fields,
            requester=self._names.get(person, ("", "", "")), words=words,
            entries=[event.entry.body for event in ticket.events if event.entry is not None],
        )  # fmt: skip

    def optimize(self) -> None:
        with self._writer.write() as session:
            connection = session.connection()
            SearchIndex(connection.connection.driver_connection, self._writer.dialect).optimize()
            connection.exec_driver_sql("ANALYZE")


def _base(session: Session) -> int:
    newest = session.execute(select(func.max(col(EventTable.id)))).scalar()
    return base_of(int(newest or 0))


def _numbers(session: Session, column: str, values: set[str]) -> dict[str, int]:
    """Value → number of the first person who has it; nobody has the empty one."""
    name = col(getattr(PersonTable, column))
    found: dict[str, int] = {}
    wanted = sorted(values - {""})
    for start in range(0, len(wanted), 500):
        query = select(name, col(PersonTable.id)).where(name.in_(wanted[start : start + 500]))
        for value, number in session.execute(query.order_by(col(PersonTable.id))):
            found.setdefault(value, number)
    return found


class _Chain:
    """Events with their hashes, appended to what the store ends in."""

    def __init__(self, session: Session, actor: str, source: str) -> None:
        self._session, self._actor, self._source = session, actor, source
        self.last, self._hash = end_of_chain(session)
        self.batch = self.last + 1
        self._salts = secrets.token_hex(8)
        self.rows: list[dict[str, Any]] = []

    def add(
        self, ticket: int | None, at: int, kind: str, changes: Mapping[str, Any],
        details: Mapping[str, Any], *, actor: str | None = None, source: str = "",
    ) -> int:  # fmt: skip
        self.last += 1
        payload = canonical({"changes": changes, "details": details})
        salt = f"{self._salts}{self.last:x}"
        row = {
            "id": self.last, "ticket_id": ticket, "at": at,
            "actor": self._actor if actor is None else actor, "kind": kind, "payload": payload,
            "source": source or self._source, "batch": self.batch, "cause_id": None, "rule": "",
            "salt": salt, "digest": digest(salt, payload),
        }  # fmt: skip
        row["hash"] = self._hash = chain(self._hash, row)
        self.rows.append(row)
        return self.last

    def write(self) -> None:
        insert_rows(self._session, EventTable, self.rows)
        if self.rows:
            last = self.rows[-1]
            spoken.run(self._session, *head_of(last["id"], last["hash"], last["at"]))


class _Load:
    """The rows of one transaction while they are put together."""

    def __init__(
        self, session: Session, actor: str, names: Mapping[int, tuple[str, str, str]]
    ) -> None:
        self._session, self._names = session, names
        self._chain = _Chain(session, actor, "import")
        base = base_of(self._chain.last)
        self._ticket = int(session.execute(select(func.max(col(TicketTable.id)))).scalar() or base)
        self._entry = int(session.execute(select(func.max(col(EntryTable.id)))).scalar() or base)
        self._rows: dict[type, list[dict[str, Any]]] = {
            table: [] for table in (TicketTable, EntryTable, TagTable, FieldTable, ClockTable)
        }
        self._documents: list[tuple[int, Any]] = []
        self._shared: set[str] = set()

    def ticket(self, ticket: Whole, measure: Callable[[Any, int], Measured]) -> int:
        self._ticket += 1
        number = self._ticket
        policy, clocks, cached = measure(ticket, number)
        columns = self._columns(ticket, number) | {"policy": policy} | cached
        bodies = [self._happened(number, event) for event in ticket.events]
        columns["last_event"] = self._chain.last
        self._rows[TicketTable].append(columns)
        self._rows[ClockTable] += clocks
        self._rows[TagTable] += [
            {"ticket_id": number, "tag": tag} for tag in dict.fromkeys(ticket.tags)
        ]
        self._rows[FieldTable] += [
            {"ticket_id": number, "name": name, "value": value, "value_fold": fold(value)}
            for name, value in ticket.fields.items()
        ]
        people = self._names.get(columns["requester_id"] or 0, ())
        self._documents.append(
            (number, document(columns["subject"], [body for body in bodies if body], people))
        )
        self._shared.update((columns["path"], columns["service"], *ticket.tags))
        return number

    def _columns(self, ticket: Whole, number: int) -> dict[str, Any]:
        columns = _DEFAULTS | ticket.columns
        for name in ("subject", "path", "service", "wait_reason", "resolution_code"):
            columns[name] = clean_line(columns[name])
        columns["subject"] = columns["subject"][:500] or "(no subject)"
        columns["id"] = number
        columns["live"] = int(columns["category"] in LIVE)
        columns["updated_at"] = max(columns["updated_at"], ticket.events[-1].at)
        return columns

    def _happened(self, ticket: int, event: Happening) -> str:
        body = ""
        details = event.details
        if (entry := event.entry) is not None:
            self._entry += 1
            body = clean(entry.body).strip("\n") or "(no text)"
            self._rows[EntryTable].append({
                "id": self._entry, "ticket_id": ticket, "kind": entry.kind, "at": entry.at,
                "agent": entry.agent, "person_id": entry.person_id,
                "author": clean_line(entry.author), "body": body, "withdrawn": 0,
            })  # fmt: skip
            details = {**details, "entry": self._entry}
        self._chain.add(
            ticket, event.at, event.kind, event.changes, details, actor=event.actor,
            source=event.source,
        )  # fmt: skip
        return body

    def write(self, known_paths: set[str]) -> None:
        paths = {row["path"] for row in self._rows[TicketTable]} - known_paths - {""}
        if paths:
            found = self._session.execute(select(col(CategoryTable.path))).scalars()
            known_paths.update(found)
            fresh = sorted(paths - known_paths)
            if fresh:
                self._session.execute(insert(CategoryTable), [{"path": path} for path in fresh])
            known_paths.update(paths)
        for table, rows in self._rows.items():
            insert_rows(self._session, table, rows)
        self._chain.write()
        connection = self._session.connection()
        index = SearchIndex(connection.connection.driver_connection, connection.dialect.name)
        index.add(self._documents)
        index.remember(self._shared)


_DEFAULTS: dict[str, Any] = {
    "version": 1, "kind": "incident", "subject": "", "state": "new", "category": "new",
    "state_until": None, "wait_reason": "", "impact": 2, "urgency": 2, "priority": 3,
    "priority_overridden": 0, "path": "", "queue": "", "owner": "", "assignee": "",
    "requester_id": None, "service": "", "channel": "import", "created_at": 0, "updated_at": 0,
    "first_answered_at": None, "resolved_at": None, "closed_at": None, "reopen_count": 0,
    "resolution_code": "", "restricted": 0, "parent_id": None, "external_source": "",
    "external_id": "",
}  # fmt: skip

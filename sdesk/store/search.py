"""Full-text search: one document a ticket, and the index over it.

A document is folded by `sdesk.text.fold`, in Python, so that the index, the plain comparison and
the filter language's Python face have one idea of a word; the engine's own tokenizer only splits at
spaces. `ticket_text` keeps the documents as they were indexed: the index can then be corrected
exactly (FTS5 needs the old text to forget it), rebuilt and checked, and a list that is walked in
another order can be probed row by row. `folded` keeps the comparable forms of the values that
tickets share (category paths, services, tags). On PostgreSQL the documents are searched as they are.

Everything takes the driver's connection (`sqlite3` or psycopg) and leaves the transaction to the
caller.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_BODY = 65_536
"""Folded characters of a ticket's conversation that are indexed; the oldest entries come first."""
MAX_WORD = 200
"""Longer words are cut to this, in documents and in queries: no person types them."""

_TABLES = (
    "CREATE TABLE ticket_text ("
    "ticket_id INTEGER PRIMARY KEY, subject TEXT NOT NULL, body TEXT NOT NULL, people TEXT NOT NULL)",
    "CREATE TABLE folded (value TEXT PRIMARY KEY, fold TEXT NOT NULL, caseless TEXT NOT NULL)",
)
_FTS = "content='ticket_text', content_rowid='ticket_id', tokenize='ascii'"
SQLITE_DDL = (
    *_TABLES,
    f"CREATE VIRTUAL TABLE ticket_fts USING fts5(subject, body, people, {_FTS})",
    # Search-as-you-type: only subjects, with the short prefixes kept as terms of their own.
    f"CREATE VIRTUAL TABLE ticket_subject USING fts5(subject, {_FTS}, prefix='2 3')",
)
POSTGRESQL_DDL = _TABLES


class Document(NamedTuple):
    """A ticket's words, folded; every column starts and ends with a space (or is empty)."""

    subject: str
    body: str
    people: str


def document(subject: str, entries: Iterable[str], people: Iterable[str]) -> Document:
    """The document of a ticket from its texts: entries oldest first; requester's name, e-mail, organization."""
    body: list[str] = []
    room = MAX_BODY
    for text in entries:
        words = _words(text[: room * 4])
        body.append(words[:room].rsplit(" ", 1)[0] if len(words) > room else words)
        room -= len(body[-1]) + 1
        if room <= 0:
            break
    return Document(
        _padded(_words(subject)),
        _padded(" ".join(filter(None, body))),
        _padded(" ".join(filter(None, map(_words, people)))),
    )


def pattern(text: str, *, prefix: bool = False) -> str:
    """What a column of a document contains when it holds these words as a phrase; empty for no words."""
    words = _words(text)
    if not words:
        return ""
    return f" {words}" if prefix else f" {words} "


def expression(text: str, *, prefix: bool = False, column: str = "") -> str:
    """The FTS5 expression for the same. The words are folded: letters, digits and spaces only."""
    phrase = f'"{_words(text)}"' + ("*" if prefix else "")
    return f"{{{column}}}: {phrase}" if column else phrase


def caseless(text: str) -> str:
    """The form in which tags are compared: nothing but case and width is forgotten."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


_LONG = re.compile(rf"\S{{{MAX_WORD + 1},}}")


def _words(text: str) -> str:
    folded = fold(text)
    return (
        _LONG.sub(lambda found: found[0][:MAX_WORD], folded) if len(folded) > MAX_WORD else folded
    )


def _padded(words: str) -> str:
    return f" {words} " if words else ""


class SearchIndex:
    """The index of one open connection, inside the caller's transaction."""

    def __init__(self, connection: Any, dialect: str = "sqlite") -> None:
        self._cursor = connection.cursor()
        self._dialect = dialect

    def add(self, documents: Iterable[tuple[int, Document]]) -> None:
        """Index tickets that have no document yet."""
        rows = [(ticket, *text) for ticket, text in documents]
        self._many(
            "INSERT INTO ticket_text (ticket_id, subject, body, people) VALUES (?, ?, ?, ?)", rows
        )
        self._index(rows)

    def replace(self, ticket: int, text: Document) -> None:
        """Index a ticket anew, if its document has changed."""
        old = self._row("SELECT subject, body, people FROM ticket_text WHERE ticket_id = ?", ticket)
        if old is None:
            self.add([(ticket, text)])
        elif tuple(old) != text:
            self._forget(ticket, Document(*old))
            self._many(
                "UPDATE ticket_text SET subject = ?, body = ?, people = ? WHERE ticket_id = ?",
                [(*text, ticket)],
            )
            self._index([(ticket, *text)])

    def remove(self, ticket: int) -> None:
        old = self._row("SELECT subject, body, people FROM ticket_text WHERE ticket_id = ?", ticket)
        if old is not None:
            self._forget(ticket, Document(*old))
            self._many("DELETE FROM ticket_text WHERE ticket_id = ?", [(ticket,)])

    def refresh(self, tickets: Iterable[int]) -> None:
        """Bring the documents (and shared values) of these tickets up to what the store holds.

        For every ticket that a transaction has touched; unchanged documents cost one comparison.
        """
        for ticket in tickets:
            row = self._row(_TICKET + " WHERE t.id = ?", ticket)
            if row is None:
                self.remove(ticket)
                continue
            self.replace(ticket, self._document(row))
            tags = [tag for (tag,) in self._rows("SELECT tag FROM tag WHERE ticket_id = ?", ticket)]
            self.remember([row[5], row[6], *tags])

    def refresh_person(self, person: int) -> None:
        """The same for all tickets of a requester, after a change of name, e-mail or organization."""
        found = self._rows("SELECT id FROM ticket WHERE requester_id = ?", person)
        self.refresh([ticket for (ticket,) in found])

    def remember(self, values: Iterable[str]) -> None:
        """Keep the comparable forms of category paths, services and tags."""
        rows = [(value, fold(value), caseless(value)) for value in set(values) if value]
        if rows:
            self._many(
                "INSERT INTO folded (value, fold, caseless) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                rows,
            )

    def rebuild(self, *, batch: int = 2_000) -> int:
        """Make all documents again from the store; the number of tickets."""
        self._cursor.execute("DELETE FROM ticket_text")
        self._cursor.execute("DELETE FROM folded")
        last = done = 0
        while rows := self._rows(_TICKET + " WHERE t.id > ? ORDER BY t.id LIMIT ?", last, batch):
            documents = [(row[0], *self._document(row)) for row in rows]
            self._many(
                "INSERT INTO ticket_text (ticket_id, subject, body, people) VALUES (?, ?, ?, ?)",
                documents,
            )
            last, done = rows[-1][0], done + len(rows)
        self._remember_all()
        if self._dialect == "sqlite":
            self._cursor.execute("INSERT INTO ticket_fts (ticket_fts) VALUES ('rebuild')")
            self._cursor.execute("INSERT INTO ticket_subject (ticket_subject) VALUES ('rebuild')")
        return done

    def optimize(self) -> None:
        """Merge the index into one piece; worth its seconds after a bulk load."""
        if self._dialect == "sqlite":
            self._cursor.execute("INSERT INTO ticket_fts (ticket_fts) VALUES ('optimize')")
            self._cursor.execute("INSERT INTO ticket_subject (ticket_subject) VALUES ('optimize')")

    def check(self) -> None:
        """Raise the driver's error where the index and the documents disagree."""
        if self._dialect == "sqlite":
            self._cursor.execute(
                "INSERT INTO ticket_fts (ticket_fts, rank) VALUES ('integrity-check', 1)"
            )
            self._cursor.execute(
                "INSERT INTO ticket_subject (ticket_subject, rank) VALUES ('integrity-check', 1)"
            )

    def _index(self, rows: list[tuple[Any, ...]]) -> None:
        if self._dialect == "sqlite":
            self._many(
                "INSERT INTO ticket_fts (rowid, subject, body, people) VALUES (?, ?, ?, ?)", rows
            )
            self._many(
                "INSERT INTO ticket_subject (rowid, subject) VALUES (?, ?)",
                [row[:2] for row in rows],
            )

    def _forget(self, ticket: int, old: Document) -> None:
        if self._dialect == "sqlite":
            self._many(
                "INSERT INTO ticket_fts (ticket_fts, rowid, subject, body, people) VALUES ('delete', ?, ?, ?, ?)",
                [(ticket, *old)],
            )
            self._many(
                "INSERT INTO ticket_subject (ticket_subject, rowid, subject) VALUES ('delete', ?, ?)",
                [(ticket, old.subject)],
            )

    def _document(self, row: Sequence[Any]) -> Document:
        ticket, subject, *people = row[:5]
        entries = self._rows(
            "SELECT body FROM entry WHERE ticket_id = ? AND withdrawn = 0 ORDER BY id", ticket
        )
        return document(subject, (body for (body,) in entries), (name or "" for name in people))

    def _remember_all(self) -> None:
        for column, table in (
            ("path", "ticket"),
            ("service", "ticket"),
            ("tag", "tag"),
            ("path", "category"),
        ):
            self.remember(
                value for (value,) in self._rows(f"SELECT DISTINCT {column} FROM {table}")
            )

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        self._cursor.execute(self._sql(sql), values)
        return list(self._cursor.fetchall())

    def _row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        rows = self._rows(sql, *values)
        return rows[0] if rows else None

    def _many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        self._cursor.executemany(self._sql(sql), rows)

    def _sql(self, sql: str) -> str:
        return sql if self._dialect == "sqlite" else _positional(sql)


_TICKET = (
    "SELECT t.id, t.subject, p.name, p.email, o.name, t.path, t.service FROM ticket t "
    "LEFT JOIN person p ON p.id = t.requester_id LEFT JOIN organization o ON o.id = p.organization_id"
)


@lru_cache(maxsize=64)
def _positional(sql: str) -> str:
    return sql.replace("?", "%s")

"""Full-text search: one document a ticket, and the index over it.

A document is folded by `sdesk.text.fold`, in Python, so that the index, the plain comparison and
the filter language's Python face have one idea of a word; the engine's own tokenizer only splits at
spaces. `ticket_text` keeps the documents as they were indexed: the index can then be corrected
exactly (FTS5 needs the old text to forget it), rebuilt and checked, and a list that is walked in
another order can be probed row by row. `folded` keeps the comparable forms of the values that
tickets share (category paths, services, sites, tags). PostgreSQL keeps the words of a document beside
it (`ticket_text.words`).

Everything takes the driver's connection (`sqlite3` or psycopg) and leaves the transaction to the
caller.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sdesk.rules.query.words import Document, caseless, document
from sdesk.store.lexemes import either
from sdesk.store.reader import translate
from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sdesk.store.reader import Reader
    from sdesk.store.spoken import Statement, Values

__all__ = ["POSTGRESQL_DDL", "SQLITE_DDL", "Document", "SearchIndex", "document", "similar"]

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
_WORDS = (
    "subject || body || people"
    " || replace(rtrim(subject), ' ', ' .') || replace(rtrim(people), ' ', ' @')"
)
POSTGRESQL_DDL = (
    *_TABLES,
    "ALTER TABLE ticket_text ADD COLUMN words tsvector NOT NULL GENERATED ALWAYS AS"
    f" (array_to_tsvector(array_remove(string_to_array({_WORDS}, ' '), ''))) STORED",
    "CREATE INDEX ticket_text_words ON ticket_text USING gin (words)",
)


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

    def refresh(self, tickets: Iterable[int]) -> None:
        """Bring the documents (and shared values) of these tickets up to what the store holds.

        For every ticket that a transaction has touched; unchanged documents cost one comparison.
        """
        for ticket in tickets:
            answers = [self._said(sql, values) for sql, values in document_asked(ticket)]
            for sql, values in document_kept(ticket, answers, self._dialect):
                self._said(sql, values)

    def remember(self, values: Iterable[str]) -> None:
        """Keep the comparable forms of category paths, services, sites and tags."""
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

    def _document(self, row: Sequence[Any]) -> Document:
        bodies, merged = (self._said(sql, {"id": row[0]}) for sql in (_BODIES, _MERGED))
        return _document(row, bodies, merged)

    def _remember_all(self) -> None:
        for column, table in (
            ("path", "ticket"),
            ("service", "ticket"),
            ("tag", "tag"),
            ("path", "category"),
            ("site", "queue"),
        ):
            self.remember(
                value for (value,) in self._rows(f"SELECT DISTINCT {column} FROM {table}")
            )

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        self._cursor.execute(self._sql(sql), values)
        return list(self._cursor.fetchall())

    def _said(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        say = self._cursor.executemany if isinstance(values, list) else self._cursor.execute
        say(sql if self._dialect == "sqlite" else translate(sql), values)
        return list(self._cursor.fetchall()) if self._cursor.description else []

    def _many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        self._cursor.executemany(self._sql(sql), rows)

    def _sql(self, sql: str) -> str:
        return sql if self._dialect == "sqlite" else _positional(sql)


_TICKET = (
    "SELECT t.id, t.subject, p.name, p.email, o.name, t.path, t.service, q.site FROM ticket t "
    "LEFT JOIN person p ON p.id = t.requester_id LEFT JOIN organization o ON o.id = p.organization_id "
    "LEFT JOIN queue q ON q.key = t.queue"
)


_BODIES = "SELECT body FROM entry WHERE ticket_id = :id AND withdrawn = 0 ORDER BY id"
_MERGED = "SELECT subject FROM ticket WHERE merged_into = :id ORDER BY id"
_DOCUMENT = (
    f"{_TICKET} WHERE t.id = :id",
    _BODIES,
    # Who looks for a merged ticket finds the one that goes on for it.
    _MERGED,
    "SELECT subject, body, people FROM ticket_text WHERE ticket_id = :id",
    "SELECT tag FROM tag WHERE ticket_id = :id",
)


def _document(
    row: Sequence[Any], bodies: Iterable[Sequence[str]], merged: Iterable[Sequence[str]]
) -> Document:
    texts = [text for (text,) in (*bodies, *merged)]
    return document(row[1], texts, (name or "" for name in row[2:5]))


def document_asked(ticket: int) -> list[Statement]:
    """The questions whose answers `document_kept` needs."""
    return [(sql, {"id": ticket}) for sql in _DOCUMENT]


def document_kept(ticket: int, answers: Sequence[Sequence[Any]], dialect: str) -> list[Statement]:
    """The statements that bring a ticket's document, and the values it shares with others, up to what
    the store holds: for every ticket that a transaction has touched. One that has not changed costs a
    comparison, one that is gone is forgotten."""
    found, bodies, merged, known, tags = answers
    old = Document(*known[0]) if known else None
    if not found:
        gone = [("DELETE FROM ticket_text WHERE ticket_id = :ticket", _values(ticket, old))]
        return [*_forgotten(ticket, old, dialect), *gone] if old else []
    row = found[0]
    text = _document(row, bodies, merged)
    shared = {value for value in (row[5], row[6], row[7], *(tag for (tag,) in tags)) if value}
    kept = [_folded(sorted(shared))] if shared else []
    if old == text:
        return kept
    put = _PUT if old is None else _CHANGE
    fresh = _INDEXED if dialect == "sqlite" else ()
    return [
        *_forgotten(ticket, old, dialect), (put, _values(ticket, text)),
        *((sql, _values(ticket, text)) for sql in fresh), *kept,
    ]  # fmt: skip


_PUT = "INSERT INTO ticket_text (ticket_id, subject, body, people) VALUES (:ticket, :subject, :body, :people)"
_CHANGE = "UPDATE ticket_text SET subject = :subject, body = :body, people = :people WHERE ticket_id = :ticket"
_INDEXED = (
    "INSERT INTO ticket_fts (rowid, subject, body, people) VALUES (:ticket, :subject, :body, :people)",
    "INSERT INTO ticket_subject (rowid, subject) VALUES (:ticket, :subject)",
)
_FORGOTTEN = (
    "INSERT INTO ticket_fts (ticket_fts, rowid, subject, body, people)"
    " VALUES ('delete', :ticket, :subject, :body, :people)",
    "INSERT INTO ticket_subject (ticket_subject, rowid, subject) VALUES ('delete', :ticket, :subject)",
)


def _values(ticket: int, text: Document | None) -> dict[str, object]:
    known: dict[str, object] = {"ticket": ticket}
    return known | (text._asdict() if text is not None else {})


def _forgotten(ticket: int, old: Document | None, dialect: str) -> list[Statement]:
    if old is None or dialect != "sqlite":
        return []
    return [(sql, _values(ticket, old)) for sql in _FORGOTTEN]


def _folded(values: Iterable[str]) -> Statement:
    keep = "INSERT INTO folded (value, fold, caseless) VALUES (:value, :fold, :caseless) ON CONFLICT DO NOTHING"
    return keep, [{"value": v, "fold": fold(v), "caseless": caseless(v)} for v in values]


@lru_cache(maxsize=64)
def _positional(sql: str) -> str:
    return sql.replace("?", "%s")


_GUARDED: WeakKeyDictionary[Reader, bool] = WeakKeyDictionary()


def is_guarded(reader: Reader) -> bool:
    """Whether policies stand between this connection and some documents."""
    if reader.dialect == "sqlite":
        return False
    if reader not in _GUARDED:
        row = reader.one("SELECT row_security_active('ticket_text')")
        _GUARDED[reader] = row is not None and bool(row[0])
    return _GUARDED[reader]


NEWEST = 2_000
"""How many subjects tell which words are rare."""


def similar(reader: Reader, ticket: int, *, limit: int = 5, live: bool = False) -> list[int]:
    """Finished (or live) tickets whose subjects share this one's rarest words, the nearest first.

    Rarity is judged by the newest two thousand subjects that have any of the words: enough to tell
    what matters, quick whatever the store's size, and the same on every engine.
    """
    row = reader.one("SELECT subject FROM ticket_text WHERE ticket_id = :id", {"id": ticket})
    words = [word for word in dict.fromkeys((row[0] if row else "").split()) if len(word) > 2][:12]
    if not words:
        return []
    sql = f"""
        SELECT hit.id, x.subject,
            t.live = {int(live)} AND t.binned = 0 AND t.merged_into IS NULL
        FROM ({_sharing(reader)} LIMIT {NEWEST}) AS hit
        JOIN ticket t ON t.id = hit.id JOIN ticket_text x ON x.ticket_id = hit.id"""
    joint = " OR ".join(f'"{word}"' for word in words)
    sought = joint if reader.dialect == "sqlite" else either(words, "subject")
    rows = reader.all(sql, {"words": sought, "id": ticket})
    near = _nearness(words, [row[1] for row in rows])
    found = [(-near[n], -row[0]) for n, row in enumerate(rows) if row[2]]
    return [-number for _, number in sorted(found)[:limit]]


def _sharing(reader: Reader) -> str:
    """The other tickets that have any of the words in their subject, the newest first."""
    if reader.dialect == "sqlite":
        return (
            "SELECT w.rowid AS id FROM ticket_subject w"
            " WHERE w.ticket_subject MATCH :words AND w.rowid <> :id ORDER BY w.rowid DESC"
        )
    if is_guarded(reader):
        return (
            "SELECT w AS id FROM sdesk_found(CAST(:words AS tsquery)) w"
            " WHERE w <> :id ORDER BY w DESC"
        )
    return (
        "SELECT w.ticket_id AS id FROM ticket_text w"
        " WHERE w.words @@ CAST(:words AS tsquery) AND w.ticket_id <> :id ORDER BY w.ticket_id DESC"
    )


def _nearness(words: list[str], subjects: list[str]) -> list[float]:
    """BM25 of each subject: what it shares, the rarer words and the shorter subjects first. Each that
    stands there more than once is looked at once."""
    among, times = len(subjects), Counter(subjects)
    split = {text: text.split() for text in times}
    usual = sum(len(split[text]) * n for text, n in times.items()) / max(1, among)
    sought = set(words)
    counts: Counter[str] = Counter()
    for text, said in split.items():
        counts.update(dict.fromkeys(sought.intersection(said), times[text]))
    worth = {w: log(1 + (among - counts[w] + 0.5) / (counts[w] + 0.5)) for w in words}
    near: dict[str, float] = {}
    for text, said in split.items():
        room = 1.2 * (0.25 + 0.75 * len(said) / usual)
        # In the order of the words, so that equal sets have equal sums.
        shared = [(worth[word], said.count(word)) for word in words if word in said]
        near[text] = sum(w * n * 2.2 / (n + room) for w, n in shared)
    return [near[text] for text in subjects]

"""Somebody who can write the store's file and changes its history, in every way that there is.

The attacker drops what the store guards its events with, and knows how they are hashed.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.store import chained, upkeep
from sdesk.store.place import is_postgres
from sdesk.store.reader import open_reader, translate

if TYPE_CHECKING:
    from sdesk.store.chained import Anchor, Chain
    from sdesk.store.reader import Reader

Row = dict[str, Any]
COLUMNS = (*chained.CHAINED, "hash", "salt", "payload")
_NAMES = ", ".join(COLUMNS)
_INSERT = f"INSERT INTO event ({_NAMES}) VALUES ({', '.join(f':{name}' for name in COLUMNS)})"
_TRIGGERS = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'event'"


class Attack(NamedTuple):
    """A history that somebody has made of the right one."""

    kind: str
    rows: list[Row]
    covers_up: bool = False
    """Whether what the store remembers of its newest event is made to fit."""
    alone: bool = True
    """Whether the chain alone must tell; else an anchor outside the store."""


Kind = Callable[[list[Row], Random], Attack]


def column(rows: list[Row], chance: Random) -> Attack:
    """One column of one event."""
    row = chance.choice(rows)
    name = chance.choice([name for name in COLUMNS if name not in ("id", "payload")])
    value = row[name]
    if name == "ticket_id":
        tickets = {one["ticket_id"] for one in rows} - {value}
        row[name] = chance.choice(sorted(tickets, key=str))
    elif name in ("at", "batch", "cause_id"):
        row[name] = (value or 0) + chance.choice((-1, 1, 3_600))
    elif name in ("hash", "digest", "salt"):
        row[name] = secrets.token_hex(len(value) // 2 or 8)
    else:
        row[name] = f"{value}x"
    return Attack("column", rows)


def payload(rows: list[Row], chance: Random) -> Attack:
    """What an event says; the digest, or the hash as well, made to fit."""
    at = chance.randrange(len(rows) - 1)
    row, care = rows[at], chance.randrange(3)
    row["payload"] = f'{row["payload"][:-1]},"x":{chance.randrange(1_000)}}}'
    if care > 0:
        row["salt"] = row["salt"] or secrets.token_hex(8)
        row["digest"] = chained.digest(row["salt"], row["payload"])
    if care > 1:
        row["hash"] = chained.chain(rows[at - 1]["hash"] if at else "", row)
    return Attack("payload", rows)


def emptied(rows: list[Row], chance: Random) -> Attack:
    """What an event says, taken away as an erasure does, and told of by nobody."""
    row = chance.choice([row for row in rows if row["salt"]])
    row["salt"], row["payload"] = "", chance.choice(('{"changes":{},"details":{}}', "{}", ""))
    return Attack("erased unsaid", rows)


def deleted(rows: list[Row], chance: Random) -> Attack:
    """Some events in the middle; the later ones may be numbered anew."""
    at, count = chance.randrange(len(rows) - 4), chance.choice((1, 1, 3))
    left = rows[:at] + rows[at + count :]
    if chance.random() < 0.5:
        for number, row in enumerate(left, rows[0]["id"]):
            row["id"] = number
    return Attack("deleted", left)


def reordered(rows: list[Row], chance: Random) -> Attack:
    """Two events in each other's place."""
    one, other = chance.sample(range(len(rows)), 2)
    rows[one], rows[other] = rows[other], rows[one]
    rows[one]["id"], rows[other]["id"] = rows[other]["id"], rows[one]["id"]
    return Attack("reordered", sorted(rows, key=lambda row: int(row["id"])))


def truncated(rows: list[Row], chance: Random) -> Attack:
    """The newest events; where somebody covers that up, only an anchor tells."""
    left = rows[: -chance.randint(1, len(rows) // 2)]
    return Attack("truncated", left, covers_up=chance.random() < 0.5, alone=False)


def inserted(rows: list[Row], chance: Random) -> Attack:
    """An event more, well hashed where it stands; the later ones numbered anew."""
    at = chance.randint(1, len(rows) - 1)
    new = dict(chance.choice(rows[:at]))
    new["salt"] = secrets.token_hex(8)
    new["digest"] = chained.digest(new["salt"], new["payload"])
    for row in rows[at:]:
        row["id"] += 1
    new["id"] = rows[at - 1]["id"] + 1
    new["hash"] = chained.chain(rows[at - 1]["hash"], new)
    return Attack("inserted", [*rows[:at], new, *rows[at:]])


def rewritten(rows: list[Row], chance: Random) -> Attack:
    """Everything from some event on made anew, every hash of it right: only an anchor tells."""
    at = chance.randrange(len(rows))
    row = rows[at]
    row["actor"] = f"{row['actor']}x"
    if chance.random() < 0.5 and at + 1 < len(rows):
        del rows[at + 1]
        for number, later in enumerate(rows[at + 1 :], row["id"] + 1):
            later["id"] = number
    before = rows[at - 1]["hash"] if at else ""
    for later in rows[at:]:
        if later["salt"]:
            later["salt"] = secrets.token_hex(8)
            later["digest"] = chained.digest(later["salt"], later["payload"])
        before = later["hash"] = chained.chain(before, later)
    return Attack("rewritten", rows, covers_up=True, alone=False)


KINDS: tuple[Kind, ...] = (
    column, column, payload, emptied, deleted, reordered, truncated, inserted, rewritten
)  # fmt: skip


class Trail:
    """The history of one store, which is tampered with again and again."""

    def __init__(self, store: str) -> None:
        self.reader: Reader = open_reader(store)
        found = self.reader.all(f"SELECT {_NAMES} FROM event ORDER BY id")
        self.rows: list[Row] = [dict(zip(COLUMNS, row, strict=True)) for row in found]
        self._hand = _Hand(store)

    def close(self) -> None:
        self.put(Attack("as it was", self.rows, covers_up=True))
        self._hand.close()
        self.reader.close()

    def attacked(self, chance: Random) -> Attack:
        """The history after one tampering; it differs from the right one."""
        while True:
            attack = chance.choice(KINDS)([dict(row) for row in self.rows], chance)
            if attack.rows != self.rows:
                return attack

    def put(self, attack: Attack) -> None:
        """Put a history in the place of what stands there."""
        newest = attack.rows[-1] if attack.covers_up else self.rows[-1]
        self._hand.write(attack.rows, f"{newest['id']}:{newest['hash']}")

    def verify(self, *anchors: Anchor) -> Chain:
        return chained.verify(self.reader, anchors)


class _Hand:
    """The attacker's connection: past locks, triggers and the desk."""

    def __init__(self, store: str) -> None:
        self._is_postgres = is_postgres(store)
        if self._is_postgres:
            import psycopg

            self._rows: Any = psycopg.connect(store, autocommit=True)
            self._rows.execute("ALTER TABLE event DISABLE TRIGGER USER")
        else:
            self._rows = sqlite3.connect(store, isolation_level=None)
            self._rows.execute("PRAGMA synchronous = OFF")
            for (name,) in self._rows.execute(_TRIGGERS).fetchall():
                self._rows.execute(f'DROP TRIGGER "{name}"')

    def write(self, rows: list[Row], head: str) -> None:
        with self._transaction() as cursor:
            cursor.execute("DELETE FROM event")
            cursor.executemany(self._sql(_INSERT), rows)
            values = {"name": chained.HEAD, "at": 0, "value": head}
            cursor.execute(self._sql(upkeep.REMEMBER), values)

    def _sql(self, sql: str) -> str:
        return translate(sql) if self._is_postgres else sql

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        cursor = self._rows.cursor()
        cursor.execute("BEGIN")
        yield cursor
        cursor.execute("COMMIT")

    def close(self) -> None:
        self._rows.close()

"""Every way of changing the history from outside is found, and named with its place."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.store import chained
from sdesk.store.chained import Anchor, Chain, Fault, verify
from sdesk.store.reader import SqliteReader

COLUMNS = (
    "id, ticket_id, at, actor, kind, payload, source, batch, cause_id, rule, salt, digest, hash"
)
Change = Callable[[sqlite3.Connection], object]


@pytest.fixture
def lively(desk: Desk, make_ticket: Callable[..., TicketId], store: Path) -> Path:
    for number in range(4):
        ticket = make_ticket(f"Printer {number} is on fire")
        desk.apply(ticket, ops.AddNote("With real flames"))
    desk.close()
    return store


def tampered(store: Path, *changes: Change | str) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for name in ("event_is_not_changed", "event_is_not_deleted"):
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        for change in changes:
            connection.execute(change) if isinstance(change, str) else change(connection)
        connection.commit()


def checked(store: Path, *anchors: Anchor, since: Anchor | None = None) -> Chain:
    reader = SqliteReader(store)
    try:
        return verify(reader, anchors, since=since)
    finally:
        reader.close()


def found(store: Path, *anchors: Anchor) -> list[tuple[int, Fault]]:
    return [(broken.event, broken.fault) for broken in checked(store, *anchors).broken]


def rows(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    names = COLUMNS.split(", ")
    return [
        dict(zip(names, row, strict=True))
        for row in connection.execute(f"SELECT {COLUMNS} FROM event ORDER BY id")
    ]


def put(connection: sqlite3.Connection, row: dict[str, Any]) -> None:
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT OR REPLACE INTO event ({COLUMNS}) VALUES ({marks})", row)


def rewrite(connection: sqlite3.Connection) -> None:
    """All of it, with hashes that fit: what an anchor is for."""
    before = ""
    for row in rows(connection):
        row["actor"] = "mallory" if row["actor"] == "ana" else row["actor"]
        row["hash"] = before = chained.chain(before, row)
        put(connection, row)
    connection.execute(f"UPDATE upkeep SET value = '{row['id']}:{before}' WHERE name = 'head'")


def swap(one: int, two: int) -> Change:
    def change(connection: sqlite3.Connection) -> None:
        by = {row["id"]: row for row in rows(connection)}
        put(connection, {**by[one], "id": two})
        put(connection, {**by[two], "id": one})

    return change


def insert_at(place: int) -> Change:
    """Between two others, which are all numbered anew, with a hash that fits."""

    def change(connection: sqlite3.Connection) -> None:
        every = rows(connection)
        connection.execute("UPDATE event SET id = -id WHERE id >= ?", (place,))
        connection.execute("UPDATE event SET id = 1 - id WHERE id < 0")
        before = every[place - 2]["hash"]
        fresh = {**every[place - 1], "actor": "mallory"}
        put(connection, {**fresh, "hash": chained.chain(before, fresh)})

    return change


def close_gap(place: int) -> Change:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM event WHERE id = ?", (place,))
        connection.execute("UPDATE event SET id = -id WHERE id > ?", (place,))
        connection.execute("UPDATE event SET id = -id - 1 WHERE id < 0")

    return change


def append(connection: sqlite3.Connection) -> None:
    last = rows(connection)[-1]
    fresh = {**last, "id": last["id"] + 1, "ticket_id": None}
    put(connection, {**fresh, "hash": chained.chain(last["hash"], fresh)})


def cut_tail(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM event WHERE id > (SELECT max(id) - 2 FROM event)")


def test_an_untouched_history_is_whole(lively: Path) -> None:
    chain = checked(lively)
    assert chain.is_whole
    assert chain.head is not None
    assert chain.events == chain.head.event > 30


TAMPERINGS: dict[str, tuple[Change | str, list[tuple[int, Fault]]]] = {
    "actor": ("UPDATE event SET actor = 'bob' WHERE id = 31", [(31, Fault.COLUMN)]),
    "time": ("UPDATE event SET at = at - 60 WHERE id = 31", [(31, Fault.COLUMN)]),
    "kind": ("UPDATE event SET kind = 'noted' WHERE id = 1", [(1, Fault.COLUMN)]),
    "ticket": ("UPDATE event SET ticket_id = 2 WHERE id = 34", [(34, Fault.COLUMN)]),
    "hash": ("UPDATE event SET hash = printf('%064d', 7) WHERE id = 12", [(12, Fault.COLUMN)]),
    "payload": ("UPDATE event SET payload = replace(payload, 'a', 'b') WHERE id = 33", [(33, Fault.PAYLOAD)]),
    "bytes": ("UPDATE event SET payload = x'00ff' WHERE id = 33", [(33, Fault.PAYLOAD)]),
    "no text": ("UPDATE event SET payload = CAST(x'ff' AS TEXT) WHERE id = 33", [(33, Fault.PAYLOAD)]),
    "no text in a column": ("UPDATE event SET actor = CAST(x'ff' AS TEXT) WHERE id = 33", [(33, Fault.COLUMN)]),
    "salt": ("UPDATE event SET salt = 'x' WHERE id = 33", [(33, Fault.PAYLOAD)]),
    "emptied": ("UPDATE event SET salt = '', payload = '{}' WHERE id = 33", [(33, Fault.ERASED)]),
    "first deleted": ("DELETE FROM event WHERE id = 1", [(2, Fault.DELETED)]),
    "some deleted": ("DELETE FROM event WHERE id IN (20, 21)", [(22, Fault.DELETED)]),
    "deleted and renumbered": (close_gap(20), [(20, Fault.DELETED)]),
    "swapped": (swap(10, 20), [(10, Fault.REORDERED), (20, Fault.REORDERED)]),
    "neighbours swapped": (swap(10, 11), [(10, Fault.REORDERED), (11, Fault.REORDERED)]),
    "put in": (insert_at(15), [(15, Fault.INSERTED)]),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERINGS)
def test_what_was_tampered_with_is_found_at_its_place(what: str, lively: Path) -> None:
    change, expected = TAMPERINGS[what]
    tampered(lively, change)
    left = [fault for fault in found(lively) if fault[1] != Fault.TRUNCATED and fault[1] != Fault.REWRITTEN]  # fmt: skip
    assert left == expected


def test_what_is_cut_off_at_the_end_is_known_by_what_the_desk_wrote_last(lively: Path) -> None:
    head = checked(lively).head
    assert head is not None
    tampered(lively, cut_tail)
    assert found(lively) == [(head.event - 2, Fault.TRUNCATED)]


def test_what_is_cut_off_is_known_by_the_tickets_that_name_it(lively: Path) -> None:
    tampered(lively, cut_tail, "DELETE FROM upkeep")
    assert [fault for _, fault in found(lively)] == [Fault.TRUNCATED]


def test_what_is_put_behind_the_end_is_known(lively: Path) -> None:
    head = checked(lively).head
    assert head is not None
    tampered(lively, append)
    assert found(lively) == [(head.event + 1, Fault.INSERTED)]


def test_a_history_made_anew_fits_itself_and_no_anchor(lively: Path) -> None:
    anchor = checked(lively).head
    assert anchor is not None
    tampered(lively, rewrite)
    assert found(lively) == []
    assert found(lively, anchor) == [(anchor.event, Fault.REWRITTEN)]


def test_an_anchor_that_fits_is_said_to(lively: Path) -> None:
    with closing(sqlite3.connect(lively)) as connection:
        ((event, text),) = connection.execute("SELECT id, hash FROM event WHERE id = 17").fetchall()
    chain = checked(lively, Anchor(event, text, 5, "a log"))
    assert next(anchor.event for anchor in chain.held) == 17
    assert chain.is_whole
    beyond = Anchor(10_000, "0" * 64)
    assert [fault for _, fault in found(lively, beyond)] == [Fault.TRUNCATED]


def test_only_what_came_after_an_anchor_can_be_checked(lively: Path) -> None:
    with closing(sqlite3.connect(lively)) as connection:
        ((text,),) = connection.execute("SELECT hash FROM event WHERE id = 25").fetchall()
    tampered(lively, "UPDATE event SET actor = 'bob' WHERE id = 12")
    since = Anchor(25, text)
    assert checked(lively, since=since).is_whole
    tampered(lively, "UPDATE event SET actor = 'bob' WHERE id = 32")
    assert [b.event for b in checked(lively, since=since).broken] == [32]


def erased(desk: Desk, events: list[int], payload: str, sha256: str = "") -> None:
    """As erasing does it: other words in place of what was said, and an event that tells of it."""
    sha256 = sha256 or hashlib.sha256(payload.encode()).hexdigest()
    with desk.door().transaction() as work:
        for event in events:
            work.tx.session.connection().exec_driver_sql(
                "UPDATE event SET payload = ?, salt = '' WHERE id = ?", (payload, event)
            )
        told = {str(event): sha256 for event in events}
        work.tx.record("erased", details={"events": told, "what": "ticket"})


def test_what_was_erased_with_a_word_is_whole(desk: Desk, make_ticket: Any, store: Path) -> None:
    make_ticket()
    erased(desk, [30, 31], '{"changes":{},"details":{}}')
    chain = checked(store)
    assert chain.is_whole
    assert chain.erased == 2
    erased(desk, [31], '{"changes":{},"details":{"again":1}}')
    assert checked(store).is_whole, "the last word counts"


def test_what_was_erased_otherwise_than_said_is_found(desk: Desk, make_ticket: Any, store: Path) -> None:  # fmt: skip
    make_ticket()
    erased(desk, [30], '{"changes":{},"details":{}}', sha256="0" * 64)
    assert found(store) == [(30, Fault.ERASED)]


def test_a_word_that_comes_too_early_explains_nothing(desk: Desk, make_ticket: Any, store: Path) -> None:  # fmt: skip
    payload = '{"changes":{},"details":{}}'
    sha256 = hashlib.sha256(payload.encode()).hexdigest()
    with desk.door().transaction() as work:
        last = desk.read.last_event() + 1
        work.tx.record("erased", details={"events": {str(last + 1): sha256}, "what": "ticket"})
    make_ticket()
    desk.close()
    tampered(store, f"UPDATE event SET salt = '', payload = '{payload}' WHERE id = {last + 1}")
    assert found(store) == [(last + 1, Fault.ERASED)]


def test_a_flood_of_faults_is_counted_not_told(lively: Path) -> None:
    tampered(lively, "UPDATE event SET at = at + 1")
    chain = checked(lively)
    assert len(chain.broken) == chained.MOST
    assert chain.more > 5


def test_the_sentences_name_the_place(lively: Path) -> None:
    tampered(lively, "DELETE FROM event WHERE id = 20", "UPDATE event SET actor = 'x' WHERE id = 7")
    said = [broken.said for broken in checked(lively).broken]
    assert said == [
        "event 7 was changed: it does not fit the one before it",
        "one event before event 21 was deleted",
    ]
    json.dumps(said)

"""Where a person is named in what others wrote, and taking the names out of it.

Found outside of any transaction, a little at a time, so that agents go on working; each place is
looked at again in the transaction that changes it.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.rules.mailtext import layers, redacted_file
from sdesk.rules.traces import moved
from sdesk.store import erasing, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.rules.traces import Traces
    from sdesk.store.reader import Reader
    from sdesk.store.transaction import Tx

AT_ONCE, FILES_AT_ONCE = 2_000, 50


class Place(NamedTuple):
    """A table with texts of people in it."""

    table: str
    keys: tuple[str, ...]
    texts: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    """Columns that hold JSON."""
    ticket: str = "ticket_id"
    """The column with the ticket's number; empty where there is none."""

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.texts, *self.values)


PLACES = (
    Place("ticket", ("id",), ("subject", "wait_reason", "external_id", "service", "path", "resolution_code"), ticket="id"),
    Place("tag", ("ticket_id", "tag"), ("tag",)),
    Place("field", ("ticket_id", "name"), ("value",)),
    Place("entry", ("id",), ("author", "agent", "body")),
    Place("event", ("id",), (), ("payload",)),
    Place("draft", ("id",), ("body",)),
    Place("notice", ("id",), ("body",)),
    Place("attachment", ("id",), ("name", "agent")),
    Place("worked", ("id",), ("note",)),
    Place("check_item", ("id",), ("body",)),
    Place("mail", ("id",), ("author", "subject", "reason", "message_id")),
    Place("letter", ("id",), ("subject", "body", "refs", "answer"), ("recipients", "cc")),
    Place("participant", ("ticket_id", "address"), ("address", "name")),
    Place("survey", ("ticket_id",), ("comment",)),
    Place("announcement", ("id",), ("title", "body")),
    Place("alarm", ("source", "key"), ("title",), ("payload",)),
    Place("delivery", ("id",), ("title", "body", "answer")),
    Place("view", ("owner", "name"), ("query",), ticket=""),
    Place("template", ("owner", "name"), ("body",), ticket=""),
    Place("macro", ("owner", "name"), ("body",), ("operations",), ticket=""),
)  # fmt: skip
"""Not there: what an administrator has set up (policies, settings, queues), and other people."""
FILES = ("mail", "attachment")
"""Tables whose rows have bytes in `blob`."""


class Mention(NamedTuple):
    """A row that names the person; `is_file`: in the bytes that belong to it."""

    place: Place
    key: tuple[Any, ...]
    is_file: bool = False

    def __str__(self) -> str:
        return f"{self.place.table} files" if self.is_file else self.place.table


def mentions(reader: Reader, traces: Traces) -> Iterator[Mention]:
    """Every row that names them."""
    for place in PLACES:
        for row in _rows(reader, place):
            first = len(place.keys) + len(place.texts)
            plain, coded = row[len(place.keys) : first], row[first:]
            if any(text and traces.holds(text) for text in plain) or any(
                text and traces.redacted_json(text) != text for text in coded
            ):
                yield Mention(place, row[: len(place.keys)])
    known: dict[str, bool] = {}
    for place in PLACES:
        if place.table in FILES:
            yield from _files(reader, place, traces, known)


def _rows(reader: Reader, place: Place) -> Iterator[tuple[Any, ...]]:
    """A table's keys and texts, a range of its numbers at a time: a statement that stays open would
    let the log grow."""
    names = ", ".join(f'"{name}"' for name in (*place.keys, *place.columns))
    sql = f'SELECT {names} FROM "{place.table}"'
    first = place.keys[0]
    if first not in ("id", "ticket_id"):
        yield from reader.all(sql)
        return
    for span in _spans(reader, place.table, first, AT_ONCE):
        yield from reader.all(f"{sql} WHERE {first} > :low AND {first} <= :high", span)


def _spans(reader: Reader, table: str, column: str, size: int) -> Iterator[dict[str, object]]:
    """Spans of numbers that have rows, from the lowest on: a store's numbers may begin anywhere."""
    low = -1
    while True:
        row = reader.one(f"SELECT min({column}) FROM {table} WHERE {column} > :low", {"low": low})
        if row is None or row[0] is None:
            return
        low = int(row[0]) - 1
        yield {"low": low, "high": low + size}
        low += size


def _files(
    reader: Reader, place: Place, traces: Traces, known: dict[str, bool]
) -> Iterator[Mention]:
    for span in _spans(reader, place.table, "id", FILES_AT_ONCE):
        keys = (
            f"SELECT id, sha256 FROM {place.table} WHERE id > :low AND id <= :high AND sha256 <> ''"
        )
        for number, sha in reader.all(keys, span):
            if sha not in known:
                known[sha] = _file_holds(reader, sha, traces)
            if known[sha]:
                yield Mention(place, (number,), is_file=True)


def _file_holds(reader: Reader, sha: str, traces: Traces) -> bool:
    body = reader.one("SELECT body FROM blob WHERE sha256 = :sha", {"sha": sha})
    return body is not None and any(traces.holds(text) for text in layers(bytes(body[0])))


class Redacting:
    """Taking the names out, inside one transaction. `digests` are the events that were changed."""

    def __init__(self, tx: Tx, traces: Traces) -> None:
        self.tx, self.traces = tx, traces
        self.digests: dict[int, str] = {}
        self.unread: list[str] = []
        """Files that hold a name and can't be written anew."""

    def redact(self, mention: Mention) -> bool:
        """Whether something was changed."""
        place, session = mention.place, self.tx.session
        names = ", ".join(f'"{name}"' for name in place.columns)
        row = spoken.row(
            session, f'SELECT {names} FROM "{place.table}"{_where(place)}', _key(mention)
        )
        if row is None:
            return False
        if mention.is_file:
            return self._file(mention)
        old = dict(zip(place.columns, row, strict=True))
        new = {name: self._new(place, name, text) for name, text in old.items() if text}
        new = {name: text for name, text in new.items() if text != old[name]}
        if new:
            self._put(mention, old, new)
            self._reword(mention)
        return bool(new)

    def _new(self, place: Place, name: str, text: str) -> str:
        if name in place.values:
            return self.traces.redacted_json(text)
        return self.traces.redacted(text)

    def _put(self, mention: Mention, old: dict[str, str], new: dict[str, str]) -> None:
        table, key = mention.place.table, _key(mention)
        if table == "event":
            payloads = {int(mention.key[0]): new["payload"]}
            self.digests |= erasing.put_payloads(self.tx.session, payloads)
            return
        if table == "tag" or (table == "participant" and "address" in new):
            spoken.run(self.tx.session, f"DELETE FROM {table}{_where(mention.place)}", key)
            return
        more: dict[str, Any] = {}
        if table == "field":
            from sdesk.text import fold

            more["value_fold"] = fold(new["value"])
        if table == "entry" and "body" in new:
            more["folds"] = self._folds(int(mention.key[0]), old["body"])
        if table == "letter":
            more |= self._addressees(new)
        self._update(mention.place, key, {**new, **more})

    def _folds(self, entry: int, body: str) -> str:
        row = spoken.row(self.tx.session, "SELECT folds FROM entry WHERE id = :id", {"id": entry})
        return moved(row[0] if row else "", self.traces.spans(body), self.traces.mark)

    def _addressees(self, new: dict[str, str]) -> dict[str, Any]:
        """Nobody is written to who is no address any more."""
        return {
            name: json.dumps([to for to in json.loads(new[name]) if "@" in to])
            for name in ("recipients", "cc")
            if name in new
        }

    def _update(self, place: Place, key: dict[str, Any], values: dict[str, Any]) -> None:
        columns = ", ".join(f'"{name}" = :new_{name}' for name in values)
        new = {f"new_{name}": value for name, value in values.items()}
        spoken.run(
            self.tx.session, f'UPDATE "{place.table}" SET {columns}{_where(place)}', {**key, **new}
        )
        if place.table == "letter" and values.get("recipients") == "[]":
            stop = "UPDATE letter SET state = 'dropped', next_at = NULL WHERE id = :key0 AND state = 'waiting'"
            spoken.run(self.tx.session, stop, key)

    def _reword(self, mention: Mention) -> None:
        place = mention.place
        if place.table in ("ticket", "entry", "tag"):
            sql = f'SELECT "{place.ticket}" FROM "{place.table}"{_where(place)}'
            row = spoken.row(self.tx.session, sql, _key(mention))
            number = row[0] if row else mention.key[0]
            if number is not None:
                self.tx.reworded.add(int(number))

    def _file(self, mention: Mention) -> bool:
        """A file anew without the names; a mail as text, without its files: those are kept apart."""
        table, key = mention.place.table, _key(mention)
        sql = f"SELECT x.sha256, b.body FROM {table} x JOIN blob b ON b.sha256 = x.sha256 WHERE x.id = :key0"
        row = spoken.row(self.tx.session, sql, key)
        if row is None:
            return False
        body = redacted_file(bytes(row[1]), self.traces, is_mail=table == "mail", at=self.tx.at)
        if body is None:
            self.unread.append(f"{table} {mention.key[0]}")
            return False
        sha = hashlib.sha256(body).hexdigest()
        put = "INSERT INTO blob (sha256, body) VALUES (:sha, :body) ON CONFLICT (sha256) DO NOTHING"
        spoken.run(self.tx.session, put, {"sha": sha, "body": body})
        self._update(mention.place, key, {"sha256": sha, "size": len(body)})
        erasing.drop_files(self.tx.session, [str(row[0])])
        return True


def _where(place: Place) -> str:
    return " WHERE " + " AND ".join(f'"{name}" = :key{i}' for i, name in enumerate(place.keys))


def _key(mention: Mention) -> dict[str, Any]:
    return {f"key{i}": value for i, value in enumerate(mention.key)}


def forget_folded(tx: Tx, traces: Traces) -> None:
    """The comparable forms of tags and the like that name them."""
    for (value,) in spoken.rows(tx.session, "SELECT value FROM folded"):
        if traces.holds(value):
            spoken.run(tx.session, "DELETE FROM folded WHERE value = :value", {"value": value})


__all__ = ["PLACES", "Mention", "Place", "Redacting", "forget_folded", "mentions"]

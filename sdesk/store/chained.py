"""The chain of events: how each is hashed over the one before it, and what somebody did to it from outside.

Needs no SQLModel, so that whoever only checks pays for none.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sdesk.errors import StoreFault
from sdesk.numbering import base_of
from sdesk.store import upkeep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sdesk.model import Instant
    from sdesk.store.reader import Reader, Row

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(value: object) -> str:
    """JSON text that is the same for the same value, whoever writes it."""
    return _ENCODER.encode(value)


def digest(salt: str, payload: str) -> str:
    return hashlib.sha256(f"{salt}{payload}".encode()).hexdigest()


CHAINED = ("id", "ticket_id", "at", "actor", "kind", "source", "batch", "cause_id", "rule", "digest")  # fmt: skip
"""The columns of an event that its hash is made over, after the hash of the event before it."""
_CHAINED = itemgetter(*CHAINED)


def chain(before: str, row: Mapping[str, Any]) -> str:
    """The hash of an event over the one before it, its own columns and its payload's digest."""
    # None of the columns can hold the separator: they are numbers, keys and words of our own.
    columns = "\x1f".join(map(str, _CHAINED(row)))
    return hashlib.sha256(f"{before}\x1f{columns}".encode()).hexdigest()


class Fault(StrEnum):
    """What was done to the history."""

    COLUMN = "changed column"
    PAYLOAD = "changed payload"
    DELETED = "deleted"
    REORDERED = "reordered"
    INSERTED = "inserted"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    ERASED = "erased without a word"


_SAID = {
    Fault.COLUMN: "event {event} was changed: it does not fit the one before it",
    Fault.PAYLOAD: "what event {event} says was changed",
    Fault.DELETED: "{what} before event {event} {were} deleted",
    Fault.REORDERED: "event {event} was put in another's place",
    Fault.INSERTED: "event {event} was put in from outside",
    Fault.TRUNCATED: "the history was cut off after event {event}",
    Fault.REWRITTEN: "event {event} is not the one of the anchor {what}: the history up to it was made anew",
    Fault.ERASED: "what event {event} says was emptied, and no later event tells of that",
}


@dataclass(frozen=True, slots=True)
class Broken:
    """One fault and its place."""

    event: int
    fault: Fault
    what: str = ""

    @property
    def said(self) -> str:
        were = "was" if self.what == "one event" else "were"
        return _SAID[self.fault].format(event=self.event, what=self.what, were=were)


@dataclass(frozen=True, slots=True)
class Anchor:
    """An event's number and hash, written down where nobody who changes the store can reach."""

    event: int
    hash: str
    at: Instant = 0
    """When it was written down; 0 where nobody knows."""
    where: str = ""

    @property
    def short(self) -> str:
        return f"{self.event}:{self.hash[:12]}" + (f" in {self.where}" if self.where else "")


@dataclass(frozen=True, slots=True)
class Chain:
    """What was found."""

    events: int
    """How many were checked."""
    head: Anchor | None
    """The newest event; None in a store without any."""
    broken: tuple[Broken, ...]
    """By event, at most `MOST`."""
    more: int = 0
    """How many faults there are besides."""
    erased: int = 0
    """Payloads erased as their `erased` events tell."""
    held: tuple[Anchor, ...] = ()
    """The anchors that the history agrees with."""

    @property
    def is_whole(self) -> bool:
        return not self.broken


MOST = 20
"""Faults that are told one by one."""
_PAGE = 10_000
_ROWS = """
    SELECT id, ticket_id, at, actor, kind, source, batch, cause_id, rule, digest, hash, salt, payload
    FROM event WHERE id > :after ORDER BY id LIMIT :page
"""
_TEXTS = ("actor", "kind", "source", "rule", "digest", "hash", "salt", "payload")
_AS_BYTES = re.sub(rf"\b({'|'.join(_TEXTS)})\b", r"CAST(\1 AS BLOB)", _ROWS)
_HAS_UPKEEP = "SELECT 1 FROM sqlite_schema WHERE name = 'upkeep'"
_LAST_NAMED = "SELECT max(last_event) FROM ticket"
HEAD = "head"
"""In `upkeep`: the newest event as the desk itself wrote it last, "id:hash"."""
_SHIFTS = 64
"""So many events put in or taken out at one place, with the later ones numbered anew, are recognised."""


def pages(reader: Reader, after: int = 0) -> Iterator[Row]:
    """Every event in order, in short reads: none holds the log of a store that others write."""
    while True:
        rows = _page(reader, after)
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def _page(reader: Reader, after: int) -> list[Row]:
    values = {"after": after, "page": _PAGE}
    try:
        return reader.all(_ROWS, values)
    except StoreFault:
        if reader.dialect != "sqlite":
            raise
        # A text that is none, put there from outside: read as bytes it is found by its hash.
        rows = reader.all(_AS_BYTES, values)
        return [tuple(map(_decoded, row)) for row in rows]


def _decoded(value: object) -> object:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def head(reader: Reader) -> Anchor | None:
    """The newest event; None in a store without any."""
    row = reader.one("SELECT id, hash, at FROM event ORDER BY id DESC LIMIT 1")
    return Anchor(row[0], row[1], row[2]) if row else None


def store_id(reader: Reader) -> str:
    """What tells stores apart wherever they lie: the beginning of the first event's hash, which holds
    a random salt. "" for a store without events."""
    row = reader.one("SELECT hash FROM event ORDER BY id LIMIT 1")
    return str(row[0])[:16] if row else ""


def written_head(reader: Reader) -> Anchor | None:
    """The newest event as the last write of the desk has left it; None where none was kept."""
    if reader.dialect == "sqlite" and reader.one(_HAS_UPKEEP) is None:
        # A backup from before there was any.
        return None
    if (kept := upkeep.known(reader, HEAD)) is None:
        return None
    number, _, found = kept.value.partition(":")
    return Anchor(int(number), found, kept.at, "the store") if number.isdigit() else None


def head_of(number: int, found: str, at: Instant) -> tuple[str, dict[str, object]]:
    """The statement that keeps what the newest event is, for the transaction that writes it: a history
    that is cut off later is known by it."""
    return upkeep.REMEMBER, {"name": HEAD, "at": at, "value": f"{number}:{found}"}


def verify(
    reader: Reader,
    anchors: Iterable[Anchor] = (),
    *,
    since: Anchor | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Chain:
    """Check every event, or those after `since`, of which only the hash is looked at.

    Agrees with writers that go on: what they add meanwhile may or may not be looked at.
    """
    before = written_head(reader)
    # Older than the rows, so that a ticket written meanwhile names no event that was not read.
    named = reader.one(_LAST_NAMED)
    walk = _Walk([*anchors, *([before] if before else []), *([since] if since else [])])
    if since is not None:
        walk.begin_at(since, reader)
    for row in pages(reader, since.event if since else 0):
        walk.step(row)
        if on_progress is not None and walk.count % _PAGE == 0:
            on_progress(walk.count)
    after = written_head(reader)
    walk.end(int(named[0] or 0) if named else 0, after)
    return walk.result()


class _Walk:
    """One pass over the events, in their order."""

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        self._anchors: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self._anchors.setdefault(anchor.event, []).append(anchor)
        self.count = 0
        self._id, self._at, self._hash = 0, 0, ""
        self._earlier = ""
        """The hash before the last one: what follows an event that was put in fits this."""
        self._right = ""
        """What the last one's hash should be."""
        self._sought = 0
        """How often it was tried what became of the numbers: where nothing fits, not without end."""
        self._shift = 0
        """By how much the events were numbered anew from outside."""
        self._broken: list[Broken] = []
        self._odd: list[tuple[Row, str]] = []
        """Rows that don't fit, each with the hash before it."""
        self._more = 0
        self._bare: dict[int, str] = {}
        """Event without a salt → SHA-256 of what stands there."""
        self._told: dict[int, str] = {}
        """Event → SHA-256 of what should stand there, as an `erased` event says."""
        self._held: list[Anchor] = []

    def begin_at(self, anchor: Anchor, reader: Reader) -> None:
        row = reader.one("SELECT id, at, hash FROM event WHERE id = :id", {"id": anchor.event})
        if row is not None:
            self._id, self._at, self._hash = row
            self._compare()

    def step(self, row: Row) -> None:
        number, found, salt, payload = row[0], row[10], row[11], row[12]
        if self.count == 0 and self._id == 0:
            self._id = base_of(number)
        self.count += 1
        made = digest(salt, payload)
        if salt == "":
            self._bare[number] = made
        elif made != row[9]:
            self._note(Broken(number, Fault.PAYLOAD))
        elif row[4] == "erased":
            self._hear(number, payload)
        gap = number - self._id - 1
        if gap:
            what = "one event" if gap == 1 else f"{gap:,} events"
            self._note(Broken(number, Fault.DELETED, what))
        made = self._made(row)
        if made != found and not gap:
            self._misfit(row)
        self._earlier, self._id, self._at, self._hash = self._hash, number, row[2], str(found)
        self._right = made
        if number - self._shift in self._anchors:
            self._compare()

    def _made(self, row: Row, before: str | None = None, shift: int | None = None) -> str:
        before = self._hash if before is None else before
        number = row[0] - (self._shift if shift is None else shift)
        text = (
            f"{before}\x1f{number}\x1f{row[1]}\x1f{row[2]}\x1f{row[3]}\x1f{row[4]}"
            f"\x1f{row[5]}\x1f{row[6]}\x1f{row[7]}\x1f{row[8]}\x1f{row[9]}"
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def _misfit(self, row: Row) -> None:
        """An event that does not follow: because of what was done to it, or to those before it."""
        number, found = row[0], row[10]
        if self._is_noted(number - 1) and found in (
            self._made(row, self._right),
            self._made(row, self._earlier),
        ):
            return
        if self._sought < MOST:
            self._sought += 1
            if self._find_shift(row):
                return
        if len(self._odd) < MOST:
            self._odd.append((row, self._hash))
        self._note(Broken(number, Fault.COLUMN))

    def _find_shift(self, row: Row) -> bool:
        """Whether it fits once it has the number it had before others were put in or taken out."""
        number, found = row[0], row[10]
        if self._made(row, self._earlier, self._shift + 1) == found:
            if self._odd and self._odd[-1][0][0] == number - 1 and self._is_swapped(row):
                return True
            # The one before fits too, where whoever put it in has hashed it well.
            self._shift += 1
            self._replace(Broken(number - 1, Fault.INSERTED))
            return True
        for shift in range(self._shift - _SHIFTS, self._shift + _SHIFTS + 1):
            if shift != self._shift and self._made(row, shift=shift) == found:
                count = self._shift - shift
                what = "one event" if count == 1 else f"{count} events"
                fault = Fault.DELETED if count > 0 else Fault.INSERTED
                self._shift = shift
                self._replace(Broken(number - 1, fault, what if count > 0 else ""))
                return True
        return False

    def _is_swapped(self, row: Row) -> bool:
        """Whether the one before would fit behind this one."""
        last, number = self._odd[-1][0], row[0]
        if self._made(last, row[10], self._shift - 1) != last[10]:
            return False
        self._replace(Broken(number - 1, Fault.REORDERED))
        self._note(Broken(number, Fault.REORDERED))
        return True

    def _replace(self, broken: Broken) -> None:
        """A better word for what was wrong there."""
        self._forget(broken.event)
        self._note(broken)

    def _is_noted(self, event: int) -> bool:
        return any(b.event == event for b in self._broken)

    def _forget(self, event: int) -> None:
        """A better word for it has been found."""
        self._broken = [b for b in self._broken if (b.event, b.fault) != (event, Fault.COLUMN)]

    def _note(self, broken: Broken) -> None:
        if len(self._broken) < MOST:
            self._broken.append(broken)
        else:
            self._more += 1

    def _hear(self, number: int, payload: str) -> None:
        """What an event tells of others that were erased before it."""
        for name, sha in _erasures(payload):
            if name < number:
                self._told[name] = sha

    def _compare(self) -> None:
        for anchor in self._anchors.pop(self._id - self._shift, ()):
            if anchor.hash and self._hash.startswith(anchor.hash.lower()):
                self._held.append(anchor)
            else:
                self._note(Broken(self._id, Fault.REWRITTEN, anchor.short))

    def end(self, named: int, newest: Anchor | None) -> None:
        """Look at what is only known at the end. `named`: the newest event that a ticket names."""
        for number, sha in self._bare.items():
            if self._told.get(number) != sha:
                self._note(Broken(number, Fault.ERASED))
        last = self._id - self._shift
        if named > last or any(number > last for number in self._anchors):
            self._note(Broken(self._id, Fault.TRUNCATED))
        elif newest is not None and newest.event < last:
            self._note(Broken(newest.event + 1, Fault.INSERTED))
        moved, behind = _moved(self._odd)
        for event in moved:
            self._replace(Broken(event, Fault.REORDERED))
        for event in behind:
            self._forget(event)

    def result(self) -> Chain:
        head = Anchor(self._id, self._hash, self._at) if self._hash else None
        broken = tuple(sorted(self._broken, key=lambda b: (b.event, b.fault)))
        erased = sum(self._told.get(number) == sha for number, sha in self._bare.items())
        return Chain(self.count, head, broken, self._more, erased, tuple(self._held))


def _erasures(payload: str) -> list[tuple[int, str]]:
    try:
        events = json.loads(payload)["details"]["events"]
        return [(int(name), str(sha)) for name, sha in events.items()]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _moved(odd: list[tuple[Row, str]]) -> tuple[list[int], list[int]]:
    """Of rows that fit nowhere: those that fit where another of them stands, and those that only stand
    behind such a one."""
    befores = {before for _, before in odd} | {row[10] for row, _ in odd}
    places = [row[0] for row, _ in odd]
    mapped = [dict(zip((*CHAINED, "hash"), row[:11], strict=True)) for row, _ in odd]
    moved, behind = [], []
    for row in mapped:
        fits = {
            place
            for place in places
            for before in befores
            if chain(before, {**row, "id": place}) == row["hash"]
        }
        if fits - {row["id"]}:
            moved.append(int(row["id"]))
        elif fits and row["id"] - 1 in moved:
            behind.append(int(row["id"]))
    return moved, behind

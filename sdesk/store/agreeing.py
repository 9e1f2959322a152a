"""Whether set-up and access are what the history made them: no agent, role, policy or rule without an event.

The chain shows that nobody changed what was said; this shows that nobody changed what it is, past the
history. Each event of the set-up names its row and, of every column that it changed, the value after it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.store.reader import Reader

Key = tuple[str, ...]


class Kept(NamedTuple):
    """A table of the set-up, the columns that name a row, and those that events tell of."""

    table: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    what: str = ""
    """What events call it, where that is not the table's name."""

    @property
    def kind(self) -> str:
        return self.what or self.table


TABLES = (
    Kept("agent", ("login",), ("name", "role", "email", "active")),
    Kept("queue", ("key",), ("name", "tier", "site", "calendar", "address", "signature", "language")),
    Kept("state", ("key",), ("name", "category", "position")),
    Kept("calendar", ("name",), ("spec",)),
    Kept("policy", ("name",), ("spec", "position")),
    Kept("retention", ("name",), ("query", "after", "action")),
    Kept("setting", ("name",), ("value",)),
    Kept("macro", ("owner", "name"), ("body", "operations")),
    Kept("template", ("owner", "name"), ("body",)),
    Kept("view", ("owner", "name"), ("query", "position", "spec")),
)  # fmt: skip
_BEGINNING: dict[str, object] = {
    "active": 1, "tier": 1, "position": 0, "role": "agent", "category": "open", "action": "erase", "spec": "{}",
    "operations": "[]",
}  # fmt: skip
"""What the tables put into a column of which no event told, as one that is younger than the row; else nothing."""
_EVENTS = """SELECT id, kind, payload, salt FROM event WHERE ticket_id IS NULL AND id > :after
    AND kind IN ({kinds}) ORDER BY id LIMIT 10000"""
MOST = 20
_COUNTERS = ("clocks_renewed", "told.")
"""How settings begin that the desk counts by for itself: no event tells of them."""


class _Told:
    """What the history says of one row."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self.queues: set[str] = set()
        self.event = 0
        self.is_sure = True
        """Not where one of its events was erased: what it said is not known any more."""


def unfounded(reader: Reader) -> list[str]:
    """A sentence for each difference, at most `MOST`; none where all is as the history made it."""
    told = _told(reader)
    found: list[str] = []
    for kept in TABLES:
        found += _of_table(reader, kept, told[kept.kind])
    found += _of_members(reader, told["agent"])
    return found[:MOST]


def _told(reader: Reader) -> dict[str, dict[Key, _Told]]:
    """What → key → what stands by the history; None, where it was dropped, is not there."""
    known = {kept.kind: kept for kept in TABLES}
    told: dict[str, dict[Key, _Told]] = {kind: {} for kind in known}
    kinds = ", ".join(f"'{kind}_{act}'" for kind in known for act in ("saved", "dropped"))
    after = 0
    while rows := reader.all(_EVENTS.format(kinds=kinds), {"after": after}):
        for number, kind, payload, salt in rows:
            what, _, act = str(kind).rpartition("_")
            _hear(told[what], known[what], act, int(number), json.loads(payload), salt != "")
        after = int(rows[-1][0])
    return told


def _hear(
    told: dict[Key, _Told], kept: Kept, act: str, number: int, said: dict[str, Any], is_sure: bool
) -> None:  # fmt: skip
    key = tuple(str(said["details"].get(name, "")) for name in kept.keys)
    if act == "dropped":
        told.pop(key, None)
        return
    one = told.setdefault(key, _Told())
    one.event, one.is_sure = number, one.is_sure and is_sure
    for name, pair in said["changes"].items():
        if name == "queues":
            one.queues = {str(queue) for queue in pair[1] or ()}
        one.values[name] = pair[1]


def _of_table(reader: Reader, kept: Kept, told: dict[Key, _Told]) -> Iterator[str]:
    names = ", ".join(f'"{name}"' for name in (*kept.keys, *kept.columns))
    seen = set()
    for row in reader.all(f'SELECT {names} FROM "{kept.table}"'):
        key = tuple(map(str, row[: len(kept.keys)]))
        seen.add(key)
        if kept.table == "setting" and key[0].startswith(_COUNTERS):
            continue
        if (one := told.get(key)) is None:
            yield f"{_called(kept, key)} is there, and no event tells who made it"
        elif one.is_sure:
            values = dict(zip(kept.columns, row[len(kept.keys) :], strict=True))
            yield from _of_row(_called(kept, key), one, values)
    for key in sorted(told.keys() - seen):
        if told[key].is_sure:
            yield f"{_called(kept, key)} is gone, and no event tells who dropped it"


def _of_row(called: str, one: _Told, values: dict[str, object]) -> Iterator[str]:
    for name, value in values.items():
        was = one.values.get(name, _BEGINNING.get(name, ""))
        if not _is_same(was, value):
            yield (
                f"{called}: '{name}' is {_short(value)}, by event {one.event} and those before it is"
                f" {_short(was)}"
            )


def _of_members(reader: Reader, told: dict[Key, _Told]) -> Iterator[str]:
    by_history = {(agent, queue) for (agent,), one in told.items() for queue in one.queues}
    there = {
        (str(agent), str(queue)) for agent, queue in reader.all("SELECT agent, queue FROM member")
    }
    for agent, queue in sorted(there - by_history):
        yield f"agent '{agent}' works in the queue '{queue}', and no event tells who let them"
    for agent, queue in sorted(by_history - there):
        yield f"agent '{agent}' works in the queue '{queue}' no more, and no event tells who took them out"


def _called(kept: Kept, key: Key) -> str:
    return f"{kept.kind} '{' / '.join(filter(None, key))}'"


def _short(value: object) -> str:
    text = str(value)
    return f"'{text[:40]}{'…' if len(text) > 40 else ''}'"


def _is_same(one: object, other: object) -> bool:
    if one == other or str(one) == str(other):
        return True
    try:
        return bool(json.loads(str(one)) == json.loads(str(other)))
    except ValueError:
        return False

"""Two stores' tickets in one order: the few of the second put among the many of the first.

Neither engine nor Python sorts anything twice: both lists are in the query's order already. Each of the
few is looked up among the many by halves, with the columns that the query sorts by; a list of a million
numbers costs twenty small reads for each.
"""

from __future__ import annotations

from array import array
from functools import total_ordering
from typing import TYPE_CHECKING, Any

from sdesk.rules.query.matching import order
from sdesk.store.columns import NULLABLE, ORDER
from sdesk.store.reads.base import among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.rules.query.nodes import Query
    from sdesk.store.reader import Reader

Key = tuple[Any, ...]
AT_ONCE = 400
GONE: Key = ()
"""Of a ticket that is no longer there: before all others, so that it moves none."""


@total_ordering
class _Down:
    """A value that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and bool(self.value == other.value)

    def __lt__(self, other: _Down) -> bool:
        return bool(other.value < self.value)

    def __hash__(self) -> int:
        return hash(self.value)


class Keys:
    """What a query's order compares, ticket by ticket; each is read once."""

    def __init__(self, reader: Reader, query: Query) -> None:
        self._reader = reader
        self._columns: list[str] = []
        self._down: list[bool] = []
        self._last: list[bool] = []
        for key in order(query):
            for column in ORDER[key.name]:
                self._columns.append(column)
                self._down.append(key.descending != (key.name == "age"))
                self._last.append(key.name in NULLABLE)
        if "t.id" not in self._columns:
            self._columns.append("t.id")
            self._down.append(False)
            self._last.append(False)
        self._known: dict[int, Key] = {}

    def of(self, ticket: int) -> Key:
        if ticket not in self._known:
            self.read([ticket])
        return self._known[ticket]

    def read(self, tickets: Sequence[int]) -> None:
        for start in range(0, len(tickets), AT_ONCE):
            some = tickets[start : start + AT_ONCE]
            self._known.update(dict.fromkeys(some, GONE))
            sql = (
                f"SELECT t.id, {', '.join(self._columns)} FROM ticket t WHERE {among('t.id', some)}"
            )
            for row in self._reader.all(sql):
                self._known[row[0]] = self._key(row[1:])

    def _key(self, values: Sequence[Any]) -> Key:
        found: list[Any] = []
        for value, down, last in zip(values, self._down, self._last, strict=True):
            if last:
                found.append(value is None)  # NULLS LAST, whichever way the rest goes
            if value is None:
                # What is no text and no number sorts as the engine has it: below all others.
                found.append((_Down(0) if down else 0, 0))
            else:
                found.append((_Down(1), _Down(value)) if down else (1, value))
        return tuple(found)


def merged(
    many: array[int], few: array[int], query: Query, one: Reader, other: Reader
) -> array[int]:
    """Both lists as one, in the query's order."""
    if not few or not many:
        return many or few
    keys, theirs = Keys(one, query), Keys(other, query)
    theirs.read(few)
    if len(many) <= AT_ONCE:
        keys.read(many)
    found = array("q")
    at = 0
    for ticket in few:
        place = _place(many, keys, theirs.of(ticket), at)
        found.extend(many[at:place])
        found.append(ticket)
        at = place
    found.extend(many[at:])
    return found


def _place(many: array[int], keys: Keys, key: Key, low: int) -> int:
    """How many of the list, from `low` on, come before the key."""
    high = len(many)
    while low < high:
        middle = (low + high) // 2
        if keys.of(many[middle]) < key:
            low = middle + 1
        else:
            high = middle
    return low

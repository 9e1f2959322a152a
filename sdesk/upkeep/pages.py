"""The pages of a store in use, checked a bit each hour: no reading holds the log for longer than `LONGEST`.

Each table with its indexes is looked through on its own (`integrity_check`, which sees nearly all
damages), beginning where the last hour ended. A table that takes longer is left to the copy of the
next backup, which is checked whole.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from sdesk.store.reader import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LONGEST = 10.0
"""Seconds for one table."""
IN_ALL = 60.0
"""Seconds for one hour's part."""
MOST = 10
_TABLES = """SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
    AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"""
_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What one hour's part came to."""

    found: tuple[str, ...]
    """What is wrong; empty when nothing is."""
    last: str
    """The last table that was looked through, to go on behind; empty when all were."""
    skipped: tuple[str, ...] = ()
    """Tables that took too long."""
    looked: tuple[str, ...] = ()
    """Tables that were looked through this time; not kept."""

    def after(self, before: Seen) -> Seen:
        """With what was found earlier in tables that were not looked through again."""
        stays = [said for said in before.found if said.partition(": ")[0] not in self.looked]
        return Seen((*stays, *self.found), self.last, self.skipped, self.looked)

    def as_json(self) -> str:
        value = {"found": self.found, "last": self.last, "skipped": self.skipped}
        return json.dumps(value, ensure_ascii=False)

    @classmethod
    def parse(cls, text: str) -> Seen:
        """What was kept; nothing found where it can't be read."""
        try:
            return cls.of(json.loads(text))
        except (ValueError, KeyError, TypeError):
            return cls((), "")

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Seen:
        looked = tuple(value.get("looked", ()))
        return cls(tuple(value["found"]), value["last"], tuple(value["skipped"]), looked)


def look(
    path: Path, after: str = "", *, longest: float = LONGEST, in_all: float = IN_ALL,
    clock: Callable[[], float] = monotonic,
) -> Seen:  # fmt: skip
    """Look through the tables behind that one in their order, then those before it, while time lasts."""
    begun = clock()
    found: list[str] = []
    looked: list[str] = []
    skipped: list[str] = []
    last = ""
    with closing(connect(path, query_only=True)) as connection:
        names = _names(connection, found)
        order = [name for name in names if name > after] + [name for name in names if name <= after]
        for name in order:
            if (looked or skipped) and clock() - begun > in_all:
                break
            said = _check(connection, name, clock, clock() + longest)
            last = name
            if said is None:
                skipped.append(name)
            else:
                looked.append(name)
                found += said
            if len(found) >= MOST:
                break
        else:
            last = ""
    return Seen(tuple(found[:MOST]), last, tuple(skipped), tuple(looked))


def _names(connection: sqlite3.Connection, found: list[str]) -> list[str]:
    try:
        return [row[0] for row in connection.execute(_TABLES)]
    except sqlite3.DatabaseError as error:
        found.append(f"the list of tables: {error}")
        return []


def _check(
    connection: sqlite3.Connection, table: str, clock: Callable[[], float], until: float
) -> list[str] | None:
    """What is wrong with a table and its indexes; None when it took too long."""
    connection.set_progress_handler(lambda: int(clock() > until), _STEPS)
    quoted = table.replace('"', '""')
    try:
        rows = connection.execute(f'PRAGMA integrity_check("{quoted}")').fetchmany(MOST)
    except sqlite3.OperationalError as error:
        if "interrupt" in str(error) or "locked" in str(error):
            return None
        return [f"{table}: {error}"]
    except sqlite3.DatabaseError as error:
        return [f"{table}: {error}"]
    finally:
        connection.set_progress_handler(None, 0)
    return [f"{table}: {row[0]}" for row in rows if row[0] != "ok"]

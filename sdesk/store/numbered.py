"""A file whose numbers begin above another file's: the tables of a new, empty store made anew so.

SQLite gives a row without a number the one after the newest, and begins at 1 where there is none. Only
a column that is `AUTOINCREMENT` can begin elsewhere, and no table can be altered to have one: each is
made again, while nothing is in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlmodel import Session

_KEY = re.compile(r",\s*PRIMARY KEY \(id\)")
_COLUMN = re.compile(r"\bid INTEGER NOT NULL\b")


def begin_above(session: Session, number: int) -> None:
    """Let every number that the store gives by itself be above this one. For an empty store only."""
    run = session.connection().exec_driver_sql
    made = run(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
    )
    tables = [(name, sql) for name, sql in made.all() if _KEY.search(sql)]
    for name, sql in tables:
        rest = run(
            "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND type <> 'table' AND sql <> ''",
            (name,),
        )
        beside = [row[0] for row in rest.all()]
        run(f'DROP TABLE "{name}"')
        run(_COLUMN.sub("id INTEGER PRIMARY KEY AUTOINCREMENT", _KEY.sub("", sql), count=1))
        for statement in beside:
            run(statement)
        run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, number))


def is_numbered(reader: Any, number: int) -> bool:
    """Whether the store's own numbers are above this one: its events tell."""
    row = reader.one("SELECT id FROM event ORDER BY id LIMIT 1")
    return row is not None and row[0] > number

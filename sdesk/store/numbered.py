"""A file whose numbers begin above another file's: the tables of a new, empty store made anew so.

SQLite gives a row without a number the one after the newest, and begins at 1 where there is none. Only
a column that is `AUTOINCREMENT` can begin elsewhere, and no table can be altered to have one: each is
made again, while nothing is in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlmodel import Session

_KEY = re.compile(r",\s*PRIMARY KEY \(id\)")
_COLUMN = re.compile(r"\bid INTEGER NOT NULL\b")


def begin_above(session: Session, number: int) -> None:
    """Let every number that the store gives by itself be above this one, in tables that are empty."""
    run = session.connection().exec_driver_sql
    made = run(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
    )
    tables = [(name, sql) for name, sql in made.all() if _KEY.search(sql)]
    for name, sql in tables:
        if run(f'SELECT 1 FROM "{name}" LIMIT 1').first() is not None:
            continue
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


def begin_again(session: Session, number: int) -> None:
    """The same for a store that was made of an archive: its tables have forgotten where they begin. Those
    with rows go on above these by themselves."""
    run = session.connection().exec_driver_sql
    if run("SELECT 1 FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%' LIMIT 1").first() is None:
        begin_above(session, number)

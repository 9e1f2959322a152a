"""The six operations that are killed at every line: what each begins with, does, and may leave behind."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import Source, TicketId
from sdesk.prove import desks, sound

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_764_150_000
State = dict[str, list[list[Any]]]
_CHANCE = {"salt", "digest", "hash"}
"""Columns that differ between two runs of the same acts."""
_OLD = 3
_FILE = """subject,requester email,state,created,external_id,text
Printer on 3F jams,ida@acme.example,open,2025-11-24 09:00,A-1,It began this morning.
VPN drops,jun@acme.example,new,2025-11-24 10:00,A-2,Every ten minutes.
New badge,mikko@acme.example,resolved,2025-11-24 11:00,A-3,For a starter.
"""


def _clock() -> int:
    return NOW


def opened(folder: Path) -> Desk:
    return Desk.open(folder / "desk.db", actor="ana", source=Source.CLI, clock=_clock)


def state(store: Path) -> State:
    """Every row of every table, but for what chance made."""
    from sdesk.store.archive import snapshot

    with snapshot(store) as tables:
        found = {}
        for name, columns, rows in tables:
            kept = [n for n, column in enumerate(columns) if column not in _CHANCE]
            found[name] = [[row[n] for n in kept] for row in rows]
        return found


def differs(one: State, other: State, tables: tuple[str, ...] = ()) -> str:
    """The first table that is not the same in both; "" when all are."""
    return next((n for n in tables or one if one[n] != other.get(n)), "")


@dataclass(frozen=True)
class Job:
    """One operation. `prepare` fills an empty folder, `act` is what is killed."""

    name: str
    prepare: Callable[[Path], None]
    act: Callable[[Path], None]
    look: Callable[[Path, State, State], str] | None = None
    """What is wrong with what a kill left behind, and after doing it again; None: it must be as before
    or as after, and doing it again where it was not done leads to what it should."""

    def wrong(self, folder: Path, before: State, after: State) -> str:
        if self.look is not None:
            return self.look(folder, before, after)
        now = state(folder / "desk.db")
        if found := sound.wrong(folder / "desk.db"):
            return found
        if not differs(now, after):
            return ""
        if table := differs(now, before):
            return f"half done: {table} is neither as before nor as after"
        self.act(folder)
        table = differs(state(folder / "desk.db"), after)
        return f"done again, {table} is not as it should be" if table else ""


def _desk(folder: Path) -> None:
    with desks.make(folder / "desk.db", 3, clock=_clock) as desk:
        desk.apply(TicketId(1), ops.AddNote("before"), ops.AddTags(("vpn",)))
        desk.apply(TicketId(2), ops.Reply("Please look again."))
        desk.apply(TicketId(2), ops.SetField("room", "3F"), ops.Assign("lea"))


def _save(folder: Path) -> None:
    with opened(folder) as desk:
        desk.apply(TicketId(1), ops.Reply("Fixed, please try."), ops.Assign("ben"))


def _merge(folder: Path) -> None:
    with opened(folder) as desk:
        desk.apply(TicketId(2), ops.Merge(TicketId(1)))


def _undo(folder: Path) -> None:
    with opened(folder) as desk:
        desk.undo()


def _import_file(folder: Path) -> None:
    _desk(folder)
    (folder / "tickets.csv").write_text(_FILE)


def _import(folder: Path) -> None:
    from sdesk.transfer import presets
    from sdesk.transfer.importer import Import, Options

    with opened(folder) as desk:
        options = Options(source="old")
        Import(desk, str(folder / "tickets.csv"), presets.find("generic"), options).run(None)


def _look_at_import(folder: Path, _: State, after: State) -> str:
    if found := sound.wrong(folder / "desk.db"):
        return found
    _import(folder)
    kept = ("person", "organization", "ticket", "entry", "clock", "tag", "field")
    now = {
        name: [_without_event_numbers(name, row) for row in rows]
        for name, rows in state(folder / "desk.db").items()
    }
    then = {n: [_without_event_numbers(n, row) for row in rows] for n, rows in after.items()}
    table = differs(now, then, kept)
    return f"imported again, {table} is not as it should be" if table else ""


def _without_event_numbers(table: str, row: list[Any]) -> list[Any]:
    return row if table != "ticket" else [value for value in row if not _is_event(value)]


def _is_event(value: Any) -> bool:
    """Whether a column of a ticket may be the number of an event: those differ where people came first."""
    return isinstance(value, int) and 10 <= value < NOW // 1000


def _old_desk(folder: Path) -> None:
    """The desk as the schema before this one had it."""
    from sdesk.store import place
    from sdesk.store.engine import SqliteWriter
    from sdesk.store.migrations import upgrade

    made = folder / "made"
    made.mkdir()
    _desk(made)
    store = place.make(folder / "desk.db")
    writer = SqliteWriter(store)
    upgrade(writer, to=f"{_OLD:04}")
    writer.close()
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("ATTACH ? AS new", (str(made / "desk.db"),))
        for (table,) in connection.execute(
            "SELECT name FROM main.sqlite_schema WHERE type = 'table'"
        ).fetchall():
            if not table.startswith(("sqlite_", "ticket_fts", "ticket_subject", "alembic")):
                names = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
                columns = ", ".join(f'"{name}"' for name in names)
                connection.execute(
                    f'INSERT OR IGNORE INTO main."{table}" ({columns}) SELECT {columns} FROM new."{table}"'
                )
        connection.execute(f"PRAGMA user_version = {_OLD}")
        connection.commit()
    shutil.rmtree(made)  # fmt: skip


def _migrate(folder: Path) -> None:
    opened(folder).close()


def _look_at_migration(folder: Path, _: State, after: State) -> str:
    from sdesk.store import place

    with closing(sqlite3.connect(folder / "desk.db")) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
    if version not in (_OLD, place.SCHEMA):
        return f"the schema says {version}"
    if ("retention" in tables) != (version == place.SCHEMA):
        return f"the schema says {version}, its tables do not"
    _migrate(folder)
    if found := sound.wrong(folder / "desk.db"):
        return found
    table = differs(state(folder / "desk.db"), after)
    return f"migrated again, {table} is not as it should be" if table else ""


def _back_up(folder: Path) -> None:
    from sdesk.transfer.backup import backup

    backup(folder / "desk.db", str(folder / "backups"), NOW)


def _copies(folder: Path) -> list[Path]:
    """Those that have their name; what is still being made begins with a dot."""
    return [path for path in (folder / "backups").glob("*.db") if not path.name.startswith(".")]


def _look_at_backup(folder: Path, before: State, _: State) -> str:
    if differs(state(folder / "desk.db"), before) or sound.wrong(folder / "desk.db"):
        return "the store is not as before"
    for path in _copies(folder):
        if sound.wrong(path) or differs(state(path), before):
            return "a copy that has its name is not whole"
    _back_up(folder)
    return "" if _copies(folder) else "no copy was made afterwards"


JOBS = (
    Job("save", _desk, _save),
    Job("merge", _desk, _merge),
    Job("undo", _desk, _undo),
    Job("import", _import_file, _import, _look_at_import),
    Job("migration", _old_desk, _migrate, _look_at_migration),
    Job("backup", _desk, _back_up, _look_at_backup),
)

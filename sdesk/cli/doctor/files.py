"""The store's file: there, ours, on a disk of this host, with room, and open to the right people."""

from __future__ import annotations

import glob
import grp
import os
import pwd
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, note, ok, wrong
from sdesk.errors import SdeskError
from sdesk.store import place as places

if TYPE_CHECKING:
    from collections.abc import Iterator

LITTLE = 200 * 1024 * 1024
"""Bytes of free disk under which a desk may stop before somebody notices."""


def findings(place: str) -> Iterator[Finding]:
    if places.is_postgres(place):
        from sdesk.cli.doctor import server

        yield from server.findings(place)
        return
    try:
        path = places.find(place)
    except SdeskError as error:
        yield wrong("store", error.message, error.hint or "See docs/cli.md, doctor.", blocks=True)
        return
    yield ok("store", f"{path}, {path.stat().st_size / 1e6:,.1f} MB")
    yield ok("disk", f"File system {places.file_system(path) or 'unknown'}")
    yield free(shutil.disk_usage(path.parent).free, path)
    yield from modes(path)
    yield from readers(path)
    yield lock(path.with_name(path.name + ".lock"))
    yield from copies(path)


def copies(path: Path) -> Iterator[Finding]:
    """What upgrades left beside the store: as large as it was, and holding what is erased since."""
    for left in sorted(path.parent.glob(f"{glob.escape(path.name)}.schema-[0-9]*")):
        size = left.stat().st_size / 1e6
        yield note(
            "copy",
            f"{left.name}, {size:,.1f} MB, was made before an upgrade",
            f"When all is well: rm {left}",
        )


def lock(file: Path) -> Finding:
    """Who holds the write lock at this moment."""
    from sdesk.store.lock import holder, program

    if not file.exists():
        return ok("lock", "Nobody has written yet")
    if number := holder(file.stat().st_ino):
        return note("lock", f"Process {number} ({program(number)}) is writing", f"If this stays so: ps {number}")  # fmt: skip
    return ok("lock", "Nobody is writing")


def free(bytes_free: int, path: Path) -> Finding:
    need = max(LITTLE, 2 * path.stat().st_size)
    said = f"{bytes_free / 1e9:,.1f} GB free"
    if bytes_free < LITTLE:
        return wrong("disk", said, "Make room: a full disk stops every write.")
    if bytes_free < need:
        return note(
            "disk", f"{said}: too little for a backup beside the store", "Back up to another disk."
        )
    return ok("disk", said)


def modes(path: Path) -> Iterator[Finding]:
    """Every agent of the group must be able to write file, journal and folder."""
    shared = len(members(path.stat().st_gid)) > 1
    for file in [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", ".lock"))]:
        if not file.exists():
            continue
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o007:
            yield wrong("mode", f"{file} is {mode:04o}: open to every user of the host", f"chmod 660 {file}")  # fmt: skip
        elif mode & 0o060 != 0o060:
            tell = wrong if shared else note
            yield tell("mode", f"{file} is {mode:04o}: other agents of the group can't write; who has it open stays read-only until all have closed it", f"chmod 660 {file}")  # fmt: skip
        elif file.stat().st_gid != path.stat().st_gid:
            yield wrong("mode", f"{file} belongs to another group than the store", f"chgrp --reference={path} {file}")  # fmt: skip
        if not os.access(file, os.W_OK):
            yield wrong("mode", f"{file} can't be written by you: the desk opens to look, not to work", "Join the group that owns it.")  # fmt: skip
    yield folder(path.parent)


def folder(path: Path) -> Finding:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o007:
        return wrong(
            "folder", f"{path} is {mode:04o}: open to every user of the host", f"chmod 2770 {path}"
        )
    if mode & 0o2070 != 0o2070:
        return note("folder", f"{path} is {mode:04o}: files made there don't stay with the group", f"chmod 2770 {path}")  # fmt: skip
    return ok("folder", f"{path} is {mode:04o}, group {group_name(path.stat().st_gid)}")


def readers(path: Path) -> Iterator[Finding]:
    if path.stat().st_uid != os.getuid() and path.stat().st_gid not in (os.getgid(), *os.getgroups()) and os.getuid():  # fmt: skip
        name = group_name(path.stat().st_gid)
        yield wrong("group", f"You are not in the group {name} that owns the store", f"sudo usermod -aG {name} {pwd.getpwuid(os.getuid()).pw_name}, then log in again")  # fmt: skip


def group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def members(group: int) -> set[str]:
    """The users of a group: those it lists, and those whose first group it is."""
    try:
        listed = set(grp.getgrgid(group).gr_mem)
    except KeyError:
        listed = set()
    return listed | {entry.pw_name for entry in pwd.getpwall() if entry.pw_gid == group}

"""Making the second file: for a group that is there, by who owns the desk's folder."""

from __future__ import annotations

import grp
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.errors import NotFound, Refused, StoreFault
from sdesk.files import expanded
from sdesk.model import Source
from sdesk.restricted import (
    OF,
    SETTING,
    as_setting,
    check_owner,
    default_place,
    named,
    user_name,
)
from sdesk.store import place as places

if TYPE_CHECKING:
    from collections.abc import Callable

    from sdesk.desk import Desk
    from sdesk.model import Instant


def make(
    first: Desk, group: str = "", path: Path | None = None, *,
    clock: Callable[[], Instant] | None = None,
) -> Path:  # fmt: skip
    """Make the second file for its group, copy the set-up into it, and name it in the first.

    Raises `Refused`, `NotFound`, `StoreFault`; what was begun is taken away again.
    """
    here = _may_make(first)
    number = _group(group, here)
    second = expanded(path or default_place(here)).absolute()
    _make_folder(second.parent, number)
    made = places.make(second)
    try:
        os.chown(made, -1, number)
        made.chmod(places.FILE_MODE)
        begin(made, first, clock or first.now)
        check_owner(here, made)
    except BaseException:
        _remove(made)
        raise
    from sdesk.ops import SaveSetting

    door = first.door()
    # Root has the file already; who acts here is asked above, and told in the event.
    before, door.enforce = door.enforce, door.enforce and os.getuid() != 0
    try:
        first.apply(None, SaveSetting(SETTING, as_setting(here, made)))
    finally:
        door.enforce = before
    return made


def _may_make(first: Desk) -> Path:
    if places.is_postgres(first.place):
        raise Refused(
            "On PostgreSQL restricted tickets are kept by the server, row by row.",
            "A second file is for stores in a file; see docs/restricted.md.",
        )
    agent = first.read.agent(first.actor)
    if os.getuid() != 0 and (agent is None or agent.role != "admin"):
        raise Refused("Making a file for restricted tickets needs the role admin.")
    here = Path(first.place)
    known = first.read.settings()
    if known.get(OF):
        raise Refused(f"{here} is itself a file for restricted tickets.")
    if known.get(SETTING):
        raise Refused(
            f"This desk has a file for restricted tickets: {named(here, known[SETTING])}.",
            "See: sdesk restricted status",
        )
    owner = here.parent.stat().st_uid
    if os.getuid() not in (0, owner):
        raise Refused(
            f"Only root and {user_name(owner)}, who owns {here.parent}, can make it: of anybody else's"
            " file the members' desks could not know that it is the right one.",
            f"As {user_name(owner)}: sdesk restricted init",
        )
    return here


def _group(name: str, first: Path) -> int:
    """The group's number. Raises `NotFound`, `Refused`."""
    if not name:
        raise Refused(
            "A file for restricted tickets needs a Unix group of its own.",
            "Make one (sudo groupadd sdesk-sec), put its members into it, and name it: --group sdesk-sec",
        )
    try:
        found = grp.getgrnam(name)
    except KeyError:
        raise NotFound(
            f"This host has no group '{name}'.", f"Make it: sudo groupadd {name}"
        ) from None
    if found.gr_gid == first.stat().st_gid:
        raise Refused(
            f"{name} is the group of the desk itself: all its agents would be let in.",
            "Name another group, of those only who may see restricted tickets.",
        )
    if os.getuid() != 0 and found.gr_gid not in (os.getgid(), *os.getgroups()):
        raise Refused(
            f"You are not in the group {name}.",
            f"sudo usermod -aG {name} {user_name(os.getuid())}, then log in again; or run it as root.",
        )
    return found.gr_gid


def _make_folder(folder: Path, group: int) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o770)
        if folder.stat().st_gid != group:
            os.chown(folder, -1, group)
        folder.chmod(places.FOLDER_MODE)
    except OSError as error:
        raise StoreFault(
            f"The folder {folder} can't be made for the group: {error.strerror}.",
            "Run it as root, or make the folder first: its group the new one, its mode 2770.",
        ) from None


def begin(path: Path, first: Desk, clock: Callable[[], Instant]) -> None:
    """Make the empty file a store whose numbers lie above the first one's, set up as that is."""
    from sdesk.door import Door
    from sdesk.numbering import RESTRICTED
    from sdesk.ops import SaveSetting
    from sdesk.restricted.mirror import differences
    from sdesk.store import numbered
    from sdesk.store.migrations import upgrade

    door = Door(path, actor=first.actor, source=Source.CLI, clock=clock)
    door.enforce = False
    try:
        upgrade(door.writer)
        with door.transaction() as work:
            numbered.begin_above(work.session, RESTRICTED)
            work.tx.begin_above(RESTRICTED)
            work.carry_out(None, [SaveSetting(OF, Path(first.place).name)], None)
            work.carry_out(None, differences(first.read, work.flushed()), None)
    finally:
        door.close()


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", ".lock"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)

"""The file for restricted tickets: there, whose it is, who can open it, and what was left half done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, note, ok, wrong
from sdesk.errors import SdeskError
from sdesk.present import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.desk import Desk


def findings(desk: Desk) -> Iterator[Finding]:
    if "://" in str(desk.place):
        return
    if not desk.restricted_store:
        yield from _of_one_file(desk)
        return
    from sdesk import restricted

    first = Path(desk.place)
    path = restricted.named(first, desk.restricted_store)
    assert path is not None
    standing = restricted.standing(path)
    if not standing.is_there:
        yield wrong("restricted", f"The file for restricted tickets, {path}, is gone", "Restore its backup: sdesk restore.")  # fmt: skip
        return
    if not standing.is_open:
        yield ok("restricted", "Restricted tickets lie in a file that you can't open")
        return
    try:
        restricted.check_owner(first, path)
    except SdeskError as error:
        yield wrong("restricted", error.message.rstrip("."), error.hint)
        return
    yield from _of_members(desk, path)
    yield from _of_moves(desk, path)


def _of_one_file(desk: Desk) -> Iterator[Finding]:
    count = desk.read.count("is:restricted", at_most=1_000)
    if count:
        yield note("restricted", f"{counted(count, 'restricted ticket')} in the file of all others: who can open it can read {'it' if count == 1 else 'them'}", "sdesk restricted init gives them a file and a group of their own; see docs/restricted.md.")  # fmt: skip


def _of_members(desk: Desk, path: Path) -> Iterator[Finding]:
    from sdesk.restricted.members import group_of, members

    name, users = group_of(path)
    if path.stat().st_gid == Path(desk.place).stat().st_gid:
        yield wrong("restricted", f"{path} belongs to {name}, the group of the ordinary file: every agent can open it", f"chgrp -R the group of its members {path.parent}")  # fmt: skip
    yield ok("restricted", f"{path}, for {counted(len(users), 'member')} of {name}")
    for one in members(desk, path):
        if one.can_open and not one.agent and one.login != "root":
            yield note("restricted", f"{one.login} can open the file for restricted tickets and is no agent of the desk", f"If they have left: sudo gpasswd -d {one.login} {name}")  # fmt: skip
        elif not one.can_open:
            yield note("restricted", f"{one.login} works {', '.join(one.queues)} and can't open the file for restricted tickets", f"sudo usermod -aG {name} {one.login}")  # fmt: skip


def _of_moves(desk: Desk, path: Path) -> Iterator[Finding]:
    from sdesk.desk import Desk as Plain
    from sdesk.restricted.moving import begun

    with Plain.open(path) as second:
        for one in (*begun(second.read.reader), *begun(desk.read.reader)):
            yield note("restricted", f"{desk.ref(one.ticket)} was being moved to {desk.ref(one.to)} when something ended that", "The next write of a member's desk finishes it.")  # fmt: skip

"""The real command line in a child: forked with everything imported, its output kept, its disk or user changed."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sdesk.prove import forking, vfs
from sdesk.prove.children import environment
from sdesk.prove.model import Skipped

if TYPE_CHECKING:
    from collections.abc import Callable

FAULT = 70


class Ran(NamedTuple):
    """How one command ended and what it said."""

    status: int
    out: str
    complaint: str

    @property
    def refused(self) -> str:
        """What is wrong with the way in which it refused; "" where it was one clear line and its mend."""
        lines = [line for line in self.complaint.splitlines() if line.strip()]
        said = self.complaint.strip()[-200:]
        if self.status == 0:
            return f"it ended well: {said or self.out.strip()[-200:]}"
        if self.status not in (1, 2, 3, 4):
            return f"it ended with {self.status}: {said}"
        if not lines or not lines[0].startswith("sdesk: ") or len(lines) > 2:
            return f"not one clear line: {said}"
        return ""


@dataclass(frozen=True)
class Change:
    """What is different for the child that runs a command."""

    largest: int = 0
    """No file may grow above so many bytes; 0: as it is."""
    write: int = 0
    """The write to the store's files that fails first, counted from 1, and all after it."""
    code: int = vfs.FULL
    sync_fails: bool = False
    user: int = 0
    """The number of the user to become; only root can."""
    groups: tuple[int, ...] = ()
    umask: int = -1
    before: Callable[[], object] | None = None
    """Done in the child just before the command."""


_AS_IS = Change()


def sdesk(folder: Path, *words: str, change: Change = _AS_IS) -> Ran:
    """Run `sdesk WORDS…` on the desk in that folder, `desk.db`, with an environment of its own."""
    notes = folder.parent / f"{folder.name}-said{change.user or ''}"
    notes.mkdir(exist_ok=True)
    if change.user:
        os.chown(notes, change.user, change.user)
    out, complaint = notes / "out", notes / "complaint"
    for path in (out, complaint):
        path.unlink(missing_ok=True)

    def act() -> None:
        _become(notes, change)
        for number, path in ((1, out), (2, complaint)):
            handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o644)
            os.dup2(handle, number)
        forking.own_streams()
        os._exit(_call(folder, ["--store", str(folder / "desk.db"), *words], change))

    status = forking.in_child(act)
    said = [path.read_text(errors="replace") if path.exists() else "" for path in (out, complaint)]
    return Ran(status, said[0], said[1])


def open_the_way(folder: Path) -> None:
    """Let others come through to what is theirs. Raises `Skipped` where the way there is closed."""
    folder.chmod(0o711)
    for above in folder.resolve().parents:
        if not above.stat().st_mode & 0o001:
            raise Skipped(f"{above} lets nobody else through: choose another --folder")


def become(change: Change) -> None:
    """Take on user, groups and umask, for good."""
    if change.user:
        os.setgroups(change.groups)
        os.setgid(change.user)
        os.setuid(change.user)
    if change.umask >= 0:
        os.umask(change.umask)


def _become(notes: Path, change: Change) -> None:
    """The same with limits and environment."""
    become(change)
    if change.largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (change.largest, change.largest))
    fresh = environment(notes)
    os.environ.clear()
    os.environ.update(fresh)
    os.chdir(notes)


def _call(folder: Path, words: list[str], change: Change) -> int:
    """As `sdesk.__main__` does, from where the words are known."""
    from sdesk.cli.presenter import fault
    from sdesk.cli.program import run

    with ExitStack() as stack:
        if change.write or change.sync_fails:
            disk = stack.enter_context(vfs.watched(folder))
            disk.logging, disk.sync_fails = False, change.sync_fails
            disk.fail(change.write, change.code, goes_on=True)
        if change.before is not None:
            change.before()
        try:
            status = run(words)
        except BaseException as error:
            status = fault(error)
        sys.stdout.flush()
        sys.stderr.flush()
        return status


def rehearse(folder: Path, *words: str) -> None:
    """Run it once in this very process, for nothing but what it imports: another user may not be able
    to read where Python's modules lie."""
    from sdesk.cli.program import run

    with (
        (folder.parent / "rehearsal").open("w") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        run(["--store", str(folder / "desk.db"), *words])


def count_writes(folder: Path, *words: str) -> int:
    """How often a command writes to the store's files, when nothing fails."""
    notes = folder.parent / f"{folder.name}-writes"

    def act() -> None:
        from sdesk.cli.program import run

        with vfs.watched(folder) as disk:
            run(["--store", str(folder / "desk.db"), *words])
        notes.write_text(str(disk.writes))

    quiet = forking.in_child(lambda: _silently(act))
    return int(notes.read_text()) if quiet == 0 else 0


def _silently(act: Callable[[], None]) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    act()

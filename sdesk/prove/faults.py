"""P17: what can be wrong with a disk and a file, each met by the real command line.

Each case has a desk of its own. It must end in one clear line and an exit status that is not 0, and
leave every row as it was; where the command could do its work after all, that must be there.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import StoreFault
from sdesk.model import TicketId
from sdesk.prove import commands, desks, forking, jobs, sound, vfs
from sdesk.prove.commands import Change, sdesk
from sdesk.prove.model import Bench, Figures, Promise, Verdict
from sdesk.store import home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

NOTE = ("note", "SD-1", "All is well.")
STRANGER = 64_123
"""The number of a user that nobody has, for what root would be let do."""
FEW = 0.05
_PAGE = 4096
T = TypeVar("T")


def run(bench: Bench) -> Verdict:
    if os.getuid() == 0:
        commands.open_the_way(bench.folder)
    cases = _Cases(bench)
    wrong = [f"{name}: {said}" for name, said in cases.all() if said]
    text = f"{cases.tried} faults of {len(cases.names)} kinds: {len(wrong)} not as promised"
    figures: Figures = {"faults": cases.tried, "kinds": len(cases.names), "wrong": len(wrong)}
    return Verdict(not wrong, text + "".join(f"; {said}" for said in wrong[:5]), figures)


class _Cases:
    """The cases, each a generator of what was found wrong ("" for nothing)."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self.tried, self.names = bench, 0, set[str]()
        self._fresh = bench.room("fresh")
        more = [ops.SaveAgent(f"uid-{STRANGER}", "Nobody", "admin", queues=("service-desk",))]
        ended = forking.in_child(lambda: desks.make(self._fresh / "desk.db", 3, more=more).close())
        assert ended == 0, f"the desk could not be made ({ended})"
        forking.warm()
        scratch = self._copy("scratch")
        for words in (("ls",), NOTE, ("show", "SD-1")):
            commands.rehearse(scratch, *words)
        self._state = jobs.state(self._fresh / "desk.db")

    def _copy(self, name: str) -> Path:
        there = self._bench.folder / "cases" / name
        shutil.rmtree(there, ignore_errors=True)
        shutil.copytree(self._fresh, there)
        home.accept(there / "desk.db")  # else every command says that it was copied by hand
        return there

    def all(self) -> Iterator[tuple[str, str]]:
        """Every case's name, and what is wrong with it."""
        for case in (
            self.full_disk, self.failing_sync, self.small_limit, self.read_only_file,
            self.read_only_folder, self.strange_files, self.other_schemas, self.links,
            self.network, self.changed_under_it, self.damaged_page, self.clock_jumps,
        ):  # fmt: skip
            name = case.__name__.replace("_", " ")
            self.names.add(name)
            self._bench.tell(name)
            for said in case():
                self.tried += 1
                yield name, said

    def _some(self, variants: Iterable[T]) -> list[T]:
        """All of them; below a twentieth of the scale the first one only."""
        every = list(variants)
        return every if self._bench.scale >= FEW else every[:1]

    def _refused(self, there: Path, *words: str, change: Change = commands._AS_IS) -> str:
        """The command must be refused in one clear line."""
        return sdesk(there, *words, change=change).refused

    def _kept(self, there: Path) -> str:
        """Every row must be there as it was, and the store sound."""
        if found := sound.wrong(there / "desk.db"):
            return found
        table = jobs.differs(jobs.state(there / "desk.db"), self._state)
        return f"{table} has changed" if table else ""

    def _whole(self, there: Path, ran: commands.Ran) -> str:
        """Refused, and nothing has happened; or done, and it is there."""
        if ran.status != 0:
            return ran.refused or self._kept(there)
        with Desk.open(there / "desk.db", actor="ana") as desk:
            row = desk.read.reader.one("SELECT count(*) FROM entry WHERE body LIKE 'All is well.%'")
        return sound.wrong(there / "desk.db") or ("" if row == (1,) else "told done, not there")

    def full_disk(self) -> Iterator[str]:
        """B11, B12: the n-th write to the store and all after it fail, for every n."""
        writes = commands.count_writes(self._copy("counted"), *NOTE)
        assert writes > 10, f"only {writes} writes were seen"
        step = max(1, round(1 / self._bench.scale))
        for number in range(1, writes + 2, step):
            for code in (vfs.FULL, vfs.IOERR_WRITE):
                there = self._copy("full")
                ran = sdesk(there, *NOTE, change=Change(write=number, code=code))
                yield self._whole(there, ran) or self._goes_on(there)

    def _goes_on(self, there: Path) -> str:
        """Once there is room again, the next command does its work."""
        ran = sdesk(there, "note", "SD-2", "There is room again.")
        return (
            "" if ran.status == 0 else f"not even when there is room again: {ran.complaint[:100]}"
        )

    def failing_sync(self) -> Iterator[str]:
        there = self._copy("sync")
        yield self._whole(there, sdesk(there, *NOTE, change=Change(sync_fails=True)))

    def small_limit(self) -> Iterator[str]:
        """B11: a limit on the size of files, as `ulimit -f` sets it."""
        for largest in self._some((_PAGE, _PAGE // 2, 8 * _PAGE)):
            there = self._copy("limit")
            ran = sdesk(there, *NOTE, change=Change(largest=largest))
            yield self._whole(there, ran) or self._goes_on(there)

    def _user(self) -> Change:
        """Somebody for whom modes count: root is let do everything."""
        return Change(user=STRANGER if os.getuid() == 0 else 0)

    def read_only_file(self) -> Iterator[str]:
        """B13: who may only read, reads; and is told why nothing is written."""
        there = self._copy("readonly")
        there.chmod(0o777)
        (there / "desk.db").chmod(0o444)
        ran = sdesk(there, "ls", change=self._user())
        yield "" if ran.status == 0 and "SD-1" in ran.out else f"ls: {ran.complaint[:200]}"
        yield self._refused(there, *NOTE, change=self._user()) or self._kept(there)

    def read_only_folder(self) -> Iterator[str]:
        """B14: then even reading fails, and it is said so."""
        there = self._copy("closed")
        (there / "desk.db").chmod(0o666)
        there.chmod(0o555)
        for words in (("ls",), NOTE):
            yield self._refused(there, *words, change=self._user())
        there.chmod(0o755)
        yield self._kept(there)

    def strange_files(self) -> Iterator[str]:
        """B19, B20: an empty file, a text, another program's database, a folder, nothing at all."""
        for name, make in self._some(_STRANGE.items()):
            there = self._copy("strange")
            path = there / "desk.db"
            path.unlink()
            make(path)
            before = path.read_bytes() if path.is_file() else b""
            for words in (("ls",), NOTE):
                yield (said := self._refused(there, *words)) and f"{name}: {said}"
            if path.is_file() and path.read_bytes() != before:
                yield f"{name}: it was written to"

    def other_schemas(self) -> Iterator[str]:
        """B21: a store of a newer sdesk is left alone."""
        there = self._copy("newer")
        with closing(sqlite3.connect(there / "desk.db")) as connection:
            connection.execute("PRAGMA user_version = 99")
        for words in (("ls",), NOTE):
            yield self._refused(there, *words)
        with closing(sqlite3.connect(there / "desk.db")) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        yield "" if version == 99 else f"its schema was set to {version}"

    def links(self) -> Iterator[str]:
        """B26: a hard link is refused; through a symbolic one it is the same store and lock."""
        there = self._copy("linked")
        os.link(there / "desk.db", there / "other.db")
        yield self._refused(there, *NOTE) or self._refused(there, "ls")
        (there / "other.db").unlink()
        yield self._kept(there)
        (there / "desk.db").rename(there / "true.db")
        (there / "desk.db").symlink_to("true.db")
        ran = sdesk(there, *NOTE)
        yield ran.complaint if ran.status else ""
        locks = {path.name for path in there.glob("*.lock")}
        yield (
            ""
            if locks <= {"true.db.lock", "desk.db.lock"} and (there / "true.db.lock").exists()
            else f"locks: {locks}"
        )

    def network(self) -> Iterator[str]:
        """B25: a store on a network's file system is refused."""
        there = self._copy("network")
        for kind in self._some(("nfs4", "cifs", "9p", "fuse.sshfs")):
            mounts = there / "mountinfo"
            mounts.write_text(
                f"1 1 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / {there} rw - {kind} host:/x rw\n"
            )
            change = Change(before=lambda path=mounts: _mounted(path))  # type: ignore[misc]
            yield self._refused(there, *NOTE, change=change) or self._refused(
                there, "ls", change=change
            )

    def changed_under_it(self) -> Iterator[str]:
        """B23: the file vanishes, or becomes another one, while a desk is open on it."""
        for name, change in self._some(_UNDER_IT.items()):
            there = self._copy("under")
            said = self._bench.folder / "said"
            ended = forking.in_child(lambda: said.write_text(_go_on(there, change)))  # noqa: B023
            yield (
                found := said.read_text() if ended == 0 else f"ended with {ended}"
            ) and f"{name}: {found}"

    def damaged_page(self) -> Iterator[str]:
        """Pages overwritten with noise: a command that meets one says so, and `doctor` finds it."""
        for number in self._some((2, 5, 9)):
            there = self._copy("damaged")
            with (there / "desk.db").open("r+b") as file:
                file.seek((number - 1) * _PAGE)
                file.write(b"\xa5" * _PAGE)
            for words in (("ls",), NOTE, ("doctor",)):
                ran = sdesk(there, *words)
                if ran.status not in (0, 1):
                    yield f"page {number}, {words[0]} ended with {ran.status}: {ran.complaint[-150:]}"
                elif words[0] == "doctor":
                    yield "" if ran.status == 1 else f"page {number}: doctor finds nothing"

    def clock_jumps(self) -> Iterator[str]:
        """B29: two hours back, a year ahead, over the change to summer time: order by number, no clock below nothing."""
        for name, (first, then) in self._some(_JUMPS.items()):
            there = self._copy("clock")
            said = self._bench.folder / "said"
            ended = forking.in_child(lambda: said.write_text(_jump(there, first, then)))  # noqa: B023
            yield (
                found := said.read_text() if ended == 0 else f"ended with {ended}"
            ) and f"{name}: {found}"


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
        connection.commit()


_STRANGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("Dear desk,\n" * 500),
    "foreign": _foreign,
    "folder": lambda path: path.mkdir(),
    "nothing": Path.exists,
    "cut short": lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(40)),
}


def _mounted(path: Path) -> None:
    from sdesk.store import place

    place.MOUNTS = path


def _replace(path: Path) -> None:
    path.with_name("other").write_bytes(path.read_bytes())
    path.with_name("other").replace(path)


_UNDER_IT: dict[str, Callable[[Path], object]] = {"vanished": Path.unlink, "replaced": _replace}


def _go_on(there: Path, change: Callable[[Path], object]) -> str:
    """What is wrong with a desk that goes on writing after its file has changed; "" if it stops."""
    with Desk.open(there / "desk.db", actor="ana") as desk:
        desk.apply(TicketId(1), ops.AddNote("before"))
        change(there / "desk.db")
        try:
            desk.apply(TicketId(1), ops.AddNote("after"))
        except StoreFault:
            return ""
    return "it wrote on into what nobody will find again"


_YEAR = 365 * 86_400
_SUMMER = 1_774_745_999
"""2026-03-29 00:59:59 UTC: a second later it is an hour later in Europe."""
_JUMPS = {
    "two hours back": (jobs.NOW, jobs.NOW - 7_200),
    "a year ahead": (jobs.NOW, jobs.NOW + _YEAR),
    "a year back": (jobs.NOW, jobs.NOW - _YEAR),
    "to summer time": (_SUMMER - 60, _SUMMER + 60),
}


def _jump(there: Path, first: int, then: int) -> str:
    now = [first]
    with Desk.open(there / "desk.db", actor="ana", clock=lambda: now[0]) as desk:
        opened = desk.apply(None, ops.Open("A clock that jumps", "x", requester=None)).ticket
        assert opened is not None
        desk.apply(opened, ops.AddNote("first"))
        now[0] = then
        desk.apply(opened, ops.AddNote("second"))
        desk.apply(opened, ops.Resolve("solved", "Done."))
        ids = [event.id for event in desk.read.history(opened)]
        spent = [clock.used for clock in desk.ledger(opened)]
        desk.undo()
    if ids != sorted(ids):
        return "the history is not in the order in which it happened"
    if any(seconds < 0 for seconds in spent):
        return f"a clock ran for {min(spent)} seconds"
    return sound.wrong(there / "desk.db")


PROMISE = Promise(
    "faults",
    17,
    "Full disk, failing disk, read-only file and folder, empty, foreign, newer and damaged files, a file"
    " that vanishes, links, networks, clocks that jump: one clear line, an exit status, nothing lost.",
    run,
)

"""Hostile files given to the real `sdesk import`: what of each is not as it must be."""

from __future__ import annotations

import csv
import io
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.desk import Desk
from sdesk.prove import commands, forking
from sdesk.prove.cases.imports import File
from sdesk.prove.desks import setup
from sdesk.rules.query import quoted
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.prove.commands import Ran

ADMIN = "ana"
MORE_MEMORY = 400_000_000
"""Bytes that a command may take beside what the process that it is forked from has."""
_CONTROLS = frozenset(map(chr, range(32))) - {"\n"} | {"\x7f"} | set(map(chr, range(0x80, 0xA0)))
_FORMULA = ("=", "+", "-", "@", "＝", "\t", "\r")


class Importing:
    """A desk that files are imported into, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.desk_folder = folder, folder / "desk"
        self.store = self.desk_folder / "desk.db"
        Desk.create(self.store, setup=setup(), actor=ADMIN).close()
        forking.warm()

    def bring(self, files: Sequence[File]) -> dict[str, str]:
        """Import them; name → what is wrong, for those with which something is."""
        found = {}
        for file in files:
            path = self.folder / "files" / file.name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(file.raw)
            if said := self._wrong(file, path):
                found[file.name] = said
        return found | self._afterwards()

    def _import(self, path: Path) -> Ran:
        words = ("import", str(path), "--source", path.stem)
        return commands.sdesk(self.desk_folder, *words, change=commands.Change(before=_bounded))

    def _wrong(self, file: File, path: Path) -> str:
        before, ran = self._count(), self._import(path)
        added, said = self._count() - before, ran.out + ran.complaint
        found = [f"wrote {char!a}" for char in sorted(_CONTROLS & set(said))[:1]]
        found += ["a traceback"] if "Traceback" in said or ran.status == commands.FAULT else []
        if file.refused or (file.may_refuse and ran.status):
            found += [ran.refused] if ran.refused else []
            found += [f"{added} went in"] if added else []
        else:
            found += self._wrong_counts(file, ran, added)
        found += [f"does not say '{file.says}'"] if file.says not in said else []
        if file.again and self._import(path).status == 0 and self._count() != before + added:
            found.append("the second time it added more")
        return "; ".join(found)

    def _wrong_counts(self, file: File, ran: Ran, added: int) -> list[str]:
        rows = "row" if file.rejected == 1 else "rows"
        told = f"{file.added:,} added" in ran.out and f"Rejected {file.rejected:,} {rows}" in ran.out  # fmt: skip
        if not told and file.added:
            return [f"said: {ran.out.strip()[-120:]} {ran.complaint.strip()[-120:]}"]
        return [] if added == file.added else [f"{added} went in, not {file.added}"]

    def _count(self) -> int:
        with Desk.open(self.store, actor=ADMIN) as desk:
            return desk.read.count("")

    def _afterwards(self) -> dict[str, str]:
        """Titles are clean and are found by themselves; a table with formulas in it is harmless."""
        from sdesk.transfer.exporter import Export

        found: dict[str, str] = {}
        with Desk.open(self.store, actor=ADMIN) as desk:
            for number in desk.read.ids(""):
                subject = desk.read.ticket(number).subject
                if subject != clean_line(subject):
                    found[f"ticket {number}"] = f"its title is not clean: {subject!a}"
                elif has_words(subject) and number not in desk.read.ids(quoted(subject)):
                    found[f"ticket {number}"] = f"is not found by its own title {subject!a}"
            parts: list[str] = []
            Export(desk, "", ["subject", "text"]).csv(parts.append)
        csv.field_size_limit(10_000_000)
        cells = [cell for row in csv.reader(io.StringIO("".join(parts))) for cell in row]
        if loud := [cell for cell in cells if cell.startswith(_FORMULA)]:
            found["export"] = f"a cell is a formula: {loud[0]!a}"
        return found


def has_words(text: str) -> bool:
    """Whether there is something in it that a search could look for."""
    return any(char.isalnum() for char in text)


def _bounded() -> None:
    """No more memory than a little above what is taken now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + MORE_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))

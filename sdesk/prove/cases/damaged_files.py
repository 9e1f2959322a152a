"""Import files damaged by chance: each is refused with a sentence, or goes in as the dry run has said.

Each number is one file, always the same. What goes in goes in once: the same file again adds nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from sdesk.desk import Desk
from sdesk.errors import SdeskError
from sdesk.model import Source
from sdesk.prove.cases.imports import FILES
from sdesk.prove.desks import setup
from sdesk.prove.mailfuzz import CRASHES
from sdesk.text import clean_line
from sdesk.transfer.importer import Import, Options, Report
from sdesk.transfer.presets import find

TOKENS: tuple[bytes, ...] = (
    b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf",
    b"\xff\xfe", b"{", b"}", b"[", b"]", b":", b"\\", b"\\u0000", b"\\ud800", b"null", b"true", b"NaN", b"1e400",
    b"9" * 60, b"=1+1", b"-1", b"'", b"\x1b[2J", b"\xe2\x80\xae", b"\xe2\x80\x8b", b'{"a":' * 9, b"conversation",
    b"fields", b"title", b"external_id", b"restricted", b"created_at", b"2026-02-30", b"03/04/2026", b"A" * 400,
    b'{"external_id":"x","title":"t"}\n', b'"conversation":"x",', b'"fields":[],', b"X1,t,a@x.example,P3,new,b\n",
)  # fmt: skip
LARGEST = 20_000
"""Bytes of the files that are damaged."""
PRESETS = ("generic", "jira", "servicenow", "osticket", "zendesk", "servicenow-eventlog")


def seeds() -> list[bytes]:
    """Most of them such as go in as they are: what is refused at once tells little."""
    small = [file for file in FILES if 0 < len(file.raw) < LARGEST]
    return [file.raw for file in small for _ in range(4 if file.added else 1)]


def damaged(number: int, corpus: Sequence[bytes]) -> tuple[bytes, str]:
    """The file of this number, and whose it is said to be."""
    chance = random.Random(number)
    raw = bytearray(chance.choice(corpus))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(raw) + 1)
        end = min(len(raw), at + chance.choice((1, 2, 8, 60)))
        match chance.randrange(6):
            case 0:
                raw[at:end] = chance.randbytes(min(8, end - at))
            case 1:
                del raw[at:end]
            case 2 | 3:
                raw[at:at] = chance.choice(TOKENS)
            case 4:
                raw[at:at] = raw[at:end] * chance.choice((1, 2, 20))
            case _:
                other = chance.choice(corpus)
                raw[at:end] = other[chance.randrange(len(other)) :][:300]
    return bytes(raw), PRESETS[0] if chance.random() < 0.8 else chance.choice(PRESETS)


class Damaging:
    """A desk that damaged files are imported into."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "damaged.csv"
        store = folder / "desk" / "desk.db"
        Desk.create(store, setup=setup(), actor="ana").close()
        self._desk = Desk.open(store, actor="ana", source=Source.IMPORT)
        self.went_in = 0

    def close(self) -> None:
        self._desk.close()

    def run(self, numbers: Iterable[int]) -> list[str]:
        """Import these; what went wrong."""
        corpus, found = seeds(), []
        for number in numbers:
            raw, preset = damaged(number, corpus)
            self._path.write_bytes(raw)
            try:
                said = self._import(str(number), preset)
            except CRASHES as fault:
                said = f"{type(fault).__name__}: {fault}"
            found += [f"file {number}: {said}"] if said else []
        return found

    def _import(self, number: str, preset: str) -> str:
        """What is wrong; '' where nothing is."""
        before = self._count()
        dry, why = self._try(number, preset, dry_run=True)
        if self._count() != before:
            return "a dry run has changed the desk"
        wet, why_not = self._try(number, preset, dry_run=False)
        if dry is None or wet is None:
            told = clean_line(why_not) == why_not and why == why_not
            return "" if told and self._count() == before else f"dry: {why!a}; then: {why_not!a}"
        if _counts(dry) != _counts(wet) or self._count() != before + wet.added:
            return f"dry {_counts(dry)}, then {_counts(wet)}; {self._count() - before} more"
        self.went_in += wet.added
        again, why = self._try(number, preset, dry_run=False)
        if again is None or again.added or self._count() != before + wet.added:
            return f"the second time it added {again and again.added}: {why}"
        return ""

    def _try(self, number: str, preset: str, *, dry_run: bool) -> tuple[Report | None, str]:
        try:
            options = Options(source=f"file {number}", dry_run=dry_run)
            return Import(self._desk, str(self._path), find(preset), options).run(), ""
        except SdeskError as error:
            return None, str(error)

    def _count(self) -> int:
        return int((self._desk.read.reader.one("SELECT count(*) FROM ticket") or (0,))[0])


def _counts(report: Report) -> tuple[int, ...]:
    return (report.rows, report.tickets, report.added, report.rejected, len(report.problems))

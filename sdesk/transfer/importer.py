"""Bringing tickets in: look the file over, settle who and what it names, add what is new by the batch.

A file is read twice. The first pass finds everything that would stop the whole import (a broken
quote, dates of two orders, columns nobody knows), so that a refusal leaves the desk untouched. The
second one writes: batches are committed as they come, rows that can't go in are put aside with
their reason, and what an earlier import has brought is recognised by source and external id.
"""

from __future__ import annotations

import gc
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sdesk.errors import Invalid, SdeskError
from sdesk.store.imported import told
from sdesk.text import clean_line
from sdesk.transfer.ahead import is_worth_it, read_ahead
from sdesk.transfer.build import Builder, StateWords
from sdesk.transfer.changes import Changes
from sdesk.transfer.csvfile import CsvFile, check_encoding, sniff_encoding
from sdesk.transfer.dates import DateReader, find_order
from sdesk.transfer.jsonlines import JsonLines
from sdesk.transfer.mapping import DATES, ColumnMap, map_columns
from sdesk.transfer.newcomers import Newcomers
from sdesk.transfer.reading import BATCH, Batch, Reading
from sdesk.transfer.records import ImportedTicket, Problem
from sdesk.transfer.source import SourceFile
from sdesk.transfer.story import Story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sdesk.desk import Desk
    from sdesk.transfer.presets import Preset

FIRST_PROBLEMS = 20
"""Problems that a report keeps; all of them go to the rejects file."""


@dataclass(frozen=True)
class Options:
    """What a person chose for one import."""

    choices: Mapping[str, str] = field(default_factory=dict)
    """Column → target, from `--map`."""
    states: Mapping[str, str] = field(default_factory=dict)
    """Word of the file → state of the desk, from `--state`."""
    encoding: str = ""
    dates: str = ""
    zone: str = ""
    source: str = ""
    dry_run: bool = False


@dataclass
class Report:
    """What an import did, or would do."""

    layout: str = ""
    mapping: ColumnMap | None = None
    dates: str | None = None
    rows: int = 0
    tickets: int = 0
    added: int = 0
    unchanged: int = 0
    updated: int = 0
    rejected: int = 0
    events: int = 0
    with_nul: int = 0
    """Rows that held a NUL; it was taken out."""
    queues: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    people: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was left as it is although the file says otherwise."""


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Rows by the hundred thousand and no cycles among them: looking for some takes a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class Import:
    """One file on its way into one desk; `reject`, when set, is told of every row that can't go in."""

    def __init__(self, desk: Desk, place: str, preset: Preset, options: Options) -> None:
        self._desk, self.preset, self.options = desk, preset, options
        self.reject: Callable[[Problem], None] | None = None
        self.source = SourceFile(place)
        self.report = Report()
        self.file = self._open()
        self.report.layout = self.file.describe()
        self.mapping = self.report.mapping = map_columns(self.file.header, preset, options.choices)
        self._existing: dict[str, dict[str, int]] = {}

    def _open(self) -> CsvFile | JsonLines:
        chosen = self.options.encoding
        encoding = check_encoding(chosen) if chosen else sniff_encoding(self.source)
        with self.source.open() as stream:
            head = stream.read(4096).decode(encoding.name, "replace").lstrip("\ufeff \t\r\n")
        if head.startswith("["):
            raise Invalid(
                "This is one JSON list; JSON lines are read.",
                "Turn it round with: jq -c '.[]' FILE",
            )
        return (
            JsonLines(self.source, encoding)
            if head.startswith("{")
            else CsvFile(self.source, encoding)
        )

    def run(self, on_progress: Callable[[str, float], None] | None = None) -> Report:
        """Do it (or, on a dry run, only count). Raises `Invalid` where nothing can go in."""
        with _seldom_collecting():
            return self._run(on_progress or (lambda _what, _share: None))

    def _run(self, tell: Callable[[str, float], None]) -> Report:
        together = self._survey(tell)
        reading = Reading(
            self.file, self.preset, self._builder(), together=together, rows=self.report.rows
        )
        newcomers = Newcomers(self._desk, self.preset, dry_run=self.options.dry_run)
        # A scope of its own ends the reading process also when this one is interrupted.
        with closing(read_ahead(reading) if is_worth_it(reading) else reading.batches()) as batches:
            for batch in batches:
                tell("Checking" if self.options.dry_run else "Bringing in", batch.share)
                self._bring(self._take(batch), newcomers)
        self.report.queues, self.report.agents = newcomers.queues, newcomers.agents
        self.report.people = newcomers.people
        if self.source.is_changed:
            self.report.notes.append(f"{self.source.changed()} Import it again.")
        if self.report.added > BATCH and not self.options.dry_run:
            tell("Tidying the index", 1.0)
            newcomers.loader.optimize()
        return self.report

    def _builder(self) -> Builder:
        zone = self.options.zone or self.preset.zone or self._desk.settings.zone
        states = StateWords(self._desk.read.states(), self.preset, self.options.states)
        dates = DateReader(zone, self.report.dates)
        return Builder(self.mapping, self.preset, dates, states, self._desk.now())

    def _survey(self, tell: Callable[[str, float], None]) -> bool:
        """Read the file through: structure, dates, and whether the rows of a ticket stand together."""
        texts: set[str] = set()
        dated = [i for i, target in enumerate(self.mapping.targets) if target in DATES]
        key = self.mapping.columns("external_id")
        seen: set[str] = set()
        last, together = "", True
        width = len(self.file.header)
        follows = key[0] if self.preset.history and key else None
        count = 0
        for count, (_, cells, _) in enumerate(self.file.rows(), 1):
            if count % 2000 == 0:
                tell("Looking the file over", self.source.share)
            if len(cells) != width:
                continue
            for index in dated:
                if cells[index].__class__ is str:
                    texts.add(cells[index])
            if follows is not None and cells[follows] != last:
                last = cells[follows]
                together = together and str(last) not in seen
                seen.add(str(last))
        self.report.rows = count
        self.report.dates = self.options.dates or find_order(texts)
        return together

    def _take(self, batch: Batch) -> list[ImportedTicket]:
        """The tickets of a batch, after its problems are told."""
        self.report.with_nul += batch.with_nul
        for problem in batch.problems:
            self.report.rejected += 1
            if len(self.report.problems) < FIRST_PROBLEMS:
                self.report.problems.append(problem)
            if self.reject and not self.options.dry_run:
                self.reject(problem)
        return batch.tickets

    def _source_of(self, ticket: ImportedTicket) -> str:
        return ticket.opened.get("external_source") or self.options.source or self.preset.source

    def _number(self, ticket: ImportedTicket, newcomers: Newcomers) -> int | None:
        """The number it has on the desk from an earlier import."""
        source = self._source_of(ticket)
        if source not in self._existing:
            self._existing[source] = newcomers.loader.known(source)
        return self._existing[source].get(ticket.external_id)

    def _bring(self, batch: list[ImportedTicket], newcomers: Newcomers) -> None:
        self.report.tickets += len(batch)
        numbered = [(self._number(ticket, newcomers), ticket) for ticket in batch]
        known = [(number, ticket) for number, ticket in numbered if number is not None]
        fresh = [ticket for number, ticket in numbered if number is None]
        if fresh:
            self._add(fresh, newcomers)
        if known:
            self._compare(known, newcomers)

    def _add(self, tickets: list[ImportedTicket], newcomers: Newcomers) -> None:
        self.report.added += len(tickets)
        if self.options.dry_run:
            newcomers.count(tickets)
            persons: list[int | None] = [None] * len(tickets)
        else:
            persons = newcomers.persons(tickets)
        details = {
            "imported_by": self._desk.actor,
            "file": clean_line(self.source.name.rsplit("/", 1)[-1])[:200],
        }
        stories = [
            Story(ticket, newcomers, person).tell(
                {**details, "line": ticket.line}, self._source_of(ticket)
            )
            for ticket, person in zip(tickets, persons, strict=True)
        ]
        self.report.events += sum(len(story.events) for story in stories)
        newcomers.make()
        if not self.options.dry_run:
            newcomers.loader.add(stories)

    def _compare(self, known: list[tuple[int, ImportedTicket]], newcomers: Newcomers) -> None:
        """What the file says differently from last time goes through the ordinary door."""
        said_before = told(self._desk.read.reader, [number for number, _ in known])
        for number, ticket in known:
            changes = Changes(self._desk, number, said_before.get(number, {}), ticket, newcomers)
            if not changes:
                self.report.unchanged += 1
                continue
            newcomers.make()
            self._update(changes, ticket)

    def _update(self, changes: Changes, ticket: ImportedTicket) -> None:
        try:
            refusals = [] if self.options.dry_run else changes.apply()
        except SdeskError as error:
            refusals = [str(error)]
        for reason in (*refusals, *changes.conflicts):
            if len(self.report.notes) < FIRST_PROBLEMS:
                self.report.notes.append(
                    f"line {ticket.line}: {self._desk.ref(changes.number)}: {reason}"
                )
        self.report.updated += bool(changes.operations) and not refusals
        self.report.unchanged += not changes.operations

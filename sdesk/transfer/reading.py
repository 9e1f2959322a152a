"""A file's rows as batches of tickets, with the rows that can't be read. Knows no desk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from sdesk.errors import Invalid
from sdesk.text import clean_line
from sdesk.transfer.csvfile import restored
from sdesk.transfer.exporter import is_our_export
from sdesk.transfer.records import ImportedTicket, Problem, Row

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from sdesk.transfer.build import Builder
    from sdesk.transfer.csvfile import CsvFile
    from sdesk.transfer.jsonlines import JsonLines
    from sdesk.transfer.presets import Preset

BATCH = 2_000
"""Tickets written at once."""
MOST_ROWS_IN_MEMORY = 2_000_000


@dataclass(slots=True)
class Batch:
    """Some tickets, and what was met on the way to them."""

    tickets: list[ImportedTicket] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    with_nul: int = 0
    share: float = 0.0
    """How much of the file has been read by then."""


class Reading:
    """One pass over a file. `together` says that the rows of a log's tickets stand together."""

    def __init__(
        self,
        file: CsvFile | JsonLines,
        preset: Preset,
        builder: Builder,
        *,
        together: bool,
        rows: int,
    ) -> None:
        self.file, self.rows = file, rows
        self._history, self._together, self._builder = preset.history, together, builder
        self._is_ours = file.kind == "csv" and is_our_export(file.header)
        self._lines: dict[tuple[str, str], int] = {}
        self._batch = Batch()

    def batches(self) -> Generator[Batch, None, None]:
        """Batches of tickets, the last with the problems that came after them."""
        tickets = self._stories() if self._history else self._singles()
        while True:
            found = list(islice(tickets, BATCH))
            batch, self._batch = self._batch, Batch()
            batch.tickets, batch.share = found, self.file.source.share
            if found or batch.problems or batch.with_nul:
                yield batch
            if len(found) < BATCH:
                return

    def _singles(self) -> Iterator[ImportedTicket]:
        for row in self._readable_rows():
            if (ticket := self._single(row)) is not None:
                yield ticket

    def _stories(self) -> Iterator[ImportedTicket]:
        rows = self._readable_rows()
        if not self._together:
            rows = iter(self._sorted(rows))
        for number, group in groupby(rows, key=self._builder.key):
            if not number:
                self._batch.problems += [
                    Problem(row.line, "There is no number in this row.", row) for row in group
                ]
            elif (ticket := self._builder.history(list(group), self._batch.problems)) is not None:
                yield ticket

    def _sorted(self, rows: Iterable[Row]) -> list[Row]:
        """A log whose tickets are mixed, sorted in memory: texts that repeat are kept once."""
        if self.rows > MOST_ROWS_IN_MEMORY:
            raise Invalid(
                f"The {self.rows:,} rows are not sorted by ticket, and too many to sort here.",
                "Sort the file by its number column first.",
            )
        once: dict[str, str] = {}

        def kept(cell: Any) -> Any:
            return once.setdefault(cell, cell) if isinstance(cell, str) else cell

        return sorted(
            (Row(row.line, tuple(map(kept, row.cells)), row.raw) for row in rows),
            key=self._builder.key,
        )

    def _readable_rows(self) -> Iterator[Row]:
        has_nul = self.file.encoding.has_nul
        for row in self.file.rows():
            if has_nul and any("\0" in cell for cell in row.cells if isinstance(cell, str)):
                self._batch.with_nul += 1
            if reason := self.file.wrong(row):
                self._put_aside(row, reason)
            elif self._is_ours:
                yield Row(row.line, tuple(map(restored, row.cells)), row.raw)
            else:
                yield row

    def _single(self, row: Row) -> ImportedTicket | None:
        try:
            external = self._builder.key(row) or self._made_up(row)
            ticket = self._builder.single(row, external_id=external)
        except Invalid as error:
            self._put_aside(row, str(error))
            return None
        key = (ticket.opened.get("external_source", ""), ticket.external_id)
        if (line := self._lines.setdefault(key, row.line)) != row.line:
            self._put_aside(
                row, f"'{clean_line(ticket.external_id)[:60]}' is in line {line} already."
            )
            return None
        return ticket

    def _made_up(self, row: Row) -> str:
        """An external id from the row's content, so that the same file again brings the same one."""
        content = "\x1f".join(map(repr, row.cells)).encode("utf-8", "replace")
        digest = hashlib.sha256(content).hexdigest()[:16]
        number, external = 1, f"row-{digest}"
        while ("", external) in self._lines:
            number += 1
            external = f"row-{digest}-{number}"
        return external

    def _put_aside(self, row: Row, reason: str) -> None:
        self._batch.problems.append(Problem(row.line, reason, row))

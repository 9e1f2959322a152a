"""The rows that did not go in, each with its line and the reason, in a file that can be mended and imported."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sdesk.errors import Usage
from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.transfer.records import Problem

LINE, REASON = "sdesk_line", "sdesk_reason"


class Rejects:
    """Made with the first row; the cells are the file's own letters, never changed."""

    def __init__(self, place: str, kind: str, header: Sequence[str], delimiter: str) -> None:
        self.path = Path(place)
        self._kind, self._header, self._delimiter = kind, header, delimiter
        self._stream: TextIO | None = None
        self.number = 0

    def __call__(self, problem: Problem) -> None:
        self.number += 1
        stream = self._open()
        row = problem.row
        if self._kind == "jsonl":
            record = {LINE: problem.line, REASON: problem.reason, "row": row.raw if row else ""}
            stream.write(json.dumps(record) + "\n")
            return
        writer = csv.writer(stream, delimiter=self._delimiter, lineterminator="\n")
        if self.number == 1:
            writer.writerow([*self._header, LINE, REASON])
        cells = list(row.cells) if row else []
        cells += [""] * (len(self._header) - len(cells))
        writer.writerow([*cells, problem.line, clean_line(problem.reason)])

    def _open(self) -> TextIO:
        if self._stream is None:
            try:
                handle = os.open(
                    self.path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600
                )
            except OSError as error:
                raise Usage(
                    f"{self.path} can't be written: {error.strerror}.",
                    "Choose another file for --rejects.",
                ) from None
            self._stream = os.fdopen(
                handle, "w", encoding="utf-8", errors="surrogateescape", newline=""
            )
        return self._stream

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

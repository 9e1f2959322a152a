"""Tickets out of the desk: CSV for spreadsheets and JSON lines for programs, streamed by the batch.

What goes out comes in again: the preset `generic` knows every name here, and cells that were made
harmless for spreadsheets get their letters back.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

from sdesk.errors import NotFound, Usage
from sdesk.numbering import is_restricted
from sdesk.rules.access import Subject, may_see
from sdesk.store import exported
from sdesk.transfer.csvfile import defused
from sdesk.transfer.dates import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sdesk.desk import Desk
    from sdesk.model import Agent

Record = dict[str, Any]
_AT_ONCE = 500
_INSTANTS = ("created_at", "updated_at", "first_answered_at", "resolved_at", "closed_at", "due_at")
COLUMNS = {
    "ref": "SD-1042",
    "kind": "incident, request, …",
    "subject": "one line",
    "state": "the state's key",
    "state_category": "new, open, waiting, resolved or closed",
    "priority": "1 critical to 4 low",
    "impact": "1 high to 3 low",
    "urgency": "1 high to 3 low",
    "category": "the category path",
    "queue": "the queue's key",
    "tier": "the queue's tier",
    "site": "the queue's site",
    "owner": "a login",
    "assignee": "a login",
    "requester": "the requester's name",
    "requester_email": "and address",
    "requester_phone": "and telephone number",
    "organization": "and organization",
    "vip": "whether the requester is a VIP",
    "service": "the service concerned",
    "channel": "how it came in",
    "created_at": "ISO 8601 in UTC, as all times",
    "updated_at": "the last change",
    "first_answered_at": "the first public answer",
    "resolved_at": "when it was resolved",
    "closed_at": "when it was closed",
    "due_at": "the earliest running clock",
    "due_target": "which clock that is",
    "breached": "whether a clock is past its target",
    "reopen_count": "how often it was taken up again",
    "resolution_code": "how it was solved",
    "restricted": "whether it is for few eyes",
    "tags": "words",
    "external_source": "the system it was imported from",
    "external_id": "its number there",
    "text": "the first entry of the conversation",
    "conversation": "JSON lines only: every entry with its time, kind, author and text",
    "fields": "JSON lines only: the custom fields; in CSV each is a column field.NAME",
}
_NOT_BY_ITSELF = frozenset(
    (
        "state_category",
        "tier",
        "site",
        "vip",
        "due_at",
        "due_target",
        "breached",
        "conversation",
        "fields",
    )
)
"""Derived values, and what only JSON can hold: exported when named."""
USUAL = tuple(name for name in COLUMNS if name not in _NOT_BY_ITSELF)
_FIELD = re.compile(r"field\.[\w-]{1,60}\Z")


def is_our_export(header: Sequence[str]) -> bool:
    """Whether the header is one that `sdesk export` writes: nothing but our names, in our spelling."""
    return bool(header) and all(name in COLUMNS or _FIELD.match(name) for name in header)


def choose(names: str, known_fields: Sequence[str], form: str) -> list[str]:
    """The columns in a comma-separated list; without one all that come in again by an import."""
    if not names.strip():
        if form == "jsonl":
            return [name for name in USUAL if name != "text"] + ["fields", "conversation"]
        return [*USUAL, *(f"field.{name}" for name in known_fields)]
    chosen = names.replace(",", " ").split()
    for name in chosen:
        if name not in COLUMNS and not _FIELD.match(name):
            raise NotFound.named(
                "column", name, [*COLUMNS, *(f"field.{field}" for field in known_fields)]
            )
        if form == "csv" and name in ("conversation", "fields"):
            raise Usage(
                f"The column '{name}' is for JSON lines.",
                "Say --format jsonl, or name field.NAME columns.",
            )
    return chosen


class Export:
    """The tickets of one query, read as they are written."""

    def __init__(self, desk: Desk, query: str, columns: Sequence[str]) -> None:
        self._desk, self._columns = desk, columns
        self.numbers = desk.read.ids(query)
        self.written = 0
        self.withheld = 0
        """Restricted tickets that the acting agent may not see."""
        self._me: Agent | None = desk.read.agent(desk.actor)
        self._needs_entries = bool({"text", "conversation"} & set(columns))

    def csv(self, write: Callable[[str], Any]) -> None:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        writer.writerow(self._columns)
        for record in self._records():
            writer.writerow([defused(_text(self._value(record, name))) for name in self._columns])
            self.written += 1
            if buffer.tell() > 1 << 18:
                _empty(buffer, write)
        _empty(buffer, write)

    def jsonl(self, write: Callable[[str], Any]) -> None:
        for record in self._records():
            values = {name: self._value(record, name) for name in self._columns}
            write(json.dumps(values, ensure_ascii=False, separators=(", ", ": ")) + "\n")
            self.written += 1

    def _records(self) -> Iterator[Record]:
        for start in range(0, len(self.numbers), _AT_ONCE):
            numbers = self.numbers[start : start + _AT_ONCE]
            for record in self._read(numbers):
                if record["restricted"] and not self._may_see(record):
                    self.withheld += 1
                else:
                    yield record

    def _read(self, numbers: Sequence[int]) -> list[Record]:
        """The tickets in that order, each from the file it lies in."""
        parts: dict[bool, list[int]] = {}
        for number in numbers:
            parts.setdefault(is_restricted(number), []).append(number)
        found = {
            record["id"]: record
            for some in parts.values()
            for record in exported.tickets(
                self._desk.of(some[0]).read.reader, some, conversation=self._needs_entries
            )
        }
        return [found[number] for number in numbers if number in found]

    def _may_see(self, record: Record) -> bool:
        if is_restricted(record["id"]):
            return True  # who reads it is a member of its group
        subject = Subject(
            self._desk.ref(record["id"]), True, record["queue"], record["owner"], record["assignee"]
        )
        return self._me is not None and self._me.active and may_see(self._me, subject)

    def _value(self, record: Record, name: str) -> Any:
        if name.startswith("field."):
            return record["fields"].get(name[6:], "")
        if name in _INSTANTS:
            return None if record[name] is None else iso(record[name])
        match name:
            case "ref":
                return self._desk.ref(record["id"])
            case "restricted" | "vip" | "breached":
                return bool(record[name])
            case "text":
                return record["entries"][0][3] if record["entries"] else ""
            case "conversation":
                return [
                    {"at": iso(at), "kind": kind, "author": author, "text": text}
                    for kind, at, author, text in record["entries"]
                ]
        return record[name]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, list) else str(value)


def _empty(buffer: io.StringIO, write: Callable[[str], Any]) -> None:
    write(buffer.getvalue())
    buffer.seek(0)
    buffer.truncate()

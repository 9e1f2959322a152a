"""What a file comes to once it is read: rows with their line, and tickets with a dated history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sdesk.model import EntryKind, Instant

Cell = Any
"""Text from CSV; from JSON also a number, a claim, a list of texts, or None."""


class Row(NamedTuple):
    """One record of a file and the line it starts on, counted from 1."""

    line: int
    cells: tuple[Cell, ...]
    raw: str = ""
    """The line as it stood, for JSON lines only."""


class Problem(NamedTuple):
    """Why one row of a file does not go in."""

    line: int
    reason: str
    row: Row | None = None


class Requester(NamedTuple):
    """Who asked, as far as the file tells. Known by address, else by name."""

    name: str = ""
    email: str = ""
    phone: str = ""
    organization: str = ""

    @property
    def key(self) -> str:
        return (self.email or self.name).casefold()


class Said(NamedTuple):
    """One piece of conversation with its time."""

    at: Instant
    kind: EntryKind
    author: str
    text: str
    by_agent: bool = False


class Step(NamedTuple):
    """What changed at one moment: field → value after; queues and agents by the file's names."""

    at: Instant
    by: str
    changes: dict[str, Any]


class ImportedTicket(NamedTuple):
    """A ticket as a file tells it: how it was opened, and every later change in order of time.

    `opened` holds subject, text, kind, state, impact, urgency, priority, category, service, channel,
    queue, assignee and owner (names, not keys: finding or making those is the importer's), tags,
    restricted, resolution_code and `fields`.
    """

    line: int
    external_id: str
    created_at: Instant
    opened_by: str
    opened: dict[str, Any]
    requester: Requester | None = None
    steps: tuple[Step, ...] = ()
    said: tuple[Said, ...] = ()

    def final(self) -> dict[str, Any]:
        """The values at the end of the history."""
        values = dict(self.opened)
        values["fields"] = dict(values.get("fields", {}))
        for step in self.steps:
            for name, value in step.changes.items():
                if name.startswith("field."):
                    values["fields"][name[6:]] = value
                else:
                    values[name] = value
        return values

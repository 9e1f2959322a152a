"""What a file says of a known ticket that it did not say before, as operations for the ordinary door.

Three words count: what the file said last time, what it says now, and what the desk holds. What an
agent has changed since the last import stays; the file's newer word is reported beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.errors import SdeskError
from sdesk.model import StateCategory, TicketId
from sdesk.ops import (
    AddNote,
    AddTags,
    Assign,
    Close,
    Edit,
    Move,
    Op,
    RemoveTags,
    Resolve,
    SetField,
    SetPriority,
    SetState,
)
from sdesk.rules.priority import MATRIX
from sdesk.text import clean_line
from sdesk.transfer.dates import iso

if TYPE_CHECKING:
    from collections.abc import Callable

    from sdesk.desk import Desk
    from sdesk.model import Ticket
    from sdesk.transfer.records import ImportedTicket
    from sdesk.transfer.story import Keys

_OPERATIONS: dict[str, Callable[[Any], Op]] = {
    "subject": lambda value: Edit("subject", value),
    "kind": lambda value: Edit("kind", value),
    "path": lambda value: Edit("category", value),
    "service": lambda value: Edit("service", value),
    "channel": lambda value: Edit("channel", value),
    "impact": lambda value: Edit("impact", value),
    "urgency": lambda value: Edit("urgency", value),
    "queue": Move,
    "assignee": Assign,
    "owner": lambda value: Edit("owner", value),
}


class Changes:
    """True when there is something to do or to report."""

    def __init__(
        self, desk: Desk, number: int, told: dict[str, Any], ticket: ImportedTicket, keys: Keys
    ) -> None:
        self.number = TicketId(number)
        self._desk = desk
        self.operations: list[Op] = []
        self.conflicts: list[str] = []
        self._final = ticket.final()
        self._final["queue"] = keys.queue(self._final["queue"])
        for name in ("assignee", "owner"):
            self._final[name] = keys.agent(self._final[name]) if self._final[name] else ""
        self._told = told
        if not told:
            return
        differing = {n: v for n, v in self._values().items() if n in told and told[n] != v}
        fields = {
            f"field.{name}": clean_line(value)
            for name, value in self._final["fields"].items()
            if told["fields"].get(name, "") != clean_line(value)
        }
        fresh = ticket.said[told["said"] :]
        if differing or fields or fresh:
            self._decide(differing | fields, desk.read.ticket(self.number))
            self.operations += [
                AddNote(f"{said.author} · {iso(said.at)}\n{said.text}") for said in fresh
            ]

    def __bool__(self) -> bool:
        return bool(self.operations or self.conflicts)

    def _values(self) -> dict[str, Any]:
        final = self._final
        names = (*_OPERATIONS, "state", "priority")
        return {name: final[name] for name in names} | {"tags": sorted(final["tags"])}

    def _decide(self, differing: dict[str, Any], stands: Ticket) -> None:
        wanted = {}
        for name, value in differing.items():
            here, before = _standing(stands, name), self._before(name)
            if here == value:
                continue
            if here != before:
                self.conflicts.append(
                    f"{name} is '{here}' here and stays; the file says '{value}'."
                )
            else:
                wanted[name] = value
        for name, value in wanted.items():
            if name.startswith("field."):
                self.operations.append(SetField(name[6:], value))
            elif name in _OPERATIONS:
                self.operations.append(_OPERATIONS[name](value))
        if "tags" in wanted:
            self._tags(set(wanted["tags"]), set(stands.tags))
        if (
            "priority" in wanted
            and wanted["priority"] != MATRIX[self._final["impact"], self._final["urgency"]]
        ):
            self.operations.append(SetPriority(wanted["priority"]))
        if "state" in wanted:
            self.operations += self._to_state(wanted["state"], stands)

    def _before(self, name: str) -> Any:
        if name.startswith("field."):
            return self._told["fields"].get(name[6:], "")
        return self._told[name]

    def _tags(self, after: set[str], before: set[str]) -> None:
        if added := tuple(sorted(after - before)):
            self.operations.append(AddTags(added))
        if gone := tuple(sorted(before - after)):
            self.operations.append(RemoveTags(gone))

    def _to_state(self, state: str, stands: Ticket) -> list[Op]:
        category = next((s.category for s in self._desk.read.states() if s.key == state), "")
        resolve = Resolve(self._final.get("resolution_code") or "solved")
        live = stands.category not in (StateCategory.RESOLVED, StateCategory.CLOSED)
        if category == StateCategory.CLOSED and state == "closed":
            return [resolve, Close()] if live else [Close()]
        return [resolve] if state == "resolved" else [SetState(state)]

    def apply(self) -> list[str]:
        """Carry out what can be; the refusals of the rest."""
        try:
            if self.operations:
                self._desk.apply(self.number, *self.operations)
        except SdeskError:
            return self._one_by_one()
        return []

    def _one_by_one(self) -> list[str]:
        refusals = []
        for op in self.operations:
            try:
                self._desk.apply(self.number, op)
            except SdeskError as error:
                refusals.append(str(error))
        return refusals


def _standing(ticket: Ticket, name: str) -> Any:
    if name.startswith("field."):
        return ticket.fields.get(name[6:], "")
    return sorted(ticket.tags) if name == "tags" else getattr(ticket, name)

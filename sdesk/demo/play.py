"""Plays what happens to one ticket and keeps the record: the row, its events and its conversation.

It does by plain dictionaries what the appliers do through a session, so that a million tickets can
be loaded in bulk; a test compares the events of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.loading import LoadedEntry, LoadedEvent, LoadedTicket
from sdesk.model import StateCategory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdesk.model import Instant

CATEGORY = {
    "new": "new",
    "open": "open",
    "waiting-customer": "waiting",
    "waiting-supplier": "waiting",
    "scheduled": "waiting",
    "resolved": "resolved",
    "closed": "closed",
    "cancelled": "closed",
}
"""The shipped states that the demo uses, with their categories."""
_SPOKEN = {"reply": "replied", "inbound": "received", "note": "noted", "call": "called"}
_LIVE = (StateCategory.NEW, StateCategory.OPEN, StateCategory.WAITING)


class Record:
    """One ticket while it is played. Times must not go backwards."""

    __slots__ = ("events", "fields", "row", "tags")

    def __init__(self, row: dict[str, Any], tags: list[str], fields: dict[str, str]) -> None:
        self.row, self.tags, self.fields = row, tags, fields
        self.events: list[LoadedEvent] = []

    def loaded(self) -> LoadedTicket:
        return LoadedTicket(self.row, self.events, tuple(self.tags), self.fields)

    def event(
        self, at: Instant, actor: str, kind: str, changes: dict[str, list[Any]],
        details: dict[str, Any], entry: LoadedEntry | None = None,
    ) -> None:  # fmt: skip
        self.events.append(LoadedEvent(at, kind, actor, changes, details, entry))
        self.row["updated_at"] = at

    def change(
        self, at: Instant, actor: str, kind: str, values: Mapping[str, Any], **details: Any
    ) -> None:
        """Set columns and record those that really change."""
        row = self.row
        changes = {name: [row[name], after] for name, after in values.items() if row[name] != after}
        if changes:
            row.update(values)
            self.event(at, actor, kind, changes, details)

    def say(
        self,
        at: Instant,
        kind: str,
        text: str,
        *,
        agent: str,
        author: str,
        person: int | None = None,
    ) -> None:
        """Add an entry to the conversation; `agent` is empty when the requester speaks."""
        entry = LoadedEntry(kind, at, text, author, agent, person)
        changes: dict[str, list[Any]] = {}
        if kind in ("reply", "call") and self.row["first_answered_at"] is None:
            self.row["first_answered_at"] = at
            changes["first_answered_at"] = [None, at]
        details = {} if agent else {"author": author}
        self.event(at, agent, _SPOKEN[kind], changes, details, entry)

    def enter(
        self, at: Instant, actor: str, state: str, kind: str, *, reason: str = "", **more: Any
    ) -> None:
        """Put the ticket into a state, with all that follows from its category."""
        category = CATEGORY[state]
        values: dict[str, Any] = {
            "state": state, "category": category, "live": int(category in _LIVE),
            "state_until": None, "wait_reason": "", **more,
        }  # fmt: skip
        if category == StateCategory.RESOLVED:
            values["resolved_at"] = at
        elif category == StateCategory.CLOSED:
            values["closed_at"] = at
        elif not self.row["live"]:
            values |= {"resolved_at": None, "closed_at": None, "resolution_code": ""}
            values["reopen_count"] = self.row["reopen_count"] + 1
        self.change(at, actor, kind, values, **({"reason": reason} if reason else {}))


def new_row(at: Instant, **values: Any) -> dict[str, Any]:
    """The columns of a ticket as it is opened."""
    return {
        "kind": "incident", "subject": "", "state": "new", "category": "new", "live": 1,
        "state_until": None, "wait_reason": "", "impact": 2, "urgency": 2, "priority": 3,
        "priority_overridden": 0, "path": "", "queue": "", "owner": "", "assignee": "",
        "requester_id": None, "service": "", "channel": "phone", "created_at": at, "updated_at": at,
        "first_answered_at": None, "resolved_at": None, "closed_at": None, "reopen_count": 0,
        "resolution_code": "", "restricted": 0, **values,
    }  # fmt: skip

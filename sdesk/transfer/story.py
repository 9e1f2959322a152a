"""An imported ticket as the desk would have recorded it: its events with before and after, its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sdesk.loading import LoadedEntry, LoadedEvent, LoadedTicket
from sdesk.model import LIVE, EntryKind, StateCategory
from sdesk.rules.lifecycle import CANCELLED, is_reopening
from sdesk.rules.priority import MATRIX
from sdesk.text import clean_line
from sdesk.transfer.records import Said
from sdesk.transfer.words import slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sdesk.transfer.records import ImportedTicket, Step

_EVENTS = {
    EntryKind.REPLY: "replied",
    EntryKind.INBOUND: "received",
    EntryKind.NOTE: "noted",
    EntryKind.CALL: "called",
    EntryKind.CHAT: "chatted",
}
_PUBLIC = (EntryKind.REPLY, EntryKind.CALL)
_KEPT_AT_OPENING = (
    "kind", "subject", "state", "category", "impact", "urgency", "priority", "queue", "assignee", "owner",
    "requester_id", "channel", "path", "service",
)  # fmt: skip
_OPENED = (
    "subject",
    "kind",
    "state",
    "impact",
    "urgency",
    "priority",
    "path",
    "service",
    "channel",
)
_NAMED = frozenset(("queue", "assignee", "owner"))
_GROUPS = (
    ("prioritized", frozenset(("impact", "urgency", "priority"))),
    ("moved", frozenset(("queue",))),
    ("assigned", frozenset(("assignee",))),
    ("edited", frozenset(("subject", "kind", "path", "channel", "service", "owner"))),
)


class Keys(Protocol):
    """Where a file's names become the desk's keys."""

    categories: Mapping[str, str]
    """State → its category."""

    def queue(self, name: str) -> str: ...
    def agent(self, name: str) -> str: ...
    def actor(self, name: str) -> str: ...


class Story:
    """Tells one imported ticket event by event, keeping its columns up to date as it goes."""

    def __init__(self, ticket: ImportedTicket, keys: Keys, person: int | None) -> None:
        self._ticket, self._keys, self._person = ticket, keys, person
        self._categories = keys.categories
        opened = ticket.opened
        self.fields: dict[str, str] = {k: clean_line(v) for k, v in opened["fields"].items() if v}
        self.columns: dict[str, Any] = {name: opened[name] for name in _OPENED}
        category = str(self._categories[opened["state"]])
        self.columns |= {
            "queue": keys.queue(opened["queue"]), "category": category, "live": int(category in LIVE),
            "assignee": keys.agent(opened["assignee"]) if opened["assignee"] else "",
            "owner": keys.agent(opened["owner"]) if opened["owner"] else "",
            "requester_id": person, "reopen_count": 0, "created_at": ticket.created_at,
            "updated_at": opened.get("updated_at", ticket.created_at),
            "restricted": int(opened["restricted"]), "resolution_code": opened.get("resolution_code") or "",
            "resolved_at": opened.get("resolved_at"), "closed_at": None,
            "first_answered_at": opened.get("first_answered_at"), "external_id": ticket.external_id,
        }  # fmt: skip
        if category == StateCategory.CLOSED:
            self.columns["closed_at"] = opened.get("resolved_at") or ticket.created_at
        self.events: list[LoadedEvent] = []

    def tell(self, details: Mapping[str, Any], source: str) -> LoadedTicket:
        """The ticket for the loader. `details` go with the opening: who imported it, and from where."""
        opening = {name: self.columns[name] for name in _KEPT_AT_OPENING}
        opening |= {"tags": list(self._ticket.opened["tags"]), "fields": dict(self.fields)}
        if code := self.columns["resolution_code"]:
            opening["resolution_code"] = code
        by = self._keys.actor(self._ticket.opened_by)
        self._event(self._ticket.created_at, "opened", by, {}, {**opening, **details})
        for each in self._in_time():
            self._say(each) if isinstance(each, Said) else self._take(each)
        columns = self.columns
        columns["priority_overridden"] = int(
            columns["priority"] != MATRIX[columns["impact"], columns["urgency"]]
        )
        columns["external_source"] = source
        return LoadedTicket(
            columns,
            self.events,
            self._ticket.opened["tags"],
            {k: v for k, v in self.fields.items() if v},
        )

    def _in_time(self) -> Iterator[Step | Said]:
        if not self._ticket.said:
            return iter(self._ticket.steps)
        both: list[Step | Said] = [*self._ticket.said, *self._ticket.steps]
        return iter(sorted(both, key=lambda each: each.at))

    def _event(
        self, at: int, kind: str, by: str, changes: dict[str, list[Any]],
        details: dict[str, Any] | None = None, entry: LoadedEntry | None = None,
    ) -> None:  # fmt: skip
        self.events.append(LoadedEvent(at, kind, by, changes, details or {}, entry))

    def _say(self, said: Said) -> None:
        by = slug(said.author) if said.by_agent else ""
        entry = LoadedEntry(
            said.kind, said.at, said.text, said.author, by if said.by_agent else "",
            None if said.by_agent else self._person,
        )  # fmt: skip
        changes = {}
        if said.kind in _PUBLIC and self.columns["first_answered_at"] is None:
            changes = self._set({"first_answered_at": said.at})
        self._event(said.at, _EVENTS[said.kind], by, changes, None, entry)

    def _take(self, step: Step) -> None:
        at, by, changes = step.at, self._keys.actor(step.by), self._keyed(step.changes)
        for kind, names in _GROUPS:
            if names.isdisjoint(changes):
                continue
            if changed := self._set({name: changes[name] for name in changes if name in names}):
                self._event(at, kind, by, changed)
        for name, value in changes.items():
            if name.startswith("field."):
                self._put_field(at, by, name[6:], clean_line(value))
        if "state" in changes and changes["state"] != self.columns["state"]:
            self._enter(at, by, changes["state"], changes.get("resolution_code", ""))

    def _keyed(self, changes: dict[str, Any]) -> dict[str, Any]:
        if _NAMED.isdisjoint(changes):
            return changes
        keyed = dict(changes)
        if "queue" in keyed:
            keyed["queue"] = self._keys.queue(keyed["queue"])
        for name in ("assignee", "owner"):
            if keyed.get(name):
                keyed[name] = self._keys.agent(keyed[name])
        return keyed

    def _put_field(self, at: int, by: str, name: str, value: str) -> None:
        before = self.fields.get(name, "")
        if before != value:
            self.fields[name] = value
            self._event(at, "field_set", by, {f"field.{name}": [before, value]})

    def _enter(self, at: int, by: str, state: str, code: str) -> None:
        """The same columns as the desk's own change of state sets, but nobody asks the lifecycle."""
        before, after = self.columns["category"], str(self._categories[state])
        values: dict[str, Any] = {"state": state, "live": int(after in LIVE), "category": after}
        kind = "waited" if after == StateCategory.WAITING else "state_changed"
        if is_reopening(before, after):
            kind = "reopened"
            values |= {"resolved_at": None, "closed_at": None, "resolution_code": ""}
            values["reopen_count"] = self.columns["reopen_count"] + 1
        elif after == StateCategory.RESOLVED:
            kind = "resolved"
            values["resolved_at"] = at
        elif after == StateCategory.CLOSED:
            kind = "cancelled" if state == CANCELLED else "closed"
            values["closed_at"] = at
        if code:
            values["resolution_code"] = code
        self._event(at, kind, by, self._set(values))

    def _set(self, values: Mapping[str, Any]) -> dict[str, list[Any]]:
        changes = {}
        columns = self.columns
        for name, after in values.items():
            before = columns[name]
            if before != after:
                changes[name] = [before, after]
                columns[name] = after
        return changes

"""What stays of an event when its ticket is erased: all that clocks and counts are made of. Pure."""

from __future__ import annotations

from typing import Any

ERASED = "(erased)"
"""What stands for a text that was erased."""
NOBODY = -1
"""In the place of a requester's number: an agent's own ticket has none, and counts otherwise."""
STANDING = frozenset(
    [
        "kind", "state", "category", "impact", "urgency", "priority", "queue", "assignee", "owner",
        "channel", "path", "service", "resolution_code", "policy", "calendar", "target", "level",
        "cycle", "tier", "told", "did", "tags", "queues", "ticket", "into", "out_of", "split_from",
        "restricted", "binned", "first_answered_at", "stopwatch", "state_until", "due_target",
        "scope", "media",
    ]
)  # fmt: skip
"""Names whose values are words of the desk's own: keys, states, logins, tickets' numbers."""
STANDING_KINDS = ("due.", "letter.", "link.", "watch.", "file.", "mail.", "item.")
"""The same of names that begin so."""
PARTICIPANT = "participant."
"""Before an address: the name of the change is itself somebody's."""


def emptied(payload: dict[str, Any], *, unlinked: bool = False) -> dict[str, Any]:
    """The payload without what people wrote and are called; numbers, times and the desk's own words
    stay. `unlinked` takes the requester's number as well."""
    changes = {
        name: _change(name, pair)
        for name, pair in payload["changes"].items()
        if not name.startswith(PARTICIPANT)
    }
    details = {name: _detail(name, value) for name, value in payload["details"].items()}
    if unlinked:
        if details.get("requester_id"):
            details["requester_id"] = NOBODY
        if "requester_id" in changes:
            changes["requester_id"] = [NOBODY if n else n for n in changes["requester_id"]]
    return {"changes": changes, "details": details}


def _change(name: str, pair: Any) -> Any:
    if name in STANDING or name.startswith(STANDING_KINDS):
        return pair
    return blank(pair)


def _detail(name: str, value: Any) -> Any:
    if name in STANDING:
        return value
    if name == "untold" and isinstance(value, list):
        # A notice that was taken back: agent, ticket, event, kind, body, when, when to show it.
        return [[*row[:4], "", *row[5:]] for row in value]
    return blank(value)


def blank(value: Any) -> Any:
    """The same shape without its texts."""
    if isinstance(value, str):
        return ""
    if isinstance(value, list | tuple):
        return [blank(part) for part in value]
    if isinstance(value, dict):
        return {name: blank(part) for name, part in value.items()}
    return value

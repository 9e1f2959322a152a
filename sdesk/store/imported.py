"""What earlier imports have told of tickets: the file's word as it last was, read from the events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sdesk.store.reads.base import among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.store.reader import Reader

_AT_ONCE = 500


def told(reader: Reader, tickets: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Ticket → field → the value that the last import gave it, with `said` for its entries.

    Only events that came by an import count: what agents have done since is no word of the file.
    """
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(tickets), _AT_ONCE):
        some = among("ticket_id", tickets[start : start + _AT_ONCE])
        sql = f"SELECT ticket_id, kind, payload FROM event WHERE {some} AND source = 'import' ORDER BY id"
        for ticket, kind, payload in reader.all(sql):
            _fold(found.setdefault(ticket, {"fields": {}, "said": 0}), kind, json.loads(payload))
    return found


def _fold(values: dict[str, Any], kind: str, payload: dict[str, Any]) -> None:
    details = payload["details"]
    if kind == "opened":
        values |= {name: value for name, value in details.items() if name != "fields"}
        values["fields"] |= details.get("fields", {})
    elif "entry" in details:
        values["said"] += 1
    for name, (_, after) in payload["changes"].items():
        if name.startswith("field."):
            values["fields"][name[6:]] = after
        else:
            values[name] = after

"""Whole tickets for an export: every field by its name, a few hundred tickets in a handful of reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.store.reads.base import among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.store.reader import Reader

_COLUMNS = {
    "id": "t.id", "kind": "t.kind", "subject": "t.subject", "state": "t.state", "state_category": "t.category",
    "priority": "t.priority", "impact": "t.impact", "urgency": "t.urgency", "category": "t.path",
    "queue": "t.queue", "tier": "coalesce(q.tier, 1)", "site": "coalesce(q.site, '')", "owner": "t.owner",
    "assignee": "t.assignee", "requester": "coalesce(p.name, '')", "requester_email": "coalesce(p.email, '')",
    "requester_phone": "coalesce(p.phone, '')", "organization": "coalesce(o.name, '')",
    "vip": "coalesce(p.vip, 0)", "service": "t.service", "channel": "t.channel", "created_at": "t.created_at",
    "updated_at": "t.updated_at", "first_answered_at": "t.first_answered_at", "resolved_at": "t.resolved_at",
    "closed_at": "t.closed_at", "reopen_count": "t.reopen_count", "resolution_code": "t.resolution_code",
    "restricted": "t.restricted", "due_at": "t.due_at", "due_target": "t.due_target", "breached": "t.breached",
    "external_source": "t.external_source", "external_id": "t.external_id",
}  # fmt: skip
_FROM = """
    FROM ticket t LEFT JOIN queue q ON q.key = t.queue LEFT JOIN person p ON p.id = t.requester_id
    LEFT JOIN organization o ON o.id = p.organization_id
"""


def tickets(
    reader: Reader, numbers: Sequence[int], *, conversation: bool = True
) -> list[dict[str, Any]]:
    """The tickets in the order of `numbers`, with `tags`, `fields` and, if wanted, `entries`
    (kind, at, author, text), oldest first; numbers that are gone are left out."""
    sql = f"SELECT {', '.join(_COLUMNS.values())} {_FROM} WHERE {among('t.id', numbers)}"
    found = {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in reader.all(sql)}
    for ticket in found.values():
        ticket |= {"tags": [], "fields": {}, "entries": []}
    some = among("ticket_id", found)
    for number, tag in reader.all(
        f"SELECT ticket_id, tag FROM tag WHERE {some} ORDER BY ticket_id, tag"
    ):
        found[number]["tags"].append(tag)
    for number, name, value in reader.all(
        f"SELECT ticket_id, name, value FROM field WHERE {some} ORDER BY ticket_id, name"
    ):
        found[number]["fields"][name] = value
    if conversation:
        sql = f"SELECT ticket_id, kind, at, author, body FROM entry WHERE {some} AND withdrawn = 0 ORDER BY ticket_id, id"
        for number, *entry in reader.all(sql):
            found[number]["entries"].append(tuple(entry))
    return [found[number] for number in numbers if number in found]

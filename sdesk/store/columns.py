"""The columns and ready-made conditions behind the filter language's terms, over `ticket t`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = {
    "queue": "t.queue", "assignee": "t.assignee", "owner": "t.owner", "policy": "t.policy",
    "kind": "t.kind", "channel": "t.channel", "priority": "t.priority", "impact": "t.impact",
    "urgency": "t.urgency", "number": "t.id", "parent": "t.parent_id", "reopens": "t.reopen_count",
    "due": "t.due_at", "until": "t.state_until", "created": "t.created_at", "age": "t.created_at",
    "updated": "t.updated_at", "answered": "t.first_answered_at", "resolved": "t.resolved_at",
    "closed": "t.closed_at", "category": "t.path", "service": "t.service",
    "source": "t.external_source", "external": "t.external_id", "resolution": "t.resolution_code",
}  # fmt: skip
RUNNING = "c.stopped_at IS NULL AND c.paused = 0"
IS: Mapping[str, str] = {
    "live": "t.live = 1",
    "open": "t.live = 1",
    "new": "t.live = 1 AND t.category = 'new'",
    "waiting": "t.live = 1 AND t.category = 'waiting'",
    "resolved": "t.category = 'resolved'",
    "closed": "t.category = 'closed'",
    "mine": "t.assignee = :me AND t.assignee <> ''",
    "owned": "t.owner = :me AND t.owner <> ''",
    "assigned": "t.assignee <> ''",
    "unassigned": "t.assignee = ''",
    "unread": "t.live = 1 AND t.last_event > COALESCE("
    "(SELECT s.event_id FROM seen s WHERE s.agent = :me AND s.ticket_id = t.id), 0)",
    "breached": "t.breached = 1 OR t.breach_at < :now",
    "overdue": "t.due_at < :now",
    "late": "t.due_at < :now",
    "at-risk": "t.due_at < :risk AND (t.breach_at < :now) IS NOT TRUE",
    "paused": "t.live = 1 AND t.due_at IS NULL AND t.remaining IS NOT NULL",
    "answered": "t.first_answered_at IS NOT NULL",
    "unanswered": "t.first_answered_at IS NULL",
    "reopened": "t.reopen_count > 0",
    "vip": "t.requester_id IN (SELECT p.id FROM person p WHERE p.vip = 1)",
    "restricted": "t.restricted = 1",
    "overridden": "t.priority_overridden = 1",
    "merged": "t.merged_into IS NOT NULL",
    # Beside the row: a count that an index answers need not fetch rows for the sake of the bin.
    "binned": "t.id IN (SELECT b.id FROM ticket b WHERE b.binned = 1)",
    "erased": "t.erased_at IS NOT NULL",
    "child": "t.parent_id IS NOT NULL",
    "parent": "EXISTS (SELECT 1 FROM ticket k WHERE k.parent_id = t.id)",
}
ORGANIZED = (
    "t.requester_id IN (SELECT p.id FROM person p JOIN organization o ON o.id = p.organization_id "
    "WHERE {})"
)
HAS: Mapping[str, str] = {
    "due": "t.due_at IS NOT NULL",
    "requester": "t.requester_id IS NOT NULL",
    "org": ORGANIZED.format("o.name <> ''"),
    "assignee": "t.assignee <> ''",
    "owner": "t.owner <> ''",
    "queue": "t.queue <> ''",
    "category": "t.path <> ''",
    "service": "t.service <> ''",
    "tags": "EXISTS (SELECT 1 FROM tag g WHERE g.ticket_id = t.id)",
    "fields": "EXISTS (SELECT 1 FROM field f WHERE f.ticket_id = t.id AND f.value <> '')",
    "parent": "t.parent_id IS NOT NULL",
    "children": IS["parent"],
    "links": "EXISTS (SELECT 1 FROM link l WHERE l.ticket_id = t.id) "
    "OR EXISTS (SELECT 1 FROM link l WHERE l.to_id = t.id)",
    "until": "t.state_until IS NOT NULL",
    "sla": "EXISTS (SELECT 1 FROM clock c WHERE c.ticket_id = t.id)",
    "external": "t.external_id <> ''",
    "resolution": "t.resolution_code <> ''",
    "text": "EXISTS (SELECT 1 FROM ticket_text x WHERE x.ticket_id = t.id AND x.body <> '')",
}
CLOCK: Mapping[str, str] = {
    "running": RUNNING,
    "paused": "c.stopped_at IS NULL AND c.paused = 1",
    "met": "c.verdict = 'met'",
    "breached": f"c.verdict = 'breached' OR ({RUNNING} AND c.breach_at < :now)",
}
FALSE = "1 = 0"
ROWS: Mapping[str, tuple[str, str]] = {
    "watcher": (
        "a.agent", "t.id IN (SELECT a.ticket_id FROM watcher a WHERE a.ticket_id > 0{})",
    ),
    "mentions": (
        "a.agent",
        "t.id IN (SELECT e.ticket_id FROM mention a JOIN entry e ON e.id = a.entry_id "
        "WHERE e.withdrawn = 0{})",
    ),
    "alarm": ("a.state", "t.id IN (SELECT a.ticket_id FROM alarm a WHERE a.ticket_id > 0{})"),
}  # fmt: skip
"""Keys that lie in rows of their own: the column that holds them, and the condition, which takes
another one about that column."""
SHORT_TEXTS = {
    "category": "t.path IN (SELECT f.value FROM folded f WHERE {})",
    "service": "t.service IN (SELECT f.value FROM folded f WHERE {})",
    "site": "t.queue IN (SELECT q.key FROM queue q JOIN folded f ON f.value = q.site WHERE {})",
}
ORDER: Mapping[str, tuple[str, ...]] = {
    "due": ("t.due_at",), "priority": ("t.priority",), "created": ("t.created_at",),
    "updated": ("t.updated_at",), "answered": ("t.first_answered_at",),
    "resolved": ("t.resolved_at",), "closed": ("t.closed_at",), "until": ("t.state_until",),
    "number": ("t.id",), "impact": ("t.impact",), "urgency": ("t.urgency",),
    "state": (
        "CASE t.category WHEN 'new' THEN 0 WHEN 'open' THEN 1 WHEN 'waiting' THEN 2 "
        "WHEN 'resolved' THEN 3 ELSE 4 END",
        "t.state",
    ),
    "kind": ("t.kind",), "queue": ("t.queue",), "subject": ("t.subject",),
    "assignee": ("NULLIF(t.assignee, '')",), "owner": ("NULLIF(t.owner, '')",),
    "requester": ("(SELECT NULLIF(p.name_fold, '') FROM person p WHERE p.id = t.requester_id)",),
    "org": (
        "(SELECT NULLIF(o.name_fold, '') FROM person p JOIN organization o "
        "ON o.id = p.organization_id WHERE p.id = t.requester_id)",
    ),
    "age": ("t.created_at",),
}  # fmt: skip
TEXTUAL = {"state", "kind", "queue", "subject", "assignee", "owner", "requester", "org"}
NUMERIC = {ORDER["state"][0]}
NULLABLE = {
    "due", "answered", "resolved", "closed", "until", "assignee", "owner", "requester", "org",
}  # fmt: skip

"""The desk's own form of an alert, for whatever has none: see docs/alerts.md.

{"key": "backup/db1", "state": "down", "title": "Backup of db1 failed", "text": "…",
 "severity": "high", "host": "db1", "service": "backup", "at": "2026-11-22T09:00:00Z",
 "labels": {"team": "dba"}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdesk.alerts.bounded import first, instant, labels_of, words
from sdesk.alerts.groups import label_key
from sdesk.errors import Invalid
from sdesk.rules.alarm import Alert, AlertState, key_of
from sdesk.rules.alarm_words import state_of

GENERIC = "generic"
TITLE = ("title", "summary", "subject", "name", "alertname", "message", "annotations.summary")
STATE = ("state", "status", "alert_state", "event_type")
SEVERITY = ("severity", "level", "priority", "labels.severity")
HOST = ("host", "hostname", "instance", "source_host", "labels.host", "labels.instance")
SERVICE = ("service", "check", "labels.service", "labels.job")
SINCE = ("at", "timestamp", "time", "created_at", "starts_at", "startsAt")
TEXT = ("text", "description", "message", "body", "details", "annotations.description")


def is_alert(record: Mapping[str, Any]) -> bool:
    """It has a title or a key, and something that only an alert has."""
    has_title = bool(first(record, (*TITLE, "key")))
    return has_title and bool(first(record, (*STATE, *SEVERITY, "key")))


def read_alert(record: Mapping[str, Any], place: str) -> list[Alert]:
    """Without a state it is down: a report of something, of which no recovery is to be expected."""
    said = first(record, STATE)
    state = state_of(said) if said else AlertState.DOWN
    if state is None:
        raise Invalid(
            f"{place}: the state '{said}' is neither down nor up.", "Known: down, up, ack."
        )
    title, given = (
        first(record, TITLE),
        first(record, ("key", "alert_key", "dedup_key", "fingerprint")),
    )
    if not (title or given):
        raise Invalid(f"{place}: it has neither a title nor a key.")
    host, service = first(record, HOST), first(record, SERVICE)
    source = first(record, ("source", "monitor", "provider"), 40).casefold()
    at = next(filter(None, (instant(record.get(name)) for name in SINCE)), None)
    text = next(filter(None, (words(record.get(name)) for name in TEXT)), "")
    labels = labels_of(record.get("labels"), record.get("tags"))
    return [
        Alert(
            source if source.replace("-", "").isalnum() else GENERIC,
            key_of(given) if given else _key(host, service, title, labels), state,
            title or given, text=text, severity=first(record, SEVERITY, 40).casefold(),
            host=host, service=service, at=at, labels=labels,
        )
    ]  # fmt: skip


def _key(host: str, service: str, title: str, labels: Mapping[str, str]) -> str:
    """What tells it from others where it has no key of its own."""
    if labels:
        return label_key({"alertname": title, **labels})
    return key_of(host, service or title)

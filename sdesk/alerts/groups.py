"""Payloads with a list of alerts: Alertmanager's webhook, and Grafana's, which has its form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sdesk.alerts.bounded import at, first, instant, labels_of, line, words
from sdesk.errors import Invalid
from sdesk.rules.alarm import Alert, AlertState, key_of
from sdesk.rules.alarm_words import state_of

ALERTMANAGER, GRAFANA = "alertmanager", "grafana"
HOST = ("instance", "host", "hostname", "node", "nodename", "pod", "server", "device", "target")
SERVICE = ("service", "job", "check", "container", "deployment")


def is_group(record: Mapping[str, Any]) -> bool:
    return isinstance(record.get("alerts"), list) and (
        "groupLabels" in record or "groupKey" in record or "receiver" in record
    )


def is_grafana(record: Mapping[str, Any]) -> bool:
    """Grafana's unified alerting: as Alertmanager, with an organization and values."""
    return "orgId" in record or any(
        isinstance(alert, dict) and ("valueString" in alert or "silenceURL" in alert)
        for alert in record["alerts"][:5]
    )


def read_group(record: Mapping[str, Any], place: str) -> list[Alert]:
    """One alert of each in the list. Raises `Invalid` naming the one that can't be read."""
    source = GRAFANA if is_grafana(record) else ALERTMANAGER
    return [
        _alert(alert, record, source, f"{place}: alerts[{number}]")
        for number, alert in enumerate(record["alerts"])
    ]


def _alert(alert: Any, group: Mapping[str, Any], source: str, place: str) -> Alert:
    if not isinstance(alert, dict):
        raise Invalid(f"{place} is no object.")
    labels, notes = labels_of(alert.get("labels")), labels_of(alert.get("annotations"))
    said = line(alert.get("status")) or line(group.get("status"))
    if (state := state_of(said)) is None:
        raise Invalid(f"{place}.status is '{said}', neither firing nor resolved.")
    if not labels:
        raise Invalid(f"{place}.labels: without labels nothing tells this alert from another.")
    host, name = _found(labels, HOST), labels.get("alertname", "")
    summary = notes.get("summary") or labels.get("summary") or ""
    title = summary or notes.get("title", "") or " ".join(filter(None, (name, host)))
    return Alert(
        source, label_key(labels), state, title or next(iter(labels.values())),
        text=_text(alert, notes, summary), severity=labels.get("severity", "").casefold(),
        host=host, service=_found(labels, SERVICE), at=_since(alert, state), labels=labels,
    )  # fmt: skip


def label_key(labels: Mapping[str, str]) -> str:
    """The same for the same labels, readable at its beginning. Fingerprints are not used: not every
    sender has them."""
    text = json.dumps(sorted(labels.items()), ensure_ascii=True)
    name = key_of(labels.get("alertname", ""), _found(labels, HOST))[:120]
    return f"{name}#{hashlib.sha256(text.encode()).hexdigest()[:20]}"


def _found(labels: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")


def _since(alert: Mapping[str, Any], state: AlertState) -> int | None:
    """When it began, or ended; an end of 0001-01-01 is none."""
    ended = instant(alert.get("endsAt")) if state == AlertState.UP else None
    return ended or instant(alert.get("startsAt"))


def _text(alert: Mapping[str, Any], notes: Mapping[str, str], summary: str) -> str:
    described = words(at(alert, "annotations.description")) or words(
        at(alert, "annotations.message")
    )
    others = [
        f"{name}: {value}"
        for name, value in notes.items()
        if name not in ("summary", "description", "message", "title") and not name.startswith("__")
    ]
    values = line(alert.get("valueString"))
    url = line(alert.get("generatorURL"), 300)
    parts = (described or summary, values, *others, url)
    return "\n".join(dict.fromkeys(filter(None, parts)))


# Grafana before 9


def is_legacy(record: Mapping[str, Any]) -> bool:
    return (
        "ruleName" in record
        and "state" in record
        and ("ruleId" in record or "evalMatches" in record)
    )


QUIET = ("paused", "pending")
"""States of a rule that are no news."""


def read_legacy(record: Mapping[str, Any], place: str) -> list[Alert]:
    """Grafana's alerting before version 9: one alert of a rule."""
    said = line(record.get("state")).casefold()
    if said in QUIET:
        return []
    if (state := state_of(said)) is None:
        raise Invalid(f"{place}: state is '{said}', none of alerting, ok, no_data.")
    name = first(record, ("ruleName", "title"))
    if not name:
        raise Invalid(f"{place}: ruleName is empty.")
    tags = labels_of(record.get("tags"))
    matches = record.get("evalMatches")
    values = [
        f"{first(match, ('metric',))}: {first(match, ('value',))}"
        for match in (matches if isinstance(matches, list) else [])[:20]
        if isinstance(match, dict)
    ]
    text = "\n".join(
        filter(None, (words(record.get("message")), *values, first(record, ("ruleUrl",), 300)))
    )
    return [
        Alert(
            GRAFANA, key_of("rule", line(record.get("ruleId")) or name), state, name, text=text,
            severity=tags.get("severity", "").casefold(), host=_found(tags, HOST), labels=tags,
        )
    ]  # fmt: skip

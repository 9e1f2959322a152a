"""The payloads of other monitors, each as a table row: where its key, title and state lie."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from sdesk.alerts.bounded import at, first, instant, labels_of, line, load, words
from sdesk.errors import Invalid
from sdesk.rules.alarm import Alert, AlertState, key_of
from sdesk.rules.alarm_words import state_of


class Shape(NamedTuple):
    """One monitor's form. Paths are dotted; the first that has text counts, but all keys together."""

    source: str
    needs: tuple[str, ...]
    """Paths that a record of this form has."""
    key: tuple[str, ...]
    """Groups of paths divided by `|`: of each group the first that has text."""
    title: tuple[str, ...]
    state: tuple[str, ...] = ()
    """None of them in the record: an event that is down and never reported as over."""
    states: Mapping[str, AlertState] = {}
    """Values that are no words of `alarm_words`."""
    text: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    severities: Mapping[str, str] = {}
    host: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    since: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    def fits(self, record: Mapping[str, Any]) -> bool:
        return all(at(record, path) is not None for path in self.needs)


DOWN, UP, ACK = AlertState.DOWN, AlertState.UP, AlertState.ACK
SHAPES = (
    Shape(
        "axiom", ("action", "event.monitorID"), ("event.monitorID",), ("event.title",), ("action",),
        text=("event.description", "event.body"), since=("event.timestamp",),
    ),
    Shape(
        "checkly", ("alert_type", "check_name"), ("check_id|check_name", "run_location"),
        ("check_name",), ("alert_type",), text=("check_error_message", "event"), host=("ssl_check_domain",),
        service=("check_name",), since=("started_at",),
    ),
    Shape(
        "cloudwatch", ("AlarmName",), ("AlarmName",), ("AlarmName",), ("NewStateValue",),
        states={"insufficient_data": DOWN}, text=("AlarmDescription", "NewStateReason"),
        severity=("Priority",), host=("Trigger.Dimensions.0",), service=("Namespace", "Trigger.Namespace"),
        since=("StateChangeTime",),
    ),
    Shape(
        "coralogix", ("alert_id", "alert_action"), ("alert_id",), ("name",), ("alert_action",),
        text=("description",), severity=("fields.severityLowercase", "fields.severity"),
        host=("fields.computer",), service=("fields.subsystem",), labels=("fields",),
    ),
    Shape(
        "dash0", ("type", "data.issue.status"), ("data.issue.issueIdentifier|data.issue.id",),
        ("data.issue.summary", "data.issue.issueIdentifier"), ("data.issue.status", "type"),
        text=("data.issue.description", "data.issue.url"), since=("data.issue.start",),
        labels=("data.issue.labels", "data.issue.annotations"),
    ),
    Shape(
        "datadog", ("monitor_id", "title"), ("monitor_id", "scope|hostname"), ("title",),
        ("alert_transition", "alert_status"), states={"renotify": DOWN, "no data": DOWN},
        text=("message", "description", "body"), severity=("priority", "alert_priority"),
        severities={"1": "p1", "2": "p2", "3": "p3", "4": "p4", "5": "p5"},
        host=("hostname", "host"), since=("date",), labels=("tags",),
    ),
    Shape(
        "gcp", ("incident.incident_id",),
        ("incident.condition.name|incident.policy_name|incident.incident_id",
         "incident.resource_name|incident.resource_id|incident.incident_id"),
        ("incident.summary", "incident.condition_name"), ("incident.state",),
        text=("incident.documentation.content", "incident.documentation.subject", "incident.url"),
        severity=("incident.severity", "incident.metadata.system_labels.severity"),
        host=("incident.resource_display_name", "incident.resource_id"), service=("incident.condition_name",),
        since=("incident.started_at",), labels=("incident.policy_user_labels", "incident.resource.labels"),
    ),
    Shape(
        "graylog", ("event_definition_id", "event"), ("event_definition_id", "event.key|event.source"),
        ("event_definition_title", "event.message"), text=("event.message", "event_definition_description"),
        severity=("event.priority",), severities={"1": "low", "2": "warning", "3": "high", "4": "critical"},
        host=("event.source",), since=("event.timestamp",), labels=("event.fields",),
    ),
    Shape(
        "librenms", ("hostname", "alert_id", "state"), ("hostname|display|device_id", "rule_id|name"),
        ("name", "title"), ("state",), states={"0": UP, "1": DOWN, "2": ACK, "3": DOWN, "4": DOWN, "5": DOWN},
        text=("msg",), severity=("severity",), host=("hostname", "sysName", "ip"), service=("name",),
    ),
    Shape(
        "sentry", ("culprit", "event.event_id"), ("project_slug|project", "id"),
        ("event.title", "message"), text=("message", "culprit", "url"), severity=("level",),
        service=("project_name", "project"), since=("event.timestamp",),
    ),
    Shape(
        "sentry", ("action", "data.issue.id"), ("data.issue.project.slug", "data.issue.id"),
        ("data.issue.title",), ("action",), states={"unresolved": DOWN, "assigned": ACK, "ignored": ACK, "archived": ACK},
        text=("data.issue.culprit", "data.issue.web_url"), severity=("data.issue.level",),
        service=("data.issue.project.slug",), since=("data.issue.firstSeen",),
    ),
    Shape(
        "signalfx", ("incidentId", "detectorUrl"), ("detectorId|incidentId", "rule|inputs.rule"),
        ("messageTitle", "inputs.messageTitle", "rule", "originatingMetric"), ("statusExtended", "status"),
        states={"stopped": UP, "manually resolved": UP}, text=("messageBody", "description", "inputs.description"),
        severity=("severity",), service=("detector", "rule"), since=("timestamp",), labels=("dimensions",),
    ),
    Shape(
        "thousandeyes", ("eventType", "alert.ruleName"), ("alert.alertId|eventId",),
        ("alert.ruleName",), ("eventType",), text=("alert.ruleExpression", "alert.permalink"),
        severity=("alert.severity",), host=("alert.hostname", "alert.agentName"),
        service=("alert.testName", "alert.type"), since=("alert.dateStartZoned",),
    ),
)  # fmt: skip


def shape_of(record: Mapping[str, Any]) -> Shape | None:
    return next((shape for shape in SHAPES if shape.fits(record)), None)


def read_shape(shape: Shape, record: Mapping[str, Any], place: str) -> list[Alert]:
    """The alert of a record that has this shape. Raises `Invalid` for a state that nobody knows."""
    record = _flattened(record)
    said = first(record, shape.state)
    state = shape.states.get(said.casefold()) or (state_of(said) if said else DOWN)
    if state is None:
        raise Invalid(f"{place}: {shape.state[0]} is '{said}', neither down nor up.")
    if shape.source == "sentry" and said.casefold() == "unresolved":
        state = DOWN
    key = [first(record, group.split("|")) for group in shape.key]
    title = first(record, shape.title)
    if not any(key) or not title:
        raise Invalid(f"{place}: it has no {shape.key[0].split('|')[0]} or no {shape.title[0]}.")
    severity = first(record, shape.severity, 40).casefold()
    text = "\n".join(
        dict.fromkeys(found for path in shape.text if (found := words(at(record, path))))
    )
    since = next(filter(None, (instant(at(record, path)) for path in shape.since)), None)
    return [
        Alert(
            shape.source, key_of(*key), state, title, text=text,
            severity=shape.severities.get(severity, severity), host=_real(first(record, shape.host)),
            service=_real(first(record, shape.service)), at=since,
            labels={n: v for n, v in labels_of(*(at(record, path) for path in shape.labels)).items() if _real(v)},
        )
    ]  # fmt: skip


def _real(text: str) -> str:
    """A value, or nothing of a placeholder that nobody has filled in."""
    return "" if text.startswith(("$", "*insert ")) else text


def _flattened(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A list of keys and values (Coralogix's fields) as an object, so that paths reach it."""
    fields = record.get("fields")
    if isinstance(fields, list):
        return {**record, "fields": labels_of(fields)}
    return record


# What wraps others


def unwrapped(record: Mapping[str, Any], place: str) -> Iterable[tuple[str, Any]]:
    """The payloads inside of an envelope, each with its place; nothing where it is none."""
    message = record.get("Message")
    if isinstance(message, dict):
        return [(f"{place}: Message", message)]
    if isinstance(message, str) and message.lstrip()[:1] == "{":
        return [(f"{place}: Message", load(message.encode(), f"{place}: Message"))]
    inner = [
        (f"{place}: {line(name, 60)}", one["payload"])
        for name, one in record.items()
        if isinstance(one, dict) and isinstance(one.get("payload"), dict)
    ]
    return inner if len(inner) == len(record) else []


REFUSED: tuple[tuple[Callable[[Mapping[str, Any]], bool], str], ...] = (
    (
        lambda r: "snapshots" in r and "model" in r and "event" in r,
        "it tells of a change in NetBox, which is no alert.",
    ),
    (
        lambda r: r.get("Type") in ("SubscriptionConfirmation", "UnsubscribeConfirmation"),
        "Amazon SNS asks to confirm the subscription: open its SubscribeURL by hand.",
    ),
)
"""Payloads that are known, and are no alerts."""


def refuse_known(record: Mapping[str, Any], place: str) -> None:
    for is_it, why in REFUSED:
        if is_it(record):
            raise Invalid(f"{place}: {why}")


def one_line(record: Mapping[str, Any]) -> str:
    """The names of a record, for a message."""
    return line(json.dumps(sorted(map(str, record))[:12]), 200)

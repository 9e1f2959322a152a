"""Payloads and mails in the forms of the monitors, with values of our own."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sdesk.rules.alarm import Alert, AlertState


def bytes_of(value: Any) -> bytes:
    return json.dumps(value).encode()


def alert(state: str = "down", **values: Any) -> Alert:
    """An alert about db1's disk."""
    given = {
        "source": "icinga", "key": "db1!disk", "title": f"disk on db1 is {state}", "text": "91% used",
        "severity": "critical", "host": "db1", "service": "disk",
    }  # fmt: skip
    return Alert(state=AlertState(state), **{**given, **values})


def alertmanager(status: str = "firing", *hosts: str, **values: Any) -> dict[str, Any]:
    """As Alertmanager 4 sends it, without fingerprints, and with an end of 0001-01-01 even when over."""
    return {
        "version": "4", "receiver": "desk", "status": status, "groupKey": '{}:{alertname="Ping"}',
        "groupLabels": {"alertname": "Ping"}, "commonLabels": {}, "commonAnnotations": {},
        "externalURL": "http://am.example:9093",
        "alerts": [
            {
                "status": status,
                "labels": {"alertname": "Ping", "instance": host, "job": "icmp", "severity": "major"},
                "annotations": {"summary": f"{host} is away", "description": f"{host} does not answer"},
                "startsAt": "2026-11-22T09:00:00.612666101Z", "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://prom.example/graph?g0.expr=probe_success",
            }
            for host in hosts or ("10.0.0.1",)
        ],
        **values,
    }  # fmt: skip


def grafana(state: str = "alerting") -> dict[str, Any]:
    return {
        "dashboardId": 1, "evalMatches": [{"value": 97.5, "metric": "cpu", "tags": {}}], "message": "Look at it",
        "orgId": 1, "panelId": 2, "ruleId": 7, "ruleName": "CPU of web", "ruleUrl": "http://g.example/d/1",
        "state": state, "tags": {"severity": "high", "host": "web1"}, "title": f"[{state}] CPU of web",
    }  # fmt: skip


def zabbix(value: str = "1", **values: Any) -> dict[str, Any]:
    return {
        "event_id": "4711", "event_value": value, "event_name": "Disk is full", "event_severity": "High",
        "event_nseverity": "4", "trigger_id": "1042", "host_name": "db1", "event_tags": "app:db, team:dba",
        "event_opdata": "98 %", "event_update_status": "0", "event_source": "0", **values,
    }  # fmt: skip


def nagios(kind: str = "PROBLEM", state: str = "CRITICAL") -> str:
    return (
        f"NAGIOS_NOTIFICATIONTYPE={kind}\nNAGIOS_HOSTNAME=db1\nNAGIOS_SERVICEDESC=Disk /var\n"
        f"NAGIOS_SERVICESTATE={state}\nNAGIOS_HOSTSTATE=UP\nNAGIOS_SERVICEOUTPUT=DISK {state} - 3 % free\n"
        "NAGIOS_HOSTADDRESS=10.0.0.7\nSHELL=/bin/sh\nPATH=/bin:/usr/bin\n"
    )


def icinga(kind: str = "PROBLEM", state: float = 2.0) -> dict[str, Any]:
    return {
        "type": "Notification", "host": "db1", "service": "disk", "notification_type": kind,
        "check_result": {"state": state, "output": "DISK CRITICAL"}, "author": "icingaadmin", "text": "",
        "timestamp": 1795338000.25,
    }  # fmt: skip


class Pair(NamedTuple):
    """What a monitor says when a thing goes down, and when it is up again."""

    name: str
    down: bytes
    up: bytes
    source: str


PAIRS = (
    Pair("alertmanager", bytes_of(alertmanager()), bytes_of(alertmanager("resolved")), "alertmanager"),
    Pair(
        "grafana 10", bytes_of(alertmanager(orgId=1, title="t", state="alerting")),
        bytes_of(alertmanager("resolved", orgId=1, title="t", state="ok")), "grafana",
    ),
    Pair("grafana 8", bytes_of(grafana()), bytes_of(grafana("ok")), "grafana"),
    Pair("zabbix", bytes_of(zabbix()), bytes_of(zabbix("0", event_id="4712")), "zabbix"),
    Pair(
        "zabbix macros",
        bytes_of({"EVENT.ID": "1", "EVENT.VALUE": "1", "TRIGGER.ID": "9", "TRIGGER.NAME": "x", "HOST.NAME": "h"}),
        bytes_of({"EVENT.ID": "1", "EVENT.VALUE": "0", "TRIGGER.ID": "9", "TRIGGER.NAME": "x", "HOST.NAME": "h"}),
        "zabbix",
    ),
    Pair(
        "zabbix message",
        bytes_of({"subject": "Problem: Disk is full", "message": "Host: db1\nSeverity: High", "to": "ops"}),
        bytes_of({"subject": "Resolved in 5m 2s: Disk is full", "message": "Host: db1\nSeverity: High", "to": "ops"}),
        "zabbix",
    ),
    Pair("nagios", nagios().encode(), nagios("RECOVERY", "OK").encode(), "nagios"),
    Pair("icinga stream", bytes_of(icinga()), bytes_of(icinga("RECOVERY", 0.0)), "icinga"),
    Pair(
        "icinga json",
        bytes_of({"notification_type": "PROBLEM", "host_name": "db1", "service_name": "disk", "state": "WARNING", "icinga_url": "x"}),
        bytes_of({"notification_type": "RECOVERY", "host_name": "db1", "service_name": "disk", "state": "OK", "icinga_url": "x"}),
        "icinga",
    ),
    Pair(
        "checkmk",
        bytes_of({"what": "HOST", "site": "cmk", "host": "db1", "notification_type": "PROBLEM", "event": "UP -> DOWN", "status": "DOWN", "severity": "CRITICAL"}),
        bytes_of({"what": "HOST", "site": "cmk", "host": "db1", "notification_type": "RECOVERY", "event": "DOWN -> UP", "status": "UP", "severity": "OK"}),
        "checkmk",
    ),
    Pair(
        "axiom", bytes_of({"action": "Open", "event": {"monitorID": "m1", "title": "Errors", "timestamp": "2026-11-22 09:00:00 +0000 UTC"}}),
        bytes_of({"action": "Closed", "event": {"monitorID": "m1", "title": "Errors"}}), "axiom",
    ),
    Pair(
        "checkly", bytes_of({"alert_type": "ALERT_FAILURE", "check_name": "API", "check_id": "c1"}),
        bytes_of({"alert_type": "ALERT_RECOVERY", "check_name": "API", "check_id": "c1"}), "checkly",
    ),
    Pair(
        "cloudwatch",
        bytes_of({"Type": "Notification", "Message": json.dumps({"AlarmName": "CPU", "NewStateValue": "ALARM", "NewStateReason": "90 > 80"})}),
        bytes_of({"Type": "Notification", "Message": json.dumps({"AlarmName": "CPU", "NewStateValue": "OK"})}), "cloudwatch",
    ),
    Pair(
        "coralogix", bytes_of({"alert_id": "a1", "alert_action": "trigger", "name": "Logs", "fields": [{"key": "severityLowercase", "value": "error"}]}),
        bytes_of({"alert_id": "a1", "alert_action": "resolve", "name": "Logs"}), "coralogix",
    ),
    Pair(
        "dash0", bytes_of({"type": "alert.ongoing", "data": {"issue": {"id": "1", "issueIdentifier": "77", "status": "critical", "summary": "Slow"}}}),
        bytes_of({"type": "alert.resolved", "data": {"issue": {"id": "2", "issueIdentifier": "77", "status": "resolved", "summary": "Slow"}}}), "dash0",
    ),
    Pair(
        "datadog", bytes_of({"monitor_id": "12", "title": "CPU", "alert_transition": "Triggered", "priority": "P1", "hostname": "web1"}),
        bytes_of({"monitor_id": "12", "title": "CPU", "alert_transition": "Recovered", "priority": "P1", "hostname": "web1"}), "datadog",
    ),
    Pair(
        "gcp", bytes_of({"version": "1.2", "incident": {"incident_id": "i1", "policy_name": "p", "resource_name": "r", "state": "open", "summary": "5xx"}}),
        bytes_of({"version": "1.2", "incident": {"incident_id": "i1", "policy_name": "p", "resource_name": "r", "state": "closed", "summary": "5xx"}}), "gcp",
    ),
    Pair(
        "librenms", bytes_of({"hostname": "sw1", "alert_id": "1", "rule_id": "3", "state": "1", "severity": "critical", "name": "Down", "title": "x"}),
        bytes_of({"hostname": "sw1", "alert_id": "1", "rule_id": "3", "state": "0", "severity": "ok", "name": "Down", "title": "y"}), "librenms",
    ),
    Pair(
        "sentry", bytes_of({"action": "created", "data": {"issue": {"id": "9", "title": "KeyError", "level": "error"}}}),
        bytes_of({"action": "resolved", "data": {"issue": {"id": "9", "title": "KeyError", "level": "error"}}}), "sentry",
    ),
    Pair(
        "signalfx", bytes_of({"incidentId": "1", "detectorId": "d", "detectorUrl": "u", "rule": "logs", "messageTitle": "Logs", "statusExtended": "anomalous"}),
        bytes_of({"incidentId": "1", "detectorId": "d", "detectorUrl": "u", "rule": "logs", "messageTitle": "Logs", "statusExtended": "ok"}), "signalfx",
    ),
    Pair(
        "thousandeyes", bytes_of([{"eventType": "ALERT_NOTIFICATION_TRIGGER", "alert": {"alertId": "1", "ruleName": "Agent away", "severity": "INFO"}}]),
        bytes_of([{"eventType": "ALERT_NOTIFICATION_CLEAR", "alert": {"alertId": "1", "ruleName": "Agent away", "severity": "INFO"}}]), "thousandeyes",
    ),
    Pair("our own", bytes_of({"key": "backup/db1", "state": "down", "title": "Backup failed"}), bytes_of({"key": "backup/db1", "state": "up", "title": "Backup is back"}), "generic"),
)  # fmt: skip

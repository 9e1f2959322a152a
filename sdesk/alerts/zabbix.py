"""Zabbix: the JSON of its webhooks (by any spelling of its macros), and its messages in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdesk.alerts.bounded import labels_of, line
from sdesk.alerts.spelling import Named
from sdesk.errors import Invalid
from sdesk.rules.alarm import Alert, AlertState, key_of
from sdesk.rules.alarm_mail import from_words
from sdesk.rules.alarm_words import state_of

ZABBIX = "zabbix"
_TELLING = (
    ("eventid",), ("triggerid",), ("triggername",), ("triggerstatus",), ("eventname",), ("eventvalue",),
    ("eventnseverity",),
)  # fmt: skip


def is_event(record: Mapping[str, Any]) -> bool:
    """Two of Zabbix's own names tell it."""
    named = Named(record)
    return sum(named.has(*names) for names in _TELLING) >= 2


def is_message(record: Mapping[str, Any]) -> bool:
    """What a media type sends by default: a subject and a message in words."""
    named = Named(record)
    return named.has("subject", "message") or named.has("alertsubject", "alertmessage")


def read_event(record: Mapping[str, Any], place: str) -> list[Alert]:
    named = Named(record)
    state = _state(named)
    if state is None:
        raise Invalid(
            f"{place}: event_value and event_status say neither PROBLEM nor RESOLVED.",
            "Send {EVENT.VALUE} (1 or 0) as event_value.",
        )
    title = named.line("eventname", "triggername", "alertsubject", "subject", "name")
    host = named.line("hostname", "hosthost", "host", "hostip", "hostconn")
    event, trigger = named.line("eventid"), named.line("triggerid")
    if not (trigger or event or title):
        raise Invalid(f"{place}: it names neither trigger_id nor event_id.")
    return [
        Alert(
            ZABBIX, key_of(host, f"trigger {trigger}" if trigger else title or f"event {event}"),
            state, title or f"Zabbix event {event or trigger}",
            text=_text(named), severity=_severity(named), host=host,
            labels=labels_of(_tags(named)),
        )
    ]  # fmt: skip


def read_message(record: Mapping[str, Any], place: str) -> list[Alert]:
    named = Named(record)
    found = from_words(
        named.line("subject", "alertsubject"), named.words("message", "alertmessage"), source=ZABBIX
    )
    if found is None:
        raise Invalid(
            f"{place}: subject and message say neither that something is down nor that it is up.",
            "Send event_id, event_value, event_name, host_name and event_severity: docs/alerts.md",
        )
    return [found]


def _state(named: Named) -> AlertState | None:
    value = named.line("eventvalue", "triggervalue")
    status = named.line("eventstatus", "triggerstatus", "status", "state")
    if value in ("0", "1"):
        state: AlertState | None = AlertState.DOWN if value == "1" else AlertState.UP
    else:
        state = state_of(value) or state_of(status)
    is_update = named.line("eventupdatestatus") == "1"
    if state == AlertState.DOWN and is_update and _is_acknowledged(named):
        return AlertState.ACK
    return state


def _is_acknowledged(named: Named) -> bool:
    said = named.line("eventupdateaction", "eventackstatus").casefold()
    return "ack" in said or said == "yes"


SEVERITIES = ("", "info", "warning", "average", "high", "disaster")


def _severity(named: Named) -> str:
    number = named.line("eventnseverity", "triggernseverity")
    word = named.line("eventseverity", "triggerseverity", "severity").casefold()
    if not word and number.isdigit() and int(number) < len(SEVERITIES):
        word = SEVERITIES[int(number)]
    return "" if word == "not classified" else word


def _text(named: Named) -> str:
    said = named.words("alertmessage", "message", "eventopdata", "triggerdescription", "itemvalue")
    data = named.line("eventopdata", "opdata")
    who = named.line("eventupdatemessage", "eventackmessage")
    return "\n".join(dict.fromkeys(filter(None, (said, data, who))))


def _tags(named: Named) -> object:
    """Tags as a list, as JSON objects, or as Zabbix's text: "app:web, team:network"."""
    found = named.value("eventtagsjson", "eventtags", "tags")
    if isinstance(found, str):
        return [part.strip() for part in line(found, 4_000).split(",")]
    return found

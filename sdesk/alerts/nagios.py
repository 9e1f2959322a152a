"""Nagios, Icinga, Checkmk: notifications as JSON, as variables (NAME=value), as Icinga's event stream."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sdesk.alerts.bounded import at, instant
from sdesk.alerts.spelling import Named
from sdesk.errors import Invalid
from sdesk.rules.alarm import Alert, AlertState, key_of
from sdesk.rules.alarm_words import severity_of_state, state_of

NAGIOS, ICINGA, CHECKMK = "nagios", "icinga", "checkmk"
NO_NEWS = ("flapping", "downtime", "custom")
"""Kinds of notification that say nothing of the state."""
HOSTS = ("hostname", "host", "hostalias", "hostdisplayname")
SERVICES = ("servicename", "servicedesc", "servicedescription", "service", "servicedisplayname")
_VARIABLE = re.compile(r"(?:export )?([A-Za-z_][A-Za-z0-9_.]{0,80})=(.*)")


def is_notification(record: Mapping[str, Any]) -> bool:
    named = Named(record, bare=True)
    return named.has("notificationtype") and any(map(named.has, HOSTS))


def is_stream(record: Mapping[str, Any]) -> bool:
    """A line of Icinga 2's event stream."""
    return record.get("type") in ("Notification", "StateChange") and "host" in record


def read_notification(record: Mapping[str, Any], place: str) -> list[Alert]:
    """One notification; none for one that says nothing of a state."""
    named = Named(record, bare=True)
    kind = named.line("notificationtype").casefold()
    host = named.line(*HOSTS)
    service = named.line(*SERVICES)
    if not host:
        raise Invalid(f"{place}: it names no host.")
    said = _said(named, is_service=bool(service))
    state = _state(kind, said)
    if state is None and any(word in kind for word in NO_NEWS):
        return []
    if state is None:
        raise Invalid(f"{place}: neither '{kind}' nor the state '{said}' says up or down.")
    return [
        Alert(
            _source(record, named), key_of(host, service), state, title_of(host, service, said),
            text=_text(named), severity=_severity(named, said), host=host, service=service,
            at=instant(named.value("longdatetime", "date", "timestamp", "datetime")),
        )
    ]  # fmt: skip


def title_of(host: str, service: str, said: str) -> str:
    """ "CPU load on db1 is CRITICAL"."""
    what = f"{service} on {host}" if service else host
    return f"{what} is {said}" if said else what


def _said(named: Named, *, is_service: bool) -> str:
    own = ("servicestate",) if is_service else ("hoststate",)
    said = named.line(*own, "state", "event", "status", "servicestate", "hoststate")
    return re.split(r"->|→", said)[-1].strip()


def _state(kind: str, said: str) -> AlertState | None:
    if state_of(kind) == AlertState.ACK:
        return AlertState.ACK
    by_state = state_of(said)
    if any(word in kind for word in NO_NEWS) or by_state is not None:
        return None if any(word in kind for word in NO_NEWS) else by_state
    return state_of(kind)


def _severity(named: Named, said: str) -> str:
    given = named.line("severity").casefold()
    return given if given and state_of(given) != AlertState.UP else severity_of_state(said)


def _source(record: Mapping[str, Any], named: Named) -> str:
    if named.has("what") and (named.has("site") or named.has("omdsite")):
        return CHECKMK
    spelled = " ".join(map(str, record)).casefold()
    return ICINGA if "icinga" in spelled else NAGIOS


def _text(named: Named) -> str:
    output = named.words("serviceoutput", "hostoutput", "output", "info", "additionalinfo")
    more = named.words("longserviceoutput", "longhostoutput", "longoutput")
    comment = named.words("notificationcomment", "comment")
    author = named.line("notificationauthorname", "notificationauthor", "author")
    told = f"{author}: {comment}" if author and comment else comment
    address = named.line("hostaddress", "address")
    return "\n".join(filter(None, (output, more, told, f"Address: {address}" if address else "")))


def read_stream(record: Mapping[str, Any], place: str) -> list[Alert]:
    number = at(record, "check_result.state")
    number = number if number is not None else record.get("state")
    is_service = bool(record.get("service"))
    names = (
        ("OK", "WARNING", "CRITICAL", "UNKNOWN") if is_service else ("UP", "DOWN", "DOWN", "DOWN")
    )
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < 4:
        raise Invalid(f"{place}: check_result.state is no state of Icinga: 0 to 3.")
    made = {
        "notification_type": record.get("notification_type", ""), "host_name": record.get("host"),
        "service_name": record.get("service"), "state": names[int(number)],
        "output": at(record, "check_result.output"), "comment": record.get("text"),
        "author": record.get("author"), "timestamp": record.get("timestamp"),
    }  # fmt: skip
    return [alert._replace(source=ICINGA) for alert in read_notification(made, place)]


def variables(text: str) -> dict[str, str]:
    """NAME=value lines, as `env` prints them; a line without a name goes on with the one before."""
    found: dict[str, str] = {}
    last = ""
    for number, written in enumerate(text.splitlines()):
        if number > 2_000:
            break
        if match := _VARIABLE.fullmatch(written):
            last = match[1]
            found[last] = match[2].strip("\"'") if len(match[2]) > 1 else match[2]
        elif last and len(found[last]) < 20_000:
            found[last] += f"\n{written}"
    return found

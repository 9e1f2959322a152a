"""A payload of any monitor as alerts: which form it has is seen from its names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from sdesk.alerts import generic, groups, nagios, shapes, zabbix
from sdesk.alerts.bounded import decoded, load
from sdesk.errors import Invalid, Usage, did_you_mean
from sdesk.rules.alarm import STORM, Alert

MOST_ALERTS = 20_000
DEEPEST = 4
"""Envelopes in envelopes."""
Read = Callable[[Mapping[str, Any], str], list[Alert]]


class Form(NamedTuple):
    """One form: how it is known, and how it is read."""

    name: str
    is_it: Callable[[Mapping[str, Any]], bool]
    read: Read


FORMS = (
    Form("alertmanager", groups.is_group, groups.read_group),
    Form("grafana", groups.is_legacy, groups.read_legacy),
    Form("icinga", nagios.is_stream, nagios.read_stream),
    Form("nagios", nagios.is_notification, nagios.read_notification),
    Form("zabbix", zabbix.is_event, zabbix.read_event),
    *(Form(shape.source, shape.fits, partial(shapes.read_shape, shape)) for shape in shapes.SHAPES),
    Form("zabbix", zabbix.is_message, zabbix.read_message),
    Form("generic", generic.is_alert, generic.read_alert),
)  # fmt: skip
"""In the order in which they are tried; the desk's own form takes what is left."""
SOURCES = (*dict.fromkeys(form.name for form in FORMS), "checkmk")


def check_source(source: str) -> None:
    if source and source.casefold() not in SOURCES:
        raise Usage(f"There is no monitor called '{source}'.", did_you_mean(source, SOURCES))


def read(payload: bytes, source: str = "", place: str = "The payload") -> list[Alert]:
    """All alerts of a payload, oldest first as it has them. `source` says whose it is where that is
    known; else it is seen. Raises `Invalid` naming the place, `Usage` for an unknown source."""
    check_source(source)
    text = decoded(payload, place)
    if text.lstrip()[:1] not in ("{", "["):
        return _variables(text, source, place)
    found = _read(load(payload, place), place, source.casefold(), 0)
    if len(found) > MOST_ALERTS:
        raise Invalid(f"{place} has {len(found):,} alerts; {MOST_ALERTS:,} are the most.")
    return [_given(alert, source) for alert in found]


def _given(alert: Alert, source: str) -> Alert:
    """The alert under the source it was said to come from; what the desk itself uses is nobody's."""
    if source and alert.source in ("nagios", "icinga", "checkmk", "generic"):
        return alert._replace(source=source.casefold())
    return alert._replace(source="generic") if alert.source == STORM else alert


def _variables(text: str, source: str, place: str) -> list[Alert]:
    found = nagios.variables(text)
    for is_it, reader in (
        (nagios.is_notification, nagios.read_notification), (zabbix.is_event, zabbix.read_event),
    ):  # fmt: skip
        if found and is_it(found):
            return [_given(alert, source) for alert in reader(found, place)]
    raise Invalid(
        f"{place} is neither JSON nor variables of a notification (NAME=value).",
        "Nagios and Icinga: NOTIFICATIONTYPE, HOSTNAME, SERVICEDESC, SERVICESTATE: docs/alerts.md",
    )


def _read(value: Any, place: str, source: str, deep: int) -> list[Alert]:
    if isinstance(value, list):
        return [
            alert
            for number, one in enumerate(value[: MOST_ALERTS + 1])
            for alert in _read(one, f"{place}[{number}]", source, deep + 1)
        ]
    if not isinstance(value, dict):
        raise Invalid(f"{place} is neither an object nor a list of objects.")
    if deep > DEEPEST:
        raise Invalid(f"{place} is wrapped more than {DEEPEST} times.")
    shapes.refuse_known(value, place)
    if (form := _form(value, source)) is not None:
        return form.read(value, place)
    if inner := shapes.unwrapped(value, place):
        return [alert for where, one in inner for alert in _read(one, where, source, deep + 1)]
    if isinstance(value.get("alerts"), list):
        return _read(value["alerts"], f"{place}: alerts", source, deep + 1)
    raise Invalid(
        f"{place} is of no form that the desk knows.",
        f"It has {shapes.one_line(value)}. The desk's own form has state, title and key: docs/alerts.md",
    )


def _form(record: Mapping[str, Any], source: str) -> Form | None:
    """The form that was named, where the record has it, else the first that it has."""
    has = [form for form in FORMS if form.is_it(record)]
    named = [form for form in has if form.name == source]
    return next(iter(named or has), None)

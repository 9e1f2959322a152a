"""The `[alerts]` table of config.toml: where alarms go, what a storm is, where the listener stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sdesk import credentials
from sdesk.config import Table, table
from sdesk.credentials import Place
from sdesk.errors import Usage
from sdesk.model import PRIORITIES as RANKS
from sdesk.rules.alarm import PRIORITIES, Plan, Route, check_words

PORT = 9876
KNOWN: Mapping[str, type] = MappingProxyType({
    "listen": str, "queue": str, "reopen": str, "settle": str, "note_every": str, "storm": int,
    "storm_within": str, "storm_by": list, "priorities": dict, "route": tuple,
    **credentials.kinds("token"),
})  # fmt: skip
IN_ROUTE: Mapping[str, type] = MappingProxyType({"match": dict, "queue": str, "priority": int})
DURATIONS = {"reopen": "reopen", "settle": "settle", "note_every": "note_every", "storm_within": "storm_seconds"}  # fmt: skip
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True)
class Settings:
    """What is set."""

    plan: Plan = field(default_factory=Plan)
    host: str = ""
    """Where the listener stands; empty: there is none."""
    port: int = 0
    token: Place = field(default_factory=Place)
    origin: str = ""


def load(*, file: Path | None = None) -> Settings:
    """Raises `Usage` naming the line."""
    found = table("alerts", file=file)
    values = found.checked(KNOWN)
    host, port = _address(found, values.get("listen", ""))
    token = credentials.place(values, found.place(), "token")
    if host and not token:
        raise Usage(
            f"{found.place('listen')}: a listener needs a token that monitors name.",
            "Set token_file, token_credential, token_command or token_env: docs/alerts.md",
        )
    return Settings(_plan(found, values), host, port, token, found.place())


def _plan(found: Table, values: Mapping[str, Any]) -> Plan:
    given: dict[str, Any] = {
        field: _seconds(found, name, values[name])
        for name, field in DURATIONS.items()
        if name in values
    }
    by = tuple(values.get("storm_by", ()))
    check_words(by, found.place("storm_by"))
    if (most := values.get("storm", Plan().storm)) < 0:
        raise Usage(f"{found.place('storm')}: 'storm' is 0 (never) or more.")
    return Plan(
        queue=values.get("queue", ""), routes=tuple(map(_route, found.each("route"))),
        priorities=_priorities(found), storm=most, storm_by=by, **given,
    )  # fmt: skip


def _priorities(found: Table) -> Mapping[str, int]:
    inner = found.inner("priorities")
    for word, rank in inner.values.items():
        _check_rank(f"{inner.place(word)}: the priority of '{word}'", rank)
    return {**PRIORITIES, **{word.casefold(): rank for word, rank in inner.values.items()}}


def _route(found: Table) -> Route:
    values = found.checked(IN_ROUTE)
    match = found.inner("match")
    for name, pattern in match.values.items():
        if not isinstance(pattern, str):
            raise Usage(f"{match.place(name)}: the pattern of '{name}' is text in quotes.")
    if not values:
        raise Usage(f"{found.place()}: a route names a queue, a priority or both.")
    if "priority" in values:
        _check_rank(f"{found.place('priority')}: 'priority'", values["priority"])
    return Route(tuple(match.values.items()), values.get("queue", ""), values.get("priority"))


def _check_rank(place: str, rank: object) -> None:
    if isinstance(rank, bool) or rank not in RANKS:
        raise Usage(f"{place} is 1 (critical) to 4 (low).")


def _seconds(found: Table, name: str, text: str) -> int:
    number, unit = text[:-1], text[-1:]
    if not number.isascii() or not number.isdigit() or unit not in _UNITS or len(number) > 6:
        raise Usage(f"{found.place(name)}: '{name}' is a time such as 5m, 24h or 3d.")
    return int(number) * _UNITS[unit]


def _address(found: Table, text: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:9876", "[::1]:9876" or a port alone, which is this host's."""
    if not text:
        return "", 0
    host, colon, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit() or not 0 <= int(port[:6]) < 65_536:
        raise Usage(
            f"{found.place('listen')}: 'listen' is an address and a port: 127.0.0.1:{PORT}."
        )
    return (host.strip("[]") if colon else "") or "127.0.0.1", int(port)

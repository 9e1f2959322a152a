"""Records whose names are spelled in many ways: EVENT.ID, event_id, eventId, NAGIOS_HOSTNAME."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sdesk.alerts.bounded import line, words

_PUNCTUATION = re.compile(r"[^a-z0-9]")
_PREFIXES = ("nagios", "icinga2", "icinga", "notify")


def plain_name(name: str) -> str:
    return _PUNCTUATION.sub("", name[:100].casefold())


def bare_name(name: str) -> str:
    """The name without the monitor's own in front: NAGIOS_HOSTNAME is hostname."""
    found = plain_name(name)
    for prefix in _PREFIXES:
        if found.startswith(prefix) and len(found) > len(prefix) and found != "notifytype":
            return found[len(prefix) :]
    return found


class Named:
    """A record that is asked by plain names."""

    def __init__(self, record: Mapping[str, Any], *, bare: bool = False) -> None:
        spell = bare_name if bare else plain_name
        self._values: dict[str, Any] = {}
        for name, value in record.items():
            self._values.setdefault(spell(str(name)), value)

    def has(self, *names: str) -> bool:
        """Whether it has all of these."""
        return all(name in self._values for name in names)

    def line(self, *names: str, most: int = 500) -> str:
        """The first of these that has some text."""
        return next((text for text in self._lines(names, most) if text), "")

    def _lines(self, names: Iterable[str], most: int) -> Iterable[str]:
        return (line(self._values.get(name), most) for name in names)

    def words(self, *names: str) -> str:
        """The first of these that has some text, with its lines."""
        return next((text for name in names if (text := words(self._values.get(name)))), "")

    def value(self, *names: str) -> Any:
        return next((self._values[name] for name in names if name in self._values), None)

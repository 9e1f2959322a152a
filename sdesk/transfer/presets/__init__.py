"""What each foreign service desk calls things: one module a preset, all of them plain tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from sdesk.errors import NotFound
from sdesk.transfer.words import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("generic", "servicenow-eventlog", "servicenow", "jira", "osticket", "zendesk")


@dataclass(frozen=True)
class Preset:
    """How the files of one program are read. Header names are compared by their words alone."""

    name: str
    about: str
    source: str
    """The external source that its tickets are known under."""
    columns: Mapping[str, str]
    """Target → the header names it goes by, parted by `|`."""
    required: tuple[tuple[str, ...], ...] = (("subject", "text"),)
    """Each a choice of targets of which one has to be there."""
    nulls: frozenset[str] = frozenset({""})
    states: Mapping[str, str] = field(default_factory=dict)
    """Words for states of this program that mean something else here than elsewhere."""
    otherwise: Mapping[str, str] = field(default_factory=dict)
    """What an unknown kind or channel is taken for, where the program has words without end."""
    skips_unknown: bool = True
    """Another program's export has many columns of its own; they are left out and named."""
    custom: str = ""
    """Header names of custom fields: a pattern whose group 1 is the name."""
    history: bool = False
    """One row an update instead of one a ticket."""
    zone: str = ""
    """The zone of times without one, where the program fixes it; else the desk's."""
    _index: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for target, names in self.columns.items():
            for name in names.split("|"):
                self._index[plain(name)] = target

    def target(self, header: str) -> str | None:
        """The target of a column by its header, or None when the preset doesn't know it."""
        if (found := self._index.get(plain(header))) is not None:
            return found
        if self.custom and (match := re.fullmatch(self.custom, header.strip(), re.I)):
            name = plain(match[1]).replace(" ", "_")[:60]
            return f"field.{name}" if name else "-"
        return None

    def names_of(self, target: str) -> list[str]:
        return [name for name in self.columns.get(target, "").split("|") if name]


def find(name: str) -> Preset:
    """The preset with that name. Raises `NotFound` with the nearest."""
    if name not in NAMES:
        raise NotFound.named("preset", name, NAMES)
    module = import_module(f"sdesk.transfer.presets.{name.replace('-', '_')}")
    preset: Preset = module.PRESET
    return preset

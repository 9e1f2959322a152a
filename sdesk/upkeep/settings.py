"""What `[backup]` of config.toml says: how often, where to, what is kept, how often it is rehearsed.

[backup]
every = "1d"
at = "02:30"
to = "/var/backups/desk"
keep = "7d 4w 12m"
verify_every = "7d"
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sdesk.config import Table, table
from sdesk.errors import SdeskError, Usage
from sdesk.files import expanded
from sdesk.rules.budget import parse_duration
from sdesk.rules.keeping import Keep
from sdesk.rules.schedule import DAY, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")
_KNOWN: dict[str, type] = {
    "every": str, "at": str, "to": str, "to_command": list, "keep": str, "verify_every": str,
}  # fmt: skip
LEAST = 900
"""Seconds between two backups."""
OFF = "off"


@dataclass(frozen=True, slots=True)
class Settings:
    """The table, read. Without one nothing is copied by itself; pages and history are checked all the same."""

    every: int = 0
    """Seconds; 0: no backups by schedule."""
    at: time = time(2, 30)
    to: str = ""
    """The folder; empty: `backups` beside the store."""
    command: tuple[str, ...] = ()
    keep: Keep | None = None
    verify_every: int = 0
    """Seconds between two rehearsals; 0: none by schedule."""

    def schedule(self, zone: str) -> Schedule:
        return Schedule(self.every or DAY, self.at, zone)


def load(file: Path | None = None) -> Settings:
    """Raises `Usage` naming the line of what can't be understood."""
    found = table("backup", file=file)
    if not found.values:
        return Settings()
    values = found.checked(_KNOWN)
    command = tuple(values.get("to_command", ()))
    if command == () and "to_command" in values:
        raise Usage(
            f"{found.place('to_command')}: a command has a program.",
            'As a list: ["ssh", "host", "…"]',
        )
    keep = values.get("keep", "")
    return Settings(
        every=_seconds(found, "every", values.get("every", "1d"), LEAST),
        at=_time(found, values.get("at", "02:30")),
        to=_folder(found, values.get("to", "")),
        command=command,
        keep=_read(found, "keep", keep, Keep.parse) if keep else None,
        verify_every=_seconds(found, "verify_every", values.get("verify_every", "7d"), LEAST),
    )


def _seconds(found: Table, key: str, text: str, least: int) -> int:
    if text == OFF:
        return 0
    seconds = _read(found, key, text, lambda given: parse_duration(given, key))
    if seconds < least:
        raise Usage(f"{found.place(key)}: '{key}' is at least {least // 60} minutes.")
    return seconds


def _time(found: Table, text: str) -> time:
    try:
        return time.fromisoformat(text) if len(text) == len("02:30") else time.fromisoformat("-")
    except ValueError:
        raise Usage(f"{found.place('at')}: 'at' is a time of the day: \"02:30\".") from None


def _folder(found: Table, text: str) -> str:
    if text and not expanded(text).is_absolute():
        raise Usage(f"{found.place('to')}: the folder '{text}' is named from / or ~.")
    return text


def _read(found: Table, key: str, text: str, read: Callable[[str], Value]) -> Value:
    try:
        return read(text)
    except SdeskError as error:
        raise Usage(f"{found.place(key)}: {error.message}", error.hint) from None

"""The user's settings: readable, understood, and nobody else's to write."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, ok, wrong
from sdesk.errors import SdeskError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def findings() -> Iterator[Finding]:
    from sdesk.config import load
    from sdesk.keys import check_keymap, effective
    from sdesk.locations import config_file

    file = config_file()
    if not file.exists():
        yield ok("settings", f"None: {file} does not exist")
        return
    try:
        config = load()
        check_keymap(effective(config.keys_preset, config.keys), config.key_lines)
    except SdeskError as error:
        yield wrong("settings", error.message, error.hint or f"Mend {file}.")
    else:
        yield ok("settings", str(file))
    yield from mode(file)


def mode(file: Path) -> Iterator[Finding]:
    """Settings name the editor that is run: who can write them runs programs as this user."""
    status = file.stat()
    if stat.S_IMODE(status.st_mode) & 0o022:
        yield wrong("settings", f"{file} can be written by others", f"chmod go-w {file}")
    if status.st_uid not in (os.getuid(), 0):
        yield wrong("settings", f"{file} belongs to another user", f"chown {os.getuid()} {file}")

"""Write in the user's own editor, and come back to a terminal that answers."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

from sdesk import editing
from sdesk.errors import Usage
from sdesk.text import clean

if TYPE_CHECKING:
    from textual.app import App


def editor_command() -> list[str]:
    """`$VISUAL`, `$EDITOR`, else vi. Raises `Usage` where it can't be split into words."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        return shlex.split(named)
    except ValueError as error:
        raise Usage(f"EDITOR '{named}' can't be read: {error}.") from error


def edit(text: str, app: App[object], *, suffix: str = ".txt") -> str:
    """The text as the editor left it. The file is in a folder of its own that only we may enter.

    Raises `Usage` when the editor can't be started or fails: the text is then as it was.
    """
    command = editor_command()
    with editing.written(text, suffix) as path:
        with app.suspend():
            try:
                status = editing.run(command, path)
            finally:
                flush_input()
        if status:
            raise Usage(f"The editor ended with status {status}; the text is as it was.")
        return clean(editing.read(path)).rstrip("\n")


def flush_input() -> None:
    """Drop what was typed ahead: keys meant for the editor must not act on a ticket."""
    import termios  # here: not on every platform

    if sys.__stdin__ is not None and sys.__stdin__.isatty():
        termios.tcflush(sys.__stdin__.fileno(), termios.TCIFLUSH)

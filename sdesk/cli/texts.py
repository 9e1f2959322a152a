"""A text from where the caller has it: the argument, standard input, or the editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.cli import session
from sdesk.errors import Refused, SdeskError, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCISSORS = "-- >8 -- what stands below this line is left out"


@contextmanager
def text_for(given: str | None, purpose: str, refs: Sequence[str] = ()) -> Iterator[str]:
    """The text; one typed in the editor is kept on disk when what follows refuses it."""
    if given is not None and given != "-":
        yield _some(given)
    elif given == "-" or not sys.stdin.isatty():
        if "-" in refs:
            raise Usage(
                "Standard input can't hold the references and the text.",
                "Give the text as an argument.",
            )
        yield _some(sys.stdin.read())
    else:
        with _edited(purpose) as text:
            yield text


def edited_file(begin: str, suffix: str) -> tuple[str, Path]:
    """A file's text after the editor had it, and where it lies until the caller has taken it."""
    from sdesk.config import load
    from sdesk.locations import editing_folder

    handle, name = tempfile.mkstemp(prefix="file-", suffix=suffix, dir=editing_folder())
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(begin)
    _run([*shlex.split(load().editor), name])
    return Path(name).read_text(encoding="utf-8", errors="replace"), Path(name)


def _some(text: str) -> str:
    if not text.strip():
        raise Usage("There is no text.")
    return text


@contextmanager
def _edited(purpose: str) -> Iterator[str]:
    """The editor's text. The file is the user's alone, and named after nothing in the ticket."""
    from sdesk.config import load
    from sdesk.locations import editing_folder

    handle, name = tempfile.mkstemp(prefix="text-", suffix=".txt", dir=editing_folder())
    path = Path(name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"\n\n{SCISSORS}\n{purpose}\n")
    try:
        _run([*shlex.split(load().editor), name])
        text = path.read_text(encoding="utf-8", errors="replace").partition(SCISSORS)[0]
        text = _some(text.strip("\n"))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    try:
        yield text
    except (SdeskError, KeyboardInterrupt):
        session.say(f"Your text is kept in {path}")
        raise
    path.unlink(missing_ok=True)


def _run(command: Sequence[str]) -> None:
    try:
        status = subprocess.run(command, check=False).returncode
    except OSError as error:
        raise Refused(
            f"The editor '{command[0]}' can't be started: {error.strerror}.",
            "Set editor in config.toml, or $EDITOR.",
        ) from None
    if status:
        raise Refused(f"The editor '{command[0]}' ended with {status}; nothing was sent.")

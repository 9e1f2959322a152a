"""A text from where the caller has it: the argument, standard input, or the editor."""

from __future__ import annotations

import shlex
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sdesk.cli import session
from sdesk.errors import Refused, SdeskError, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

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
    from sdesk import editing

    with editing.written(begin, suffix) as path:
        _run(path)
        return editing.read(path), editing.keep(path)


def _some(text: str) -> str:
    if not text.strip():
        raise Usage("There is no text.")
    return text


@contextmanager
def _edited(purpose: str) -> Iterator[str]:
    """The editor's text. The file is the user's alone, and named after nothing in the ticket."""
    from sdesk import editing

    with editing.written(f"\n\n{SCISSORS}\n{purpose}\n") as path:
        _run(path)
        text = _some(editing.read(path).partition(SCISSORS)[0].strip("\n"))
        try:
            yield text
        except (SdeskError, KeyboardInterrupt):
            session.say(f"Your text is kept in {editing.keep(path)}")
            raise


def _run(path: Path) -> None:
    from sdesk import editing
    from sdesk.config import load

    command = _words(load().editor)
    if status := editing.run(command, path):
        raise Refused(f"The editor '{command[0]}' ended with {status}; nothing was sent.")


def _words(editor: str) -> list[str]:
    try:
        return shlex.split(editor)
    except ValueError as error:
        raise Usage(f"The editor '{editor}' can't be read: {error}.") from None

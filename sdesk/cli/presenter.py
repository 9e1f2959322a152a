"""The one place where a refusal or a fault becomes a sentence on standard error and an exit status."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import typer

from sdesk.errors import SdeskError
from sdesk.text import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

FAULT = 70
"""Exit status of a bug in sdesk (EX_SOFTWARE)."""
INTERRUPTED, BROKEN_PIPE = 130, 141
# Typer's own refusals (a missing argument, an unknown option) have a public child only.
REFUSAL: type[Exception] = typer.BadParameter.__mro__[2]


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit status. Only a bug comes out as an exception."""
    from sdesk.cli import app

    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="replace")
    command = typer.main.get_command(app)
    try:
        status = command.main(list(arguments), prog_name="sdesk", standalone_mode=False)
        sys.stdout.flush()
    except SdeskError as error:
        return refuse(error)
    except typer.Abort:
        _say("Stopped.")
        return INTERRUPTED
    except KeyboardInterrupt:
        _say("Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return BROKEN_PIPE
    except REFUSAL as error:
        return _usage(error)
    return status if isinstance(status, int) else 0


def refuse(error: SdeskError) -> int:
    _say(error.message)
    if error.hint:
        _say(error.hint, plain=True)
    return error.exit_code


def fault(error: BaseException) -> int:
    """Write the traceback of a bug to the log, and say where."""
    import traceback
    from datetime import UTC, datetime

    from sdesk.locations import log_file

    trace = "".join(traceback.format_exception(error))
    _say(f"This is a fault of sdesk: {type(error).__name__}: {clean_line(str(error))[:200]}")
    try:
        path = log_file()
        with path.open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z sdesk\n{clean(trace)}\n")
    except (OSError, SdeskError):
        _say("Its log could not be written.")
    else:
        _say(f"What happened is written to {path}", plain=True)
    return FAULT


def _usage(error: Any) -> int:
    """Tell one of Typer's own refusals."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(clean(context.get_help() if context else ""), file=sys.stderr)
        return 2
    _say(str(error.format_message()))
    if context is not None:
        _say(f"See: {context.command_path} --help", plain=True)
    return 2


def _say(text: str, *, plain: bool = False) -> None:
    line = clean_line(text)
    try:
        print(f"       {line}" if plain else f"sdesk: {line}", file=sys.stderr)
    except BrokenPipeError:
        _forget_output()


def _forget_output() -> None:
    """Let the interpreter flush into nothing: the reader of the pipe has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)

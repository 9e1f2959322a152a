"""The one place where a refusal or a fault becomes a sentence on standard error and an exit status."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from sdesk.cli.guard import guard
from sdesk.errors import SdeskError
from sdesk.text import clean_line, trace, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

FAULT = 70
"""Exit status of a bug in sdesk (EX_SOFTWARE)."""
INTERRUPTED, BROKEN_PIPE = 130, 141


def present(act: Callable[[], int]) -> int:
    """Do it, and turn every way in which it may end into an exit status and a sentence."""
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="replace")
    with guard():
        return _ended(act)


def _ended(act: Callable[[], int]) -> int:
    try:
        status = act()
        sys.stdout.flush()
    except SdeskError as error:
        complain(error.message, error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        complain("Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        forget_output()
        return BROKEN_PIPE
    except (OSError, MemoryError) as error:
        # Of a file that no room has its own sentence for. Seldom a bug, yet it may be one.
        _write_down(error, _of_host(error))
        return 1
    return status


def _of_host(error: OSError | MemoryError) -> str:
    """What the host refuses."""
    if isinstance(error, MemoryError):
        return "There is not enough memory for this."
    reason = error.strerror or str(error)
    where = f"{error.filename} can't be used" if error.filename else "The host refuses"
    return f"{where}: {reason}."


def fault(error: BaseException) -> int:
    """Write the traceback of a bug to the log, and say where."""
    words = clean_line(without_secrets(str(error)))[:200]
    _write_down(error, f"This is a fault of sdesk: {type(error).__name__}: {words}")
    return FAULT


def _write_down(error: BaseException, said: str) -> None:
    from datetime import UTC, datetime

    from sdesk.locations import log_file

    try:
        path = log_file()
        with path.open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z sdesk\n{trace(error)}\n")
    except (OSError, SdeskError):
        complain(said, "Its log could not be written.")
    else:
        complain(said, f"What happened is written to {path}")


def complain(message: str, hint: str = "") -> None:
    """The sentence on standard error, and the mend below it."""
    try:
        print(f"sdesk: {clean_line(message)}", file=sys.stderr)
        if hint:
            print(f"       {clean_line(hint)}", file=sys.stderr)
    except BrokenPipeError:
        forget_output()


def forget_output() -> None:
    """Let the interpreter flush into nothing: the reader of the pipe has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)

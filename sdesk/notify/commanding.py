"""A program of this host that passes messages on: argv as it is configured, JSON on its standard input.

No shell, no word of a ticket among its arguments, little of the environment, ten seconds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sdesk.credentials import redacted
from sdesk.text import clean_line, cut

SECONDS = 10.0
KEPT = ("LANG", "LC_ALL", "TZ")
PATH = "/usr/local/bin:/usr/bin:/bin"
MOST = 4_096


class Failed(Exception):
    """The program did not do it; the sentence says how it ended."""


def run(command: Sequence[str], value: Mapping[str, Any], *, seconds: float = SECONDS) -> str:
    """Run the program with the value as JSON on its input; the first line it says. Raises `Failed`."""
    environ = {name: os.environ[name] for name in KEPT if name in os.environ} | {"PATH": PATH}
    given = json.dumps(value, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    try:
        process = subprocess.Popen(
            list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=environ, cwd="/", start_new_session=True, close_fds=True,
        )  # fmt: skip
    except OSError as error:
        raise Failed(f"it can't be run: {error.strerror}") from None
    try:
        said, _ = process.communicate(given, timeout=seconds)
    except subprocess.TimeoutExpired:
        # Also where it has ended itself: what it has started keeps our pipe open.
        _kill(process)
        raise Failed(f"it did not end within {seconds:g} s") from None
    finally:
        _end(process)
    words = cut(redacted(clean_line(said[:MOST].decode("utf-8", "replace"))), 120)
    if process.returncode:
        raise Failed(f"it ended with status {process.returncode}" + (f": {words}" if words else ""))
    return words


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave none of its processes behind."""
    if process.poll() is None:
        _kill(process)
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)

"""A finished backup given to a program on its standard input: it took all of it, or there was no backup."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sdesk.errors import StoreFault
from sdesk.store.backup import UNTOUCHED
from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSH_AUTH_SOCK")
"""What of the environment the command that takes a backup sees."""
NAME = "{name}"
"""In a word of that command: the backup's name."""
STALLED = 3_600.0
"""Seconds in which it takes nothing, or does not end after it took all, until it is ended."""
_CHUNK = 1 << 16


def send(
    part: Path, command: Sequence[str], name: str, *, stalled: float = STALLED,
    clock: Callable[[], float] = time.monotonic,
) -> str:  # fmt: skip
    """Give the file to a program, without a shell; its name. Raises `StoreFault` unless it took every
    byte and ended with status 0."""
    words = [word.replace(NAME, name) for word in command]
    environ = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
    program = clean_line(Path(words[0]).name)
    with part.open("rb") as stream, tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, env=environ,
                bufsize=0,
            )  # fmt: skip
        except OSError as error:
            raise StoreFault(
                f"The command '{program}' can't be run: {error.strerror}.", UNTOUCHED
            ) from None
        try:
            why = _fed(process, stream, stalled, clock)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        if why or process.returncode:
            why = why or _ended(process.returncode)
            raise StoreFault(
                f"The command '{program}' did not take the backup ({why}){_said(errors)}.",
                UNTOUCHED,
            )
    return program


def _fed(
    process: subprocess.Popen[bytes], stream: IO[bytes], stalled: float, clock: Callable[[], float]
) -> str:
    """Why not all of it was taken; empty where it was, and the program has ended."""
    pipe = process.stdin
    assert pipe is not None
    os.set_blocking(pipe.fileno(), False)
    left, last = stream.read(_CHUNK), clock()
    with pipe:
        while left:
            if select.select([], [pipe], [], 0.2)[1]:
                try:
                    left = left[os.write(pipe.fileno(), left) :] or stream.read(_CHUNK)
                except BrokenPipeError:
                    return _early(process)
                last = clock()
            elif clock() - last > stalled:
                return f"it took nothing for {stalled / 60:.0f} minutes, and was ended"
    try:
        process.wait(stalled)
    except subprocess.TimeoutExpired:
        return f"it did not end for {stalled / 60:.0f} minutes, and was ended"
    return ""


def _early(process: subprocess.Popen[bytes]) -> str:
    """It closed its input before it had all of it: how it ended, where that says more."""
    try:
        status = process.wait(5.0)
    except subprocess.TimeoutExpired:
        status = 0
    return _ended(status) if status else "it did not read all of it"


def _ended(status: int) -> str:
    if status < 0:
        return f"ended by {signal.Signals(-status).name}"
    return f"exit status {status}"


def _said(errors: IO[bytes]) -> str:
    """The last line of what it said."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - 2_000))
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return f": {clean_line(lines[-1])[:300].rstrip('.')}" if lines else ""

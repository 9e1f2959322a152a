"""Reading a large file in a process of its own, so that parsing and writing each have a core.

The reading is handed to a fresh interpreter, which sends its batches back. A fork would take the
desk's connections and the progress bar's thread along.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, cast

from sdesk.errors import SdeskError, StoreFault
from sdesk.surroundings import python

if TYPE_CHECKING:
    from collections.abc import Generator

    from sdesk.transfer.reading import Batch, Reading

WORTH = 20_000
"""Rows from which a second interpreter pays for its start."""
_START = "from sdesk.transfer.ahead import serve; serve()"


def is_worth_it(reading: Reading) -> bool:
    """Whether there are rows enough, a second core, and a file that another process can open."""
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return (
        reading.rows >= WORTH
        and cores > 1
        and reading.file.source.is_on_disk
        and bool(sys.executable)
    )


def read_ahead(reading: Reading) -> Generator[Batch, None, None]:
    """The reading's batches, read while the one before is being written. Raises what reading raises."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.Popen(
        python("-c", _START),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        # A child that dies before it has read all of this is told of by what it does not send.
        with suppress(BrokenPipeError), child.stdin as stream:
            pickle.dump(reading, stream, pickle.HIGHEST_PROTOCOL)
        while (message := _receive(cast("BinaryIO", child.stdout))) is not None:
            if isinstance(message, SdeskError):
                raise message
            yield message
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def _receive(stream: BinaryIO) -> Batch | SdeskError | None:
    # Nobody else holds the other end of this pipe.
    try:
        found: Batch | SdeskError | None = pickle.load(stream)
    except (EOFError, pickle.UnpicklingError):
        raise StoreFault(
            "The process that reads the file has ended too early.",
            "Import the file again: what is in stays in.",
        ) from None
    return found


def serve() -> None:
    """The other process: read what standard input hands over, send batches to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Short-lived, and its values hold no cycles.
    gc.disable()
    reading: Reading = pickle.load(sys.stdin.buffer)
    out = sys.stdout.buffer
    last: SdeskError | None = None
    try:
        for batch in reading.batches():
            pickle.dump(batch, out, pickle.HIGHEST_PROTOCOL)
            out.flush()
    except SdeskError as error:
        last = error
    except BrokenPipeError:
        # The import was interrupted; nobody listens any more.
        os._exit(0)
    pickle.dump(last, out, pickle.HIGHEST_PROTOCOL)
    out.flush()

"""Processes that keep time by a clock in a file: `python -m tests.e2e.timekeeper STORE CLOCK`.

Each line on standard input starts one more worker and answers with its process's number; loading
what writing needs is paid once, so that a test can afford to kill many. Ends with its input.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
import time
from pathlib import Path

from sqlalchemy.orm import configure_mappers

import sdesk.door  # noqa: F401  (every worker forked from here has it already)
from sdesk.worker import Keeper, Worker


class FileClock:
    """The time that stands in a file, for every process that has it open."""

    def __init__(self, path: Path, at: int | None = None) -> None:
        if at is not None:
            path.write_bytes(struct.pack("q", at))
        self._file = os.open(path, os.O_RDWR)

    def __call__(self) -> int:
        return int(struct.unpack("q", os.pread(self._file, 8, 0))[0])

    def set(self, at: int) -> None:
        os.pwrite(self._file, struct.pack("q", at), 0)


class UntilThen:
    """Never the end; waiting lasts until the clock in the file has gone on."""

    def __init__(self, clock: FileClock) -> None:
        self._clock = clock

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float, /) -> None:
        until = self._clock() + int(timeout)
        while True:
            time.sleep(0.002)
            if self._clock() >= until:
                return


def main(store: str, clock: str) -> None:
    configure_mappers()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        if (process := os.fork()) == 0:
            now = FileClock(Path(clock))
            Worker(store, Keeper.WORKER, clock=now, login="nightly").keep(UntilThen(now))
            os._exit(0)
        print(process, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

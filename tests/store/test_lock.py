"""The lock beside a file: whoever came first goes first, and whoever dies holds nobody up."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk.errors import Busy
from sdesk.store import lock
from sdesk.store.lock import FileLock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "desk.db.lock"


def places(file: Path) -> int:
    """How many have lined up so far."""
    return int.from_bytes(file.read_bytes(), "little")


def wait_for(holds: Callable[[], bool]) -> None:
    for _ in range(4_000):
        if holds():
            return
        time.sleep(0.005)
    raise AssertionError("it never came to that")


def stand_behind(file: Path, work: Callable[[], None]) -> threading.Thread:
    """A thread that has lined up for the lock, and works once it has it."""

    def wait() -> None:
        with FileLock(file).held():
            work()

    before = places(file)
    thread = threading.Thread(target=wait)
    thread.start()
    wait_for(lambda: places(file) == before + 1)
    return thread


def test_who_came_first_goes_first_and_who_has_just_gone_stands_last(file: Path) -> None:
    came: list[object] = []
    with FileLock(file).held():
        waiting = [stand_behind(file, lambda n=n: came.append(n)) for n in range(5)]  # type: ignore[misc]
    with FileLock(file).held():
        came.append("again")
    for thread in waiting:
        thread.join()
    assert came == [0, 1, 2, 3, 4, "again"]


def test_who_dies_in_the_queue_holds_nobody_up_and_lets_nobody_in(file: Path) -> None:
    came: list[int] = []
    with FileLock(file).held():
        before = places(file)
        if not (child := os.fork()):
            with FileLock(file).held():
                os._exit(0)
        wait_for(lambda: places(file) == before + 1)
        behind = stand_behind(file, lambda: came.append(1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        again = stand_behind(file, lambda: came.append(2))
        assert came == []
    for thread in (behind, again):
        thread.join()
    assert came == [1, 2]


def test_a_turn_that_does_not_come_is_given_up(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE", 0.05)
    with FileLock(file).held(), pytest.raises(Busy), FileLock(file).held():
        pass
    with FileLock(file).held():
        assert places(file) == 3


def test_where_the_kernel_keeps_no_queue_the_lock_is_a_lock(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_HAS_QUEUES", False)
    came: list[int] = []

    def come() -> None:
        with FileLock(file).held():
            came.append(1)

    with FileLock(file).held():
        thread = threading.Thread(target=come)
        thread.start()
        assert came == []
    thread.join()
    assert came == [1]


def test_who_is_stopped_in_the_queue_holds_nobody_up(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "TURN", 0.05)
    with FileLock(file).held():
        pass
    stopped = FileLock(file)._open()
    lock._line_up(stopped)  # and is never heard of again
    came: list[int] = []
    behind = stand_behind(file, lambda: came.append(1))
    last = stand_behind(file, lambda: came.append(2))
    for thread in (behind, last):
        thread.join(lock.PATIENCE)
    assert came == [1, 2]
    with FileLock(file).held():
        came.append(3)
    other = os.open(file, os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody has kept it
    os.close(other)
    os.close(stopped)

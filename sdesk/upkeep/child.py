"""Long work of upkeep in a process of its own, at the lowest priority, that can be ended at any time.

What it is to do comes as JSON on its standard input, never as an argument: an address may hold a
password. What came of it goes to its standard output.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sdesk.errors import SdeskError, StoreFault
from sdesk.surroundings import python
from sdesk.text import clean_line

NICE = 15
Work = Mapping[str, Any]


def ask(work: Work, is_ending: Callable[[], bool] = lambda: False, *, pause: float = 0.3) -> Any:
    """Let a process do it; what it answers. Raises `StoreFault` with what it said, None when it was
    ended because the worker ends."""
    try:
        process = subprocess.Popen(
            python("-m", "sdesk.upkeep.child"), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise StoreFault(f"The process for it can't be started: {error.strerror}.") from None
    given: bytes | None = json.dumps(work).encode()
    try:
        while True:
            try:
                said, _ = process.communicate(given, timeout=pause)
                break
            except subprocess.TimeoutExpired:
                given = None
                if is_ending():
                    return None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode == -signal.SIGSYS and work.get("nice", True):
        # A service that is forbidden to lower its own priority is killed for it.
        return ask({**work, "nice": False}, is_ending, pause=pause)
    return _answer(said, process.returncode)


def _answer(said: bytes, status: int) -> Any:
    try:
        value = json.loads(said)
    except ValueError:
        raise StoreFault(
            f"The process for it ended without a word (exit status {status})."
        ) from None
    if "error" in value:
        raise StoreFault(clean_line(value["error"]), clean_line(value["hint"]))
    return value["done"]


def _pages(work: Work) -> Any:
    from dataclasses import asdict

    from sdesk.upkeep.pages import look

    return asdict(look(Path(work["place"]), work["after"]))


def _backup(work: Work) -> Any:
    from sdesk.model import Source
    from sdesk.rules.keeping import Keep
    from sdesk.upkeep.backing import back_up

    keep = Keep.parse(work["keep"]) if work["keep"] else None
    done = back_up(
        work["place"], work["to"], work["now"], keep=keep, command=work["command"],
        actor=work["actor"], source=Source.TIMER,
    )  # fmt: skip
    made = done.made
    return {
        "file": made.manifest.file, "size": made.size, "removed": made.removed,
        "trouble": done.trouble or done.missed,
    }  # fmt: skip


def _rehearse(work: Work) -> Any:
    from sdesk.upkeep.backing import rehearse

    done = rehearse(work["place"], work["to"], work["now"])
    return done.file if done is not None else ""


_ACTS: dict[str, Callable[[Work], Any]] = {
    "pages": _pages, "backup": _backup, "rehearse": _rehearse,
}  # fmt: skip


def main() -> int:
    work = json.load(sys.stdin)
    if work.get("nice", True):
        os.nice(NICE)
    try:
        answer: dict[str, Any] = {"done": _ACTS[work["act"]](work)}
    except SdeskError as error:
        answer = {"error": error.message, "hint": error.hint}
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())

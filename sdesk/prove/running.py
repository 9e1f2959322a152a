"""Proving: each promise in a process of its own, in a private folder that is removed afterwards."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sdesk.errors import SdeskError
from sdesk.prove import promise
from sdesk.prove.children import environment, last_line
from sdesk.prove.databases import database
from sdesk.prove.model import (
    FAILS,
    HOLDS,
    POSTGRESQL,
    SKIPPED,
    SQLITE,
    Bench,
    Figures,
    Proof,
    Skipped,
)
from sdesk.surroundings import python

AT_MOST = 900.0
"""Seconds for one promise at scale 1; who takes longer has stopped, and does not hold."""
_PATIENCE = 5.0


@dataclass(frozen=True)
class Wish:
    """How the promises are to be proved."""

    scale: float = 1.0
    engine: str = SQLITE
    server: str = ""
    """The PostgreSQL server in which throw-away databases are made; "" starts one of our own."""
    seed: int = 1
    folder: str = ""
    """The disk that is meant: where the private folder is made; "" for temporary files' place."""
    keep: bool = False
    cases: str = ""
    """A folder of more hostile cases, for `corpus`."""
    tell: Callable[[str], None] = lambda _: None


def prove(key: str, wish: Wish) -> Proof:
    """Prove one promise. `KeyboardInterrupt` ends its processes and removes its folder first."""
    begun = time.monotonic()
    found = promise(key)
    verdict, said = SKIPPED, ""
    figures: Figures = {}
    if missing := [name for name in found.needs if find_spec(name) is None]:
        said = f"needs {', '.join(missing)}, which is not installed"
    else:
        try:
            with _folder(wish) as folder, _store(wish, folder) as store:
                verdict, said, figures = _in_a_child(key, wish, folder, store)
        except Skipped as reason:
            said = str(reason)
    seconds = round(time.monotonic() - begun, 1)
    return Proof(key, found.number, wish.engine, verdict, said, seconds, figures)


@contextmanager
def _folder(wish: Wish) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sdesk-prove-", dir=wish.folder or None))
    try:
        yield folder
    finally:
        if wish.keep:
            wish.tell(f"kept: {folder}")
        else:
            remove(folder)


def remove(folder: Path) -> None:
    """Remove it with all that is in it, folders that were made read-only too."""
    for place, folders, _ in os.walk(folder):
        for name in folders:
            inner = Path(place, name)
            if not inner.is_symlink():
                inner.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _store(wish: Wish, folder: Path) -> Iterator[str]:
    if wish.engine == POSTGRESQL:
        with database(wish.server, folder, wish.tell) as address:
            yield address
    else:
        desk = folder / "desk"
        desk.mkdir(mode=0o700)
        yield str(desk / "sdesk.db")


def _in_a_child(key: str, wish: Wish, folder: Path, store: str) -> tuple[str, str, dict[str, Any]]:
    """Verdict, sentence and numbers, as the process that proves it reports them."""
    reading, writing = os.pipe()
    words = [
        key, "--folder", str(folder), "--store", store, "--engine", wish.engine,
        "--scale", repr(wish.scale), "--seed", str(wish.seed), "--report", str(writing),
        "--cases", wish.cases,
    ]  # fmt: skip
    complaints = folder / "complaints"
    with complaints.open("wb") as errors:
        child = subprocess.Popen(
            python("-m", "sdesk.prove", *words), env=environment(folder), cwd=folder,
            stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, pass_fds=[writing],
            start_new_session=True,
        )  # fmt: skip
    os.close(writing)
    limit = AT_MOST * max(1.0, wish.scale)
    # A proof that hangs says nothing any more: its end closes the pipe that we listen at.
    late = threading.Timer(limit, lambda: _end(child))
    late.start()
    try:
        report = _listen(reading, wish)
        child.wait()
    finally:
        late.cancel()
        _end(child)
    if report is None:
        said = last_line(complaints.read_text(encoding="utf-8", errors="replace"))
        return FAILS, f"the proof itself broke off: {said}", {}
    return report["verdict"], report["said"], report["figures"]


def _listen(reading: int, wish: Wish) -> dict[str, Any] | None:
    """Pass on what is told, until the verdict comes or the other end closes."""
    with os.fdopen(reading, encoding="utf-8") as lines:
        for line in lines:
            said: dict[str, Any] = json.loads(line)
            if "verdict" in said:
                return said
            wish.tell(said["tell"])
    return None


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the process and all that it has started; those in terminals end with their line."""
    for sign, seconds in ((signal.SIGTERM, _PATIENCE), (signal.SIGKILL, None)):
        try:
            os.killpg(child.pid, sign)
        except ProcessLookupError:
            break
        if child.poll() is None:
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
    child.wait()


def run_here(key: str, bench: Bench) -> dict[str, Any]:
    """Prove it in this very process; the report as a child sends it."""
    try:
        verdict = promise(key).run(bench)
    except Skipped as reason:
        return {"verdict": SKIPPED, "said": str(reason), "figures": {}}
    except (SdeskError, AssertionError, OSError) as error:
        return {"verdict": FAILS, "said": f"{type(error).__name__}: {error}", "figures": {}}
    said = HOLDS if verdict.holds else FAILS
    return {"verdict": said, "said": verdict.said, "figures": verdict.figures}

"""Processes that a proof starts: with an environment of their own, which leads to no other store."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import sdesk
from sdesk.surroundings import python

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Path(sdesk.__file__).resolve().parent.parent
"""What must be on the path of modules for `import sdesk` to find this sdesk."""
PIPE = subprocess.PIPE
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Home, settings, state, data and temporary files below the folder, UTC, and nothing else of the caller's."""
    home = folder / "home"
    for name in ("", "config", "state", "data", "cache", "run", "tmp"):
        (home / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        "LANG": "C.UTF-8", "TERM": "xterm-256color", **kept,
        "HOME": str(home), "TZ": "UTC", "PYTHONPATH": str(HERE),
        "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state"),
        "XDG_DATA_HOME": str(home / "data"), "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_RUNTIME_DIR": str(home / "run"), "TMPDIR": str(home / "tmp"), "SDESK_CONFIG": str(home / "config.toml"), **more,
    }  # fmt: skip


def start(
    folder: Path, *words: str, stdin: int | None = subprocess.DEVNULL,
    stdout: int | IO[Any] = subprocess.PIPE, env: Mapping[str, str] | None = None, **more: Any,
) -> subprocess.Popen[str]:  # fmt: skip
    """`python -m WORDS…`, for instance `start(folder, "sdesk", "ls")`; text in and out."""
    return subprocess.Popen(
        python("-m", *words), cwd=folder, env=dict(env or environment(folder)),
        stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, text=True, errors="replace", **more,
    )  # fmt: skip


def finish(children: Sequence[subprocess.Popen[str]], timeout: float = 600.0) -> list[str]:
    """What each has written, once all have ended well; else the first complaint as `ChildFailed`."""
    said = []
    try:
        for child in children:
            out, complaint = child.communicate(timeout=timeout)
            if child.returncode != 0:
                raise ChildFailed(
                    f"a process ended with {child.returncode}: {last_line(complaint)}"
                )
            said.append(out)
    finally:
        stop(children)
    return said


def stop(children: Sequence[subprocess.Popen[str]]) -> None:
    for child in children:
        if child.poll() is None:
            child.kill()
            child.wait()


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "(it said nothing)"


class ChildFailed(Exception):
    """A process that should have ended well has not."""

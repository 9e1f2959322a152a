"""What goes with a release: the lock of what is shipped, its bill of materials, its audit."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "locks"
ALL = "all"
_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!+_-]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Locked(NamedTuple):
    """A package as it is locked."""

    name: str
    version: str
    marker: str
    """Where it is wanted, as in `python_full_version < '3.13'`; empty for everywhere."""
    hashes: tuple[str, ...]


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def sets() -> list[str]:
    """The names of the locks: the program alone, with each extra, with all of them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return ["base", *sorted(project["optional-dependencies"]), ALL]


@cache
def locked(name: str = ALL) -> tuple[Locked, ...]:
    """The packages of a lock, by name."""
    text = (LOCKS / f"{name}.txt").read_text(encoding="utf-8")
    found: list[Locked] = []
    for line in text.splitlines():
        if begun := _LINE.match(line):
            found.append(Locked(normal(begun[1]), begun[2], begun[3] or "", ()))
        elif known := _HASH.search(line):
            found[-1] = found[-1]._replace(hashes=(*found[-1].hashes, known[1]))
    return tuple(found)

"""Promises, each proved on this host against a throw-away store: `sdesk prove`.

A promise is a module of this package with `PROMISE = Promise(…)`. The table below says which there
are, in the order in which they are proved; a module is imported when it is asked for, and what is
heavy it imports inside its functions. Each is run in a process of its own (`running`), which
nothing of the user's settings or store reaches.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sdesk.errors import NotFound

if TYPE_CHECKING:
    from sdesk.prove.model import Promise

PROMISES: dict[str, int] = {
    "locks": 1,
    "kill": 2,
    "killpoints": 3,
    "powercut": 4,
    "mailfuzz": 5,
    "corpus": 6,
    "intake": 7,
    "outbox": 8,
    "loops": 9,
    "terminal": 10,
    "hijack": 11,
    "portal": 12,
    "backup": 13,
    "audit": 14,
    "erase": 15,
    "drafts": 16,
    "faults": 17,
    "perms": 18,
}
"""Key → number. The module of the same name holds the proof."""


def promise(key: str) -> Promise:
    """The promise of that name. Raises `NotFound`; one that nobody has built yet fails when run."""
    if key not in PROMISES:
        raise NotFound.named("promise", key, PROMISES)
    if find_spec(f"{__name__}.{key}") is None:
        return _not_built(key)
    found: Promise = import_module(f"{__name__}.{key}").PROMISE
    return found


def _not_built(key: str) -> Promise:
    from sdesk.prove.model import Bench, Promise, Verdict

    def fail(_: Bench) -> Verdict:
        return Verdict(False, "not built yet")

    return Promise(key, PROMISES[key], "Not built yet.", fail)

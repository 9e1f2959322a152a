"""P12: the portal. There is none yet, so that nothing can be promised of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.prove.model import Promise, Verdict

if TYPE_CHECKING:
    from sdesk.prove.model import Bench


def run(bench: Bench) -> Verdict:
    """Not skipped: what is not there does not hold."""
    del bench
    return Verdict(False, "there is no portal in this version: nothing of it is proved")


PROMISE = Promise(
    "portal", 12,
    "The portal's routes, each as four kinds of visitor: 0 leaks, and nothing is changed without the"
    " form's token. Not built yet.",
    run,
)  # fmt: skip

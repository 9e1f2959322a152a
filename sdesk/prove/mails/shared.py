"""What the proofs about mail have in common: the extra they need, and work shared between processes."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from sdesk.errors import Refused
from sdesk.prove.model import Skipped

PARTS = 2
"""Processes that share a long proof: one for each of two cores."""
T = TypeVar("T")


def needs_mail() -> None:
    """Raises `Skipped` where the extra is missing."""
    from sdesk.mail.taking import check_extra

    try:
        check_extra()
    except Refused as error:
        raise Skipped(error.message) from None


def in_parts(work: Callable[..., T], *values: object) -> list[T]:
    """What `work(part, *values)` finds for each part, at once, in processes of their own."""
    # Pages that the collector touches would be copied at every fork.
    gc.collect()
    gc.freeze()
    with ProcessPoolExecutor(PARTS, mp_context=get_context("fork")) as pool:
        begun = [pool.submit(work, part, *values) for part in range(PARTS)]
        return [one.result() for one in begun]

"""One applier an operation: it changes the rows of one aggregate and records what changed."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sdesk.ops import Op
    from sdesk.store.tables import TicketTable
    from sdesk.store.transaction import Tx


@singledispatch
def apply(op: Op, tx: Tx, ticket: TicketTable | None) -> TicketTable | None:
    """Carry one operation out; the ticket it concerned, made by it or given."""
    raise NotImplementedError(type(op).__name__)


from sdesk.store.apply import (  # noqa: E402  (each module registers its appliers)
    binning,
    conversation,
    due,
    escalation,
    informing,
    mailing,
    people,
    posting,
    setup,
    threads,
    ticket,
    undo,
    work,
)

__all__ = [
    "apply",
    "binning",
    "conversation",
    "due",
    "escalation",
    "informing",
    "mailing",
    "people",
    "posting",
    "setup",
    "threads",
    "ticket",
    "undo",
    "work",
]

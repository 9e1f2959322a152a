"""Whether a store is whole: pages, references, the chain of events, and no half state between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.store import chained
from sdesk.store.health import damage
from sdesk.store.reader import open_reader

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.store.reader import Reader

_HALF = {
    "a ticket without a clock": """
        SELECT count(*) FROM ticket WHERE state NOT IN ('closed', 'cancelled', 'resolved')
        AND NOT EXISTS (SELECT 1 FROM clock WHERE clock.ticket_id = ticket.id)""",
    "a ticket that its newest event is not of": """
        SELECT count(*) FROM ticket WHERE last_event <>
        (SELECT max(id) FROM event WHERE event.ticket_id = ticket.id)""",
    "an entry that no event tells of": """
        SELECT count(*) FROM entry WHERE NOT EXISTS
        (SELECT 1 FROM event WHERE event.ticket_id IN (entry.ticket_id, entry.from_ticket))""",
}


def wrong(store: str | Path, *, thorough: bool = True) -> str:
    """What is wrong with the store, in a few words; "" when it is sound."""
    reader = open_reader(store)
    try:
        return wrong_in(reader, thorough=thorough)
    finally:
        reader.close()


def wrong_in(reader: Reader, *, thorough: bool = True) -> str:
    if pages := damage(reader, thorough=thorough):
        return pages[0]
    if (found := chained.verify(reader)).broken:
        return found.broken[0].said
    for what, sql in _HALF.items():
        if (row := reader.one(sql)) is not None and row[0]:
            return f"{what} ({row[0]})"
    return ""

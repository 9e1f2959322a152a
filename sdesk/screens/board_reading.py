"""What the SLA board shows: clocks with the calendar each counts by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sdesk.rules.calendar import Calendar
from sdesk.widgets.board_lanes import BoardRow

if TYPE_CHECKING:
    from sdesk.desk import Desk

MOST = 10_000
"""Clocks of each sort that are read."""


@lru_cache(maxsize=64)
def _compiled(name: str, spec: str) -> Calendar:
    """A calendar is compiled once, however often the board is read."""
    return Calendar.from_json({**json.loads(spec), "name": name})


def calendars(specs: Mapping[str, Mapping[str, Any]]) -> dict[str, Calendar]:
    """The desk's calendars by name."""
    return {name: _compiled(name, json.dumps(spec, sort_keys=True)) for name, spec in specs.items()}


def read_board(desk: Desk) -> list[BoardRow]:
    """Every running clock the soonest first, then the paused, then those met today."""
    read = desk.read
    known = calendars(read.calendars())
    by_policy = {name: str(spec.get("calendar") or "") for name, spec in read.policies().items()}
    by_queue = {queue.key: queue.calendar for queue in read.queues()}
    rows = []
    for ticket, clock in read.board(limit=MOST):
        name = by_policy.get(clock.policy) or by_queue.get(ticket.queue) or desk.settings.calendar
        rows.append(BoardRow(ticket, clock, known.get(name)))
    return rows

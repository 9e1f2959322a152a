"""What the SLA board shows: clocks with the calendar each counts by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sdesk.rules.calendar import Calendar
from sdesk.rules.ladder import Level
from sdesk.rules.policy import Policy
from sdesk.widgets.board_lanes import BoardRow
from sdesk.widgets.next_step import NextStep

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import ClockRow, Ticket, TicketRow

MOST = 10_000
"""Clocks of each sort that are read."""


@lru_cache(maxsize=64)
def _compiled(name: str, spec: str) -> Calendar:
    """A calendar is compiled once, however often the board is read."""
    return Calendar.from_json({**json.loads(spec), "name": name})


def calendars(specs: Mapping[str, Mapping[str, Any]]) -> dict[str, Calendar]:
    """The desk's calendars by name."""
    return {name: _compiled(name, json.dumps(spec, sort_keys=True)) for name, spec in specs.items()}


@lru_cache(maxsize=64)
def _ladders(name: str, spec: str) -> dict[str, dict[str, Level]]:
    """Target → key of a step → the step, of one policy."""
    policy = Policy.from_json({**json.loads(spec), "name": name})
    return {target.kind: {step.key: step for step in target.ladder} for target in policy.targets}


Ladders = Mapping[str, Mapping[str, Mapping[str, Level]]]
"""By policy and target."""


def ladders(specs: Mapping[str, Mapping[str, Any]]) -> Ladders:
    """The desk's ladders by policy and target, each step under its key."""
    return {name: _ladders(name, json.dumps(spec, sort_keys=True)) for name, spec in specs.items()}


def next_step(
    clock: ClockRow, known: Ladders, ticket: TicketRow | Ticket | None
) -> NextStep | None:
    """What comes next for a clock; who has the ticket stands for the words that mean them."""
    if not clock.step or clock.step_at is None:
        return None
    level = known.get(clock.policy, {}).get(clock.target, {}).get(clock.step)
    if level is None:
        return NextStep(clock.step, clock.step_at)
    people: dict[str, str] = {}
    if ticket is not None:
        # Where nobody is assigned, the queue is told.
        working = ticket.assignee or "queue"
        people = {"assignee": working, "owner": ticket.owner or working}
    told = dict.fromkeys(people.get(who, who) for who in level.tell)
    return NextStep(level.title, clock.step_at, tuple(told))


def read_board(desk: Desk) -> list[BoardRow]:
    """Every running clock the soonest first, then the paused, then those met today."""
    read = desk.read
    known, policies = calendars(read.calendars()), read.policies()
    steps = ladders(policies)
    by_policy = {name: str(spec.get("calendar") or "") for name, spec in policies.items()}
    by_queue = {queue.key: queue.calendar for queue in read.queues()}
    rows = []
    for ticket, clock in read.board(limit=MOST):
        name = by_policy.get(clock.policy) or by_queue.get(ticket.queue) or desk.settings.calendar
        rows.append(BoardRow(ticket, clock, known.get(name), next_step(clock, steps, ticket)))
    return rows

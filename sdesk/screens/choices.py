"""What the act keys offer: each choice holds the operations it stands for, and the word for having done them.

Loaded when the first of those keys is pressed: operations take 20 ms that the first paint need not pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sdesk.errors import Invalid
from sdesk.model import LEVEL_NAMES, PRIORITIES, PRIORITY_NAMES
from sdesk.ops import (
    AddTags,
    Assign,
    Edit,
    Move,
    Op,
    RemoveTags,
    SetPriority,
    SetState,
    Take,
    check_tag,
)
from sdesk.screens.dialogs.pick import Choice, Pick

if TYPE_CHECKING:
    from sdesk.desk import Desk


class Act(NamedTuple):
    """Operations, and what is said when they are done: "assigned to ben"."""

    ops: tuple[Op, ...]
    said: str


def take(me: str) -> Act:
    return Act((Take(),), f"taken by {me}")


def assignees(desk: Desk) -> list[Choice]:
    """Me, the other agents, nobody, every queue."""
    me = desk.actor
    agents = sorted(
        (a for a in desk.read.agents() if a.active), key=lambda a: (a.login != me, a.login)
    )
    found = [
        Choice(
            Act((Assign(a.login),), f"assigned to {a.login}"),
            a.login,
            a.name + (" · me" if a.login == me else ""),
        )
        for a in agents
    ]
    found.append(
        Choice(Act((Assign(""),), "assigned to nobody"), "nobody", "back to all of the queue")
    )
    return [*found, *queues(desk, prefix="queue ")]


def states(desk: Desk) -> list[Choice]:
    return [
        Choice(Act((SetState(s.key),), f"set to {s.key}"), s.name, s.category)
        for s in desk.read.states()
    ]


def queues(desk: Desk, *, prefix: str = "") -> list[Choice]:
    return [
        Choice(
            Act((Move(q.key),), f"moved to {q.key}"), prefix + q.key, f"{q.name} · tier {q.tier}"
        )
        for q in desk.read.queues()
    ]


def priorities(_: Desk) -> list[Choice]:
    """The four, then what impact and urgency make of it."""
    found = [
        Choice(Act((SetPriority(p),), f"set to P{p}"), f"{p} {PRIORITY_NAMES[p]}")
        for p in PRIORITIES
    ]
    automatic = Act((SetPriority(None),), "prioritized by impact and urgency")
    found.append(Choice(automatic, "automatic", "impact and urgency decide"))
    for impact, i_name in LEVEL_NAMES.items():
        for urgency, u_name in LEVEL_NAMES.items():
            ops = (SetPriority(None), Edit("impact", impact), Edit("urgency", urgency))
            label = f"impact {i_name} × urgency {u_name}"
            found.append(Choice(Act(ops, "prioritized"), label, "automatic"))
    return found


def by_digit(offered: Sequence[Choice]) -> dict[str, Act]:
    """Digit → the choice whose label begins with it: one key picks it."""
    return {c.label[0]: c.value for c in offered if c.label[:1].isdigit()}


def tags(desk: Desk, title: str, had: Sequence[str]) -> Pick:
    """A dialog over the tags in use, those it has marked; a new one is made by typing it."""
    known = dict.fromkeys([*had, *desk.read.tags(limit=200)])
    return Pick(title, [Choice(t, t) for t in known], multi=True, marked=had, other=_new_tag)


def retagged(had: Sequence[str], wanted: Sequence[str]) -> Act | None:
    """What makes these tags of those; None when they are the same."""
    ops: list[Op] = []
    if added := tuple(sorted(set(wanted) - set(had))):
        ops.append(AddTags(added))
    if gone := tuple(sorted(set(had) - set(wanted))):
        ops.append(RemoveTags(gone))
    return Act(tuple(ops), "tagged") if ops else None


def _new_tag(text: str) -> Choice | None:
    try:
        check_tag(text)
    except Invalid:
        return None
    return Choice(text, text, "a tag that isn't there yet")


SORTS = (
    ("due", "the most urgent clock first"),
    ("priority", "critical first"),
    ("-updated", "what changed last first"),
    ("-created", "the newest first"),
    ("created", "the oldest first"),
    ("-number", "by number, the highest first"),
    ("requester", "by requester"),
    ("assignee", "by assignee"),
    ("queue", "by queue"),
    ("state", "by state"),
    ("subject", "by subject"),
)


def orders() -> Pick:
    """A dialog over the orders of a list."""
    return Pick("Sort by", [Choice(order, order, words) for order, words in SORTS])

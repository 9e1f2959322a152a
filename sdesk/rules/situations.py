"""From a ticket's events to what its clocks care for: the moments at which its situation changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from sdesk.rules.clock import ByHand, Moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


class Happened(Protocol):
    """What an event and a loaded one have in common."""

    @property
    def id(self) -> int: ...
    @property
    def at(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def changes(self) -> Mapping[str, Sequence[Any]]: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


ANSWERS = frozenset({"replied", "called"})
CHANGES = frozenset({"state", "category", "priority", "policy", "queue", "assignee"})
DUE = "due."
"""Before the name of a target: a change of the date that somebody has set for it by hand."""
FOLLOWS = frozenset({"policy_matched", "calendar_matched"})
"""Kinds of event that follow from what else happened in that second."""
SILENT = frozenset(
    {"noted", "chatted", "tagged", "untagged", "linked", "unlinked", "field_set", "rule_failed"}
)
"""Kinds that no clock ever cares for."""


def moments(events: Iterable[Happened], withdrawn: Collection[int] = ()) -> tuple[Moment, ...]:
    """The moments of one ticket, oldest first.

    An answer that was taken back (`withdrawn`: entry numbers) never was one. Which policy and
    calendar hold belongs to the moments of the second they followed from.
    """
    found: list[Moment] = []
    tiers: dict[str, int] = {}
    for event in events:
        if "tier" in event.details:
            queue = event.details.get("queue") or event.changes.get("queue", ("", ""))[1]
            tiers[queue] = event.details["tier"]
        if not found:
            if event.kind == "opened":
                found.append(_opening(event, tiers))
            continue
        moment = _moment(event, found[-1], withdrawn, tiers)
        if moment is None:
            continue
        if event.kind in FOLLOWS and found[-1].at == moment.at:
            found = [_under(m, moment) if m.at == moment.at else m for m in found]
        else:
            found.append(moment)
    return tuple(found)


def _under(moment: Moment, matched: Moment) -> Moment:
    return replace(moment, policy=matched.policy, calendar=matched.calendar)


def _opening(event: Happened, tiers: Mapping[str, int]) -> Moment:
    now = event.details
    # An agent's own ticket owes nobody an answer until a requester speaks.
    kind = "opened" if now.get("requester_id") else "raised"
    queue = now.get("queue") or ""
    return Moment(
        at=event.at, kind=kind, state=now["state"], category=now["category"],
        priority=now["priority"], policy=now.get("policy"), cause="opened",
        calendar=now.get("calendar") or "", queue=queue, tier=tiers.get(queue, 0),
        assigned_at=event.at if now.get("assignee") else None, number=event.id,
    )  # fmt: skip


def _moment(
    event: Happened, last: Moment, withdrawn: Collection[int], tiers: Mapping[str, int]
) -> Moment | None:
    kind = _kind(event, withdrawn)
    after = {name: pair[1] for name, pair in event.changes.items() if _matters(name)}
    follows = event.kind in FOLLOWS
    if kind == "changed" and not after and not follows:
        return None
    dates = [name for name in after if name.startswith(DUE)]
    queue = after.get("queue", last.queue) or ""
    assigned_at = last.assigned_at
    if "assignee" in after:
        assigned_at = event.at if after["assignee"] else None
    # Written out: `replace` costs more than all of the rest, and an import asks a million times.
    return Moment(
        event.at,
        kind,
        after.get("state", last.state),
        after.get("category", last.category),
        after.get("priority", last.priority),
        (after["policy"] or None) if "policy" in after else last.policy,
        after.get("state", event.kind) if after.get("category") == "waiting" else event.kind,
        event.details.get("calendar", last.calendar) if follows else last.calendar,
        queue,
        tiers.get(queue, 0) if "queue" in after else last.tier,
        assigned_at,
        _dates(event, last.by_hand, dates) if dates else last.by_hand,
        event.id,
    )


def _matters(name: str) -> bool:
    return name in CHANGES or name.startswith(DUE)


def _kind(event: Happened, withdrawn: Collection[int]) -> str:
    if event.kind in ANSWERS and event.details.get("entry") not in withdrawn:
        return "answered"
    if event.kind == "received" and event.details.get("entry") not in withdrawn:
        return "asked"
    return "changed"


def _dates(event: Happened, before: Sequence[ByHand], names: Sequence[str]) -> tuple[ByHand, ...]:
    """The dates set by hand after an event that changes those of `names`."""
    targets = {name.removeprefix(DUE): event.changes[name][1] for name in names}
    kept = [due for due in before if due.target not in targets]
    fresh = [ByHand(target, at, event.at) for target, at in targets.items() if at is not None]
    return (*kept, *fresh)

"""From a ticket's events to what its clocks care for: the moments at which its situation changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from sdesk.rules.sla import Moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


class Happened(Protocol):
    """What an event and a loaded one have in common."""

    @property
    def at(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def changes(self) -> Mapping[str, Sequence[Any]]: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


ANSWERS = frozenset({"replied", "called"})
CHANGES = frozenset({"state", "category", "priority", "policy"})


def moments(events: Iterable[Happened], withdrawn: Collection[int] = ()) -> tuple[Moment, ...]:
    """The moments of one ticket, oldest first.

    An answer that was taken back (`withdrawn`: entry numbers) never was one. Which policy holds
    follows from what else happened in that second, so it belongs to those moments.
    """
    found: list[Moment] = []
    for event in events:
        moment = _moment(event, found[-1] if found else None, withdrawn)
        if moment is None:
            continue
        if event.kind == "policy_matched" and found[-1].at == moment.at:
            found = [replace(m, policy=moment.policy) if m.at == moment.at else m for m in found]
        else:
            found.append(moment)
    return tuple(found)


def _moment(event: Happened, last: Moment | None, withdrawn: Collection[int]) -> Moment | None:
    if event.kind == "opened":
        now = event.details
        # An agent's own ticket owes nobody an answer until a requester speaks.
        kind = "opened" if now.get("requester_id") else "raised"
        return Moment(
            at=event.at, kind=kind, state=now["state"], category=now["category"],
            priority=now["priority"], policy=now.get("policy"), cause="opened",
        )  # fmt: skip
    if last is None:
        return None
    after = {name: pair[1] for name, pair in event.changes.items() if name in CHANGES}
    kind = "changed"
    if event.kind in ANSWERS and event.details.get("entry") not in withdrawn:
        kind = "answered"
    elif event.kind == "received" and event.details.get("entry") not in withdrawn:
        kind = "asked"
    elif not after:
        return None
    if "policy" in after:
        after["policy"] = after["policy"] or None
    return Moment(
        at=event.at, kind=kind, state=after.get("state", last.state),
        category=after.get("category", last.category),
        priority=after.get("priority", last.priority), policy=after.get("policy", last.policy),
        cause=event.kind, calendar=last.calendar,
    )  # fmt: skip

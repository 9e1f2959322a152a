"""SLA policies as values: which target, how much working time by priority, and what pauses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sdesk.errors import did_you_mean
from sdesk.model import PRIORITIES
from sdesk.rules.budget import Budget, PolicyError, duration_text, parse_duration
from sdesk.rules.ladder import Level, levels_from, levels_to_json

__all__ = ["Budget", "Policy", "PolicyError", "Target", "duration_text", "parse_duration"]

TARGET_KINDS = ("response", "update", "periodic", "resolution", "queue", "supplier")
STOPS = {"queue": ("left", "assigned"), "resolution": ("resolved", "closed")}
"""Kind of target → what may stop it; the first is what does unless the policy says otherwise."""
PER = ("queue", "tier")
SUPPLIER_STATES = frozenset({"waiting-supplier"})
DONE = ("resolved", "closed")
"""Categories in which nobody owes anything."""
ON_CHANGE = ("retroactive", "restart")


@dataclass(frozen=True, slots=True)
class Target:
    """One promise of a policy."""

    kind: str
    budgets: Mapping[int, Budget]
    """By priority; a priority that is not here has no such clock."""
    pauses: frozenset[str] = frozenset()
    """Keys of states, or whole categories, in which the clock stands still."""
    stop: str = ""
    """What stops it. Of a queue target: that the ticket has `left`, or is `assigned`; of a
    resolution target: that it is `resolved`, or `closed` for good."""
    per: str = "queue"
    """Of a queue target: whether another `queue` is an arrival, or only another `tier`."""
    states: frozenset[str] = SUPPLIER_STATES
    """Of a supplier target: keys of the states that wait for a supplier."""
    ladder: tuple[Level, ...] = ()
    """Warnings and levels of escalation, in the order in which their time comes."""

    def stands_still(self, state: str, category: str) -> bool:
        """Whether its clock pauses there, and on a ticket that is done, where nobody owes anything."""
        if self.stop == "closed" and category == "resolved":
            return False
        return category in DONE or state in self.pauses or category in self.pauses

    def __post_init__(self) -> None:
        if self.kind not in TARGET_KINDS:
            raise PolicyError(
                f"'{self.kind}' is no kind of target.", did_you_mean(self.kind, TARGET_KINDS)
            )
        stops = STOPS.get(self.kind, ("",))
        if not self.stop:
            object.__setattr__(self, "stop", stops[0])
        for name, value, known in (("stop", self.stop, stops), ("per", self.per, PER)):
            if value not in known:
                raise PolicyError(
                    f"{self.kind}.{name}: '{value}' is not known.", did_you_mean(value, known)
                )

    def to_json(self) -> dict[str, Any]:
        values: dict[str, Any] = {
            "kind": self.kind,
            "budgets": {str(p): str(b) for p, b in sorted(self.budgets.items())},
            "pauses": sorted(self.pauses),
        }
        if self.kind == "queue":
            values |= {"stop": self.stop, "per": self.per}
        if self.kind == "resolution" and self.stop != "resolved":
            values["stop"] = self.stop
        if self.kind == "supplier":
            values["states"] = sorted(self.states)
        return values | levels_to_json(self.ladder)


@dataclass(frozen=True, slots=True)
class Policy:
    """An agreement: for the tickets that match `when`, these targets by that calendar."""

    name: str
    when: str
    """A query; the first matching policy of the ordered list counts."""
    calendar: str
    """A calendar's name; empty for the one of the ticket's queue, site or customer."""
    targets: tuple[Target, ...]
    on_change: str = "retroactive"
    """What a changed priority or policy does: `retroactive` counts the budget in force from the
    clock's original start, `restart` starts the clock over."""

    def __post_init__(self) -> None:
        if self.on_change not in ON_CHANGE:
            raise PolicyError(
                f"on_change: '{self.on_change}' is no way to change.",
                did_you_mean(self.on_change, ON_CHANGE),
            )
        kinds = [target.kind for target in self.targets]
        for kind in kinds:
            if kinds.count(kind) > 1:
                raise PolicyError(f"Policy '{self.name}' has two {kind} targets.")

    def target(self, kind: str) -> Target | None:
        for target in self.targets:
            if target.kind == kind:
                return target
        return None

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Policy:
        """The policy that `to_json` described; a budget may stand under "*" for all priorities."""
        _known(values, ("name", "when", "calendar", "targets", "on_change"), "policy")
        name = values.get("name")
        if not isinstance(name, str) or not name:
            raise PolicyError("policy.name: a policy needs a name.")
        return cls(
            name=name,
            when=_text(values, "when", f"policy '{name}'"),
            calendar=_text(values, "calendar", f"policy '{name}'"),
            targets=_targets(values.get("targets", ()), f"policy '{name}'"),
            on_change=_text(values, "on_change", f"policy '{name}'") or "retroactive",
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values in a fixed order, so that equal policies make equal text."""
        return {
            "name": self.name,
            "when": self.when,
            "calendar": self.calendar,
            "targets": [target.to_json() for target in self.targets],
            "on_change": self.on_change,
        }


def _targets(entries: object, place: str) -> tuple[Target, ...]:
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise PolicyError(f"{place}: targets are a list.")
    return tuple(_target(entry, place) for entry in entries)


_OPTIONS = {"queue": ("stop", "per"), "resolution": ("stop",), "supplier": ("states",)}
"""What a target of that kind may say besides its budgets and pauses."""


def _target(entry: object, place: str) -> Target:
    if not isinstance(entry, Mapping):
        raise PolicyError(f"{place}: '{entry}' is not a target.")
    kind = _text(entry, "kind", place)
    common = ("kind", "budgets", "pauses", "warnings", "levels")
    _known(entry, (*common, *_OPTIONS.get(kind, ())), place)
    states = _states(entry, "states", f"{place}, {kind}")
    return Target(
        kind,
        _budgets(entry.get("budgets"), f"{place}, {kind}"),
        _states(entry, "pauses", f"{place}, {kind}"),
        _text(entry, "stop", f"{place}, {kind}"),
        _text(entry, "per", f"{place}, {kind}") or "queue",
        states or SUPPLIER_STATES,
        levels_from(entry, f"{place}, {kind}"),
    )


def _states(entry: Mapping[str, Any], key: str, place: str) -> frozenset[str]:
    states = entry.get(key, ())
    if not isinstance(states, Sequence) or isinstance(states, str):
        raise PolicyError(f"{place}: {key} are a list of states.")
    return frozenset(str(state) for state in states)


def _budgets(entries: object, place: str) -> dict[int, Budget]:
    if not isinstance(entries, Mapping) or not entries:
        raise PolicyError(f"{place}: there is no budget for any priority.")
    budgets: dict[int, Budget] = {}
    if "*" in entries:
        budgets = dict.fromkeys(PRIORITIES, Budget.parse(entries["*"], f"{place}, every priority"))
    for key, text in entries.items():
        if key != "*":
            priority = _priority(key, place)
            budgets[priority] = Budget.parse(text, f"{place}, priority {priority}")
    return budgets


def _priority(key: object, place: str) -> int:
    if str(key) not in map(str, PRIORITIES):
        raise PolicyError(f"{place}: '{key}' is not a priority.", "Priorities are 1 to 4.")
    return int(str(key))


def _text(values: Mapping[str, Any], key: str, place: str) -> str:
    text = values.get(key, "")
    if not isinstance(text, str):
        raise PolicyError(f"{place}: {key} is a text, not '{text}'.")
    return text


def _known(values: Mapping[str, Any], keys: Sequence[str], place: str) -> None:
    for key in values:
        if key not in keys:
            raise PolicyError(f"{place}: '{key}' means nothing.", did_you_mean(str(key), keys))

"""Service levels at work: the desk's policies and calendars, asked which apply and what the clocks say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sdesk.rules import sla
from sdesk.rules.calendar import Calendar
from sdesk.rules.query import Query, matches, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sdesk.model import Instant
    from sdesk.rules.query import Context, Facts


@dataclass(frozen=True)
class ServiceLevels:
    """Policies in their order, each with its condition, and the calendars they count by."""

    policies: Mapping[str, sla.Policy]
    calendars: Mapping[str, Calendar]
    conditions: Mapping[str, Query]

    @classmethod
    def read(
        cls, policies: Mapping[str, dict[str, Any]], calendars: Mapping[str, dict[str, Any]]
    ) -> ServiceLevels:
        made = {
            name: sla.Policy.from_json({**spec, "name": name}) for name, spec in policies.items()
        }
        return cls(
            made,
            {
                name: Calendar.from_json({**spec, "name": name})
                for name, spec in calendars.items()
            },
            {name: parse(policy.when) for name, policy in made.items()},
        )

    def policy_for(self, facts: Callable[[], Facts], context: Context) -> str:
        """The first policy whose condition holds; empty when none does: no SLA, no clock."""
        known: Facts | None = None
        for name, condition in self.conditions.items():
            if condition.where is None:
                return name
            known = known or facts()
            if matches(condition, known, context):
                return name
        return ""

    def clocks(self, moments: tuple[sla.Moment, ...], now: Instant) -> tuple[sla.Clock, ...]:
        return sla.measure(moments, self.policies, self.calendars, now)

    def dues(self, moments: tuple[sla.Moment, ...], now: Instant) -> tuple[sla.Clock, ...]:
        """The same without the ledger's sentences: for bulk work."""
        return sla.measure(moments, self.policies, self.calendars, now, ledger=False)


def clock_rows(ticket: int, clocks: tuple[sla.Clock, ...]) -> list[dict[str, Any]]:
    """Clocks as the `clock` table keeps them."""
    return [
        {
            "ticket_id": ticket, "target": clock.target, "policy": clock.policy,
            "started_at": clock.started_at, "stopped_at": clock.stopped_at,
            "budget": clock.budget, "used": clock.used, "due_at": clock.due_at,
            "breach_at": clock.breach_at, "paused": int(clock.paused), "verdict": clock.verdict,
        }
        for clock in clocks
    ]  # fmt: skip


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The ticket's cached columns: its earliest running clock, else what a paused one has left."""
    running = [row for row in rows if row["stopped_at"] is None and row["due_at"] is not None]
    paused = [row for row in rows if row["stopped_at"] is None and row["due_at"] is None]
    first = min(running, key=lambda row: row["due_at"], default=None)
    breaches = [row["breach_at"] for row in running if row["breach_at"] is not None]
    return {
        "due_at": first["due_at"] if first else None,
        "due_target": first["target"] if first else "",
        "breach_at": min(breaches, default=None),
        "remaining": None if first or not paused else min(r["budget"] - r["used"] for r in paused),
        "breached": int(any(row["verdict"] == "breached" for row in rows)),
    }

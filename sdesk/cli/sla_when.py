"""`sla when`: which policy would match, why the earlier ones would not, and when all would be due."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdesk.cli import session
from sdesk.cli.options import Format, Store
from sdesk.cli.output import put

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.levels import ServiceLevels
    from sdesk.model import Instant
    from sdesk.rules.calendar import Calendar
    from sdesk.rules.policy import Target
    from sdesk.rules.query import Facts

STARTS = {
    "response": "the opening", "resolution": "the opening", "queue": "the arrival in the queue",
    "update": "a message of the requester", "periodic": "an answer",
    "supplier": "the handing over to the supplier",
}  # fmt: skip
"""What the clock of a target runs from."""


def when(
    text: Annotated[str, typer.Argument(metavar="TICKET", help='What it would be: "incident P1 org:acme queue:network vpn".', show_default=False)] = "",
    at: Annotated[str, typer.Option("--at", metavar="WHEN", help="When it would come: fri 16:50, 2026-12-23 15:00; else now.", show_default=False)] = "",
    form: Annotated[Format, typer.Option("--format", help="table, or json.")] = Format.TABLE,
    store: Store = None,
) -> None:  # fmt: skip
    """Say when a ticket would be due, before there is one."""
    from sdesk.cli.times import instant

    with session.open_desk(store) as desk:
        start = instant(at, desk) if at else desk.now()
        facts, levels = _facts(desk, text, start), desk.levels()
        policies = _policies(desk, levels, facts, start)
        found = {"ticket": _described(facts), "at": start, "policies": policies}
        found |= _dues(levels, policies, facts, start, desk.settings.zone)
        if form in (Format.JSON, Format.JSONL):
            print(json.dumps(found, indent=2))
        else:
            put("\n".join(_lines(found, desk.settings.zone)))


def _facts(desk: Desk, text: str, at: Instant) -> Facts:
    from sdesk.rules.query import Facts
    from sdesk.rules.supposing import suppose

    queues = {queue.key: queue for queue in desk.read.queues()}
    plain = Facts(queue=desk.settings.intake_queue, created_at=at, updated_at=at)
    organizations = [organization.name for organization in desk.read.organizations()]
    facts = suppose(text, plain, desk.read.vocabulary(), organizations)
    queue = queues.get(facts.queue)
    if queue is None:
        return facts
    return facts._replace(tier=facts.tier or queue.tier, site=facts.site or queue.site)


def _described(facts: Facts) -> dict[str, Any]:
    return {
        "kind": facts.kind, "priority": facts.priority, "queue": facts.queue,
        "organization": facts.organization, "subject": facts.subject,
    }  # fmt: skip


def _policies(desk: Desk, levels: ServiceLevels, facts: Facts, at: Instant) -> list[dict[str, Any]]:
    """Policies in their order up to the first that matches, each with the verdict of its terms."""
    from sdesk.rules.query import Context, matches
    from sdesk.rules.supposing import verdicts

    context = Context(me="", now=at, zone=desk.settings.zone)
    found: list[dict[str, Any]] = []
    for name, condition in levels.conditions.items():
        terms = [{"term": t, "holds": h} for t, h in verdicts(condition, facts, context)]
        does = matches(condition, facts, context)
        found.append({"policy": name, "matches": does, "terms": terms})
        if does:
            break
    return found


def _dues(
    levels: ServiceLevels, policies: list[dict[str, Any]], facts: Facts, at: Instant, zone: str
) -> dict[str, Any]:
    if not policies or not policies[-1]["matches"]:
        return {"policy": "", "calendar": "", "targets": []}
    policy = levels.policies[policies[-1]["policy"]]
    name = policy.calendar or levels.hours.of_ticket(facts.queue, lambda: facts.organization)
    calendar, targets = levels.calendars[name], []
    for target in policy.targets:
        if (budget := target.budgets.get(facts.priority)) is None:
            continue
        seconds = budget.working_seconds(at, calendar)
        due = calendar.due_s(at, seconds)
        targets.append(
            {
                "target": target.kind,
                "budget": str(budget),
                "from": STARTS[target.kind],
                "due_at": due,
                "steps": _steps(target, at, seconds, calendar, zone),
            }
        )
    return {"policy": policy.name, "calendar": name, "targets": targets}


def _steps(
    target: Target, at: Instant, seconds: int, calendar: Calendar, zone: str
) -> list[dict[str, Any]]:
    """When each warning and each level of escalation would come, and when people would be told."""
    from sdesk.rules.supposing import foretold

    return [
        {
            "step": level.title, "place": level.key, "at": comes,
            "tell": list(level.tell), "told_at": level.show_at(comes, zone), "do": list(level.do),
        }
        for level, comes in foretold(target.ladder, at, seconds, calendar)
    ]  # fmt: skip


def _lines(found: dict[str, Any], zone: str) -> list[str]:
    from sdesk.present import stamp
    from sdesk.text import clean_line

    about, at = found["ticket"], found["at"]
    words = [about["kind"], f"P{about['priority']}", about["queue"], about["organization"]]
    words.append(f'"{about["subject"]}"' if about["subject"] else "")
    lines = [" · ".join(clean_line(w) for w in words if w) + f" · comes {_day(at, zone)} · times in {zone}", ""]  # fmt: skip
    for policy in found["policies"]:
        terms = [
            f"{t['term']} {'holds' if t['holds'] else 'does not hold'}" for t in policy["terms"]
        ]
        mark = "matches" if policy["matches"] else "no"
        why = ", ".join(terms) or "every ticket"
        lines.append(f"{mark:<8} {clean_line(policy['policy'])}: {clean_line(why)}")
    if not found["policy"]:
        return [*lines, "", "No policy matches: no SLA, and no clock."]
    lines += ["", f"calendar {clean_line(found['calendar'])}"]
    if not found["targets"]:
        lines.append(f"The policy promises nothing for P{about['priority']}.")
    for target in found["targets"]:
        due = f"{_day(target['due_at'], zone)}  {stamp(target['due_at'], zone)}"
        lines.append(
            f"{target['target']:<11} {target['budget']:>8}  due {due}   from {target['from']}"
        )
        lines += [_step_line(step, zone) for step in target["steps"]]
    return lines


def _step_line(step: dict[str, Any], zone: str) -> str:
    from sdesk.present import stamp
    from sdesk.text import clean_line

    told = ", ".join(step["tell"])
    if step["told_at"] != step["at"]:
        told += f" (quiet until {_day(step['told_at'], zone)})"
    does = "".join(f" · {act}" for act in step["do"])
    when = f"{_day(step['at'], zone)}  {stamp(step['at'], zone)}"
    return f"{'':<20} step {when}   {clean_line(step['step'])} → {clean_line(told + does)}"


def _day(at: Instant, zone: str) -> str:
    from sdesk.present import local

    there = local(at, zone)
    return f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[there.weekday()]} {there:%H:%M}"

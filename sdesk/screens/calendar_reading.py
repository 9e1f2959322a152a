"""What the calendar screen shows: every calendar with those who use it, and whether it may be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sdesk.rules.calendar import Calendar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdesk.desk import Desk


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """The desk's calendars."""

    specs: Mapping[str, dict[str, Any]]
    users: Mapping[str, tuple[str, ...]]
    """Calendar → "the desk", "queue network" …"""
    can_edit: bool


def read_calendars(desk: Desk) -> CalendarPage:
    """The calendars in the order of their names, those in use first."""
    read = desk.read
    agent = read.agent(desk.actor)
    specs = stored(desk)
    users = {name: tuple(map(_said, read.calendar_users(name))) for name in specs}
    ordered = sorted(specs, key=lambda name: (not users[name], name))
    return CalendarPage(
        {name: specs[name] for name in ordered},
        users,
        agent is not None and agent.active and agent.role == "admin",
    )


def stored(desk: Desk) -> dict[str, dict[str, Any]]:
    """Name → values, whole and in their fixed order."""
    return {
        name: Calendar.from_json({**spec, "name": name}).to_json()
        for name, spec in desk.read.calendars().items()
    }


def _said(user: tuple[str, str]) -> str:
    kind, name = user
    return f"{kind} {name}" if name else f"the {kind}"

"""The columns a list of tickets can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.cli.output import Column
from sdesk.errors import NotFound
from sdesk.looks import FIELD
from sdesk.present import (
    age,
    countdown,
    countdown_cell,
    moment,
    priority_badge,
    state_badge,
    urgency,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdesk.desk import Desk
    from sdesk.model import Instant, TicketRow

SHOWN = ("number", "priority", "due", "subject", "requester", "assignee", "queue", "state")
"""What a table and a pipe get."""


def utc(at: Instant | None) -> str | None:
    """ISO 8601 in UTC, as programs read it."""
    if at is None:
        return None
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _urgency_style(row: TicketRow, now: Instant) -> str:
    return {"breached": "bad", "risk": "warn", "paused": "dim"}.get(urgency(row, now), "")


def ticket_columns(desk: Desk) -> Mapping[str, Column[TicketRow]]:
    """Every column by name, in the order of JSON."""
    now, zone = desk.now(), desk.settings.zone

    def when(name: str, help_text: str) -> Column[TicketRow]:
        return Column(
            name,
            lambda row: utc(getattr(row, f"{name}_at")),
            lambda row: moment(getattr(row, f"{name}_at"), zone, now),
            help_text,
        )

    columns: list[Column[TicketRow]] = [
        Column("number", lambda row: row.ref, help="SD-1042"),
        Column("kind", lambda row: row.kind, help="incident, request, …"),
        Column("priority", lambda row: row.priority, lambda row: priority_badge(row.priority), "1 to 4"),
        Column(
            "due",
            lambda row: utc(row.due_at),
            lambda row: countdown(row.due_at, row.breach_at, now, paused_remaining=row.remaining),
            "what is left of the earliest clock",
            cell=lambda row: countdown_cell(row, now),
            style=lambda row: _urgency_style(row, now),
        ),
        Column("target", lambda row: row.due_target, help="which clock that is"),
        Column("remaining", lambda row: row.remaining, help="working seconds left while paused"),
        Column("breached", lambda row: row.breached or urgency(row, now) == "breached", help="past a target"),
        Column("subject", lambda row: row.subject, most=70),
        Column("requester", lambda row: row.requester, lambda row: row.requester + " ★" * row.vip, most=24),
        Column("organization", lambda row: row.organization, most=24),
        Column("vip", lambda row: row.vip, help="whether the requester is a VIP"),
        Column("assignee", lambda row: row.assignee, lambda row: row.assignee or "—", most=16),
        Column("owner", lambda row: row.owner, lambda row: row.owner or "—", most=16),
        Column("queue", lambda row: row.queue, most=20),
        Column("state", lambda row: row.state, state_badge, most=22),
        Column("category", lambda row: str(row.category), help="the state's: new, open, waiting, …"),
        Column("until", lambda row: utc(row.state_until), lambda row: moment(row.state_until, zone, now), "until when it waits"),
        when("created", "when it was opened"),
        when("updated", "when it last changed"),
        Column("age", lambda row: now - row.created_at, lambda row: age(row.created_at, now), "since it was opened", right=True),
        Column("unread", lambda row: row.unread, lambda row: "•" if row.unread else "", "changed since you looked"),
        Column("restricted", lambda row: row.restricted),
        Column("path", lambda row: row.path, help="the ticket's category: Hardware / Printer", most=30),
        Column("tags", lambda row: list(row.tags), most=30),
    ]  # fmt: skip
    return {column.name: column for column in columns}


def chosen(names: str | None, desk: Desk, *, every: bool) -> list[Column[TicketRow]]:
    """The columns in a comma-separated list; without one the usual, or every one for JSON."""
    known = ticket_columns(desk)
    if not names:
        return list(known.values()) if every else [known[name] for name in SHOWN]
    found = []
    for name in names.replace(",", " ").split():
        if name not in known and not name.startswith(FIELD):
            raise NotFound.named("column", name, [*known, f"{FIELD}NAME"])
        found.append(known[name] if name in known else _field(name))
    return found


def _field(name: str) -> Column[TicketRow]:
    own = name.removeprefix(FIELD)
    return Column(name, lambda row: dict(row.fields).get(own, ""), help="a custom field", most=30)

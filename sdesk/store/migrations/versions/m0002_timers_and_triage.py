"""Timers (warnings, escalations, the lease, notices) and triage (merge, attachments, time, presence)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    columns()
    people()
    work()


def columns() -> None:
    op.add_column("ticket", _number("merged_into", None))
    op.add_column("ticket", _number("binned"))
    op.add_column("clock", _number("step_at", None))
    op.add_column("clock", _text("step"))
    op.add_column("entry", _number("from_ticket", None))
    op.add_column("view", _text("spec", "{}"))
    _partial("ticket_wait", "ticket", ["state_until"], "state_until IS NOT NULL")
    _partial("ticket_resolved", "ticket", ["resolved_at"], "category = 'resolved'")
    _partial("ticket_merged", "ticket", ["merged_into"], "merged_into IS NOT NULL")
    _partial("ticket_binned", "ticket", ["binned"], "binned = 1")
    _partial("entry_from", "entry", ["from_ticket"], "from_ticket IS NOT NULL")
    _partial("clock_step", "clock", ["step_at"], "step_at IS NOT NULL")


def people() -> None:
    """What concerns agents: who keeps time, what they are told, where they are."""
    op.create_table(
        "lease",
        _text("name"), _text("holder"), _text("kind"), _number("since"), _number("beat_at"),
        sa.PrimaryKeyConstraint("name"),
    )  # fmt: skip
    op.create_table(
        "notice",
        _id(), _text("agent"), sa.Column("ticket_id", sa.Integer(), nullable=True),
        _number("event_id"), _text("kind"), _text("body"), _number("at"), _number("show_at"),
        _number("seen_at", None), sa.PrimaryKeyConstraint("id"), _of_ticket(),
    )  # fmt: skip
    op.create_index("notice_agent", "notice", ["agent", "seen_at", "show_at"])
    op.create_index("notice_event", "notice", ["event_id", "agent"], unique=True)
    op.create_index("notice_ticket", "notice", ["ticket_id"])
    op.create_table(
        "presence",
        _text("session"), _text("agent"), _number("ticket_id"), _text("doing", "looking"),
        _number("since"), _number("beat_at"), sa.PrimaryKeyConstraint("session"),
    )  # fmt: skip
    op.create_index("presence_ticket", "presence", ["ticket_id"])
    op.create_table(
        "stopwatch",
        _text("agent"), _number("ticket_id"), _number("started_at"),
        sa.PrimaryKeyConstraint("agent"),
    )  # fmt: skip


def work() -> None:
    """What hangs on a ticket: files, time, checklists, watchers, mails to send."""
    op.create_table(
        "blob",
        _text("sha256"), sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )  # fmt: skip
    op.create_table(
        "attachment",
        _id(), _ticket(), _number("entry_id", None), _text("name"), _text("media"),
        _number("size"), _text("sha256"), _number("at"), _text("agent"), _number("withdrawn"),
        sa.PrimaryKeyConstraint("id"), _of_ticket(),
    )  # fmt: skip
    op.create_index("attachment_ticket", "attachment", ["ticket_id"])
    op.create_index("attachment_entry", "attachment", ["entry_id"])
    op.create_table(
        "worked",
        _id(), _ticket(), _text("agent"), _number("at"), _number("seconds"), _text("note"),
        _number("withdrawn"), sa.PrimaryKeyConstraint("id"), _of_ticket(),
    )  # fmt: skip
    op.create_index("worked_ticket", "worked", ["ticket_id"])
    op.create_table(
        "check_item",
        _id(), _ticket(), _number("position"), _text("body"), _number("done"),
        _number("withdrawn"), sa.PrimaryKeyConstraint("id"), _of_ticket(),
    )  # fmt: skip
    op.create_index("check_item_ticket", "check_item", ["ticket_id", "position"])
    op.create_table(
        "watcher",
        _ticket(), _text("agent"), sa.PrimaryKeyConstraint("ticket_id", "agent"), _of_ticket(),
    )  # fmt: skip
    op.create_index("watcher_agent", "watcher", ["agent", "ticket_id"])
    op.create_table(
        "mention",
        _text("agent"), sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agent", "entry_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"]),
    )  # fmt: skip
    op.create_index("mention_entry", "mention", ["entry_id"])
    op.create_table(
        "outbox",
        sa.Column("entry_id", sa.Integer(), nullable=False), _ticket(), _number("send_after"),
        _number("sent_at", None), sa.PrimaryKeyConstraint("entry_id"), _of_ticket(),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"]),
    )  # fmt: skip
    op.create_index("outbox_ticket", "outbox", ["ticket_id"])
    _partial("outbox_waiting", "outbox", ["send_after"], "sent_at IS NULL")


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _number(name: str, default: int | None = 0) -> sa.Column[int]:
    if default is None:
        return sa.Column(name, sa.BigInteger(), nullable=True)
    return sa.Column(name, sa.BigInteger(), server_default=sa.text(str(default)), nullable=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _ticket() -> sa.Column[int]:
    return sa.Column("ticket_id", sa.Integer(), nullable=False)


def _of_ticket() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"])


def _partial(name: str, table: str, on: list[str], condition: str) -> None:
    only: dict[str, Any] = {f"{engine}_where": sa.text(condition) for engine in ("sqlite", "postgresql")}  # fmt: skip
    op.create_index(name, table, on, **only)

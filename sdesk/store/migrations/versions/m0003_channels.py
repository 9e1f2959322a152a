"""The channels: mail in and out, surveys, announcements, alarms, deliveries."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    columns()
    mail_in()
    mail_out()
    telling()
    watching()


def columns() -> None:
    op.add_column("person", _text("language"))
    op.add_column("person", _number("verified_at", None))
    op.add_column("queue", _text("address"))
    op.add_column("queue", _text("signature"))
    op.add_column("queue", _text("language"))
    op.add_column("entry", _number("mail_id", None))
    op.add_column("entry", _text("folds"))


def mail_in() -> None:
    """What came in by mail, and how far each mailbox has been read."""
    op.create_table(
        "mail",
        _id(), _number("at"), _text("mailbox"), _text("spot"), _text("sha256"), _number("size"),
        _text("outcome"), _text("reason"), _text("author"), _text("subject"), _text("message_id"),
        _text("dedupe"), _to("ticket_id"), _number("entry_id", None), _number("hint", None),
        _number("duplicate_of", None), _number("letter_id", None), _number("damaged"),
        _number("judged_at", None), _text("handled_by"), _number("handled_at", None),
        sa.PrimaryKeyConstraint("id"), sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
    )  # fmt: skip
    _partial("mail_spot", "mail", ["mailbox", "spot"], "spot <> ''", unique=True)
    _partial("mail_open", "mail", ["outcome", "id"], "outcome IN ('', 'hold')")
    op.create_index("mail_message", "mail", ["message_id"])
    op.create_index("mail_dedupe", "mail", ["dedupe"])
    op.create_index("mail_ticket", "mail", ["ticket_id"])
    op.create_index("mail_author", "mail", ["author", "at"])
    op.create_table(
        "mailbox",
        _text("name"), _number("uidvalidity"), _number("last_uid"), _number("position"),
        _text("mark"), _number("checked_at", None), _text("trouble"),
        sa.PrimaryKeyConstraint("name"),
    )  # fmt: skip


def mail_out() -> None:
    """What goes out by mail, and who may answer it."""
    op.create_table(
        "letter",
        _id(), _to("ticket_id"), _to("entry_id"), _text("kind", "reply"), _text("queue"),
        _text("language"), _text("sender"), _text("recipients", "[]"), _text("cc", "[]"),
        _text("subject"), _text("body"), _text("message_id"), _text("refs"), _number("at"),
        _number("send_after"), _text("state", "waiting"), _number("tries"),
        _number("next_at", None), _text("holder"), _number("held_until", None),
        _number("sent_at", None), _text("answer"), sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"]),
    )  # fmt: skip
    op.create_index("letter_message", "letter", ["message_id"], unique=True)
    op.create_index("letter_ticket", "letter", ["ticket_id"])
    op.create_index("letter_entry", "letter", ["entry_id"])
    _partial("letter_waiting", "letter", ["next_at", "id"], "state = 'waiting'")
    _partial("letter_failed", "letter", ["id"], "state IN ('failed', 'bounced')")
    op.create_table(
        "participant",
        _to("ticket_id", nullable=False), _text("address"), _text("name"),
        sa.PrimaryKeyConstraint("ticket_id", "address"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
    )  # fmt: skip
    op.create_index("participant_address", "participant", ["address", "ticket_id"])


def telling() -> None:
    """What requesters are asked and told."""
    op.create_table(
        "survey",
        _to("ticket_id", nullable=False), _text("token"), _number("asked_at"),
        _number("score", None), _text("comment"), _number("answered_at", None),
        sa.PrimaryKeyConstraint("ticket_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
    )  # fmt: skip
    op.create_index("survey_token", "survey", ["token"])
    op.create_index("survey_answered", "survey", ["answered_at"])
    op.create_table(
        "announcement",
        _id(), _text("kind", "planned"), _text("title"), _text("body"), _text("scope", "all"),
        _text("target"), _number("starts_at", None), _number("ends_at", None),
        _text("state", "open"), _to("ticket_id"), _text("agent"), _number("at"),
        _number("updated_at"), sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
    )  # fmt: skip
    op.create_index("announcement_open", "announcement", ["state", "starts_at"])
    op.create_index("announcement_ticket", "announcement", ["ticket_id"])


def watching() -> None:
    """What monitors say, and what goes to pagers, phones and chats."""
    op.create_table(
        "alarm",
        _text("source"), _text("key"), _to("ticket_id"), _text("state", "down"), _text("title"),
        _number("count"), _number("flaps"), _number("first_at"), _number("last_at"),
        _text("payload", "{}"), sa.PrimaryKeyConstraint("source", "key"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
    )  # fmt: skip
    op.create_index("alarm_ticket", "alarm", ["ticket_id"])
    op.create_index("alarm_state", "alarm", ["state", "last_at"])
    op.create_index("alarm_first", "alarm", ["first_at"])
    op.create_table(
        "delivery",
        _id(), _text("target"), _number("notice_id", None), _number("event_id", None),
        _to("ticket_id"), _text("agent"), _text("queue"), _text("kind"), _text("title"),
        _text("body"), _number("at"), _number("send_after"), _text("state", "waiting"),
        _number("tries"), _number("next_at", None), _text("holder"), _number("held_until", None),
        _number("sent_at", None), _text("answer"), sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
    )  # fmt: skip
    _partial(
        "delivery_notice", "delivery", ["target", "notice_id"], "notice_id IS NOT NULL", unique=True
    )
    _partial(
        "delivery_event", "delivery", ["target", "event_id"], "event_id IS NOT NULL", unique=True
    )
    _partial("delivery_waiting", "delivery", ["next_at", "id"], "state = 'waiting'")
    op.create_index("delivery_ticket", "delivery", ["ticket_id"])


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _number(name: str, default: int | None = 0) -> sa.Column[int]:
    if default is None:
        return sa.Column(name, sa.BigInteger(), nullable=True)
    return sa.Column(name, sa.BigInteger(), server_default=sa.text(str(default)), nullable=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _to(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _partial(name: str, table: str, on: list[str], condition: str, *, unique: bool = False) -> None:
    only: dict[str, Any] = {f"{engine}_where": sa.text(condition) for engine in ("sqlite", "postgresql")}  # fmt: skip
    op.create_index(name, table, on, unique=unique, **only)

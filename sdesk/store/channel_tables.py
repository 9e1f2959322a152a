"""The tables of the channels: mail in and out, announcements, surveys, alarms, deliveries.

Beside `tables`, which every write loads: an agent's act needs none of these.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, text
from sqlmodel import Field, SQLModel

from sdesk.store.column_types import integer_column as _integer
from sdesk.store.column_types import text_column as _text
from sdesk.store.tables import TicketTable

__all__ = [
    "AlarmTable",
    "AnnouncementTable",
    "DeliveryTable",
    "LetterTable",
    "MailTable",
    "MailboxTable",
    "ParticipantTable",
    "SurveyTable",
    "TicketTable",
]


def _to(column: str) -> Column[int]:
    return Column(Integer, ForeignKey(column), nullable=True)


class MailTable(SQLModel, table=True):
    """A mail that came in. Its bytes stand in `blob` under `sha256` and are committed first, with an
    empty `outcome`; what became of it is written later, once.

    `spot` is its place in the mailbox it was fetched from. `dedupe` is the same for a mail that is
    delivered twice. `hint` is a ticket it claims to belong to. `damaged` says that it was not read
    whole.
    """

    __tablename__ = "mail"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    at: int = Field(default=0, sa_column=_integer())
    mailbox: str = Field(default="", sa_column=_text())
    spot: str = Field(default="", sa_column=_text())
    sha256: str = Field(default="", sa_column=_text())
    size: int = Field(default=0, sa_column=_integer())
    outcome: str = Field(default="", sa_column=_text())
    reason: str = Field(default="", sa_column=_text())
    author: str = Field(default="", sa_column=_text())
    subject: str = Field(default="", sa_column=_text())
    message_id: str = Field(default="", sa_column=_text())
    dedupe: str = Field(default="", sa_column=_text())
    ticket_id: int | None = Field(default=None, sa_column=_to("ticket.id"))
    entry_id: int | None = Field(default=None, sa_column=_integer(None))
    hint: int | None = Field(default=None, sa_column=_integer(None))
    duplicate_of: int | None = Field(default=None, sa_column=_integer(None))
    letter_id: int | None = Field(default=None, sa_column=_integer(None))
    damaged: int = Field(default=0, sa_column=_integer())
    judged_at: int | None = Field(default=None, sa_column=_integer(None))
    handled_by: str = Field(default="", sa_column=_text())
    handled_at: int | None = Field(default=None, sa_column=_integer(None))
    __table_args__ = (
        Index("mail_spot", "mailbox", "spot", unique=True, sqlite_where=text("spot <> ''"), postgresql_where=text("spot <> ''")),
        Index("mail_open", "outcome", "id", sqlite_where=text("outcome IN ('', 'hold')"), postgresql_where=text("outcome IN ('', 'hold')")),
        Index("mail_message", "message_id"),
        Index("mail_dedupe", "dedupe"),
        Index("mail_ticket", "ticket_id"),
        Index("mail_author", "author", "at"),
    )  # fmt: skip


class MailboxTable(SQLModel, table=True):
    """How far a mailbox has been read: by UID for IMAP, by `position` and `mark` for an mbox file."""

    __tablename__ = "mailbox"
    name: str = Field(sa_column=_text(key=True))
    uidvalidity: int = Field(default=0, sa_column=_integer())
    last_uid: int = Field(default=0, sa_column=_integer())
    position: int = Field(default=0, sa_column=_integer())
    mark: str = Field(default="", sa_column=_text())
    checked_at: int | None = Field(default=None, sa_column=_integer(None))
    trouble: str = Field(default="", sa_column=_text())


class LetterTable(SQLModel, table=True):
    """A mail of ours; its `message_id` is made once. `recipients` and `cc` are JSON lists of
    addresses, `refs` the Message-IDs of its thread, `answer` the server's last words.

    `state` is waiting, sent, failed or bounced; a letter is being sent while `held_until` lasts.
    """

    __tablename__ = "letter"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    ticket_id: int | None = Field(default=None, sa_column=_to("ticket.id"))
    entry_id: int | None = Field(default=None, sa_column=_to("entry.id"))
    kind: str = Field(default="reply", sa_column=_text("reply"))
    queue: str = Field(default="", sa_column=_text())
    language: str = Field(default="", sa_column=_text())
    sender: str = Field(default="", sa_column=_text())
    recipients: str = Field(default="[]", sa_column=_text("[]"))
    cc: str = Field(default="[]", sa_column=_text("[]"))
    subject: str = Field(default="", sa_column=_text())
    body: str = Field(default="", sa_column=_text())
    message_id: str = Field(default="", sa_column=_text())
    refs: str = Field(default="", sa_column=_text())
    at: int = Field(default=0, sa_column=_integer())
    send_after: int = Field(default=0, sa_column=_integer())
    state: str = Field(default="waiting", sa_column=_text("waiting"))
    tries: int = Field(default=0, sa_column=_integer())
    next_at: int | None = Field(default=None, sa_column=_integer(None))
    holder: str = Field(default="", sa_column=_text())
    held_until: int | None = Field(default=None, sa_column=_integer(None))
    sent_at: int | None = Field(default=None, sa_column=_integer(None))
    answer: str = Field(default="", sa_column=_text())
    __table_args__ = (
        Index("letter_message", "message_id", unique=True),
        Index("letter_ticket", "ticket_id"),
        Index("letter_entry", "entry_id"),
        Index("letter_waiting", "next_at", "id", sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'")),
        Index("letter_failed", "id", sqlite_where=text("state IN ('failed', 'bounced')"), postgresql_where=text("state IN ('failed', 'bounced')")),
    )  # fmt: skip


class ParticipantTable(SQLModel, table=True):
    """Who may write into a ticket by mail, besides its requester; `address` is case-folded."""

    __tablename__ = "participant"
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), primary_key=True))
    address: str = Field(sa_column=_text(key=True))
    name: str = Field(default="", sa_column=_text())
    __table_args__ = (Index("participant_address", "address", "ticket_id"),)


class SurveyTable(SQLModel, table=True):
    """What the requester thought of it; `token` is the SHA-256 of the secret in the question's link."""

    __tablename__ = "survey"
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), primary_key=True))
    token: str = Field(default="", sa_column=_text())
    asked_at: int = Field(default=0, sa_column=_integer())
    score: int | None = Field(default=None, sa_column=_integer(None))
    comment: str = Field(default="", sa_column=_text())
    answered_at: int | None = Field(default=None, sa_column=_integer(None))
    __table_args__ = (
        Index("survey_token", "token"),
        Index("survey_answered", "answered_at"),
    )


class AnnouncementTable(SQLModel, table=True):
    """Word of planned work, an outage or its end, to everybody (`scope` all), an organization, a
    site (`target`) or the requesters of the tickets that hang on `ticket_id`."""

    __tablename__ = "announcement"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    kind: str = Field(default="planned", sa_column=_text("planned"))
    title: str = Field(default="", sa_column=_text())
    body: str = Field(default="", sa_column=_text())
    scope: str = Field(default="all", sa_column=_text("all"))
    target: str = Field(default="", sa_column=_text())
    starts_at: int | None = Field(default=None, sa_column=_integer(None))
    ends_at: int | None = Field(default=None, sa_column=_integer(None))
    state: str = Field(default="open", sa_column=_text("open"))
    ticket_id: int | None = Field(default=None, sa_column=_to("ticket.id"))
    agent: str = Field(default="", sa_column=_text())
    at: int = Field(default=0, sa_column=_integer())
    updated_at: int = Field(default=0, sa_column=_integer())
    __table_args__ = (
        Index("announcement_open", "state", "starts_at"),
        Index("announcement_ticket", "ticket_id"),
    )


class AlarmTable(SQLModel, table=True):
    """What a monitor says of one thing it watches: its newest word, and how often it came."""

    __tablename__ = "alarm"
    source: str = Field(sa_column=_text(key=True))
    key: str = Field(sa_column=_text(key=True))
    ticket_id: int | None = Field(default=None, sa_column=_to("ticket.id"))
    state: str = Field(default="down", sa_column=_text("down"))
    title: str = Field(default="", sa_column=_text())
    count: int = Field(default=0, sa_column=_integer())
    flaps: int = Field(default=0, sa_column=_integer())
    first_at: int = Field(default=0, sa_column=_integer())
    last_at: int = Field(default=0, sa_column=_integer())
    payload: str = Field(default="{}", sa_column=_text("{}"))
    __table_args__ = (
        Index("alarm_ticket", "ticket_id"),
        Index("alarm_state", "state", "last_at"),
        Index("alarm_first", "first_at"),
    )


class DeliveryTable(SQLModel, table=True):
    """A notice on its way to a pager, a phone or a chat, or an event to a webhook; `target` is the
    name that the configuration gives it."""

    __tablename__ = "delivery"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    target: str = Field(default="", sa_column=_text())
    notice_id: int | None = Field(default=None, sa_column=_integer(None))
    event_id: int | None = Field(default=None, sa_column=_integer(None))
    ticket_id: int | None = Field(default=None, sa_column=_to("ticket.id"))
    agent: str = Field(default="", sa_column=_text())
    queue: str = Field(default="", sa_column=_text())
    kind: str = Field(default="", sa_column=_text())
    title: str = Field(default="", sa_column=_text())
    body: str = Field(default="", sa_column=_text())
    at: int = Field(default=0, sa_column=_integer())
    send_after: int = Field(default=0, sa_column=_integer())
    state: str = Field(default="waiting", sa_column=_text("waiting"))
    tries: int = Field(default=0, sa_column=_integer())
    next_at: int | None = Field(default=None, sa_column=_integer(None))
    holder: str = Field(default="", sa_column=_text())
    held_until: int | None = Field(default=None, sa_column=_integer(None))
    sent_at: int | None = Field(default=None, sa_column=_integer(None))
    answer: str = Field(default="", sa_column=_text())
    __table_args__ = (
        Index("delivery_notice", "target", "notice_id", unique=True, sqlite_where=text("notice_id IS NOT NULL"), postgresql_where=text("notice_id IS NOT NULL")),
        Index("delivery_event", "target", "event_id", unique=True, sqlite_where=text("event_id IS NOT NULL"), postgresql_where=text("event_id IS NOT NULL")),
        Index("delivery_waiting", "next_at", "id", sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'")),
        Index("delivery_ticket", "ticket_id"),
    )  # fmt: skip


class RetentionTable(SQLModel, table=True):
    """What is erased by itself: the tickets of `query` that ended longer ago than `after`, as "3y"."""

    __tablename__ = "retention"
    name: str = Field(sa_column=_text(key=True))
    query: str = Field(default="", sa_column=_text())
    after: str = Field(default="", sa_column=_text())
    action: str = Field(default="erase", sa_column=_text("erase"))


class UpkeepTable(SQLModel, table=True):
    """What upkeep remembers of this store: the last backup, restore, check and anchor, and where it lies."""

    __tablename__ = "upkeep"
    name: str = Field(sa_column=_text(key=True))
    at: int = Field(default=0, sa_column=_integer())
    value: str = Field(default="", sa_column=_text())

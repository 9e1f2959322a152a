"""The tables, as SQLModel sees them. Imported for writing only: reading names columns in SQL text.

Instants are whole seconds since 1970 UTC in BIGINT columns, so that both engines compare and sort
them alike. Agents, queues, states, policies and calendars are referred to by their key. Empty text
stands for "none", so that no comparison has to think of NULL; NULL stands only where a number or an
instant is missing.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, text
from sqlmodel import Field, SQLModel

from sdesk.model import Kind, StateCategory
from sdesk.store.column_types import integer_column as _integer
from sdesk.store.column_types import text_column as _text


class SettingTable(SQLModel, table=True):
    """The desk's own settings; also `schema` facts such as the search fold's version."""

    __tablename__ = "setting"
    name: str = Field(sa_column=_text(key=True))
    value: str = Field(default="", sa_column=_text())


class AgentTable(SQLModel, table=True):
    __tablename__ = "agent"
    login: str = Field(sa_column=_text(key=True))
    name: str = Field(default="", sa_column=_text())
    role: str = Field(default="agent", sa_column=_text("agent"))
    email: str = Field(default="", sa_column=_text())
    active: int = Field(default=1, sa_column=_integer(1))


class QueueTable(SQLModel, table=True):
    __tablename__ = "queue"
    key: str = Field(sa_column=_text(key=True))
    name: str = Field(default="", sa_column=_text())
    tier: int = Field(default=1, sa_column=_integer(1))
    site: str = Field(default="", sa_column=_text())
    calendar: str = Field(default="", sa_column=_text())
    address: str = Field(default="", sa_column=_text())
    signature: str = Field(default="", sa_column=_text())
    language: str = Field(default="", sa_column=_text())


class MemberTable(SQLModel, table=True):
    """Which agents work which queues."""

    __tablename__ = "member"
    queue: str = Field(sa_column=_text(key=True))
    agent: str = Field(sa_column=_text(key=True))


class StateTable(SQLModel, table=True):
    __tablename__ = "state"
    key: str = Field(sa_column=_text(key=True))
    name: str = Field(default="", sa_column=_text())
    category: str = Field(default=StateCategory.OPEN, sa_column=_text("open"))
    position: int = Field(default=0, sa_column=_integer())


class CategoryTable(SQLModel, table=True):
    __tablename__ = "category"
    path: str = Field(sa_column=_text(key=True))


class CalendarTable(SQLModel, table=True):
    __tablename__ = "calendar"
    name: str = Field(sa_column=_text(key=True))
    spec: str = Field(default="{}", sa_column=_text("{}"))


class PolicyTable(SQLModel, table=True):
    __tablename__ = "policy"
    name: str = Field(sa_column=_text(key=True))
    position: int = Field(default=0, sa_column=_integer())
    spec: str = Field(default="{}", sa_column=_text("{}"))


class ViewTable(SQLModel, table=True):
    """`owner` is empty for a shared view; `spec` is how it looks: columns, widths, colours."""

    __tablename__ = "view"
    owner: str = Field(default="", sa_column=_text(key=True))
    name: str = Field(sa_column=_text(key=True))
    query: str = Field(default="", sa_column=_text())
    position: int = Field(default=0, sa_column=_integer())
    spec: str = Field(default="{}", sa_column=_text("{}"))


class TemplateTable(SQLModel, table=True):
    __tablename__ = "template"
    owner: str = Field(default="", sa_column=_text(key=True))
    name: str = Field(sa_column=_text(key=True))
    body: str = Field(default="", sa_column=_text())


class MacroTable(SQLModel, table=True):
    __tablename__ = "macro"
    owner: str = Field(default="", sa_column=_text(key=True))
    name: str = Field(sa_column=_text(key=True))
    body: str = Field(default="", sa_column=_text())
    operations: str = Field(default="[]", sa_column=_text("[]"))


class OrganizationTable(SQLModel, table=True):
    __tablename__ = "organization"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    name: str = Field(default="", sa_column=_text())
    name_fold: str = Field(default="", sa_column=_text())
    calendar: str = Field(default="", sa_column=_text())
    __table_args__ = (Index("organization_name", "name_fold", unique=True),)


class PersonTable(SQLModel, table=True):
    __tablename__ = "person"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    name: str = Field(default="", sa_column=_text())
    name_fold: str = Field(default="", sa_column=_text())
    email: str = Field(default="", sa_column=_text())
    email_fold: str = Field(default="", sa_column=_text())
    phone: str = Field(default="", sa_column=_text())
    organization_id: int | None = Field(
        default=None, sa_column=Column(Integer, ForeignKey("organization.id"), nullable=True)
    )
    vip: int = Field(default=0, sa_column=_integer())
    external_id: str = Field(default="", sa_column=_text())
    language: str = Field(default="", sa_column=_text())
    verified_at: int | None = Field(default=None, sa_column=_integer(None))
    erased_at: int | None = Field(default=None, sa_column=_integer(None))
    __table_args__ = (
        Index("person_name", "name_fold"),
        Index("person_email", "email_fold"),
        Index("person_external", "external_id"),
        Index("person_organization", "organization_id"),
    )


class TicketTable(SQLModel, table=True):
    """One record a ticket. `live` is 1 while its state's category is new, open or waiting.

    The clock columns are a cache of the `clock` table for sorting lists: `due_at`, `breach_at` and
    `due_target` of the earliest running clock, `remaining` of the earliest paused one, `breached`
    whether any clock has been past its target when last computed.
    """

    __tablename__ = "ticket"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    version: int = Field(default=1, sa_column=_integer(1))
    last_event: int = Field(default=0, sa_column=_integer())
    kind: str = Field(default=Kind.INCIDENT, sa_column=_text("incident"))
    subject: str = Field(default="", sa_column=_text())
    state: str = Field(default="new", sa_column=_text("new"))
    category: str = Field(default=StateCategory.NEW, sa_column=_text("new"))
    live: int = Field(default=1, sa_column=_integer(1))
    state_until: int | None = Field(default=None, sa_column=_integer(None))
    wait_reason: str = Field(default="", sa_column=_text())
    impact: int = Field(default=2, sa_column=_integer(2))
    urgency: int = Field(default=2, sa_column=_integer(2))
    priority: int = Field(default=3, sa_column=_integer(3))
    priority_overridden: int = Field(default=0, sa_column=_integer())
    path: str = Field(default="", sa_column=_text())
    queue: str = Field(default="", sa_column=_text())
    owner: str = Field(default="", sa_column=_text())
    assignee: str = Field(default="", sa_column=_text())
    requester_id: int | None = Field(
        default=None, sa_column=Column(Integer, ForeignKey("person.id"), nullable=True)
    )
    service: str = Field(default="", sa_column=_text())
    channel: str = Field(default="phone", sa_column=_text("phone"))
    created_at: int = Field(default=0, sa_column=_integer())
    updated_at: int = Field(default=0, sa_column=_integer())
    first_answered_at: int | None = Field(default=None, sa_column=_integer(None))
    resolved_at: int | None = Field(default=None, sa_column=_integer(None))
    closed_at: int | None = Field(default=None, sa_column=_integer(None))
    reopen_count: int = Field(default=0, sa_column=_integer())
    resolution_code: str = Field(default="", sa_column=_text())
    restricted: int = Field(default=0, sa_column=_integer())
    parent_id: int | None = Field(
        default=None, sa_column=Column(Integer, ForeignKey("ticket.id"), nullable=True)
    )
    external_source: str = Field(default="", sa_column=_text())
    external_id: str = Field(default="", sa_column=_text())
    policy: str = Field(default="", sa_column=_text())
    due_at: int | None = Field(default=None, sa_column=_integer(None))
    breach_at: int | None = Field(default=None, sa_column=_integer(None))
    due_target: str = Field(default="", sa_column=_text())
    remaining: int | None = Field(default=None, sa_column=_integer(None))
    breached: int = Field(default=0, sa_column=_integer())
    merged_into: int | None = Field(default=None, sa_column=_integer(None))
    binned: int = Field(default=0, sa_column=_integer())
    erased_at: int | None = Field(default=None, sa_column=_integer(None))

    @property
    def number(self) -> int:
        """The `id` of a ticket that has been stored."""
        assert self.id is not None
        return self.id

    __table_args__ = (
        # A list of live tickets in due order is the home screen: every one of these ends in the
        # order it is read in, and is partial so that a million closed tickets cost it nothing.
        Index("ticket_live_due", "due_at", "id", "breach_at", sqlite_where=text("live = 1"), postgresql_where=text("live = 1")),
        Index("ticket_live_queue", "queue", "due_at", "id", sqlite_where=text("live = 1"), postgresql_where=text("live = 1")),
        Index("ticket_live_assignee", "assignee", "due_at", "id", sqlite_where=text("live = 1"), postgresql_where=text("live = 1")),
        Index("ticket_live_category", "category", "due_at", "id", sqlite_where=text("live = 1"), postgresql_where=text("live = 1")),
        Index("ticket_live_priority", "priority", "due_at", "id", sqlite_where=text("live = 1"), postgresql_where=text("live = 1")),
        Index("ticket_live_breach", "breached", "breach_at", sqlite_where=text("live = 1"), postgresql_where=text("live = 1")),
        Index("ticket_wait", "state_until", sqlite_where=text("state_until IS NOT NULL"), postgresql_where=text("state_until IS NOT NULL")),
        Index("ticket_resolved", "resolved_at", sqlite_where=text("category = 'resolved'"), postgresql_where=text("category = 'resolved'")),
        Index("ticket_merged", "merged_into", sqlite_where=text("merged_into IS NOT NULL"), postgresql_where=text("merged_into IS NOT NULL")),
        Index("ticket_binned", "binned", sqlite_where=text("binned = 1"), postgresql_where=text("binned = 1")),
        Index("ticket_restricted", "id", sqlite_where=text("restricted = 1"), postgresql_where=text("restricted = 1")),
        Index("ticket_created", "created_at"),
        Index("ticket_updated", "updated_at"),
        Index("ticket_requester", "requester_id"),
        Index("ticket_parent", "parent_id"),
        Index("ticket_external", "external_id", "external_source", unique=True, sqlite_where=text("external_id <> ''"), postgresql_where=text("external_id <> ''")),
    )  # fmt: skip


class TagTable(SQLModel, table=True):
    __tablename__ = "tag"
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), primary_key=True))
    tag: str = Field(sa_column=_text(key=True))
    __table_args__ = (Index("tag_ticket", "tag", "ticket_id"),)


class FieldTable(SQLModel, table=True):
    """Custom fields; `value_fold` is what the filter language compares."""

    __tablename__ = "field"
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), primary_key=True))
    name: str = Field(sa_column=_text(key=True))
    value: str = Field(default="", sa_column=_text())
    value_fold: str = Field(default="", sa_column=_text())
    __table_args__ = (Index("field_value", "name", "value_fold"),)


class LinkTable(SQLModel, table=True):
    """`ticket_id` KIND `to_id`; read from both ends."""

    __tablename__ = "link"
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), primary_key=True))
    kind: str = Field(sa_column=_text(key=True))
    to_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), primary_key=True))
    __table_args__ = (Index("link_to", "to_id"),)


class EntryTable(SQLModel, table=True):
    """The conversation. An undo marks an entry withdrawn; nothing is deleted.

    `from_ticket` is where an entry was written that a merge or a split has brought here. `mail_id` is
    the mail it came by; `folds` are the spans of the body that quote or sign, as JSON.
    """

    __tablename__ = "entry"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), nullable=False))
    kind: str = Field(default="note", sa_column=_text("note"))
    at: int = Field(default=0, sa_column=_integer())
    agent: str = Field(default="", sa_column=_text())
    person_id: int | None = Field(
        default=None, sa_column=Column(Integer, ForeignKey("person.id"), nullable=True)
    )
    author: str = Field(default="", sa_column=_text())
    body: str = Field(default="", sa_column=_text())
    withdrawn: int = Field(default=0, sa_column=_integer())
    from_ticket: int | None = Field(default=None, sa_column=_integer(None))
    mail_id: int | None = Field(default=None, sa_column=_integer(None))
    folds: str = Field(default="", sa_column=_text())
    __table_args__ = (
        Index("entry_ticket", "ticket_id", "id"),
        Index("entry_from", "from_ticket", sqlite_where=text("from_ticket IS NOT NULL"), postgresql_where=text("from_ticket IS NOT NULL")),
    )  # fmt: skip


class EventTable(SQLModel, table=True):
    """Append-only, by trigger. `hash` covers the row before, this row's columns and `digest`;
    `digest` covers `salt` and `payload`, so that a payload can be erased and the chain still holds."""

    __tablename__ = "event"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    ticket_id: int | None = Field(
        default=None, sa_column=Column(Integer, ForeignKey("ticket.id"), nullable=True)
    )
    at: int = Field(default=0, sa_column=_integer())
    actor: str = Field(default="", sa_column=_text())
    kind: str = Field(default="", sa_column=_text())
    payload: str = Field(default="{}", sa_column=_text("{}"))
    source: str = Field(default="", sa_column=_text())
    batch: int = Field(default=0, sa_column=_integer())
    cause_id: int | None = Field(default=None, sa_column=_integer(None))
    rule: str = Field(default="", sa_column=_text())
    salt: str = Field(default="", sa_column=_text())
    digest: str = Field(default="", sa_column=_text())
    hash: str = Field(default="", sa_column=_text())
    __table_args__ = (
        Index("event_ticket", "ticket_id", "id"),
        Index("event_batch", "batch"),
        Index("event_actor", "actor", "batch"),
        # Every write asks for the newest event of the set-up; PostgreSQL would walk through all later ones.
        Index(
            "event_setup",
            "id",
            sqlite_where=text("ticket_id IS NULL"),
            postgresql_where=text("ticket_id IS NULL"),
        ),
    )


class ClockTable(SQLModel, table=True):
    """What the SLA ledger came to when it was last computed; a cache for lists and the board.

    `step` is the next warning or level of escalation of this clock, and `step_at` when it is due.
    """

    __tablename__ = "clock"
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), primary_key=True))
    target: str = Field(sa_column=_text(key=True))
    policy: str = Field(default="", sa_column=_text())
    started_at: int = Field(default=0, sa_column=_integer())
    stopped_at: int | None = Field(default=None, sa_column=_integer(None))
    budget: int = Field(default=0, sa_column=_integer())
    used: int = Field(default=0, sa_column=_integer())
    due_at: int | None = Field(default=None, sa_column=_integer(None))
    breach_at: int | None = Field(default=None, sa_column=_integer(None))
    paused: int = Field(default=0, sa_column=_integer())
    verdict: str = Field(default="running", sa_column=_text("running"))
    step_at: int | None = Field(default=None, sa_column=_integer(None))
    step: str = Field(default="", sa_column=_text())
    __table_args__ = (
        Index("clock_step", "step_at", sqlite_where=text("step_at IS NOT NULL"), postgresql_where=text("step_at IS NOT NULL")),
        Index("clock_running", "due_at", "ticket_id", sqlite_where=text("stopped_at IS NULL"), postgresql_where=text("stopped_at IS NULL")),
        Index("clock_stopped", "stopped_at", sqlite_where=text("stopped_at IS NOT NULL"), postgresql_where=text("stopped_at IS NOT NULL")),
    )  # fmt: skip


class SeenTable(SQLModel, table=True):
    """Up to which event an agent has looked at a ticket."""

    __tablename__ = "seen"
    agent: str = Field(sa_column=_text(key=True))
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), primary_key=True))
    event_id: int = Field(default=0, sa_column=_integer())


class DraftTable(SQLModel, table=True):
    """Text being typed; `ticket_id` 0 is a new ticket. One a composer."""

    __tablename__ = "draft"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    agent: str = Field(default="", sa_column=_text())
    ticket_id: int = Field(default=0, sa_column=_integer())
    kind: str = Field(default="", sa_column=_text())
    body: str = Field(default="", sa_column=_text())
    saved_at: int = Field(default=0, sa_column=_integer())
    based_on: int | None = Field(default=None, sa_column=_integer(None))
    __table_args__ = (Index("draft_place", "agent", "ticket_id", "kind", unique=True),)


class LeaseTable(SQLModel, table=True):
    """Who keeps time: the process that holds the row runs the timers until its beat is too old."""

    __tablename__ = "lease"
    name: str = Field(sa_column=_text(key=True))
    holder: str = Field(default="", sa_column=_text())
    kind: str = Field(default="", sa_column=_text())
    since: int = Field(default=0, sa_column=_integer())
    beat_at: int = Field(default=0, sa_column=_integer())


class NoticeTable(SQLModel, table=True):
    """Something an agent is to be told; once an event. Hidden until `show_at`, done at `seen_at`."""

    __tablename__ = "notice"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    agent: str = Field(default="", sa_column=_text())
    ticket_id: int | None = Field(
        default=None, sa_column=Column(Integer, ForeignKey("ticket.id"), nullable=True)
    )
    event_id: int = Field(default=0, sa_column=_integer())
    kind: str = Field(default="", sa_column=_text())
    body: str = Field(default="", sa_column=_text())
    at: int = Field(default=0, sa_column=_integer())
    show_at: int = Field(default=0, sa_column=_integer())
    seen_at: int | None = Field(default=None, sa_column=_integer(None))
    __table_args__ = (
        Index("notice_agent", "agent", "seen_at", "show_at"),
        Index("notice_event", "event_id", "agent", unique=True),
        Index("notice_ticket", "ticket_id"),
    )


class PresenceTable(SQLModel, table=True):
    """Who has a ticket open, and whether they are writing; a row a session, believed for 30 s."""

    __tablename__ = "presence"
    session: str = Field(sa_column=_text(key=True))
    agent: str = Field(default="", sa_column=_text())
    ticket_id: int = Field(default=0, sa_column=_integer())
    doing: str = Field(default="looking", sa_column=_text("looking"))
    since: int = Field(default=0, sa_column=_integer())
    beat_at: int = Field(default=0, sa_column=_integer())
    __table_args__ = (Index("presence_ticket", "ticket_id"),)


class BlobTable(SQLModel, table=True):
    """The bytes of attachments, each once, under their SHA-256."""

    __tablename__ = "blob"
    sha256: str = Field(sa_column=_text(key=True))
    body: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))


class AttachmentTable(SQLModel, table=True):
    """A file on a ticket; `name` is as its sender called it, cleaned."""

    __tablename__ = "attachment"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), nullable=False))
    entry_id: int | None = Field(default=None, sa_column=_integer(None))
    name: str = Field(default="", sa_column=_text())
    media: str = Field(default="", sa_column=_text())
    size: int = Field(default=0, sa_column=_integer())
    sha256: str = Field(default="", sa_column=_text())
    at: int = Field(default=0, sa_column=_integer())
    agent: str = Field(default="", sa_column=_text())
    withdrawn: int = Field(default=0, sa_column=_integer())
    __table_args__ = (
        Index("attachment_ticket", "ticket_id"),
        Index("attachment_entry", "entry_id"),
    )


class WorkedTable(SQLModel, table=True):
    """Time an agent has spent on a ticket."""

    __tablename__ = "worked"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), nullable=False))
    agent: str = Field(default="", sa_column=_text())
    at: int = Field(default=0, sa_column=_integer())
    seconds: int = Field(default=0, sa_column=_integer())
    note: str = Field(default="", sa_column=_text())
    withdrawn: int = Field(default=0, sa_column=_integer())
    __table_args__ = (Index("worked_ticket", "ticket_id"),)


class StopwatchTable(SQLModel, table=True):
    """The one stopwatch an agent has running."""

    __tablename__ = "stopwatch"
    agent: str = Field(sa_column=_text(key=True))
    ticket_id: int = Field(default=0, sa_column=_integer())
    started_at: int = Field(default=0, sa_column=_integer())


class CheckItemTable(SQLModel, table=True):
    """A line of a ticket's checklist."""

    __tablename__ = "check_item"
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), nullable=False))
    position: int = Field(default=0, sa_column=_integer())
    body: str = Field(default="", sa_column=_text())
    done: int = Field(default=0, sa_column=_integer())
    withdrawn: int = Field(default=0, sa_column=_integer())
    __table_args__ = (Index("check_item_ticket", "ticket_id", "position"),)


class WatcherTable(SQLModel, table=True):
    """Which agents follow a ticket that is not theirs."""

    __tablename__ = "watcher"
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), primary_key=True))
    agent: str = Field(sa_column=_text(key=True))
    __table_args__ = (Index("watcher_agent", "agent", "ticket_id"),)


class MentionTable(SQLModel, table=True):
    """Which agents an entry calls by name."""

    __tablename__ = "mention"
    agent: str = Field(sa_column=_text(key=True))
    entry_id: int = Field(sa_column=Column(Integer, ForeignKey("entry.id"), primary_key=True))
    __table_args__ = (Index("mention_entry", "entry_id"),)


class OutboxTable(SQLModel, table=True):
    """A public message on its way out: it leaves at `send_after`, and until then can be taken back."""

    __tablename__ = "outbox"
    entry_id: int = Field(sa_column=Column(Integer, ForeignKey("entry.id"), primary_key=True))
    ticket_id: int = Field(sa_column=Column(Integer, ForeignKey("ticket.id"), nullable=False))
    send_after: int = Field(default=0, sa_column=_integer())
    sent_at: int | None = Field(default=None, sa_column=_integer(None))
    __table_args__ = (Index("outbox_ticket", "ticket_id"), Index("outbox_waiting", "send_after", sqlite_where=text("sent_at IS NULL"), postgresql_where=text("sent_at IS NULL")))  # fmt: skip

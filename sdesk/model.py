"""The desk's words: ids, closed sets and frozen values that cross between rooms.

The values are named tuples: two dozen dataclasses would cost every start 20 ms, and a row read from the
store is made five times as quickly.

Instants are whole seconds since 1970-01-01 UTC (`Instant`); durations are seconds. Agents, queues,
states, policies and calendars are known by a short immutable key (an agent's is the login of the
operating system); people, organizations and tickets by a number.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple, NewType

Instant = int
"""Whole seconds since 1970-01-01 00:00 UTC."""

TicketId = NewType("TicketId", int)
"""The number without its prefix: SD-1042 is 1042."""
EventId = NewType("EventId", int)
EntryId = NewType("EntryId", int)
PersonId = NewType("PersonId", int)


class Kind(StrEnum):
    """What a record is."""

    INCIDENT = "incident"
    REQUEST = "request"
    QUESTION = "question"
    COMPLAINT = "complaint"
    PROBLEM = "problem"
    CHANGE = "change"
    RELEASE = "release"


class StateCategory(StrEnum):
    """What a state means to the clocks and counts, whatever the desk calls it."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"


LIVE = (StateCategory.NEW, StateCategory.OPEN, StateCategory.WAITING)
"""The categories of a ticket that somebody still has to finish."""


class Channel(StrEnum):
    """How the requester reached the desk."""

    PHONE = "phone"
    MAIL = "mail"
    WEB = "web"
    CHAT = "chat"
    WALK_IN = "walk-in"
    MONITORING = "monitoring"
    IMPORT = "import"


class EntryKind(StrEnum):
    """The kinds of conversation entry. Only replies, calls and inbound messages are seen by the requester."""

    REPLY = "reply"
    INBOUND = "inbound"
    NOTE = "note"
    CALL = "call"
    CHAT = "chat"


class Role(StrEnum):
    """What an agent may do: work tickets · also shared views and people · also set the desk up."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"


class Source(StrEnum):
    """Which front an event came in by."""

    TUI = "tui"
    CLI = "cli"
    MAIL = "mail"
    WEB = "web"
    RULE = "rule"
    TIMER = "timer"
    IMPORT = "import"
    ALERT = "alert"
    """What a monitor said."""


class LinkKind(StrEnum):
    """How two tickets hang together; read "this one KIND the other"."""

    RELATES = "relates"
    DUPLICATES = "duplicates"
    CAUSED_BY = "caused-by"
    BLOCKS = "blocks"


IMPACTS = URGENCIES = (1, 2, 3)
"""1 high, 2 medium, 3 low."""
PRIORITIES = (1, 2, 3, 4)
"""1 critical, 2 high, 3 moderate, 4 low."""
PRIORITY_NAMES = {1: "critical", 2: "high", 3: "moderate", 4: "low"}
LEVEL_NAMES = {1: "high", 2: "medium", 3: "low"}


class State(NamedTuple):
    key: str
    name: str
    category: StateCategory
    position: int


class Agent(NamedTuple):
    login: str
    """The operating-system user; also the agent's key."""
    name: str
    role: Role
    email: str
    active: bool
    queues: tuple[str, ...] = ()


class Queue(NamedTuple):
    key: str
    name: str
    tier: int
    """1 first line, 2 second line, 3 third line."""
    site: str
    calendar: str
    """Empty: the desk's calendar."""
    members: tuple[str, ...] = ()
    address: str = ""
    """The queue's own mail address; empty for the desk's."""
    signature: str = ""
    language: str = ""


class Organization(NamedTuple):
    id: int
    name: str
    calendar: str = ""


class Person(NamedTuple):
    id: PersonId
    name: str
    email: str
    phone: str
    organization: str
    """The organization's name; empty for none."""
    vip: bool
    external_id: str = ""
    language: str = ""
    """Of the mails they get; empty for the queue's, or the desk's."""
    verified_at: Instant | None = None
    """When their address was last proved to be theirs."""


class View(NamedTuple):
    """A saved query. `owner` is a login, or empty for a view everybody sees."""

    name: str
    query: str
    owner: str
    position: int
    columns: tuple[str, ...] = ()
    """Words of `sdesk.looks`; none: the list's own columns, by width."""
    colours: tuple[tuple[str, str], ...] = ()
    """(tone, query) pairs; the first that holds gives a row its tone."""


class Template(NamedTuple):
    """A text to start a reply or note from."""

    name: str
    text: str
    owner: str


class Macro(NamedTuple):
    """A text and acts under one name, as `ops.SaveMacro` keeps them. `owner` is a login, or empty for
    a macro everybody has."""

    name: str
    text: str
    acts: tuple[str, ...] = ()
    owner: str = ""
    asks: tuple[tuple[str, str], ...] = ()
    send: bool = False
    note: bool = False


class TicketRow(NamedTuple):
    """One line of a list."""

    id: TicketId
    ref: str
    """As people say it: SD-1042."""
    kind: str
    subject: str
    state: str
    category: str
    """The state's category (`StateCategory`)."""
    state_until: Instant | None
    priority: int
    queue: str
    owner: str
    assignee: str
    """A login; empty for nobody."""
    requester: str
    organization: str
    vip: bool
    due_at: Instant | None
    """The earliest running clock; None while paused, finished or without a policy."""
    due_target: str
    remaining: int | None
    """Working seconds left of the earliest paused clock; None unless paused."""
    breached: bool
    """Some clock of the ticket, running or stopped, is past its target as stored."""
    breach_at: Instant | None
    """When the earliest running clock will have exceeded its target; past means breached now."""
    created_at: Instant
    updated_at: Instant
    unread: bool
    """Changed by somebody else since the reading agent last looked."""
    restricted: bool
    tags: tuple[str, ...] = ()
    path: str = ""
    """The ticket's category: Hardware / Printer."""
    fields: tuple[tuple[str, str], ...] = ()
    """The custom fields that were asked for."""
    tone: str = ""
    """The tone that the view's colours give it."""


class Ticket(NamedTuple):
    """One ticket whole, but for its conversation, history and clocks."""

    id: TicketId
    ref: str
    version: int
    last_event: EventId
    """What a write is based on: pass it back as `based_on`."""
    kind: str
    subject: str
    state: str
    category: str
    state_until: Instant | None
    wait_reason: str
    impact: int
    urgency: int
    priority: int
    priority_overridden: bool
    path: str
    """The category path: "Hardware / Printer"."""
    queue: str
    tier: int
    site: str
    owner: str
    assignee: str
    requester: Person | None
    service: str
    channel: str
    created_at: Instant
    updated_at: Instant
    first_answered_at: Instant | None
    resolved_at: Instant | None
    closed_at: Instant | None
    reopen_count: int
    resolution_code: str
    restricted: bool
    parent: TicketId | None
    external_source: str
    external_id: str
    tags: tuple[str, ...] = ()
    fields: dict[str, str] = {}
    links: tuple[tuple[str, TicketId], ...] = ()
    merged_into: TicketId | None = None
    """The ticket that goes on for this one."""
    binned: bool = False


class Entry(NamedTuple):
    """One piece of the conversation."""

    id: EntryId
    ticket: TicketId
    kind: EntryKind
    at: Instant
    author: str
    """Who said it, as people read it."""
    agent: str
    """The author's login, empty when a requester or a machine spoke."""
    text: str
    withdrawn: bool = False
    written_in: TicketId | None = None
    """The ticket it was written in, when a merge or a split has brought it here."""
    mail: int | None = None
    """The mail that it came by."""
    folds: tuple[tuple[int, int], ...] = ()
    """The spans of `text` that quote or sign, in order."""


class Event(NamedTuple):
    """One change, as it stands in the append-only table."""

    id: EventId
    ticket: TicketId | None
    at: Instant
    actor: str
    kind: str
    """Past tense: opened, assigned, replied …"""
    changes: dict[str, tuple[Any, Any]]
    """Field → (before, after)."""
    details: dict[str, Any]
    """What is not a change of a field: entry id, reason, the batch an undo took back."""
    source: str
    batch: int
    """Events with one number were done, and are undone, together."""
    cause: EventId | None
    rule: str


class KeptMail(NamedTuple):
    """A mail that came in, and what became of it; its bytes are read when they are wanted."""

    id: int
    at: Instant
    mailbox: str
    outcome: str
    """One of `rules.mail.Outcome`; empty while nobody has judged it."""
    told: str
    """Why, in a sentence, and below it what every rule said."""
    author: str
    subject: str
    ticket: TicketId | None
    hint: int | None
    """The ticket it claims to belong to."""
    size: int
    damaged: bool
    message_id: str = ""
    duplicate_of: int | None = None
    letter: int | None = None
    judged_at: Instant | None = None
    handled_by: str = ""
    handled_at: Instant | None = None

    @property
    def reason(self) -> str:
        return self.told.partition("\n")[0]


class MailboxState(NamedTuple):
    """How far a mailbox has been read, and what troubles it."""

    name: str
    checked_at: Instant | None
    trouble: str
    uidvalidity: int = 0
    last_uid: int = 0
    position: int = 0
    mark: str = ""


class Change(NamedTuple):
    """What a write did."""

    ticket: TicketId | None
    events: tuple[Event, ...]
    batch: int

    def __bool__(self) -> bool:
        return bool(self.events)


class ClockRow(NamedTuple):
    """A clock as stored for lists and the board; the ledger is computed from events."""

    ticket: TicketId
    target: str
    policy: str
    started_at: Instant
    stopped_at: Instant | None
    budget: int
    used: int
    due_at: Instant | None
    breach_at: Instant | None
    paused: bool
    verdict: str
    """running · paused · met · breached."""
    step: str = ""
    """The next warning or level of escalation, by its place: "75%", "breach", "1h after"."""
    step_at: Instant | None = None


class Leaving(NamedTuple):
    """A reply on its way out, which can be taken back until it leaves."""

    entry: EntryId
    ticket: TicketId
    leaves_at: Instant
    sent_at: Instant | None


class Notice(NamedTuple):
    """Something the reading agent is told."""

    id: int
    ticket: TicketId | None
    event: EventId
    kind: str
    """warning · escalation · wait · mention …"""
    text: str
    at: Instant
    seen_at: Instant | None = None


class Present(NamedTuple):
    """Another agent who has a ticket open now."""

    ticket: TicketId
    agent: str
    is_writing: bool


class Attachment(NamedTuple):
    """A file on a ticket; its bytes are read when they are wanted."""

    id: int
    ticket: TicketId
    entry: EntryId | None
    """The message it came with."""
    name: str
    media: str
    size: int
    at: Instant
    agent: str


class Alarm(NamedTuple):
    """One thing that a monitor watches, as it was said last."""

    source: str
    key: str
    ticket: TicketId | None
    state: str
    """down · up."""
    title: str
    times: int
    """How often it was said to be down, since its ticket was opened."""
    flaps: int
    """How often it went down again after a recovery."""
    first_at: Instant
    last_at: Instant
    host: str = ""
    service: str = ""
    severity: str = ""
    is_acknowledged: bool = False


class Worked(NamedTuple):
    """Time an agent has spent on a ticket."""

    id: int
    ticket: TicketId
    agent: str
    at: Instant
    seconds: int
    note: str


class CheckItem(NamedTuple):
    """A line of a checklist."""

    id: int
    text: str
    is_done: bool


class Stopwatch(NamedTuple):
    """The reading agent's running stopwatch."""

    ticket: TicketId
    started_at: Instant


class Draft(NamedTuple):
    """Text being typed, kept in the store until it is sent or discarded."""

    id: int
    agent: str
    ticket: TicketId | None
    kind: str
    """reply, note, open …: which composer it belongs to."""
    text: str
    saved_at: Instant
    based_on: EventId | None = None


def as_dict(value: Any) -> dict[str, Any]:
    """One of the values above, and the values in it, by the names of their fields."""
    return {
        name: as_dict(one) if isinstance(one, tuple) and hasattr(one, "_fields") else one
        for name, one in value._asdict().items()
    }

"""The terms of the filter language: what each is called, what it takes, and what it asks of a ticket.

`TERMS` is the table from which the grammar, completion, the SQL face and the documentation's test
all work. `Facts` is what a term may look at, `Context` who asks and when, `Vocabulary` the desk's
own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sdesk.model import LEVEL_NAMES, PRIORITY_NAMES, Channel, ClockRow, Kind, StateCategory
from sdesk.rules.query.words import Document

if TYPE_CHECKING:
    from sdesk.model import Instant


class Context(NamedTuple):
    """Who asks (a login), when, and in which zone a day begins and ends."""

    me: str
    now: Instant
    zone: str = "UTC"


class Vocabulary(NamedTuple):
    """The desk's own words. Where a mapping is empty, any key is taken as it stands."""

    queues: Mapping[str, str] = {}
    """Key → name; so are `states` and `agents`."""
    states: Mapping[str, str] = {}
    agents: Mapping[str, str] = {}
    policies: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    prefix: str = "SD"
    """Of ticket numbers: a bare `SD-1042` is that ticket."""


_NO_WORDS = Document("", "", "")


class Facts(NamedTuple):
    """All that a filter can ask about one ticket. Empty text stands for none."""

    id: int = 0
    kind: str = "incident"
    subject: str = ""
    state: str = "new"
    category: str = "new"
    """Of the state (`StateCategory`)."""
    state_until: Instant | None = None
    impact: int = 2
    urgency: int = 2
    priority: int = 3
    priority_overridden: bool = False
    path: str = ""
    queue: str = ""
    tier: int | None = None
    site: str = ""
    owner: str = ""
    assignee: str = ""
    has_requester: bool = False
    requester_name: str = ""
    requester_email: str = ""
    organization: str = ""
    vip: bool = False
    service: str = ""
    channel: str = "phone"
    created_at: Instant = 0
    updated_at: Instant = 0
    first_answered_at: Instant | None = None
    resolved_at: Instant | None = None
    closed_at: Instant | None = None
    reopen_count: int = 0
    resolution_code: str = ""
    restricted: bool = False
    binned: bool = False
    erased: bool = False
    """Emptied: its texts are gone, its row stays."""
    merged_into: int | None = None
    parent: int | None = None
    external_source: str = ""
    external_id: str = ""
    policy: str = ""
    due_at: Instant | None = None
    breach_at: Instant | None = None
    remaining: int | None = None
    breached: bool = False
    """As stored; a running clock past `breach_at` is breached as well."""
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = {}
    clocks: tuple[ClockRow, ...] = ()
    children: int = 0
    links: int = 0
    mentions: tuple[str, ...] = ()
    """Whom messages that stand call by name."""
    watchers: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    """The states of its alarms: down, up."""
    survey: int | None = None
    """How satisfied the requester says they are, from 1 to 5."""
    changed: bool = False
    """Something has happened that the asking agent has not looked at."""
    words: Document = _NO_WORDS


class Takes(StrEnum):
    """The kinds of value, and with them the meaning of `:`."""

    STATE = "state"
    KEY = "key"
    """One of the desk's keys, by key or name."""
    CHOICE = "choice"
    """One of a closed set."""
    NUMBER = "number"
    PAST = "past"
    """An instant; a plain duration counts backwards."""
    AHEAD = "ahead"
    """An instant; a plain duration counts forwards."""
    TEXT = "text"
    """Words within a short text, folded; `:=` is the whole text."""
    WORDS = "words"
    """Words within the searched text."""
    EXACT = "exact"
    """A code, as it is written."""
    TAG = "tag"
    FIELD = "field"
    CLAIM = "claim"
    """`is:` and `has:`."""
    SLA = "sla"
    SORT = "sort"


class Term(NamedTuple):
    """One term, and how it is explained."""

    name: str
    takes: Takes
    help: str
    example: str
    attribute: str = ""
    """The field of `Facts`; for words the column of the document."""
    choices: Mapping[str, str] = {}
    """Value → help, where the set is closed."""
    numbers: Mapping[str, int] = {}
    """Names of numbers."""
    bounds: tuple[int, int] = (0, 10**15)
    empty: bool = False
    """Whether `none` makes sense."""
    aliases: tuple[str, ...] = ()


_PRIORITIES = {name: number for number, name in PRIORITY_NAMES.items()}
_LEVELS = {name: number for number, name in LEVEL_NAMES.items()}
_KINDS = {str(kind): f"{kind}s" for kind in Kind}
_CHANNELS = {str(channel): f"came by {channel}" for channel in Channel}

_ALARMS = {
    "down": "a monitor says that it is down",
    "up": "a monitor has said that it is up again",
}

CATEGORIES = {
    "open": "new, open or waiting: somebody still has to finish it",
    "new": "states of the category new",
    "waiting": "states of the category waiting",
    "resolved": "states of the category resolved",
    "closed": "states of the category closed",
}
LIVE_WORDS = ("open", "live")

IS = {
    "live": "new, open or waiting",
    "open": "the same as live",
    "new": "in a state of the category new",
    "waiting": "in a state of the category waiting",
    "resolved": "in a state of the category resolved",
    "closed": "in a state of the category closed",
    "mine": "assigned to me",
    "owned": "I am the owner",
    "assigned": "assigned to somebody",
    "unassigned": "assigned to nobody",
    "unread": "live, and changed since I last looked",
    "breached": "a clock has exceeded its target",
    "overdue": "the running clock is past due",
    "late": "the same as overdue",
    "at-risk": "the running clock is due within an hour, and not breached",
    "paused": "a clock is paused and none is running",
    "answered": "has had a first answer",
    "unanswered": "has had no answer",
    "reopened": "was reopened at least once",
    "vip": "the requester is a VIP",
    "restricted": "marked restricted",
    "overridden": "the priority was set by hand",
    "merged": "merged into another ticket, which goes on for it",
    "binned": "in the bin; only who asks for it finds it",
    "erased": "its texts and people were erased",
    "child": "has a parent",
    "parent": "has children",
}
HAS = {
    "due": "a clock is running",
    "requester": "somebody asked",
    "org": "the requester belongs to an organization",
    "assignee": "assigned to somebody",
    "owner": "has an owner",
    "queue": "is in a queue",
    "category": "has a category path",
    "service": "names a service",
    "tags": "has a tag",
    "fields": "has a custom field",
    "parent": "has a parent",
    "children": "has children",
    "links": "is linked with another ticket",
    "until": "its state ends at a set time",
    "sla": "has a clock, running or stopped",
    "external": "came from another system",
    "resolution": "has a resolution code",
    "text": "has a conversation",
}
SLA_TARGETS = ("response", "resolution", "update", "periodic", "queue", "supplier")
SLA_STATES = {
    "running": "started, neither stopped nor paused",
    "paused": "waiting for its state to end",
    "met": "stopped in time",
    "breached": "exceeded its target, running or stopped",
}
RISK_SECONDS = 3600
"""`is:at-risk`: due within this."""

_ALL = (
    Term("state", Takes.STATE, "the state, by category or by its own name", "state:open", "state", CATEGORIES),
    Term("queue", Takes.KEY, "the queue, by key or name", "queue:network", "queue", empty=True),
    Term("tier", Takes.NUMBER, "the queue's line: 1, 2 or 3", "tier:2", "tier", bounds=(1, 3), empty=True),
    Term("site", Takes.TEXT, "the queue's site", "site:helsinki", "site", empty=True),
    Term("assignee", Takes.KEY, "who works on it: login, name, me or none", "assignee:me", "assignee", empty=True, aliases=("agent",)),
    Term("owner", Takes.KEY, "who stays accountable: login, name, me or none", "owner:ana", "owner", empty=True),
    Term("mentions", Takes.KEY, "whom a message calls by name: login, name or me", "mentions:me", "mentions", empty=True),
    Term("watcher", Takes.KEY, "who watches it: login, name, me or none", "watcher:me", "watchers", empty=True),
    Term("requester", Takes.TEXT, "words of the requester's name, or a part of the e-mail", "requester:korhonen", "requester_name", empty=True),
    Term("org", Takes.TEXT, "words of the requester's organization", 'org:"ACME Oy"', "organization", empty=True, aliases=("organization",)),
    Term("kind", Takes.CHOICE, "what it is", "kind:incident", "kind", _KINDS),
    Term("priority", Takes.NUMBER, "1 critical to 4 low, by number or name", "priority<=2", "priority", numbers=_PRIORITIES, bounds=(1, 4)),
    Term("impact", Takes.NUMBER, "1 high to 3 low", "impact:high", "impact", numbers=_LEVELS, bounds=(1, 3)),
    Term("urgency", Takes.NUMBER, "1 high to 3 low", "urgency:1", "urgency", numbers=_LEVELS, bounds=(1, 3)),
    Term("category", Takes.TEXT, "words of the category path", "category:printer", "path", empty=True, aliases=("path",)),
    Term("service", Takes.TEXT, "words of the service's name", "service:vpn", "service", empty=True),
    Term("channel", Takes.CHOICE, "how it came in", "channel:mail", "channel", _CHANNELS),
    Term("alarm", Takes.CHOICE, "what a monitor says of it: down, up, or none", "alarm:down", "alarms", _ALARMS, empty=True),
    Term("tag", Takes.TAG, "a tag; several, separated by commas: any of them", "tag:vip", "tags", empty=True),
    Term("is", Takes.CLAIM, "a claim about the ticket", "is:breached", choices=IS),
    Term("has", Takes.CLAIM, "what the ticket has", "has:due", choices=HAS),
    Term("due", Takes.AHEAD, "when the earliest running clock is due", "due<1h", "due_at", empty=True),
    Term("until", Takes.AHEAD, "when a waiting or scheduled state ends", "until<=today", "state_until", empty=True),
    Term("created", Takes.PAST, "when it was opened", "created>=2026-11-01", "created_at", aliases=("opened",)),
    Term("updated", Takes.PAST, "when something last happened", "updated<1h", "updated_at"),
    Term("answered", Takes.PAST, "when it was first answered", "answered:today", "first_answered_at", empty=True),
    Term("resolved", Takes.PAST, "when it was resolved", "resolved:yesterday", "resolved_at", empty=True),
    Term("closed", Takes.PAST, "when it was closed", "closed:2026-11", "closed_at", empty=True),
    Term("age", Takes.PAST, "how long ago it was opened", "age>2d", "created_at"),
    Term("sla", Takes.SLA, "a clock by its target: its state, or the time to its due moment", "sla:resolution<30m", choices=SLA_STATES, empty=True),
    Term("policy", Takes.KEY, "the SLA policy, by name", "policy:gold", "policy", empty=True),
    Term("number", Takes.NUMBER, "the ticket's number", "number:1042", "id", aliases=("id",)),
    Term("parent", Takes.NUMBER, "the parent's number, or none", "parent:1042", "parent", empty=True),
    Term("survey", Takes.NUMBER, "how satisfied the requester is, 1 to 5; none: has not said", "survey<3", "survey", bounds=(1, 5), empty=True),
    Term("reopens", Takes.NUMBER, "how often it was reopened", "reopens>=2", "reopen_count"),
    Term("field", Takes.FIELD, "a custom field: words of its value, or none", "field.room:3F", "fields", empty=True),
    Term("subject", Takes.WORDS, "words of the subject", 'subject:"printer jam"', "subject"),
    Term("text", Takes.WORDS, "words of the conversation", "text:firmware", "body", aliases=("body",)),
    Term("from", Takes.WORDS, "words of the requester's name, e-mail or organization", "from:korhonen", "people"),
    Term("source", Takes.EXACT, "the system it was imported from", "source:servicenow", "external_source", empty=True),
    Term("external", Takes.EXACT, "its number in that system", "external:INC0010023", "external_id", empty=True),
    Term("resolution", Takes.EXACT, "the resolution code", "resolution:fixed", "resolution_code", empty=True),
    Term("sort", Takes.SORT, "the order; a minus turns a key round", "sort:due,-priority"),
)  # fmt: skip

TERMS: Mapping[str, Term] = {term.name: term for term in _ALL}
NAMES: Mapping[str, Term] = {**TERMS, **{alias: term for term in _ALL for alias in term.aliases}}
"""Terms by name and alias."""

SORT_KEYS: Mapping[str, str] = {
    "due": "the earliest running clock first; none last",
    "priority": "critical first",
    "created": "oldest first",
    "updated": "longest untouched first",
    "answered": "first answered first",
    "resolved": "resolved first, first",
    "closed": "closed first, first",
    "until": "the state that ends soonest first",
    "number": "by number",
    "impact": "high first",
    "urgency": "high first",
    "state": "by the category of the state, then its key",
    "kind": "by kind",
    "queue": "by the queue's key",
    "assignee": "by the assignee's login",
    "owner": "by the owner's login",
    "subject": "by subject, as it is spelt",
    "requester": "by the requester's name",
    "org": "by the organization's name",
    "age": "youngest first",
}
LIVE_CATEGORIES = (StateCategory.NEW, StateCategory.OPEN, StateCategory.WAITING)

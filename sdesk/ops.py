"""The closed set of operations: everything an agent, a mail, an import or a rule can do to the desk.

An operation is frozen, imperative, and holds only what the user chose: no time and no actor. It is
validated when it is built, as far as that needs no store. Keys name agents by login, queues and
states by key. `to_json`/`from_json` carry one through a macro, a rule or an undo.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sdesk.errors import Invalid, did_you_mean
from sdesk.model import (
    IMPACTS,
    PRIORITIES,
    URGENCIES,
    Channel,
    Kind,
    LinkKind,
    PersonId,
    Role,
    StateCategory,
    TicketId,
)

MAX_SUBJECT = 500
MAX_TEXT = 1_000_000
EDITABLE = (
    "subject",
    "kind",
    "category",
    "service",
    "channel",
    "impact",
    "urgency",
    "restricted",
    "parent",
    "requester",
    "owner",
)
"""The plain fields that `Edit` sets; the others have an operation of their own."""


def _one_of(what: str, value: object, known: tuple[object, ...] | list[str]) -> None:
    if value not in known:
        names = [str(item) for item in known]
        raise Invalid(f"{what}: '{value}' is not known.", did_you_mean(str(value), names))


def _text(what: str, value: str, most: int = MAX_TEXT, *, empty: bool = False) -> None:
    if not empty and not value.strip():
        raise Invalid(f"{what}: there is no text.")
    if len(value) > most:
        raise Invalid(
            f"{what}: {len(value):,} characters are more than the {most:,} that are kept."
        )


@dataclass(frozen=True, slots=True)
class Open:
    """Record a new ticket. Priority follows from impact and urgency unless given."""

    subject: str
    text: str = ""
    kind: str = Kind.INCIDENT
    requester: PersonId | None = None
    queue: str = ""
    """Empty: the desk's intake queue."""
    impact: int = 2
    urgency: int = 2
    priority: int | None = None
    category: str = ""
    service: str = ""
    channel: str = Channel.PHONE
    assignee: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    restricted: bool = False
    parent: TicketId | None = None
    external_source: str = ""
    external_id: str = ""

    def __post_init__(self) -> None:
        _text("Subject", self.subject, MAX_SUBJECT)
        _text("Text", self.text, empty=True)
        _one_of("Kind", self.kind, list(Kind))
        _one_of("Channel", self.channel, list(Channel))
        _one_of("Impact", self.impact, IMPACTS)
        _one_of("Urgency", self.urgency, URGENCIES)
        if self.priority is not None:
            _one_of("Priority", self.priority, PRIORITIES)
        for tag in self.tags:
            check_tag(tag)


def check_tag(tag: str) -> None:
    if not tag or len(tag) > 60 or any(c.isspace() or c in ',"()' for c in tag):
        raise Invalid(f"Tag '{tag}': a tag is one word of up to 60 characters without , \" ( or ).")


@dataclass(frozen=True, slots=True)
class Assign:
    """Give the work to an agent, or to nobody (empty). The owner stays."""

    agent: str


@dataclass(frozen=True, slots=True)
class Take:
    """Assign to the acting agent, only if nobody else has it (`force` takes it anyway)."""

    force: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """Put into another queue."""

    queue: str


@dataclass(frozen=True, slots=True)
class SetState:
    """Change the state by its key; the lifecycle decides whether it may."""

    state: str


@dataclass(frozen=True, slots=True)
class SetPriority:
    """Override the priority, or (None) let impact and urgency decide again."""

    priority: int | None

    def __post_init__(self) -> None:
        if self.priority is not None:
            _one_of("Priority", self.priority, PRIORITIES)


@dataclass(frozen=True, slots=True)
class SetDue:
    """Set by hand when a running clock is due, for a reason; None lets the policy decide again."""

    target: str
    at: int | None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.at is not None:
            _text("Reason for the due date", self.reason, 500)


@dataclass(frozen=True, slots=True)
class Edit:
    """Set one plain field (`EDITABLE`); the value as text, a number or a claim, None to empty it."""

    field: str
    value: str | int | bool | None

    def __post_init__(self) -> None:
        _one_of("Field", self.field, EDITABLE)
        match self.field:
            case "subject":
                _text("Subject", str(self.value or ""), MAX_SUBJECT)
            case "kind":
                _one_of("Kind", self.value, list(Kind))
            case "channel":
                _one_of("Channel", self.value, list(Channel))
            case "impact" | "urgency":
                _one_of(self.field.capitalize(), self.value, IMPACTS)
            case "restricted":
                _one_of("Restricted", self.value, (True, False))


@dataclass(frozen=True, slots=True)
class SetField:
    """Set a custom field; an empty value removes it."""

    name: str
    value: str

    def __post_init__(self) -> None:
        if not self.name.replace("_", "").replace("-", "").isalnum():
            raise Invalid(f"Field '{self.name}': a name has letters, digits, - and _ only.")
        _text(f"Field '{self.name}'", self.value, 10_000, empty=True)


@dataclass(frozen=True, slots=True)
class AddTags:
    tags: tuple[str, ...]

    def __post_init__(self) -> None:
        for tag in self.tags:
            check_tag(tag)


@dataclass(frozen=True, slots=True)
class RemoveTags:
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddLink:
    kind: str
    to: TicketId

    def __post_init__(self) -> None:
        _one_of("Link", self.kind, list(LinkKind))


@dataclass(frozen=True, slots=True)
class RemoveLink:
    kind: str
    to: TicketId


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer the requester in public. The first one stops the response clock."""

    text: str

    def __post_init__(self) -> None:
        _text("Reply", self.text)


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write for agents only."""

    text: str

    def __post_init__(self) -> None:
        _text("Note", self.text)


@dataclass(frozen=True, slots=True)
class LogCall:
    """Record a telephone call with the requester; counts as a public answer."""

    text: str

    def __post_init__(self) -> None:
        _text("Call", self.text)


@dataclass(frozen=True, slots=True)
class Chat:
    """A line to the other agents inside the ticket."""

    text: str

    def __post_init__(self) -> None:
        _text("Chat line", self.text)


@dataclass(frozen=True, slots=True)
class Receive:
    """A message from a person outside; wakes a waiting ticket, reopens a resolved one."""

    text: str
    sender: PersonId | None = None

    def __post_init__(self) -> None:
        _text("Message", self.text)


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait in a state of category waiting, until an instant or for an answer, for a reason."""

    state: str = "waiting-customer"
    until: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EndWait:
    """What it waited for, or the time, has come: back to work."""


@dataclass(frozen=True, slots=True)
class Escalate:
    """Refer it to another line (`queue`, where nobody has it yet; the owner stays), tell people of it
    (`to`: logins, or "lead", "admin", "owner", "assignee", "queue"), or both; for a reason."""

    reason: str
    queue: str = ""
    to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _text("Reason to escalate", self.reason, 2_000)
        if not self.queue and not self.to:
            raise Invalid("Escalate to a queue, or to people.")


@dataclass(frozen=True, slots=True)
class Resolve:
    """Done: a code, and the words the requester reads."""

    code: str = "solved"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """The requester has confirmed, or has been silent long enough."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Take a resolved or closed ticket up again."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """End it without a resolution."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Revert:
    """Take one batch of events back on this ticket. Built by undo and redo, never by hand.

    `redo` says that the batch is itself an undo, so that its history reads "did again".
    """

    batch: int
    redo: bool = False


# People and set-up. These concern no ticket.


@dataclass(frozen=True, slots=True)
class SaveOrganization:
    name: str
    calendar: str = ""

    def __post_init__(self) -> None:
        _text("Organization", self.name, 200)


@dataclass(frozen=True, slots=True)
class SavePerson:
    """Make a person, or change the one with that id."""

    name: str
    email: str = ""
    phone: str = ""
    organization: str = ""
    """A name; made when it is unknown."""
    vip: bool = False
    external_id: str = ""
    id: PersonId | None = None

    def __post_init__(self) -> None:
        _text("Name", self.name, 200)
        if self.email and ("@" not in self.email or any(c.isspace() for c in self.email)):
            raise Invalid(f"E-mail: '{self.email}' is not an address.")


@dataclass(frozen=True, slots=True)
class SaveAgent:
    """Make an agent, or change the one with that login."""

    login: str
    name: str
    role: str = Role.AGENT
    email: str = ""
    active: bool = True
    queues: tuple[str, ...] | None = None
    """None leaves the memberships as they are."""

    def __post_init__(self) -> None:
        check_key("Login", self.login)
        _one_of("Role", self.role, list(Role))


def check_key(what: str, key: str) -> None:
    if not key or len(key) > 60 or not all(c.isalnum() or c in "-_." for c in key):
        raise Invalid(f"{what} '{key}': letters, digits, '-', '_' and '.' only, up to 60 of them.")


@dataclass(frozen=True, slots=True)
class SaveQueue:
    key: str
    name: str
    tier: int = 1
    site: str = ""
    calendar: str = ""

    def __post_init__(self) -> None:
        check_key("Queue", self.key)
        _one_of("Tier", self.tier, (1, 2, 3))


@dataclass(frozen=True, slots=True)
class SaveState:
    key: str
    name: str
    category: str
    position: int = 0

    def __post_init__(self) -> None:
        check_key("State", self.key)
        _one_of("Category", self.category, list(StateCategory))


@dataclass(frozen=True, slots=True)
class SaveCalendar:
    """Working time under a name; `spec` as `Calendar.to_json` gives it."""

    name: str
    spec: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SavePolicy:
    """An SLA policy under a name; `spec` as `Policy.to_json` gives it. The lowest position counts first."""

    name: str
    spec: dict[str, Any]
    position: int = 0


@dataclass(frozen=True, slots=True)
class DropCalendar:
    """Take away a calendar that nothing uses; what counted by it keeps its verdict."""

    name: str


@dataclass(frozen=True, slots=True)
class DropPolicy:
    """Promise no more by a policy; what it has judged keeps its verdict."""

    name: str


@dataclass(frozen=True, slots=True)
class SaveView:
    """A query under a name: `shared` for all, else for the acting agent."""

    name: str
    query: str
    shared: bool = False
    position: int | None = None

    def __post_init__(self) -> None:
        _text("View", self.name, 60)


@dataclass(frozen=True, slots=True)
class DropView:
    name: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class SaveTemplate:
    name: str
    text: str
    shared: bool = True


@dataclass(frozen=True, slots=True)
class SaveMacro:
    name: str
    text: str = ""
    operations: tuple[dict[str, Any], ...] = ()
    shared: bool = True


@dataclass(frozen=True, slots=True)
class SaveCategory:
    """A category path: "Hardware / Printer"."""

    path: str


@dataclass(frozen=True, slots=True)
class SaveSetting:
    """One of the desk's own settings (`name`, `prefix`, `zone`, `country`, `intake_queue` …)."""

    name: str
    value: str


TICKET_OPS = (
    Open, Assign, Take, Move, SetState, SetPriority, SetDue, Edit, SetField, AddTags, RemoveTags, AddLink,
    RemoveLink, Reply, AddNote, LogCall, Chat, Receive, Wait, EndWait, Escalate, Resolve, Close, Reopen,
    Cancel, Revert,
)  # fmt: skip
SETUP_OPS = (
    SaveOrganization, SavePerson, SaveAgent, SaveQueue, SaveState, SaveCalendar, SavePolicy, SaveView,
    DropView, SaveTemplate, SaveMacro, SaveCategory, SaveSetting, DropCalendar, DropPolicy,
)  # fmt: skip
ALL_OPS = TICKET_OPS + SETUP_OPS

Op = (
    Open | Assign | Take | Move | SetState | SetPriority | SetDue | Edit | SetField | AddTags | RemoveTags
    | AddLink | RemoveLink | Reply | AddNote | LogCall | Chat | Receive | Wait | EndWait | Escalate
    | Resolve | Close
    | Reopen | Cancel | Revert | SaveOrganization | SavePerson | SaveAgent | SaveQueue | SaveState
    | SaveCalendar | SavePolicy | SaveView | DropView | SaveTemplate | SaveMacro | SaveCategory
    | SaveSetting | DropCalendar | DropPolicy
)  # fmt: skip

_BY_NAME = {op.__name__: op for op in ALL_OPS}


def to_json(op: Op) -> dict[str, Any]:
    """The operation as a dictionary of plain values, its class under "op"."""
    return {"op": type(op).__name__, **asdict(op)}


def from_json(record: dict[str, Any]) -> Op:
    """The operation again. Raises `Invalid` for an unknown class or field."""
    values = dict(record)
    name = str(values.pop("op", ""))
    if (made := _BY_NAME.get(name)) is None:
        raise Invalid(f"Operation '{name}' is not known.", did_you_mean(name, _BY_NAME))
    known = {f.name: f for f in fields(made)}
    for key, value in values.items():
        if key not in known:
            raise Invalid(f"{name} has no '{key}'.", did_you_mean(key, known))
        if isinstance(value, list):
            values[key] = tuple(value)
    return made(**values)

"""Operations on one ticket: its fields, its states, and what is said in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sdesk.errors import Invalid
from sdesk.model import (
    IMPACTS,
    PRIORITIES,
    URGENCIES,
    Channel,
    Kind,
    LinkKind,
    PersonId,
    TicketId,
)
from sdesk.ops.checks import MAX_SUBJECT, check_tag, one_of, some_text

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


Spans = tuple[tuple[int, int], ...]
"""Parts of a text, each from where up to where in characters, in order: what quotes and signs in a
mail, folded away until somebody wants to see it."""


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
    mail: int | None = None
    """The mail that the text came by; then it is a message also where nobody is known to have sent it."""
    author: str = ""
    """Who wrote the text, where no person of the desk did."""
    folds: Spans = ()

    def __post_init__(self) -> None:
        some_text("Subject", self.subject, MAX_SUBJECT)
        some_text("Text", self.text, empty=True)
        one_of("Kind", self.kind, list(Kind))
        one_of("Channel", self.channel, list(Channel))
        one_of("Impact", self.impact, IMPACTS)
        one_of("Urgency", self.urgency, URGENCIES)
        if self.priority is not None:
            one_of("Priority", self.priority, PRIORITIES)
        for tag in self.tags:
            check_tag(tag)


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
            one_of("Priority", self.priority, PRIORITIES)


@dataclass(frozen=True, slots=True)
class SetDue:
    """Set by hand when a running clock is due, for a reason; None lets the policy decide again."""

    target: str
    at: int | None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.at is not None:
            some_text("Reason for the due date", self.reason, 500)


@dataclass(frozen=True, slots=True)
class Edit:
    """Set one plain field (`EDITABLE`); the value as text, a number or a claim, None to empty it."""

    field: str
    value: str | int | bool | None

    def __post_init__(self) -> None:
        one_of("Field", self.field, EDITABLE)
        match self.field:
            case "subject":
                some_text("Subject", str(self.value or ""), MAX_SUBJECT)
            case "kind":
                one_of("Kind", self.value, list(Kind))
            case "channel":
                one_of("Channel", self.value, list(Channel))
            case "impact" | "urgency":
                one_of(self.field.capitalize(), self.value, IMPACTS)
            case "restricted":
                one_of("Restricted", self.value, (True, False))


@dataclass(frozen=True, slots=True)
class SetField:
    """Set a custom field; an empty value removes it."""

    name: str
    value: str

    def __post_init__(self) -> None:
        if not self.name.replace("_", "").replace("-", "").isalnum():
            raise Invalid(f"Field '{self.name}': a name has letters, digits, - and _ only.")
        some_text(f"Field '{self.name}'", self.value, 10_000, empty=True)


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
        one_of("Link", self.kind, list(LinkKind))


@dataclass(frozen=True, slots=True)
class RemoveLink:
    kind: str
    to: TicketId


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer the requester in public. The first one stops the response clock."""

    text: str

    def __post_init__(self) -> None:
        some_text("Reply", self.text)


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write for agents only."""

    text: str
    author: str = ""
    """Who wrote it, where no agent did: a monitor, another system."""

    def __post_init__(self) -> None:
        some_text("Note", self.text)


@dataclass(frozen=True, slots=True)
class LogCall:
    """Record a telephone call with the requester; counts as a public answer."""

    text: str

    def __post_init__(self) -> None:
        some_text("Call", self.text)


@dataclass(frozen=True, slots=True)
class Chat:
    """A line to the other agents inside the ticket."""

    text: str

    def __post_init__(self) -> None:
        some_text("Chat line", self.text)


@dataclass(frozen=True, slots=True)
class Receive:
    """A message from a person outside; wakes a waiting ticket, reopens a resolved one."""

    text: str
    sender: PersonId | None = None
    """Nobody: the requester."""
    mail: int | None = None
    """The mail that it came by."""
    folds: Spans = ()
    keeps_state: bool = False
    """It reopens nothing: no more than thanks."""
    author: str = ""
    """Who wrote it where that is no person of the desk, nor the requester."""

    def __post_init__(self) -> None:
        some_text("Message", self.text)


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
        some_text("Reason to escalate", self.reason, 2_000)
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

"""Operations that concern no ticket: people and how the desk is set up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sdesk.errors import Invalid
from sdesk.looks import check_colours, parse_columns
from sdesk.model import PersonId, Role, StateCategory
from sdesk.ops.checks import MAX_TEXT, check_key, one_of, some_text


@dataclass(frozen=True, slots=True)
class SaveOrganization:
    name: str
    calendar: str = ""

    def __post_init__(self) -> None:
        some_text("Organization", self.name, 200)


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
    language: str | None = None
    """Of the mails they get, as "de"; None leaves it."""
    verified_at: int | None = None
    """When their address was last proved to be theirs; None leaves it."""

    def __post_init__(self) -> None:
        some_text("Name", self.name, 200)
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
        one_of("Role", self.role, list(Role))


@dataclass(frozen=True, slots=True)
class SaveQueue:
    key: str
    name: str
    tier: int = 1
    site: str = ""
    calendar: str = ""
    address: str | None = None
    """The mail address of the queue's own; this one, the signature and the language: None leaves it."""
    signature: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        check_key("Queue", self.key)
        if self.address and ("@" not in self.address or any(c.isspace() for c in self.address)):
            raise Invalid(f"Address of the queue: '{self.address}' is not an address.")
        one_of("Tier", self.tier, (1, 2, 3))


@dataclass(frozen=True, slots=True)
class SaveState:
    key: str
    name: str
    category: str
    position: int = 0

    def __post_init__(self) -> None:
        check_key("State", self.key)
        one_of("Category", self.category, list(StateCategory))


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
    columns: tuple[str, ...] | None = None
    """Words of `sdesk.looks`; None leaves them as they are."""
    colours: tuple[tuple[str, str], ...] | None = None
    """(tone, query) pairs; None leaves them as they are."""

    def __post_init__(self) -> None:
        some_text("View", self.name, 60)
        parse_columns(self.columns or ())
        check_colours(self.colours or ())


@dataclass(frozen=True, slots=True)
class DropView:
    name: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class SaveTemplate:
    name: str
    text: str
    shared: bool = True

    def __post_init__(self) -> None:
        some_text("Template", self.name, 60)
        some_text(f"Template '{self.name}'", self.text, MAX_TEXT)


@dataclass(frozen=True, slots=True)
class DropTemplate:
    name: str
    shared: bool = True


@dataclass(frozen=True, slots=True)
class SaveMacro:
    """A text and acts in words under a name: `shared` for all, else for the acting agent."""

    name: str
    text: str = ""
    acts: tuple[str, ...] = ()
    """As `rules.acting` reads them."""
    asks: tuple[tuple[str, str], ...] = ()
    """(name, question): what is asked before anything happens, and stands as `{ask.name}`."""
    send: bool = False
    """Whether its text goes to the requester without being shown first."""
    note: bool = False
    """Whether its text is an internal note."""
    shared: bool = True

    def __post_init__(self) -> None:
        some_text("Macro", self.name, 60)
        some_text(f"Macro '{self.name}'", self.text, MAX_TEXT, empty=True)
        # From JSON they come as lists.
        object.__setattr__(self, "asks", tuple((str(n), str(q)) for n, q in self.asks))
        for name, question in self.asks:
            check_key("Name of a question", name)
            some_text(f"Question '{name}'", question, 200)


@dataclass(frozen=True, slots=True)
class DropMacro:
    name: str
    shared: bool = True


@dataclass(frozen=True, slots=True)
class SaveCategory:
    """A category path: "Hardware / Printer"."""

    path: str


@dataclass(frozen=True, slots=True)
class SaveRetention:
    """What is erased by itself: closed tickets of a query, so long after their closing."""

    name: str
    query: str
    after: str
    """An age: "3y", "18m", "90d"."""
    action: str = "erase"

    def __post_init__(self) -> None:
        some_text("Retention rule", self.name, 60)
        one_of("Action", self.action, ["erase"])
        if not self.after.strip():
            raise Invalid("After what time? The age is missing.", "Write it like 3y, 18m or 90d.")


@dataclass(frozen=True, slots=True)
class DropRetention:
    name: str


@dataclass(frozen=True, slots=True)
class SaveSetting:
    """One of the desk's own settings (`name`, `prefix`, `zone`, `country`, `intake_queue` …)."""

    name: str
    value: str

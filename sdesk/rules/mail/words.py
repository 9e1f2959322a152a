"""The values that judging a mail takes and gives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from sdesk.errors import Invalid
from sdesk.model import Instant

WINDOW = "reopen_window"
"""The desk's setting: for how long after its resolution a reply reopens a ticket."""
USUAL_WINDOW = "14d"
_UNITS = {"h": 3_600, "d": 86_400, "w": 7 * 86_400}


class Outcome(StrEnum):
    """What became of a mail; each has exactly one."""

    NEW = "new"
    """A new ticket."""
    APPEND = "append"
    """A message in a ticket that was there."""
    HOLD = "hold"
    """Kept until an agent releases or rejects it; nothing sent, no ticket changed."""
    MACHINE = "machine"
    """From a program: kept and searchable, no ticket opened or reopened, nothing sent."""
    BOUNCE = "bounce"
    """Word of a mail of ours that did not arrive."""
    DUPLICATE = "duplicate"
    """The same mail as one that was taken in before."""
    DROP = "drop"
    """Our own mail coming back."""
    REJECTED = "rejected"
    """Held, and then refused by an agent."""


class Mailbox(Protocol):
    """A name and an address, as a header had them."""

    @property
    def name(self) -> str: ...
    @property
    def addr(self) -> str: ...


class Reported(Protocol):
    """What a delivery report says."""

    @property
    def kind(self) -> str: ...
    @property
    def message_ids(self) -> Sequence[str]: ...


class File(Protocol):
    """An attachment."""

    @property
    def body(self) -> bytes: ...


class Incoming(Protocol):
    """What the rules see of a mail: `mail.reading.Message` has it."""

    @property
    def subject(self) -> str: ...
    @property
    def author(self) -> Mailbox | None: ...
    @property
    def from_headers(self) -> int: ...
    @property
    def to(self) -> Sequence[Mailbox]: ...
    @property
    def cc(self) -> Sequence[Mailbox]: ...
    @property
    def message_id(self) -> str: ...
    @property
    def in_reply_to(self) -> Sequence[str]: ...
    @property
    def references(self) -> Sequence[str]: ...
    @property
    def date(self) -> int | None: ...
    @property
    def headers(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def text(self) -> str: ...
    @property
    def said(self) -> str: ...
    @property
    def parts(self) -> Sequence[File]: ...
    @property
    def report(self) -> Reported | None: ...


class Sent(NamedTuple):
    """A mail of ours."""

    id: int
    ticket: int | None
    kind: str = ""
    """As `store.letters` calls it: "survey"."""


class Standing(NamedTuple):
    """A ticket that a mail points at."""

    number: int
    """As the mail names it."""
    survivor: int
    """The ticket that goes on for it; itself, unless it was merged."""
    category: str
    """The survivor's."""
    resolved_at: Instant | None
    participants: frozenset[str]
    """Addresses, case-folded, of those who may write into it."""
    binned: bool = False
    requester: str = ""
    """The survivor's, case-folded: who may confirm that it is solved."""


class Customs(NamedTuple):
    """How the desk wants its mail judged."""

    prefix: str = "SD"
    own: frozenset[str] = frozenset()
    """The desk's addresses, aliases, and those of its queues, case-folded."""
    queues: Mapping[str, str] = {}
    """Address → queue, for queues that have one of their own."""
    agents: frozenset[str] = frozenset()
    """The agents' addresses, case-folded."""
    authserv: str = ""
    """By which name our own mail server signs Authentication-Results."""
    require_auth: bool = True
    """Off where no mail server of ours writes Authentication-Results."""
    window: int = 14 * 86_400
    """Seconds after its resolution in which a reply reopens a ticket."""
    thanks_keeps_closed: bool = True
    sender_limit: int = 200
    """Tickets and messages of one sender in ten minutes; what is above waits for an agent."""


class World(NamedTuple):
    """What the store knows of all that a mail points at."""

    now: Instant
    customs: Customs
    letters: Mapping[str, Sent] = {}
    """Message-ID → mail of ours, of those that this one names."""
    tickets: Mapping[int, Standing] = {}
    """Of those that it names, by number or by a letter of ours."""
    twin: int | None = None
    """The mail with the same key that was taken in before."""
    twin_held: bool = False
    """Whether that one was held or refused."""
    namesake: int | None = None
    """A mail with the same Message-ID and another author or text."""
    verified: bool = False
    """Whether the author has proved that the address is theirs."""
    acknowledged: int = 0
    """Acknowledgements to the author within the last hour."""
    lately: int = 0
    """Tickets and messages of the author within the last ten minutes."""
    names: frozenset[str] = frozenset()
    """Folded words by which people here are called, for who says thanks."""


class Step(NamedTuple):
    """A rule that was asked, and what it said."""

    rule: str
    said: str
    decided: bool = False


class Verdict(NamedTuple):
    """What is to become of a mail, and why."""

    outcome: Outcome
    reason: str
    """A sentence for people."""
    ticket: int | None = None
    """Where it goes to, or where it is recorded."""
    linked: int | None = None
    """The ticket that a new one continues."""
    hint: int | None = None
    """The ticket it claims to belong to."""
    letter: int | None = None
    """The mail of ours that bounced."""
    duplicate_of: int | None = None
    keeps_state: bool = False
    """A message that reopens nothing: no more than thanks, or the answer to the survey."""
    confirms: bool = False
    """The requester says that a resolved ticket is solved: it can be closed."""
    score: int | None = None
    """What the requester answers to the survey, from 1 to 5."""
    comment: str = ""
    queue: str = ""
    """By the address it was sent to; empty for the desk's intake queue."""
    doubt: str = ""
    """What agents should know of a new ticket's mail."""
    ack: bool = False
    ack_reason: str = ""
    trace: tuple[Step, ...] = ()

    @property
    def told(self) -> str:
        """The reason, and below it what every rule said: as it is kept with the mail."""
        steps = [f"{step.rule}: {step.said}" for step in self.trace]
        if self.ack_reason:
            steps.append(f"acknowledgement: {self.ack_reason}")
        return "\n".join([self.reason, *steps])


_WINDOW = re.compile(r"([0-9]{1,4})\s*([hdw])")


def seconds_of_window(text: str) -> int:
    """Seconds in "14d", "72h", "2w"; 0 for "off". Raises `Invalid`."""
    plain = text.strip().casefold()
    if plain in ("off", "0"):
        return 0
    if (found := _WINDOW.fullmatch(plain)) is None:
        raise Invalid(f"{WINDOW}: '{text}' is not a time like 14d, 72h or 2w, or off.")
    return int(found[1]) * _UNITS[found[2]]

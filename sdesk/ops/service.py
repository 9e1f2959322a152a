"""Operations that tell many people at once, and the one that keeps what they thought of it."""

from __future__ import annotations

from dataclasses import dataclass

from sdesk.errors import Invalid
from sdesk.model import TicketId
from sdesk.ops.checks import one_of, some_text

ANNOUNCED = ("planned", "outage")
"""Sorts of announcement: work that is planned, and something that does not work."""
SCOPES = ("all", "organization", "site", "tickets")
"""Who is told: everybody · the people of an organization · who has had to do with the queues of a
site in the last year · the requesters of a ticket, of its children and of those linked to it."""
SCORES = (1, 2, 3, 4, 5)
MAX_TITLE = 120


@dataclass(frozen=True, slots=True)
class Inform:
    """Answer the requester, and in the same words those of all tickets below it that are not finished:
    the updates of a major incident. Restricted tickets below one that is not are left out."""

    text: str

    def __post_init__(self) -> None:
        some_text("Update", self.text)


@dataclass(frozen=True, slots=True)
class RecordSurvey:
    """What the requester thought of the help, from 1 (not at all satisfied) to 5 (very)."""

    score: int
    comment: str = ""

    def __post_init__(self) -> None:
        one_of("Score", self.score, SCORES)
        some_text("Comment", self.comment, 2_000, empty=True)


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell people ahead of planned work, or of an outage."""

    kind: str
    title: str
    text: str
    scope: str = "all"
    target: str = ""
    """The organization or site; empty for the other scopes."""
    starts_at: int | None = None
    ends_at: int | None = None
    ticket: TicketId | None = None
    """The incident or change behind it; needed for the scope "tickets"."""
    silent: bool = False
    """Show it in the desk only; write to nobody."""

    def __post_init__(self) -> None:
        one_of("Announcement", self.kind, ANNOUNCED)
        one_of("Scope", self.scope, SCOPES)
        some_text("Title", self.title, MAX_TITLE)
        some_text("Text", self.text)
        if self.scope in ("organization", "site") and not self.target.strip():
            raise Invalid(f"An announcement to one {self.scope} names it.")
        if self.scope == "tickets" and self.ticket is None:
            raise Invalid(
                "An announcement to the requesters of tickets names the ticket above them."
            )
        check_span(self.starts_at, self.ends_at)
        if self.kind == "planned" and self.starts_at is None:
            raise Invalid("Planned work has a time at which it begins.")


@dataclass(frozen=True, slots=True)
class ReviseAnnouncement:
    """Tell the same people how it stands now; times that are given take the place of the old ones."""

    id: int
    text: str
    starts_at: int | None = None
    ends_at: int | None = None
    silent: bool = False

    def __post_init__(self) -> None:
        some_text("Text", self.text)
        check_span(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class EndAnnouncement:
    """It works again, or the work is done; `cancelled`: it does not take place. The people are told
    unless it is `silent`."""

    id: int
    text: str = ""
    cancelled: bool = False
    silent: bool = False

    def __post_init__(self) -> None:
        some_text("Text", self.text, empty=True)


def check_span(starts_at: int | None, ends_at: int | None) -> None:
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Invalid("It ends before it begins.")

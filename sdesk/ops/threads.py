"""Operations on whole threads: merging and splitting them, and putting them into the bin."""

from __future__ import annotations

from dataclasses import dataclass

from sdesk.model import EntryId, TicketId
from sdesk.ops.checks import MAX_SUBJECT, some_text


@dataclass(frozen=True, slots=True)
class Merge:
    """Put this ticket's thread into another one, which goes on for both; this one is closed.

    `reveal` permits it where this ticket is restricted and the other is not.
    """

    into: TicketId
    reveal: bool = False


@dataclass(frozen=True, slots=True)
class Unmerge:
    """Take a merged ticket and its thread out of the one it was merged into."""


@dataclass(frozen=True, slots=True)
class Split:
    """Make a new ticket of a message (`entry`), of the same requester; with `following` also of all
    that were written after it."""

    entry: EntryId
    subject: str
    following: bool = False

    def __post_init__(self) -> None:
        some_text("Subject", self.subject, MAX_SUBJECT)


@dataclass(frozen=True, slots=True)
class Discard:
    """Put it into the bin: out of every view and count, kept in the store. Spam, mistakes."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Restore:
    """Take it out of the bin, as it was."""

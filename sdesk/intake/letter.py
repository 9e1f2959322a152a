"""What the intake needs of a mail that has been read, and what it says of one afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sdesk.model import TicketId
from sdesk.rules import mail as rules
from sdesk.text import clean, clean_line


class Mailbox(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def addr(self) -> str: ...


class Part(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def body(self) -> bytes: ...


class Letter(rules.Incoming, Protocol):
    """A mail that has been read: `mail.reading.Message`."""

    @property
    def folds(self) -> tuple[tuple[int, int], ...]: ...
    @property
    def damaged(self) -> tuple[str, ...]: ...
    @property
    def doubts(self) -> tuple[str, ...]: ...
    @property
    def parts(self) -> Sequence[Part]: ...


@dataclass(frozen=True, slots=True)
class Unread:
    """What is known of a mail that trips over a fault of ours: nothing but a little of its text."""

    text: str
    damaged: tuple[str, ...]
    subject: str = "(a mail that could not be read)"
    author: None = None
    from_headers: int = 0
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: int | None = None
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    folds: tuple[tuple[int, int], ...] = ()
    parts: tuple[Part, ...] = ()
    report: None = None
    doubts: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        return self.text


class Taken(NamedTuple):
    """What became of one mail."""

    mail: int
    outcome: str
    ticket: TicketId | None = None
    ack: bool = False
    first: bool = True
    """Whether this call has decided it; else somebody had before."""


Reader = Callable[[bytes], Letter]


def unreadable(raw: bytes, error: Exception) -> Unread:
    """In place of a mail over which we have stumbled: what of it can be shown at all."""
    said = f"It could not be read: {type(error).__name__}: {clean_line(str(error))[:200]}"
    text = clean(raw[:20_000].decode("latin-1"))
    return Unread(text, (said,))

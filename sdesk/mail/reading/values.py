"""What a mail says once it is read. Nothing here is believed: it is what the sender wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sdesk.text import without


class Address(NamedTuple):
    """A mailbox. `addr` is one valid address with its domain folded, or '' for nobody."""

    name: str
    addr: str


class Part(NamedTuple):
    """An attachment. Its name is a plain one of this host; its bytes are as they were sent."""

    name: str
    media: str
    body: bytes
    content_id: str = ""
    inline: bool = False
    """It is shown inside the text, as a pasted picture is."""


class Fate(NamedTuple):
    """What a report says of one recipient."""

    recipient: str
    action: str
    """failed, delayed, delivered, relayed, expanded; '' when the report doesn't say."""
    status: str
    """An enhanced status code such as 5.1.1, or ''."""
    diagnostic: str


class Report(NamedTuple):
    """A mail server's report on a mail (RFC 3464)."""

    kind: str
    """"delivery-status", "disposition-notification", "feedback-report" or ''."""
    message_ids: tuple[str, ...]
    """The Message-IDs of the mails it reports on, in angle brackets as they stand in headers."""
    fates: tuple[Fate, ...]
    """What became of each recipient that is named."""

    @property
    def failures(self) -> tuple[Fate, ...]:
        """The recipients that the mail will not reach."""
        return tuple(one for one in self.fates if one.action == "failed")


class Message(NamedTuple):
    """A whole mail, read."""

    subject: str = ""
    author: Address | None = None
    """The one valid mailbox of the one From header; None when nobody can be named."""
    from_headers: int = 0
    others: tuple[Address, ...] = ()
    """Further mailboxes of the From header."""
    sender: Address | None = None
    reply_to: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: int | None = None
    """The sender's claim."""
    headers: Mapping[str, tuple[str, ...]] = {}
    """Lower-cased name → values in order, unfolded and cleaned, encoded words left as they are."""
    text: str = ""
    folds: tuple[tuple[int, int], ...] = ()
    """Spans of `text` that quote or sign, in order; each begins and ends where a line does."""
    parts: tuple[Part, ...] = ()
    report: Report | None = None
    damaged: tuple[str, ...] = ()
    """Why it was not read whole, a sentence each; empty when all of it was."""
    doubts: tuple[str, ...] = ()
    """What looks wrong about who wrote it, a sentence each, for agents."""

    @property
    def said(self) -> str:
        """The text without what it quotes and how it is signed."""
        return without(self.text, self.folds)

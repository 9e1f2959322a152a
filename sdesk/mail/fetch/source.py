"""What a mailbox is to those who fetch: mails at their spots, and a way to say which are done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sdesk.errors import Refused, SdeskError

if TYPE_CHECKING:
    from sdesk.mail.settings import Mailbox
    from sdesk.model import MailboxState

MOST = 25_000_000
"""Bytes of one mail that are taken in; of a larger one its beginning is."""


class Found(NamedTuple):
    """A mail in a mailbox."""

    spot: str
    """Its place there: the same mail has the same one at every look."""
    raw: bytes
    size: int
    """Bytes it has in all."""
    progress: dict[str, Any] = {}
    """How far the mailbox has been read with it: columns of `mailbox`, committed together."""


class Knowing(Protocol):
    """What a source may ask of the store."""

    def mail_at(self, mailbox: str, spot: str) -> int | None: ...

    def first_mail_at(self, mailbox: str) -> int | None: ...

    def mailbox(self, name: str) -> MailboxState: ...


class Source(Protocol):
    """A mailbox that has been opened."""

    generation: str
    """Where every spot begins with it: the mailbox was renumbered, and mails that stand elsewhere now
    are the same ones. Empty: it was not."""

    @property
    def reached(self) -> Mapping[str, Any]:
        """How far it was read when all news were: columns of `mailbox`."""

    def news(self, known: Knowing) -> Iterator[Found]:
        """Mails that may be new, the oldest first."""

    def finish(self, spots: Sequence[str]) -> None:
        """These have been committed: flag, move or leave them."""

    def close(self) -> None: ...


class Trouble(SdeskError):
    """A mailbox can't be reached or read now; another time it may be."""

    exit_code = 75


def open_source(box: Mailbox) -> Source:
    """Open a mailbox. Raises `Trouble` where that isn't possible now, `Refused` where it never is."""
    match box.kind:
        case "maildir":
            from sdesk.mail.fetch.maildir import MaildirSource

            return MaildirSource(box)
        case "mbox":
            from sdesk.mail.fetch.mbox import MboxSource

            return MboxSource(box)
        case "eml":
            from sdesk.mail.fetch.eml import EmlSource

            return EmlSource(box)
        case "imap":
            from sdesk.mail.fetch.imap import ImapSource

            return ImapSource(box)
    raise Refused(f"{box.origin}: nobody knows mailboxes of the kind '{box.kind}'.")

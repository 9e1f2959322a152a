"""What became of the mails we wrote, as values. Standard library only."""

from __future__ import annotations

from typing import NamedTuple

from sdesk.model import EntryId, Instant, TicketId

WAITING, SENT, FAILED, BOUNCED, DROPPED = "waiting", "sent", "failed", "bounced", "dropped"
"""States of a letter. Dropped: an agent has given it up."""
TROUBLED = (FAILED, BOUNCED)


class Posted(NamedTuple):
    """A mail of ours, and how far it has come."""

    id: int
    ticket: TicketId | None
    entry: EntryId | None
    kind: str
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    body: str
    message_id: str
    refs: tuple[str, ...]
    language: str
    at: Instant
    send_after: Instant
    state: str
    tries: int
    next_at: Instant | None
    sent_at: Instant | None
    answer: str
    """The server's last words, cleaned."""

    @property
    def is_put_off(self) -> bool:
        """Whether it waits because it has been tried in vain so far."""
        # What an agent has sent again keeps the old answer until there is a new one.
        is_late = self.next_at is not None and self.next_at > self.send_after
        return self.state == WAITING and is_late and bool(self.answer)

    @property
    def is_troubled(self) -> bool:
        """Whether it did not arrive, or has been tried in vain so far."""
        return self.state in TROUBLED or self.is_put_off

    @property
    def domain(self) -> str:
        return self.to[0].rpartition("@")[2] if self.to else ""


class Composed(NamedTuple):
    """A letter as it would be written now."""

    kind: str
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    body: str
    language: str
    queue: str

"""What came in by mail: how each was judged, what is held, how far the mailboxes have been read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.errors import NotFound
from sdesk.model import KeptMail, MailboxState, TicketId
from sdesk.store.reads.base import Base

if TYPE_CHECKING:
    from sdesk.model import Instant

_MAIL = (
    "m.id, m.at, m.mailbox, m.outcome, m.reason, m.author, m.subject, m.ticket_id, m.hint, m.size,"
    " m.damaged, m.message_id, m.duplicate_of, m.letter_id, m.judged_at, m.handled_by, m.handled_at"
)
HELD = "hold"


class MailReads(Base):
    def mails(
        self, *, limit: int, outcome: str | None = None, ticket: int | None = None,
        author: str = "", since: Instant = 0,
    ) -> tuple[KeptMail, ...]:  # fmt: skip
        """Mails that came in, the newest first."""
        where = ["m.at >= :since"]
        where += ["m.outcome = :outcome"] if outcome is not None else []
        where += ["m.ticket_id = :ticket"] if ticket is not None else []
        where += ["m.author = :author"] if author else []
        if kept := self.unseen("coalesce(m.ticket_id, 0)"):
            where.append(kept.removeprefix(" AND "))
        sql = f"SELECT {_MAIL} FROM mail m WHERE {' AND '.join(where)} ORDER BY m.id DESC LIMIT :limit"
        values = {
            "since": since, "outcome": outcome, "ticket": ticket, "author": author.casefold(),
            "limit": limit, "me": self.me,
        }  # fmt: skip
        return tuple(_mail(row) for row in self.reader.all(sql, values))

    def mail(self, number: int) -> KeptMail:
        """Raises `NotFound`."""
        row = self.reader.one(f"SELECT {_MAIL} FROM mail m WHERE m.id = :id", {"id": number})
        if row is None or (row[7] is not None and self.is_unseen(row[7])):
            raise NotFound(f"There is no mail {number}.", "See: sdesk mail log")
        return _mail(row)

    def mail_bytes(self, number: int) -> bytes:
        """A mail as it came. Raises `NotFound`."""
        sql = "SELECT b.body FROM mail m JOIN blob b ON b.sha256 = m.sha256 WHERE m.id = :id"
        if (row := self.reader.one(sql, {"id": number})) is None:
            raise NotFound(f"There is no mail {number}.", "See: sdesk mail log")
        return bytes(row[0])

    def mail_at(self, mailbox: str, spot: str) -> int | None:
        """The mail that was kept from that spot of a mailbox."""
        sql = "SELECT id FROM mail WHERE mailbox = :mailbox AND spot = :spot"
        row = self.reader.one(sql, {"mailbox": mailbox, "spot": spot})
        return None if row is None else int(row[0])

    def first_mail_at(self, mailbox: str) -> Instant | None:
        """When the first mail of a mailbox was kept."""
        row = self.reader.one("SELECT min(at) FROM mail WHERE mailbox = :name", {"name": mailbox})
        return None if row is None or row[0] is None else int(row[0])

    def held_mail(self, limit: int, *, rejected: bool = False) -> tuple[KeptMail, ...]:
        """Mail that waits for an agent, the oldest first; with `rejected` what was refused, too."""
        outcomes = "m.outcome IN ('hold', 'rejected')" if rejected else "m.outcome = 'hold'"
        sql = f"SELECT {_MAIL} FROM mail m WHERE {outcomes} ORDER BY m.id LIMIT :limit"
        return tuple(_mail(row) for row in self.reader.all(sql, {"limit": limit}))

    def count_held(self) -> int:
        row = self.reader.one("SELECT count(*) FROM mail WHERE outcome IN ('', 'hold') AND outcome <> ''")  # fmt: skip
        return int(row[0]) if row else 0

    def unjudged_mail(self, limit: int = 1_000) -> tuple[int, ...]:
        """Mails kept and not judged yet, the oldest first."""
        sql = """SELECT id FROM mail WHERE outcome IN ('', 'hold') AND outcome = ''
            ORDER BY id LIMIT :limit"""
        return tuple(int(row[0]) for row in self.reader.all(sql, {"limit": limit}))

    def count_mail(self, since: Instant = 0) -> dict[str, int]:
        """Outcome → how many mails."""
        sql = "SELECT outcome, count(*) FROM mail WHERE at >= :since GROUP BY outcome ORDER BY 2 DESC, 1"
        return {str(row[0]): int(row[1]) for row in self.reader.all(sql, {"since": since})}

    def mailboxes(self) -> tuple[MailboxState, ...]:
        sql = """SELECT name, checked_at, trouble, uidvalidity, last_uid, position, mark
            FROM mailbox ORDER BY name"""
        return tuple(MailboxState(*row) for row in self.reader.all(sql))

    def mailbox(self, name: str) -> MailboxState:
        """How far a mailbox has been read; nothing of one that never was."""
        return next((box for box in self.mailboxes() if box.name == name), MailboxState(name, None, ""))  # fmt: skip


def _mail(row: tuple[Any, ...]) -> KeptMail:
    kept = KeptMail(*row)
    ticket = None if kept.ticket is None else TicketId(kept.ticket)
    return kept._replace(ticket=ticket, damaged=bool(kept.damaged))

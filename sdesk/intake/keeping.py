"""Mail kept and decided about, in the desk's own name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sdesk.errors import Busy, StoreFault
from sdesk.files import file_size
from sdesk.intake.letter import Letter, Reader, Taken, Unread, unreadable
from sdesk.intake.settling import Settling
from sdesk.numbering import RESTRICTED
from sdesk.rules import mail as rules
from sdesk.rules.mail import Outcome, Verdict
from sdesk.store import incoming
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.door import Door
    from sdesk.model import KeptMail
    from sdesk.rules.alarm import Plan

ACTOR = "sdesk"


class Intake:
    """Takes mail in, in the desk's own name. For one thread."""

    def __init__(self, desk: Desk, read: Reader, plan: Plan | None = None) -> None:
        self.desk, self._read, self._plan = desk, read, plan

    def _door(self, number: int = 0) -> Door:
        door = self.desk.of(number).door()
        # The desk itself is no agent, and needs no leave.
        door.enforce = False
        return door

    # Keeping

    def keep(self, mailbox: str, spot: str, raw: bytes, *, size: int | None = None) -> int:
        """Commit a mail's bytes; its number. The same spot of a mailbox is kept once."""
        whole = len(raw) if size is None else size
        return self.keep_all(mailbox, [(spot, raw, whole)])[0]

    def keep_all(
        self, mailbox: str, mails: Sequence[tuple[str, bytes, int]], *, generation: str = "",
        progress: Mapping[str, Any] | None = None,
    ) -> list[int]:  # fmt: skip
        """`keep` for several (spot, bytes, size) in one transaction, which costs one flush of the disk.

        With `generation` a mail that was kept from another place of the mailbox is the same one.
        `progress`, columns of `mailbox`, is committed with them.
        """
        apart = [one for one in mails if self.is_for_second(one[1])]
        there = self._put(mailbox, apart, generation, {}, RESTRICTED + 1) if apart else []
        rest = [one for one in mails if one not in apart] if apart else mails
        return [*there, *self._put(mailbox, rest, generation, progress or {}, 0)]

    def _put(
        self, mailbox: str, mails: Sequence[tuple[str, bytes, int]], generation: str,
        progress: Mapping[str, Any], above: int,
    ) -> list[int]:  # fmt: skip
        """Into the file whose numbers are above that one."""
        numbers = []
        with self._door(above).writer.write() as session:
            now = self.desk.now()
            for spot, raw, size in mails:
                number = None
                if generation:
                    number = incoming.adopt(session, mailbox, spot, raw, generation)
                if number is None:
                    number = incoming.keep(session, mailbox, spot, raw, size, now)
                numbers.append(number)
            if progress:
                incoming.set_mailbox(session, mailbox, progress)
        return numbers

    def is_for_second(self, raw: bytes) -> bool:
        """Whether a mail belongs into the file for restricted tickets, which this desk may open."""
        second = self.desk.of(RESTRICTED + 1)
        return second is not self.desk and belongs_to_second(
            self.desk, read_safely(self._read, raw)
        )

    def note(self, mailbox: str, **values: Any) -> None:
        """Remember something of a mailbox: when it was looked at, what troubles it."""
        with self._door().writer.write() as session:
            incoming.set_mailbox(session, mailbox, values)

    # Deciding

    def settle(self, number: int) -> Taken:
        """Decide about one kept mail. Raises `Busy` and `StoreFault`, and `NotFound` for no such mail."""
        kept = self.desk.read.mail(number)
        if kept.outcome:
            return Taken(number, kept.outcome, kept.ticket, first=False)
        return self._decide(kept, self.desk.read.mail_bytes(number))

    def _decide(self, row: KeptMail, raw: bytes) -> Taken:
        """As the mail is read; where that trips over a fault of ours, as plain text; and where that
        does too, set aside."""
        mail = self._cut(row, raw, read_safely(self._read, raw))
        for _ in range(2):
            try:
                return self._apply(row, mail)
            except (Busy, StoreFault):
                raise
            except Exception as error:
                # The mail must not be lost, nor keep those behind it from being taken in.
                fault, mail = error, unreadable(raw, error)
        return self._set_aside(row.id, fault)

    def _cut(self, row: KeptMail, raw: bytes, mail: Letter) -> Letter:
        """Word of it that more was sent than is kept."""
        if row.size <= len(raw) or isinstance(mail, Unread):
            return mail
        said = f"It has {file_size(row.size)}; {file_size(len(raw))} of it were taken in."
        return mail._replace(damaged=(*mail.damaged, said))  # type: ignore[attr-defined,no-any-return]

    def _apply(self, row: KeptMail, mail: Letter) -> Taken:
        with self._door(row.id).transaction() as work:
            return Settling(work, row.id, mail, self._plan).run()

    def _set_aside(self, number: int, error: Exception) -> Taken:
        """Even a plain ticket could not be made of it: agents find it among the held mails."""
        said = f"It could not be taken in: {type(error).__name__}: {clean_line(str(error))[:200]}"
        with self._door(number).transaction() as work:
            incoming.mark(work.tx, number, Verdict(Outcome.HOLD, said))
            work.tx.record("mail_held", details={"mail": number})
        return Taken(number, Outcome.HOLD)

    def settle_waiting(self, until: Callable[[], bool] = lambda: False) -> list[Taken]:
        """Decide about what a crash has left behind."""
        done = []
        for number in self.desk.read.unjudged_mail():
            if until():
                break
            done.append(self.settle(number))
        return done


def belongs_to_second(desk: Desk, mail: Letter) -> bool:
    """Whether the mail is for a restricted ticket, or for a queue whose tickets are restricted."""
    known = desk.read.settings()
    clues = rules.clues_of(mail, known.get("prefix", "SD"))
    if rules.names_restricted(clues):
        return True
    kept = known.get("restricted_queues", "").split()
    addresses = {q.address.casefold(): q.key for q in desk.read.queues() if q.address}
    queue = rules.addressed(mail, addresses) or known.get("intake_queue", "")
    if queue in kept:
        return True
    # A ticket that has moved there has kept what was written of it under its old number.
    second = desk.of(RESTRICTED + 1).read.reader
    return any(
        second.one(sql, {"name": f"<{name}>", "bare": name}) is not None
        for name in clues.answered
        for sql in _KNOWN
    )


_KNOWN = tuple(
    f"SELECT 1 FROM {table} WHERE message_id IN (:name, :bare) LIMIT 1"
    for table in ("letter", "mail")
)


def read_safely(read: Reader, raw: bytes) -> Letter:
    """A mail read, or a little of its text in its place."""
    try:
        return read(raw)
    except Exception as error:
        # The mail must not be lost, nor keep those behind it from being taken in.
        return unreadable(raw, error)

"""What agents decide about held mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sdesk.errors import Refused
from sdesk.intake.keeping import belongs_to_second, read_safely
from sdesk.intake.letter import Letter, Reader, Taken
from sdesk.intake.settling import Settling
from sdesk.model import Source
from sdesk.numbering import RESTRICTED, is_restricted
from sdesk.rules import mail as rules
from sdesk.rules.mail import Outcome, Verdict
from sdesk.store import erasing, incoming

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.door import Work
    from sdesk.model import TicketId


class Deciding:
    """What agents decide about held mail; each act in their own name, by their own door."""

    def __init__(self, desk: Desk, read: Reader) -> None:
        self.desk, self._read = desk, read

    def release(self, number: int, to: TicketId | None = None) -> TicketId:
        """Make a ticket of a held or rejected mail, or put it into one; the ticket it is in."""
        number = self._where_it_belongs(number, to)
        with self.desk.of(number).door().transaction() as work:
            row, mail = self._read_again(work, number, (Outcome.HOLD, Outcome.REJECTED))
            settling = Settling(work, number, mail)
            reason = f"{work.tx.actor} has released it."
            before = row.outcome
            work.tx.source = Source.MAIL
            taken = self._put(settling, reason, to)
            assert taken.ticket is not None
            ticket = work.row(taken.ticket)
            details = {"mail": number, "author": settling.author}
            changes = {f"mail.{number}": (before, str(taken.outcome))}
            work.tx.record("mail_released", ticket, changes=changes, details=details)
            incoming.handle(work.tx, number, str(taken.outcome), by=work.tx.actor, reason=reason)
        return taken.ticket

    def _put(self, settling: Settling, reason: str, to: TicketId | None) -> Taken:
        settling.describe()
        if to is None:
            queue = rules.queue_of(settling.mail, settling.customs)
            return settling.open(Verdict(Outcome.NEW, reason, queue=queue))
        # One doubtful mail makes nobody a reader of what is written there later.
        return settling.append(Verdict(Outcome.APPEND, reason, ticket=int(to)), joins=False)

    def judge_again(self, number: int) -> Taken:
        """Let the rules of now decide about a mail that is in no ticket."""
        again = (Outcome.HOLD, Outcome.REJECTED, Outcome.MACHINE, "")
        number = self._where_it_belongs(number, None)
        with self.desk.of(number).door().transaction() as work:
            _, mail = self._read_again(work, number, again)
            work.tx.source = Source.MAIL
            settling = Settling(work, number, mail)
            world = settling.world()
            return settling.decide(rules.judge(mail, settling.clues, world))

    def reject(self, numbers: Sequence[int]) -> int:
        """Refuse held mails; they stay, and can be released still. How many it were."""
        return sum(self._reject(desk, some) for desk, some in self._parted(numbers))

    def _reject(self, desk: Desk, numbers: Sequence[int]) -> int:
        done = 0
        with desk.door().transaction() as work:
            self._check_agent(work)
            for number in numbers:
                row = incoming.row_of(work.tx.session, number)
                if row.outcome == Outcome.HOLD:
                    said = f"{work.tx.actor} has rejected it."
                    incoming.handle(
                        work.tx, number, Outcome.REJECTED, by=work.tx.actor, reason=said
                    )
                    done += 1
            if done:
                work.tx.record("mail_rejected", details={"mails": list(numbers)})
        return done

    def hold_again(self, numbers: Sequence[int]) -> int:
        """Put rejected mails back among the held ones."""
        return sum(self._hold_again(desk, some) for desk, some in self._parted(numbers))

    def _hold_again(self, desk: Desk, numbers: Sequence[int]) -> int:
        done = 0
        with desk.door().transaction() as work:
            self._check_agent(work)
            for number in numbers:
                row = incoming.row_of(work.tx.session, number)
                if row.outcome == Outcome.REJECTED:
                    said = f"{work.tx.actor} wants it looked at again."
                    incoming.handle(work.tx, number, Outcome.HOLD, by="", reason=said)
                    done += 1
            if done:
                work.tx.record("mail_held", details={"mails": list(numbers)})
        return done

    def _parted(self, numbers: Sequence[int]) -> list[tuple[Desk, list[int]]]:
        """The mails of each file, with its desk."""
        found: dict[bool, list[int]] = {}
        for number in numbers:
            found.setdefault(is_restricted(number), []).append(number)
        return [(self.desk.of(some[0]), some) for some in found.values()]

    def _where_it_belongs(self, number: int, to: TicketId | None) -> int:
        """The mail's number in the file it is for: who may open both carries it over, and leaves
        nothing of it behind."""
        if self.desk.of(RESTRICTED + 1) is self.desk:
            return number
        source, raw = self.desk.of(number), self.desk.read.mail_bytes(number)
        if to is not None:
            there = is_restricted(to)
        else:
            there = is_restricted(number) or belongs_to_second(
                self.desk, read_safely(self._read, raw)
            )
        target = self.desk.of(RESTRICTED + 1 if there else 0)
        if target is source:
            return number
        row = source.read.mail(number)
        with target.door().writer.write() as session:
            spot = f"from {row.mailbox} {number}"
            made = incoming.keep(session, row.mailbox, spot, raw, row.size, row.at)
        self._leave(source, target, number, made)
        return made

    def _leave(self, source: Desk, target: Desk, number: int, made: int) -> None:
        with target.door().transaction() as work:
            incoming.handle(work.tx, made, Outcome.HOLD, by="", reason="carried over")
        with source.door().transaction() as work:
            self._check_agent(work)
            erasing.mail(work.session, number)
            said = f"{work.tx.actor} has put it where it belongs."
            incoming.handle(work.tx, number, Outcome.DROP, by=work.tx.actor, reason=said)

    def _check_agent(self, work: Work) -> None:
        if work.door.enforce and (work.agent is None or not work.agent.active):
            raise Refused(f"'{work.tx.actor}' is not an agent of this desk.")

    def _read_again(
        self, work: Work, number: int, outcomes: Sequence[str]
    ) -> tuple[incoming.MailRow, Letter]:
        self._check_agent(work)
        row = incoming.row_of(work.tx.session, number)
        if row.outcome not in outcomes:
            raise Refused(
                f"Mail {number} is not held: it is {row.outcome or 'not judged yet'}.",
                "See: sdesk mail held",
            )
        return row, read_safely(self._read, self.desk.read.mail_bytes(number))
